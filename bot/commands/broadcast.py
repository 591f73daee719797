"""``broadcast preview``, ``send``, ``stop``: one message for everybody who asked for news, or who comes to a meeting."""

import sys
from collections import Counter
from pathlib import Path

from bot.commands.opening import Opened, opened
from bot.faults import UsageError
from conversation.message import Channel
from conversation.times import to_local
from conversation.wording import Voice, staff_message
from db.broadcasts import Broadcast, stop_broadcast
from db.engine import Transaction
from db.meetings import get_meeting, sector_names
from delivery.broadcasts import GRACE, Queued, queue_broadcast, recipients
from knowledge.library import load_library

#: Title and text together fit one Telegram message (4,096 characters) with what is added.
_TITLE, _TEXT = 150, 3500
_CHANNELS = {Channel.EMAIL: "per e-mail", Channel.TELEGRAM: "su Telegram", Channel.TERMINAL: "nel terminale"}


async def _read(tx: Transaction, file: Path, meeting_id: int | None) -> Broadcast:
    """The first line is the title. Raises ``UsageError``."""
    try:
        title, _, text = file.read_text(encoding="utf-8-sig").strip().partition("\n")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{file.name}: non si può leggere come testo: {error}"
        raise UsageError(msg) from error
    if not title.strip() or not text.strip():
        msg = f"{file.name}: la prima riga è l'oggetto, dalla seconda comincia il testo; manca qualcosa"
        raise UsageError(msg)
    if len(title) > _TITLE or len(text) > _TEXT:
        msg = f"{file.name}: l'oggetto può avere {_TITLE} caratteri, il testo {_TEXT}; qui sono {len(title)} e {len(text)}"
        raise UsageError(msg)
    if meeting_id is not None and await get_meeting(tx, meeting_id) is None:
        msg = f"non c'è un incontro n. {meeting_id}; i numeri si vedono con: python -m bot programme show"
        raise UsageError(msg)
    return Broadcast(title.strip(), text.strip(), meeting_id)


def describe_queued(queued: Queued) -> str:
    """What will happen, and how to stop it."""
    return (
        f"l'annuncio n. {queued.number} parte il {to_local(queued.due):%d/%m/%Y alle %H.%M}, destinatari: {queued.people}; "
        f"per fermarlo: python -m bot broadcast stop {queued.number}\n"
    )


async def preview(file: Path, meeting_id: int | None) -> int:
    """Print to how many it would go, and how it reads; changes nothing."""
    async with opened() as work:
        broadcast = await _read(work.tx, file, meeting_id)
        by_channel = Counter(who.place.channel for who in await recipients(work.tx, broadcast))
        meeting = await get_meeting(work.tx, meeting_id) if meeting_id is not None else None
        _, reply = staff_message(await _voice(work), broadcast.title, broadcast.text, meeting)
    counted = ", ".join(f"{number} {_CHANNELS[channel]}" for channel, number in by_channel.most_common())
    sys.stdout.write(f"destinatari: {counted or 'nessuno'}\n\n{reply.plain}\n")
    return 0


async def _voice(work: Opened) -> Voice:
    return Voice(load_library(), "it", work.now, await sector_names(work.tx), work.settings.mail_address)


async def send(file: Path, meeting_id: int | None) -> int:
    """Queue it; 1 when nobody is to get it, or the same was said to them before."""
    async with opened() as work:
        broadcast = await _read(work.tx, file, meeting_id)
        queued = await queue_broadcast(work.tx, broadcast, work.settings.schedule, work.now)
    if queued is None:
        sys.stdout.write("niente da mandare: nessuno lo deve ricevere, oppure lo stesso testo è già stato mandato\n")
        return 1
    sys.stdout.write(f"c'è tempo per ripensarci: {GRACE.seconds // 60} minuti\n" + describe_queued(queued))
    return 0


async def stop(number: int) -> int:
    """Take back what has not left yet; 1 when there is no such broadcast."""
    async with opened() as work:
        voided = await stop_broadcast(work.tx, number)
    if voided is None:
        sys.stderr.write(f"non c'è un annuncio n. {number}\n")
        return 1
    sys.stdout.write(f"messaggi fermati: {voided}; quelli già partiti non si possono riprendere\n")
    return 0
