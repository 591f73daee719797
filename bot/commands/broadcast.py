"""``broadcast preview``, ``send``, ``stop``.

One message for everybody who asked for news, or who comes to a meeting.
"""

import sys
from pathlib import Path

from bot.commands.opening import opened
from bot.errors import UsageError
from conversation.times import to_local
from db.engine import Transaction
from office import broadcasts
from office.broadcasts import GRACE, Broadcast, Queued
from office.desk import TERMINAL
from office.errors import RefusedError


async def _read(tx: Transaction, file: Path, meeting_id: int | None) -> Broadcast:
    """The first line is the title. Raises ``UsageError``."""
    try:
        title, _, text = file.read_text(encoding="utf-8-sig").strip().partition("\n")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{file.name}: non si può leggere come testo: {error}"
        raise UsageError(msg) from error
    try:
        return await broadcasts.written(tx, title, text, meeting_id)
    except RefusedError as error:
        msg = f"{file.name}: {error}"
        raise UsageError(msg) from error


def describe_queued(queued: Queued) -> str:
    """What will happen, and how to stop it."""
    return (
        f"l'avviso n. {queued.number} parte il {to_local(queued.due):%d/%m/%Y alle %H.%M}, destinatari: "
        f"{queued.people}; "
        f"per fermarlo: python -m bot broadcast stop {queued.number}\n"
    )


async def preview(file: Path, meeting_id: int | None) -> int:
    """Print to how many it would go, and how it reads; changes nothing."""
    async with opened() as work:
        broadcast = await _read(work.tx, file, meeting_id)
        seen = await broadcasts.preview(work.tx, work.desk(), broadcast)
    counted = ", ".join(f"{number} {channel.by}" for channel, number in seen.people.most_common())
    sys.stdout.write(f"destinatari: {counted or 'nessuno'}\n\n{seen.reply.plain}\n")
    return 0


async def send(file: Path, meeting_id: int | None) -> int:
    """Queue it; 1 when nobody is to get it, or the same was said to them before."""
    async with opened() as work:
        broadcast = await _read(work.tx, file, meeting_id)
        queued = await broadcasts.queue_broadcast(work.tx, broadcast, work.settings.schedule, work.now, by=TERMINAL)
    if queued is None:
        sys.stdout.write("niente da mandare: nessuno lo deve ricevere, oppure lo stesso testo è già stato mandato\n")
        return 1
    sys.stdout.write(f"c'è tempo per ripensarci: {GRACE.seconds // 60} minuti\n" + describe_queued(queued))
    return 0


async def stop(number: int) -> int:
    """Take back what has not left yet; 1 when there is no such broadcast."""
    async with opened() as work:
        voided = await broadcasts.stop(work.tx, work.desk(), number)
    if voided is None:
        sys.stderr.write(f"non c'è un avviso n. {number}\n")
        return 1
    sys.stdout.write(f"messaggi fermati: {voided}; quelli già partiti non si possono riprendere\n")
    return 0
