"""A meeting is moved, re-linked, cancelled, revived: planned, confirmed, taken back.

Old reminders are void and everybody registered is told, in one transaction. People are told the difference from what
each of them last heard, after a grace in which staff can take the change back: a meeting that is moved by mistake and
moved back tells nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from conversation.meeting import Told
from db.changes import note_change, take_changes, take_last_change
from db.engine import Transaction
from db.meetings import as_day, as_hour, get_meeting, lock_meeting, update_meeting
from db.outbox import void_of_meeting
from db.registrations import doubt_told, unplan_meeting
from db.requests import Actor, record
from db.seats import free_seats
from delivery.reminders import Schedule
from office.desk import Desk
from office.errors import RefusedError
from office.notices import due_from, hearers, queue_notices
from office.plan import Plan, PlanChangedError, Sample, plan

__all__ = ["Change", "Plan", "PlanChangedError", "Sample", "change_meeting", "confirm", "plan", "undo", "undo_changes"]


@dataclass(frozen=True, slots=True)
class Change:
    """What was ``changed`` of the fields that people hear of; so many ``people`` hear of it from ``due`` (UTC) on."""

    meeting: int
    changed: tuple[str, ...] = ()
    people: int = 0
    due: datetime | None = None


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

    Raises ``PlanChangedError`` with the plan as it is now when the meeting or who hears of it is not as it was seen.
    """
    await lock_meeting(tx, meeting_id)
    now = await plan(tx, desk, meeting_id, values)
    if (now.version, now.digest) != (seen, digest):
        raise PlanChangedError(now)
    schedule = desk.schedule if grace is None else replace(desk.schedule, grace=grace)
    return await change_meeting(tx, meeting_id, schedule, desk.now, by=desk.by, **values)


async def undo(tx: Transaction, desk: Desk, meeting_id: int) -> Change:
    """Take the change back.

    Nobody hears anything, or only those who were told of it already (``people``) that it is as before.

    Raises ``RefusedError`` when the last change is too long ago.
    """
    undone = await undo_changes(tx, desk.schedule, desk.now, meeting_id, by=desk.by)
    if undone:
        return undone[0]
    before = await take_last_change(tx, desk.now, meeting_id)
    if before is None:
        msg = "non c'è un cambiamento recente da ritirare: per tornare a prima si cambia di nuovo l'incontro"
        raise RefusedError(msg)
    return await _apply(tx, meeting_id, desk.schedule, desk.now, _values(before), desk.by)


async def change_meeting(
    tx: Transaction, meeting_id: int, schedule: Schedule, now: datetime, *, by: Actor | None = None, **values: Any
) -> Change:
    """Set columns of a meeting and queue what follows from it. It can be taken back until its notices are due."""
    before = await get_meeting(tx, meeting_id)
    change = await _apply(tx, meeting_id, schedule, now, values, by)
    after = await get_meeting(tx, meeting_id)
    if before is not None and after is not None and change.due is not None and change.due > now:
        await note_change(tx, before, after.as_told(), now=now, until=change.due, by=by)
    return change


async def undo_changes(
    tx: Transaction, schedule: Schedule, now: datetime, meeting_id: int | None = None, *, by: Actor | None = None
) -> list[Change]:
    """Take back what nobody was told yet, of one meeting or of all: they are again as they were."""
    taken = await take_changes(tx, now, meeting_id)
    return [await _apply(tx, meeting, schedule, now, _values(before), by) for meeting, before in taken.items()]


def _values(told: Told) -> dict[str, Any]:
    return told | {"day": as_day(told["day"]), "hour": as_hour(told["hour"])}


async def _apply(
    tx: Transaction, meeting_id: int, schedule: Schedule, now: datetime, values: dict[str, Any], by: Actor | None
) -> Change:
    before = await get_meeting(tx, meeting_id)
    changed = await update_meeting(tx, meeting_id, now, **values)
    after = await get_meeting(tx, meeting_id)
    if "capacity" in values:
        await free_seats(tx, meeting_id, now)
    if before is None or after is None or after.version == before.version:
        return Change(meeting_id)
    fields = [name for name, value in values.items() if value != getattr(before, name, None)]
    subject, data = f"meeting:{meeting_id}", {"changed": list(changed) or fields}
    await record(tx, "meeting_changed", now=now, subject=subject, data=data, by=by)
    if not changed:
        return Change(meeting_id)
    await unplan_meeting(tx, meeting_id)  # waits for whoever is planning them just now
    await doubt_told(tx, meeting_id)
    await void_of_meeting(tx, meeting_id)
    if not (before.is_upcoming(now) or after.is_upcoming(now)):
        return Change(meeting_id, changed)
    due, who = due_from([before, after], schedule, now), await hearers(tx, after)
    await queue_notices(tx, after, who, due)
    return Change(meeting_id, changed, len(who), due)
