"""Single messages that go out: stopped, let go after all, sent once more, put away when a person has seen to them.

Those of which nobody knows whether they arrived are sent once more together, too.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from conversation.meeting import LOST
from db import outbox
from db.broadcasts import BroadcastState, Stored, get_broadcast, lock_broadcast
from db.engine import Transaction
from db.meetings import get_meeting
from db.not_arrived import count_late, try_failed, unconfirmed, void_one
from db.outbox import CONFIRMATION
from db.registrations import get_registrations, note_told
from db.requests import Actor, record
from db.single_messages import (
    STOPPED_ACTION,
    Kind,
    OutboxState,
    Single,
    get_single,
    let_go,
    stop_single,
    stopped_since,
    unsure_singles,
)
from office.desk import Desk
from office.errors import RefusedError
from office.questions import answer_of, is_correction, undo_answer
from office.set_aside import letter_of, undo_letter

__all__ = [
    "LATELY",
    "Doubtful",
    "Single",
    "Stoppable",
    "hold_back",
    "in_doubt",
    "late_reminders",
    "look_at",
    "put_all_away",
    "put_away",
    "resume",
    "stopped_since",
    "try_again",
    "try_all_again",
]

#: For how long it is told what did not go out.
LATELY = timedelta(days=7)
_LEFT = "questo messaggio è già partito, oppure non serve più"


@dataclass(frozen=True, slots=True)
class Stoppable:
    """One that is waiting to go; stopping it opens this ``question`` or this ``letter`` again, where it answers one.

    ``corrects``: it puts right an answer that had left, so the question stays answered.
    """

    message: Single
    question: int | None = None
    letter: int | None = None
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Doubtful:
    """All that may have arrived and still make sense; ``kinds``: how many, by kind and channel."""

    numbers: tuple[int, ...]
    kinds: Mapping[tuple[str, str], int]

    @property
    def digest(self) -> str:
        """The same digest: the same messages."""
        return sha256(",".join(map(str, self.numbers)).encode()).hexdigest()


async def look_at(tx: Transaction, number: int) -> Stoppable:
    """The message as it would be stopped. Raises ``RefusedError`` when it has left already."""
    found = await get_single(tx, number)
    if found is None or found.state != OutboxState.PENDING.value:
        raise RefusedError(_LEFT)
    return Stoppable(found, answer_of(found.key), letter_of(found.key), is_correction(found.key))


async def hold_back(tx: Transaction, desk: Desk, number: int) -> Stoppable:
    """It does not go out; what it answers waits again.

    Raises ``RefusedError`` when it has left already.
    """
    held = await look_at(tx, number)
    if held.question is not None:
        undone = await undo_answer(tx, desk, held.question)
        if held.question not in undone.numbers:  # only what others were to get: left as it was
            raise RefusedError(_LEFT)
    elif held.letter is not None:
        await undo_letter(tx, desk, held.letter)
    elif await stop_single(tx, number, desk.by.name):
        whose = held.message.person
        await record(tx, STOPPED_ACTION, now=desk.now, person_id=whose, subject=f"outbox:{number}", by=desk.by)
    else:
        await look_at(tx, number)  # it left just now
    return held


async def resume(tx: Transaction, number: int, now: datetime, *, by: Actor) -> None:
    """One that was stopped goes out after all. Raises ``RefusedError`` when it makes no sense any more."""
    found = await get_single(tx, number)
    if found is None or not found.stopped_by:
        msg = "questo messaggio non è fra quelli fermati"
        raise RefusedError(msg)
    why = await _senseless(tx, found, now)
    if why:
        raise RefusedError(why)
    if await let_go(tx, number):
        await record(tx, "message_resumed", now=now, person_id=found.person, subject=f"outbox:{number}", by=by)


async def _senseless(tx: Transaction, message: Single, now: datetime) -> str:
    """Why it is not to go out any more; empty where it may: whoever would stop an avviso then waits for this."""
    if why := _untrue(message, now):
        return why
    return _halted(await lock_broadcast(tx, int(message.detail))) if _is_broadcast(message) else ""


def _untrue(message: Single, now: datetime) -> str:
    if message.expires_at is not None and message.expires_at <= now:
        return "è troppo tardi: questo messaggio non serve più"
    if message.is_change and not message.is_of_now:
        return "l'incontro è cambiato di nuovo: questo aggiornamento non è più vero"
    return ""


def _is_broadcast(message: Single) -> bool:
    return message.kind == Kind.BROADCAST.value


def _halted(stored: Stored | None) -> str:
    if stored is None or stored.state is BroadcastState.STOPPED:
        return "l'avviso è stato fermato per tutti"
    return "l'avviso è in pausa: riprendilo prima in Avvisi" if stored.state is BroadcastState.PAUSED else ""


async def late_reminders(tx: Transaction, now: datetime) -> int:
    """How many were not sent lately because the next one, or the meeting itself, came first."""
    return await count_late(tx, now - LATELY)


async def try_again(tx: Transaction, desk: Desk, number: int) -> None:
    """It goes once more: though it may have arrived, or because it did not and its person has an address now.

    Raises ``RefusedError`` when it is neither, or makes no sense any more.
    """
    held = await unconfirmed(tx, number, desk.now)
    if held is not None and await void_one(tx, number, desk.by.name):
        from office.on_behalf import confirm_again  # it brings all that the bot understands by

        await confirm_again(tx, desk, held)
        return
    found = await get_single(tx, number)
    why = await _senseless(tx, found, desk.now) if found else ""
    if why:
        raise RefusedError(why)
    if not await outbox.send_again(tx, [number]) and not await try_failed(tx, number, desk.now):
        msg = "questo messaggio non si può rimandare: è già ripartito, o nessun recapito della persona funziona"
        raise RefusedError(msg)
    whose = found.person if found else None
    await record(tx, "sent_again", now=desk.now, person_id=whose, subject=f"outbox:{number}", by=desk.by)


async def in_doubt(tx: Transaction, now: datetime) -> Doubtful:
    """What would go once more, if all were sent again."""
    return await _in_doubt(tx, now, get_broadcast)


async def _in_doubt(
    tx: Transaction, now: datetime, find: Callable[[Transaction, int], Awaitable[Stored | None]]
) -> Doubtful:
    found = [one for one in await unsure_singles(tx) if not _untrue(one, now)]
    numbers = sorted({int(one.detail) for one in found if _is_broadcast(one)})
    halted = {n: _halted(await find(tx, n)) for n in numbers}
    going = [one for one in found if not (_is_broadcast(one) and halted[int(one.detail)])]
    return Doubtful(tuple(one.id for one in going), Counter((one.kind, one.channel) for one in going))


async def try_all_again(tx: Transaction, desk: Desk, digest: str) -> int:
    """All of them go once more, though they may have arrived; how many. ``digest``: of those that were looked at.

    Whoever would stop an avviso waits for this. Raises ``RefusedError`` when they are others by now, also while this is
    being written.
    """
    found = await _in_doubt(tx, desk.now, lock_broadcast)
    if found.digest != digest or await outbox.send_again(tx, found.numbers) != len(found.numbers):
        msg = "nel frattempo sono cambiati: guarda di nuovo prima di rimandarli"
        raise RefusedError(msg)
    await record(tx, "all_sent_again", now=desk.now, data={"messages": len(found.numbers)}, by=desk.by)
    return len(found.numbers)


async def put_away(tx: Transaction, number: int, now: datetime, *, by: Actor) -> str:
    """Somebody has seen to it: the person knows of their place, or of a meeting's last change, then.

    The person's name; empty where it is not known, or for nobody registered. Raises ``RefusedError`` when it is not
    among those that did not arrive.
    """
    found = await get_single(tx, number)
    if not await void_one(tx, number, by.name):
        msg = "questo messaggio non è più fra quelli non arrivati"
        raise RefusedError(msg)
    whose = found.person if found else None
    await record(tx, "message_seen_to", now=now, person_id=whose, subject=f"outbox:{number}", by=by)
    if found is not None:
        await _note_heard(tx, found)
    return found.name if found else ""


async def put_all_away(tx: Transaction, numbers: Collection[int], now: datetime, *, by: Actor) -> int:
    """The same of several; of how many. Raises ``RefusedError`` when one of them is not among those any more."""
    each = sorted(set(numbers))
    for number in each:
        await put_away(tx, number, now, by=by)
    return len(each)


async def _note_heard(tx: Transaction, found: Single) -> None:
    """What did not arrive was told by the office, as things are now."""
    if not found.registration or not found.meeting:
        return
    held = (await get_registrations(tx, [found.registration]))[found.registration]
    confirmed = found.detail == CONFIRMATION and held.told == LOST
    if not confirmed and not (found.is_change and found.is_of_now):
        return
    meeting = await get_meeting(tx, found.meeting)
    if meeting is not None:
        await note_told(tx, found.registration, meeting.as_told())
