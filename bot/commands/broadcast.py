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
    """Queue it, or ask for the approval that the console asks for; 1 when it goes to nobody, or was said before."""
    async with opened() as work:
        broadcast, above = await _read(work.tx, file, meeting_id), work.settings.approve_above
        try:
            sent = await broadcasts.submit_at_once(work.tx, work.desk(), broadcast, approve_above=above)
        except RefusedError as refused:
            sys.stdout.write(f"niente da mandare: {refused}\n")
            return 1
    if isinstance(sent, Queued):
        sys.stdout.write(f"c'è tempo per ripensarci: {GRACE.seconds // 60} minuti\n" + describe_queued(sent))
    else:
        sys.stdout.write(_describe_waiting(sent, above))
    return 0


def _describe_waiting(number: int, above: int) -> str:
    """Who lets it go, and how to take it back."""
    return (
        f"l'avviso n. {number} aspetta l'approvazione, perché va a più persone di APPROVE_ABOVE ({above}): lo approva "
        f"chi è responsabile, nella console, in «Avvisi»; per toglierlo: python -m bot broadcast stop {number}\n"
    )


async def stop(number: int) -> int:
    """Take back what has not left yet, or throw a draft away; 1 when there is no such broadcast."""
    async with opened() as work:
        held = await broadcasts.get_broadcast(work.tx, number)
        voided = await broadcasts.stop(work.tx, work.desk(), number)
    if voided is None:
        sys.stderr.write(f"non c'è un avviso n. {number}\n")
        return 1
    if held is not None and held.is_open:
        sys.stdout.write(f"l'avviso n. {number} non era ancora nella coda: è stato buttato, con il suo testo\n")
        return 0
    sys.stdout.write(f"messaggi fermati: {voided}; quelli già partiti non si possono riprendere\n")
    return 0
