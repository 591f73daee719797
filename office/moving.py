"""A meeting is moved, re-linked, cancelled, revived: planned, confirmed, taken back.

Old reminders are void and everybody registered is told, in one transaction. People are told the difference from what
each of them last heard, after a grace in which staff can take the change back: a meeting that is moved by mistake and
moved back tells nobody.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from conversation.meeting import Meeting, Told
from conversation.wording import news_for
from db.changes import (
    NotedChange,
    forget_change,
    keep_undone,
    last_change,
    last_undone,
    meetings_unheard,
    note_change,
    put_off_changes,
    renew_change,
)
from db.engine import Transaction
from db.listeners import count_listeners, doubt_told
from db.meetings import as_changed, as_day, as_hour, get_meeting, lock_meeting, update_meeting
from db.outbox import count_notices, void_of_meeting
from db.registrations import unplan_meeting
from db.requests import Actor, record
from db.seats import Moves, give_seats
from delivery.reminders import Schedule
from office.consequences import Consequences, consequences, digest_of, heard_by
from office.desk import Desk
from office.errors import RefusedError
from office.hearing import Seated, seated_by
from office.notices import forget_lost, knows, queue_notices
from office.plan import Plan, PlanChangedError, foresee, plan

__all__ = [
    "Change",
    "Correction",
    "NotedChange",
    "Plan",
    "PlanChangedError",
    "UndoPlan",
    "change_meeting",
    "confirm",
    "know_of",
    "newest_unheard",
    "open_change",
    "open_correction",
    "plan",
    "plan_undo",
    "redo",
    "undo",
]


@dataclass(frozen=True, slots=True)
class Change:
    """What was ``changed`` of the fields people hear of; so many ``people`` are to hear of it from ``due`` (UTC) on.

    ``leaving``: for so many of them a message leaves; the others have no address that works.
    """

    meeting: int
    changed: tuple[str, ...] = ()
    people: int = 0
    leaving: int = 0
    due: datetime | None = None
    #: Registrations among them for which what was taken back was known already, by its notice or a confirmation.
    knew: int = 0
    #: Who got a seat by it; they hear of that at once.
    seated: tuple[Seated, ...] = ()


class Correction(NamedTuple):
    """What tells that a change was taken back, before it leaves; ``again``: the meeting, were the change not."""

    noted: NotedChange
    again: Meeting


class UndoPlan(NamedTuple):
    """What taking back the last change would do. Nothing of it has happened."""

    noted: NotedChange
    plan: Plan


async def confirm(
    tx: Transaction,
    desk: Desk,
    meeting_id: int,
    values: Mapping[str, Any],
    *,
    seen: int,
    digest: str,
    grace: timedelta | None = None,
) -> Change:
    """Do what was planned.

    ``seen``, ``digest``: the plan's version and digest; ``grace``: the schedule's where none is given.

    Raises ``PlanChangedError`` when the meeting or who hears of it is not as it was seen. Nothing is written then.
    """
    if grace is not None:
        desk = replace(desk, schedule=replace(desk.schedule, grace=grace))
    comes = await foresee(tx, desk, meeting_id, values, lock_meeting)
    if (comes.before.version, digest_of(comes, await heard_by(tx, comes))) != (seen, digest):
        raise PlanChangedError
    await update_meeting(tx, meeting_id, desk.now, **values)
    change = await _follow(tx, comes, values, desk.now, desk.by)
    change = replace(change, seated=await seated_by(tx, comes.moves.promoted.values()))
    return await _note(tx, comes, change, desk.now, desk.by)


async def open_change(tx: Transaction, now: datetime, meeting_id: int) -> NotedChange | None:
    """What ``undo`` would take back: the last change, unless the meeting was changed otherwise since."""
    noted, meeting = await last_change(tx, now, meeting_id), await get_meeting(tx, meeting_id)
    if noted is None or meeting is None:
        return None
    told = meeting.as_told()
    return noted if all(told[name] == noted.after.get(name, told[name]) for name in noted.before) else None


async def newest_unheard(tx: Transaction, now: datetime) -> int | None:
    """The meeting that was changed last, of those whose last change ``undo`` would take back before anybody hears."""
    for meeting_id in await meetings_unheard(tx, now):
        noted = await open_change(tx, now, meeting_id)
        if noted is not None and noted.until > now:
            return meeting_id
    return None


async def know_of(tx: Transaction, meeting: Meeting, noted: NotedChange, now: datetime) -> int:
    """Registrations that would have to hear that the last change was taken back, because they know of it already.

    However they learnt it: by its notice, or by what was confirmed to them since. Who perhaps knows counts too.
    """
    back, _ = as_changed(meeting, now, _values(noted.before))
    taken_back = _taken_back(meeting, noted)
    return sum(
        number
        for group, number in await count_listeners(tx, meeting.id)
        if knows(group.told, news_for(back, group.told, waiting=group.waiting), taken_back)
    )


def _taken_back(meeting: Meeting, noted: NotedChange) -> Told:
    """The fields that taking it back would change, as they are told now."""
    now = meeting.as_told()
    return {name: now[name] for name in noted.before}


async def plan_undo(tx: Transaction, desk: Desk, meeting_id: int) -> UndoPlan:
    """What ``undo`` would do. It only reads. Raises ``RefusedError`` as ``undo``."""
    meeting, noted = await _to_undo(tx, desk, meeting_id)
    taken_back = _taken_back(meeting, noted)
    return UndoPlan(noted, await plan(tx, desk, meeting_id, _values(noted.before), taken_back=taken_back))


async def _to_undo(tx: Transaction, desk: Desk, meeting_id: int) -> tuple[Meeting, NotedChange]:
    meeting, noted = await get_meeting(tx, meeting_id), await open_change(tx, desk.now, meeting_id)
    if meeting is None or noted is None:
        msg = "non c'è un cambiamento recente da ritirare: per tornare a prima si cambia di nuovo l'incontro"
        raise RefusedError(msg)
    return meeting, noted


async def undo(
    tx: Transaction, desk: Desk, meeting_id: int, *, seen: int | None = None, digest: str | None = None
) -> Change:
    """Take the last change back, and nothing that was changed before it.

    ``seen``: the number of the change that was looked at; ``digest``: of the plan that was seen, empty for none.
    Those hear of it who know of it already (``knew``), and those who have still to hear of what was changed before
    (``people``: all of them).

    Raises ``RefusedError`` when the last change is too long ago, or is not the one that was seen;
    ``PlanChangedError`` when a plan is not as it was seen, or none was seen and some know of the change already.
    """
    await lock_meeting(tx, meeting_id)
    meeting, noted = await _to_undo(tx, desk, meeting_id)
    if seen not in {None, noted.number}:
        msg = "nel frattempo qualcosa è cambiato: guarda di nuovo prima di ritirare"
        raise RefusedError(msg)
    values = _values(noted.before)
    knew = await know_of(tx, meeting, noted, desk.now)
    after, changed = as_changed(meeting, desk.now, values)
    taken_back = _taken_back(meeting, noted)
    comes = await _comes_to(tx, meeting, after, changed, desk.schedule, desk.now, taken_back=taken_back)
    if (digest or (digest is not None and knew)) and digest_of(comes, await heard_by(tx, comes)) != digest:
        raise PlanChangedError
    await update_meeting(tx, meeting_id, desk.now, **values)
    change = await _follow(tx, comes, values, desk.now, desk.by, action="meeting_change_undone")
    change = replace(change, knew=knew if change.people else 0)
    if change.knew and change.due is not None and change.due > desk.now:
        await keep_undone(tx, noted.number, now=desk.now, until=change.due)
    else:
        await forget_change(tx, noted.number)
    return change


async def open_correction(tx: Transaction, now: datetime, meeting_id: int) -> Correction | None:
    """The correction that ``redo`` would take back: the last one, unless the meeting was changed otherwise since."""
    noted, meeting = await last_undone(tx, now, meeting_id), await get_meeting(tx, meeting_id)
    if noted is None or meeting is None:
        return None
    told = meeting.as_told()
    if any(told[name] != value for name, value in noted.before.items()):
        return None
    again, _ = as_changed(meeting, now, _values({name: noted.after[name] for name in noted.before}))
    return Correction(noted, again)


async def redo(tx: Transaction, desk: Desk, meeting_id: int, *, seen: int) -> Change:
    """Take a correction back before it leaves: what it corrects is so again, and who knew of it hears nothing.

    ``seen``: the number of the change that was taken back. Who did not know of it hears of it, as before.

    Raises ``RefusedError`` when the correction has left, or is not the one that was seen.
    """
    before = await lock_meeting(tx, meeting_id)
    correction = await open_correction(tx, desk.now, meeting_id)
    if before is None or correction is None or correction.noted.number != seen:
        msg = "la correzione è già partita, oppure nel frattempo qualcosa è cambiato: guarda com'è adesso"
        raise RefusedError(msg)
    noted = correction.noted
    values = {name: getattr(correction.again, name) for name in noted.before}
    after, changed = as_changed(before, desk.now, values)
    comes = await _comes_to(tx, before, after, changed, desk.schedule, desk.now)
    await update_meeting(tx, meeting_id, desk.now, **values)
    change = await _follow(tx, comes, values, desk.now, desk.by, action="meeting_correction_undone")
    await renew_change(tx, noted.number, now=desk.now)
    return change


async def change_meeting(
    tx: Transaction, meeting_id: int, schedule: Schedule, now: datetime, *, by: Actor | None = None, **values: Any
) -> Change:
    """Set columns of a meeting and queue what follows from it. It can be taken back until its notices are due."""
    before = await lock_meeting(tx, meeting_id)
    changed = await update_meeting(tx, meeting_id, now, **values)
    after = await get_meeting(tx, meeting_id)
    if before is None or after is None:
        return Change(meeting_id)
    comes = await _comes_to(tx, before, after, changed, schedule, now, seats="capacity" in values)
    return await _note(tx, comes, await _follow(tx, comes, values, now, by), now, by)


async def _comes_to(
    tx: Transaction,
    before: Meeting,
    after: Meeting,
    changed: tuple[str, ...],
    schedule: Schedule,
    now: datetime,
    *,
    seats: bool = False,
    taken_back: Told | None = None,
) -> Consequences:
    find, moved = partial(lock_meeting, tx), Moves() if seats else None
    return await consequences(tx, before, after, changed, schedule, now, find=find, moved=moved, taken_back=taken_back)


async def _note(tx: Transaction, comes: Consequences, change: Change, now: datetime, by: Actor | None) -> Change:
    """Remember it for as long as it can be taken back."""
    if change.due is not None and change.due > now:
        await note_change(tx, comes.before, comes.after.as_told(), now=now, until=change.due, by=by)
    return change


def _values(told: Told) -> dict[str, Any]:
    read = {"day": as_day, "hour": as_hour}
    return {name: read[name](value) if name in read else value for name, value in told.items()}


def _as_noted(before: Meeting, after: Meeting, names: Sequence[str]) -> dict[str, list[Any]]:
    """What these fields held and hold, for the audit trail; nothing of the link, of its passcode, of words."""
    return {name: [_PLAIN[name](getattr(m, name)) for m in (before, after)] for name in names if name in _PLAIN}


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "day": lambda day: day and day.isoformat(),
    "hour": lambda hour: hour and f"{hour:%H:%M}",
    "duration": int,
    "capacity": lambda seats: seats,
    "cancelled": bool,
}


async def _follow(
    tx: Transaction,
    comes: Consequences,
    values: Mapping[str, Any],
    now: datetime,
    by: Actor | None,
    *,
    action: str = "meeting_changed",
) -> Change:
    """The meeting has these values now: do what follows from it. ``action``: as the audit trail calls it."""
    before, after, changed, number = comes.before, comes.after, comes.changed, comes.after.id
    await give_seats(tx, comes.moves, now)
    if after.version == before.version:
        return Change(number)
    fields = [name for name, value in values.items() if value != getattr(before, name, None)]
    named = list(changed) or fields
    data = {"changed": named, "values": _as_noted(before, after, named)}
    await record(tx, action, now=now, subject=f"meeting:{number}", data=data, by=by)
    if not changed:
        return Change(number)
    await unplan_meeting(tx, number)  # waits for whoever is planning them just now
    await doubt_told(tx, number)
    await void_of_meeting(tx, number)
    await forget_lost(tx, after)
    if comes.due is None:
        return Change(number, changed)
    people = await queue_notices(tx, after, comes.taken_back, comes.due, only_reached=comes.only_reached)
    await put_off_changes(tx, number, now=now, until=comes.due)
    return Change(number, changed, people, await count_notices(tx, number), comes.due)
