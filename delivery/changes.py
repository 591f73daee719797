"""A meeting is moved, re-linked, cancelled: old reminders are void and everybody registered is told, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from db.engine import Transaction
from db.meetings import get_meeting, update_meeting
from db.models import Kind, Lane
from db.outbox import queue, queue_seats, void_of_meeting
from db.people import places_of
from db.registrations import active_at, promote_waiting, unplan_meeting
from db.requests import record
from delivery.reminders import Schedule


async def change_meeting(
    tx: Transaction, meeting_id: int, schedule: Schedule, now: datetime, **values: Any
) -> tuple[str, ...]:
    """Set columns of a meeting and queue what follows from it; the names of what people will hear of.

    A change that follows another before its notice went out is told together with it.
    """
    before = await get_meeting(tx, meeting_id)
    changed = await update_meeting(tx, meeting_id, now, **values)
    after = await get_meeting(tx, meeting_id)
    if after is not None and after.is_upcoming(now) and "capacity" in values:
        await queue_seats(tx, await promote_waiting(tx, meeting_id, after.capacity, now), now)
    if not changed or before is None or after is None:
        return changed
    await record(tx, "meeting_changed", now=now, subject=f"meeting:{meeting_id}", data={"changed": list(changed)})
    await unplan_meeting(tx, meeting_id)  # waits for whoever is planning them just now
    untold = await void_of_meeting(tx, meeting_id)
    if before.is_upcoming(now) or after.is_upcoming(now):
        # Who was about to come must hear of it before they would have come.
        starts = [start for m in (before, after) if (start := m.starts_at()) is not None and start > now]
        due = schedule.disturbs_from(now, min(starts, default=None))
        await _tell(tx, meeting_id, after.revision, sorted({*changed, *untold}), due)
    return changed


async def _tell(tx: Transaction, meeting_id: int, revision: int, changed: Sequence[str], due: datetime) -> None:
    rows = await active_at(tx, meeting_id)
    places = await places_of(tx, [person for _, person in rows])
    await queue(
        tx,
        [
            {
                "key": f"notice:{registration}:{revision}",
                "lane": Lane.BULK.value,
                "kind": Kind.NOTICE.value,
                "detail": ",".join(changed),
                "person_id": person,
                "registration_id": registration,
                "channel": places[person][0].channel.value if person in places else "",
                "value": places[person][0].value if person in places else "",
                "due_at": due,
            }
            for registration, person in rows
        ],
    )
