"""One message for many: written, looked at, approved, queued; paused, stopped, taken back.

    draft → (waiting for a second person) → queued ⇄ paused
                                              ↓
                                           stopped

Each step says which version of it was seen; what somebody else changed meanwhile is refused.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from conversation.channel import Channel
from conversation.message import Outgoing, Reply
from conversation.wording import Voice, staff_message
from db import broadcasts as stored
from db.broadcasts import Broadcast, BroadcastState, Stored, all_broadcasts, progress
from db.engine import Transaction
from db.meetings import get_meeting, sector_names
from db.models import Kind
from db.outbox import Row
from db.requests import record
from db.segments import Segment
from delivery.broadcasts import GRACE, Queued, Recipient, meant, queue_broadcast, queue_for, recipients
from delivery.composing import write
from office.desk import Desk
from office.errors import RefusedError
from office.plan import SAMPLES, Sample

__all__ = [
    "GRACE",
    "Broadcast",
    "BroadcastState",
    "Preview",
    "Queued",
    "Segment",
    "Stored",
    "all_broadcasts",
    "approve",
    "pause",
    "preview",
    "progress",
    "queue_broadcast",
    "resume",
    "save_draft",
    "stop",
    "submit",
    "undo",
    "written",
]
#: Title and text together fit one Telegram message (4,096 characters) with what is added.
_TITLE, _TEXT = 150, 3500


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go out. Nothing of it has happened."""

    #: How many people would get it on each channel, each person once.
    people: Counter[Channel]
    #: People who are meant and cannot be reached, by number.
    unreached: tuple[int, ...]
    #: How it reads, in Italian.
    reply: Reply
    #: As some of them would get it.
    samples: tuple[Sample, ...]


async def written(
    tx: Transaction, title: str, text: str, meeting_id: int | None = None, segment: Segment | None = None
) -> Broadcast:
    """Staff's words as a broadcast, for everybody at a meeting or in a segment, or for those who asked for news.

    Raises ``RefusedError``.
    """
    title, text = title.strip(), text.strip()
    if not title or not text:
        msg = "la prima riga è l'oggetto, dalla seconda comincia il testo; manca qualcosa"
        raise RefusedError(msg)
    if len(title) > _TITLE or len(text) > _TEXT:
        msg = f"l'oggetto può avere {_TITLE} caratteri, il testo {_TEXT}; qui sono {len(title)} e {len(text)}"
        raise RefusedError(msg)
    for number in (*([meeting_id] if meeting_id is not None else []), *(segment.meetings if segment else ())):
        if await get_meeting(tx, number) is None:
            msg = f"non c'è un incontro n. {number}; i numeri si vedono con: python -m bot programme show"
            raise RefusedError(msg)
    unknown = set(segment.sectors) - set(await sector_names(tx)) if segment else set()
    if unknown:
        msg = f"non c'è un settore «{min(unknown)}»"
        raise RefusedError(msg)
    if segment and segment.present is not None and not segment.of_meetings:
        msg = "per scegliere chi c'era si dice a quale incontro, o a quale settore"
        raise RefusedError(msg)
    return Broadcast(title, text, meeting_id, segment=segment)


async def preview(tx: Transaction, desk: Desk, broadcast: Broadcast) -> Preview:
    """To whom it would go now, and how it reads. The samples are written in a savepoint: ``tx`` must be one that may write."""
    reached, unreached = await meant(tx, broadcast)
    meeting = await get_meeting(tx, broadcast.meeting_id) if broadcast.meeting_id is not None else None
    voice = Voice(desk.library, "it", desk.now, await sector_names(tx), desk.office.mailbox)
    reply = staff_message(voice, broadcast.title, broadcast.text, meeting)[1]
    people = Counter(who.place.channel for who in reached)
    return Preview(people, tuple(unreached), reply, await _samples(tx, desk, broadcast, reached))


async def _samples(tx: Transaction, desk: Desk, broadcast: Broadcast, reached: list[Recipient]) -> tuple[Sample, ...]:
    """Real messages, first one for each channel."""
    first = list({who.place.channel: who for who in reversed(reached)}.values())
    chosen = [*first, *(who for who in reached if who not in first)][:SAMPLES]
    point = await tx.begin_nested()
    try:
        number = await stored.add_draft(tx, broadcast, None, desk.now)
        rows = [_as_claimed(number, who, desk.now) for who in chosen]
        mailbox = desk.office.mailbox
        done = await write(tx, rows, library=desk.library, schedule=desk.schedule, mailbox=mailbox, now=desk.now)
    finally:
        await point.rollback()
    results = zip(chosen, (w.result for w in done), strict=True)
    return tuple(Sample(who.person, result) for who, result in results if isinstance(result, Outgoing))


def _as_claimed(number: int, who: Recipient, now: datetime) -> Row:
    """The message as the sender would have it in hand."""
    key = f"broadcast:{number}:{who.person}"
    return Row.foretold(
        key,
        Kind.BROADCAST,
        detail=str(number),
        person=who.person,
        registration=who.registration,
        place=who.place,
        due=now,
    )


