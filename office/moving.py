"""A meeting is moved, re-linked, cancelled: old reminders are void and everybody registered is told, in one transaction.

People are told the difference from what each of them last heard, after a grace in which staff can take the change back: a
meeting that is moved by mistake and moved back tells nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conversation.meeting import Meeting, Told
from db.addresses import places_of
from db.changes import note_change, take_changes
from db.engine import Transaction
from db.meetings import as_day, as_hour, get_meeting, update_meeting
from db.models import Kind, Lane
from db.outbox import queue, void_of_meeting
from db.registrations import doubt_told, unplan_meeting, what_was_told
from db.requests import record
from db.seats import free_seats
from delivery.reminders import Schedule

#: How near a meeting is when what changes about it is told at once, and cannot be taken back any more.
_PRESSING = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Change:
    """What was ``changed`` of the fields that people hear of; so many ``people`` hear of it from ``due`` (UTC) on."""

    meeting: int
    changed: tuple[str, ...] = ()
    people: int = 0
    due: datetime | None = None


async def change_meeting(tx: Transaction, meeting_id: int, schedule: Schedule, now: datetime, **values: Any) -> Change:
    """Set columns of a meeting and queue what follows from it. It can be taken back until its notices are due."""
    before = await get_meeting(tx, meeting_id)
    change = await _apply(tx, meeting_id, schedule, now, values)
    if before is not None and change.due is not None and change.due > now:
        await note_change(tx, meeting_id, before.as_told(), now=now, until=change.due)
    return change


async def undo_changes(
    tx: Transaction, schedule: Schedule, now: datetime, meeting_id: int | None = None
) -> list[Change]:
    """Take back what nobody was told yet, of one meeting or of all: they are again as they were."""
    taken = await take_changes(tx, now, meeting_id)
    return [await _apply(tx, meeting, schedule, now, _values(before)) for meeting, before in taken.items()]


def _values(told: Told) -> dict[str, Any]:
    return told | {"day": as_day(told["day"]), "hour": as_hour(told["hour"])}


async def _apply(tx: Transaction, meeting_id: int, schedule: Schedule, now: datetime, values: dict[str, Any]) -> Change:
    before = await get_meeting(tx, meeting_id)
    changed = await update_meeting(tx, meeting_id, now, **values)
    after = await get_meeting(tx, meeting_id)
    if "capacity" in values:
        await free_seats(tx, meeting_id, now)
    if not changed or before is None or after is None:
        return Change(meeting_id, changed)
    await record(tx, "meeting_changed", now=now, subject=f"meeting:{meeting_id}", data={"changed": list(changed)})
    await unplan_meeting(tx, meeting_id)  # waits for whoever is planning them just now
    await doubt_told(tx, meeting_id)
    await void_of_meeting(tx, meeting_id)
    if not (before.is_upcoming(now) or after.is_upcoming(now)):
        return Change(meeting_id, changed)
    due = _due([before, after], schedule, now)
    return Change(meeting_id, changed, await _tell(tx, after, due), due)


def _due(states: Sequence[Meeting], schedule: Schedule, now: datetime) -> datetime:
    """After the grace; but who was about to come must hear of it before they would have come."""
    starts = [start for m in states if (start := m.starts_at()) is not None and start > now]
    soonest = min(starts, default=None)
    pressing = soonest is not None and soonest - now < _PRESSING + schedule.grace
    return schedule.disturbs_from(now if pressing else now + schedule.grace, soonest)


async def _tell(tx: Transaction, meeting: Meeting, due: datetime) -> int:
    """Queue the notice of everybody who was told something else last; how many they are."""
    differs = {
        registration: (person, meeting.differs_from(told))
        for registration, person, told in await what_was_told(tx, meeting.id)
    }
    people = {r: (person, changed) for r, (person, changed) in differs.items() if changed}
    places = await places_of(tx, [person for person, _ in people.values()])
    await queue(
        tx,
        [
            {
                "key": f"notice:{registration}:{meeting.revision}",
                "lane": Lane.BULK.value,
                "kind": Kind.NOTICE.value,
                "detail": ",".join(sorted(changed)),
                "person_id": person,
                "registration_id": registration,
                "channel": places[person][0].channel.value if person in places else "",
                "value": places[person][0].value if person in places else "",
                "due_at": due,
            }
            for registration, (person, changed) in people.items()
        ],
    )
    return len(people)
