"""One message for many: written, looked at, approved, queued; paused, stopped, taken back.

    draft → (waiting for a second person) → queued ⇄ paused
      ↓           ↓                           ↓
      gone (its words, too)                stopped

Each step says which version of it was seen; what somebody else changed meanwhile is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from conversation.channel import Channel
from conversation.message import Address
from conversation.wording import Voice, greet
from db import broadcast_rows as rows
from db import broadcasts as stored
from db.broadcast_rows import Progress, progress_of
from db.broadcasts import Broadcast, BroadcastState, Stored, all_broadcasts, get_broadcast
from db.engine import Transaction
from db.meetings import get_meeting, sector_names
from db.models import Kind
from db.not_arrived import own_copy_key
from db.outbox import queue_reply
from db.recipients import Recipient
from db.requests import record
from db.retention import SENT_REPLIES
from db.segments import Segment, chosen_of
from delivery.broadcasts import GRACE, Queued, queue_for, recipients
from office.desk import Desk
from office.errors import RefusedError
from office.preview import Preview, begun_before, digest_of, newcomers, preview

__all__ = [
    "GRACE",
    "Broadcast",
    "BroadcastState",
    "Preview",
    "Progress",
    "Queued",
    "Segment",
    "Stored",
    "all_broadcasts",
    "approve",
    "begun_before",
    "chosen_of",
    "get_broadcast",
    "newcomers",
    "nobody_left",
    "pause",
    "preview",
    "progress_of",
    "resume",
    "save_draft",
    "stop",
    "submit",
    "submit_at_once",
    "try_out",
    "undo",
    "written",
]
#: Title and text together fit one Telegram message (4,096 characters) with what is added.
TITLE, TEXT = 150, 3500
#: The version of a draft that was just written.
_NEW = 1
_SAID = "lo stesso testo è già stato mandato alle stesse persone"
_OWN_COPY = "Questa è una prova, chiesta dalla console: arriva solo a chi l'ha chiesta. Il messaggio è questo.\n\n"


def nobody_left(held: Stored, done: Progress, now: datetime) -> bool:
    """Whether there is nobody to write to, now that it is no draft: those it was for are erased, or are not reached.

    Where messages of its age are not kept any more that is not known.
    """
    return not done.all and now - (held.send_at or held.created_at) < SENT_REPLIES


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
    if len(title) > TITLE or len(text) > TEXT:
        msg = f"l'oggetto può avere {TITLE} caratteri, il testo {TEXT}; qui sono {len(title)} e {len(text)}"
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
    await record(tx, "broadcast_changed", now=desk.now, subject=f"broadcast:{number}", by=desk.by)
    return number


async def try_out(tx: Transaction, desk: Desk, number: int, to: str, *, seen: int, shown: Preview) -> None:
    """One copy of how it reads, marked as a copy to try, to the operator's own e-mail address ``to``.

    ``shown``: its preview, read before at this version or an older one.

    Raises ``RefusedError``.

    The same words go to the same operator once, however often it is pressed.
    """
    held = await _held(tx, number, seen, BroadcastState.DRAFT, BroadcastState.WAITING)
    voice = Voice(desk.library, "it", desk.now, await sector_names(tx), desk.office.mailbox)
    reply = replace(shown.reply, text=_OWN_COPY + greet(voice, shown.reply.text))
    key = own_copy_key(number, held.said.key[:32], desk.by.staff_id)
    address, subject = Address(Channel.EMAIL, to), f"[Prova] {shown.subject}"
    await queue_reply(tx, key, address, reply, now=desk.now, kind=Kind.STAFF, subject=subject, automatic=True)
    await record(tx, "broadcast_tried", now=desk.now, subject=f"broadcast:{number}", by=desk.by)


async def submit(
    tx: Transaction,
    desk: Desk,
    number: int,
    *,
    seen: int,
    digest: str,
    approve_above: int = 0,
    send_at: datetime | None = None,
) -> Queued | None:
    """Send a draft after the grace, or from ``send_at`` on, to who is meant now.

    ``None``: it waits for a second person.

    ``seen``, ``digest``: the version and the preview's digest that were looked at. ``approve_above``: to more people
    than that nobody sends alone; 0: everybody does. Raises ``RefusedError``.
    """
    held = await _held(tx, number, seen, BroadcastState.DRAFT)
    if await stored.is_said(tx, held.said):
        raise RefusedError(_SAID)
    if send_at is not None and send_at <= desk.now:
        msg = "quell'ora è già passata"
        raise RefusedError(msg)
    if approve_above and len(await _as_seen(tx, held, digest)) > approve_above:
        author = {"author": desk.by.staff_id, "send_at": send_at}
        await stored.set_state(tx, held, BroadcastState.WAITING, **author)
        await record(tx, "broadcast_submitted", now=desk.now, subject=f"broadcast:{number}", by=desk.by)
        return None
    return await _queue(tx, desk, held, digest, send_at=send_at)


async def submit_at_once(tx: Transaction, desk: Desk, broadcast: Broadcast, *, approve_above: int) -> int | Queued:
    """Send what is written and looked at in one go, as the terminal does; its number when a second person approves it.

    Raises ``RefusedError``, and nothing is left of it.
    """
    async with tx.begin_nested():
        number = await save_draft(tx, desk, broadcast)
        digest = digest_of(await recipients(tx, broadcast))
        queued = await submit(tx, desk, number, seen=_NEW, digest=digest, approve_above=approve_above)
    return number if queued is None else queued


async def approve(tx: Transaction, desk: Desk, number: int, *, seen: int, digest: str) -> Queued:
    """A second person sends what waits. Raises ``RefusedError``, also to its author and to who is no operator."""
    held = await _held(tx, number, seen, BroadcastState.WAITING)
    if desk.by.staff_id is None or desk.by.staff_id == held.author:
        msg = "approva un'altra persona, non chi ha chiesto l'approvazione"
        raise RefusedError(msg)
    return await _queue(tx, desk, held, digest, send_at=held.send_at, approver=desk.by.staff_id)


async def pause(tx: Transaction, desk: Desk, number: int, *, seen: int) -> int:
    """Keep back what has not left; how many messages. What is leaving just then leaves. Raises ``RefusedError``."""
    held = await _held(tx, number, seen, BroadcastState.QUEUED)
    kept = await rows.pause_rows(tx, number)
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
    return await rows.resume_rows(tx, number)


async def undo(tx: Transaction, desk: Desk, number: int, *, seen: int) -> None:
    """A draft again, as if it had not been sent. Raises ``RefusedError`` once something has left."""
    held = await _held(tx, number, seen, BroadcastState.WAITING, BroadcastState.QUEUED, BroadcastState.PAUSED)
    if held.said.announces:
        msg = "l'avviso dei nuovi incontri non torna a bozza: si può fermare"
        raise RefusedError(msg)
    left = await rows.take_back_rows(tx, number)
    if left:
        gone = "un messaggio è già partito" if left == 1 else f"{left} messaggi sono già partiti"
        msg = f"{gone}: il resto si può fermare, o mettere in pausa"
        raise RefusedError(msg)
    await stored.set_state(tx, held, BroadcastState.DRAFT, approver=None, send_at=None)
    await record(tx, "broadcast_undone", now=desk.now, subject=f"broadcast:{number}", by=desk.by)


async def stop(tx: Transaction, desk: Desk, number: int, *, seen: int | None = None) -> int | None:
    """Take back for good what has not left yet; how many messages, ``None`` when there is no such broadcast.

    A draft is thrown away. Raises ``RefusedError`` when it is not as it was ``seen``.
    """
    held = await stored.lock_broadcast(tx, number)
    if seen is not None:
        held = await _held(tx, number, seen, *BroadcastState)
    stopped = await stored.stop_broadcast(tx, number)
    if held is not None:
        done = "broadcast_thrown_away" if held.is_open else "broadcast_stopped"
        await record(tx, done, now=desk.now, subject=f"broadcast:{number}", by=desk.by)
    return stopped


async def _held(tx: Transaction, number: int, seen: int, *states: BroadcastState) -> Stored:
    held = await stored.lock_broadcast(tx, number)
    if held is None:
        msg = f"non c'è un avviso n. {number}"
        raise RefusedError(msg)
    if held.version != seen or held.state not in states:
        msg = "nel frattempo qualcuno ha cambiato questo avviso: guardalo di nuovo"
        raise RefusedError(msg)
    return held


async def _queue(
    tx: Transaction, desk: Desk, held: Stored, digest: str, *, send_at: datetime | None, **values: int | None
) -> Queued:
    """Put it in the outbox. That those who get it are those who were seen is checked by what stands there then."""
    async with tx.begin_nested():  # what is refused leaves nothing behind
        if not await stored.set_queued(tx, held, send_at=send_at, **values):
            raise RefusedError(_SAID)
        queued, put = await queue_for(tx, held.number, held.said, desk.schedule, desk.now, by=desk.by, send_at=send_at)
        _check(put, digest)
    return queued


async def _as_seen(tx: Transaction, held: Stored, digest: str) -> list[Recipient]:
    people = await recipients(tx, held.said)
    _check(people, digest)
    return people


def _check(people: Sequence[Recipient], digest: str) -> None:
    """Raises ``RefusedError``."""
    if not people:
        msg = "nessuno lo riceverebbe"
        raise RefusedError(msg)
    if digest_of(people) != digest:
        msg = "nel frattempo è cambiato chi lo riceve: guardalo di nuovo prima di mandarlo"
        raise RefusedError(msg)