async def save_draft(
    tx: Transaction, desk: Desk, broadcast: Broadcast, *, number: int | None = None, seen: int = 0
) -> int:
    """A new draft, or other words in draft ``number``; its number. Raises ``RefusedError``."""
    if number is None:
        made = await stored.add_draft(tx, broadcast, desk.by.staff_id, desk.now)
        await record(tx, "broadcast_drafted", now=desk.now, subject=f"broadcast:{made}", by=desk.by)
        return made
    held = await _held(tx, number, seen, BroadcastState.DRAFT)
    await stored.change_draft(tx, held.number, broadcast)
    return number


async def submit(
    tx: Transaction, desk: Desk, number: int, *, seen: int, approve_above: int = 0, send_at: datetime | None = None
) -> Queued | None:
    """Send a draft after the grace, or from ``send_at`` on, to who is meant now; ``None``: it waits for a second person.

    ``approve_above``: to more people than that nobody sends alone; 0: everybody does. Raises ``RefusedError``.
    """
    held = await _held(tx, number, seen, BroadcastState.DRAFT)
    people = await _recipients(tx, held)
    if approve_above and len(people) > approve_above:
        author = {"author": desk.by.staff_id, "send_at": send_at}
        await stored.set_state(tx, held, BroadcastState.WAITING, **author)
        await record(tx, "broadcast_submitted", now=desk.now, subject=f"broadcast:{number}", by=desk.by)
        return None
    await stored.set_state(tx, held, BroadcastState.QUEUED, send_at=send_at)
    return await queue_for(tx, number, people, desk.schedule, desk.now, by=desk.by, send_at=send_at)


async def approve(tx: Transaction, desk: Desk, number: int, *, seen: int) -> Queued:
    """A second person sends what waits. Raises ``RefusedError``, also to its author and to who is no operator."""
    held = await _held(tx, number, seen, BroadcastState.WAITING)
    if desk.by.staff_id is None or desk.by.staff_id == held.author:
        msg = "approva un'altra persona, non chi l'ha scritto"
        raise RefusedError(msg)
    people = await _recipients(tx, held)
    await stored.set_state(tx, held, BroadcastState.QUEUED, approver=desk.by.staff_id)
    return await queue_for(tx, number, people, desk.schedule, desk.now, by=desk.by, send_at=held.send_at)


async def pause(tx: Transaction, desk: Desk, number: int, *, seen: int) -> int:
    """Keep back what has not left; how many messages. What is leaving just then leaves. Raises ``RefusedError``."""
    held = await _held(tx, number, seen, BroadcastState.QUEUED)
    kept = await stored.pause_rows(tx, number)
    if not kept:
        msg = "sono già partiti tutti"
        raise RefusedError(msg)
    await stored.set_state(tx, held, BroadcastState.PAUSED)
    await record(tx, "broadcast_paused", now=desk.now, subject=f"broadcast:{number}", by=desk.by)
    return kept


async def resume(tx: Transaction, desk: Desk, number: int, *, seen: int) -> int:
    """Send exactly what was kept back; how many messages. Raises ``RefusedError``."""
    held = await _held(tx, number, seen, BroadcastState.PAUSED)
    await stored.set_state(tx, held, BroadcastState.QUEUED)
    await record(tx, "broadcast_resumed", now=desk.now, subject=f"broadcast:{number}", by=desk.by)
    return await stored.resume_rows(tx, number)


async def undo(tx: Transaction, desk: Desk, number: int, *, seen: int) -> None:
    """A draft again, as if it had not been sent. Raises ``RefusedError`` once something has left."""
    held = await _held(tx, number, seen, BroadcastState.WAITING, BroadcastState.QUEUED, BroadcastState.PAUSED)
    left = await stored.take_back_rows(tx, number)
    if left:
        msg = f"{left} messaggi sono già partiti: il resto si può fermare, o mettere in pausa"
        raise RefusedError(msg)
    await stored.set_state(tx, held, BroadcastState.DRAFT, approver=None, send_at=None)
    await record(tx, "broadcast_undone", now=desk.now, subject=f"broadcast:{number}", by=desk.by)


async def stop(tx: Transaction, desk: Desk, number: int) -> int | None:
    """Take back for good what has not left yet; how many messages, ``None`` when there is no such broadcast."""
    stopped = await stored.stop_broadcast(tx, number)
    if stopped is not None:
        await record(tx, "broadcast_stopped", now=desk.now, subject=f"broadcast:{number}", by=desk.by)
    return stopped


async def _held(tx: Transaction, number: int, seen: int, *states: BroadcastState) -> Stored:
    held = await stored.lock_broadcast(tx, number)
    if held is None:
        msg = f"non c'è un annuncio n. {number}"
        raise RefusedError(msg)
    if held.version != seen or held.state not in states:
        msg = "nel frattempo qualcuno ha cambiato questo annuncio: guardarlo di nuovo"
        raise RefusedError(msg)
    return held


async def _recipients(tx: Transaction, held: Stored) -> list[Recipient]:
    if await stored.is_said(tx, held.said):
        msg = "lo stesso testo è già stato mandato alle stesse persone"
        raise RefusedError(msg)
    people = await recipients(tx, held.said)
    if not people:
        msg = "nessuno lo riceverebbe"
        raise RefusedError(msg)
    return people
