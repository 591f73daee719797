"""One message for many: each person gets it once, a while after it was asked for, so that staff can still stop it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.broadcasts import Broadcast, add_broadcast, wanting_news
from db.engine import Transaction
from db.models import Kind, Lane
from db.outbox import queue
from db.people import places_of
from db.registrations import active_at
from db.requests import record
from delivery.reminders import Schedule

#: How long staff can take it back.
GRACE = timedelta(minutes=10)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Queued:
    """Broadcast ``number`` goes to so many ``people`` from ``due`` on (UTC)."""

    number: int
    people: int
    due: datetime


async def recipients(tx: Transaction, broadcast: Broadcast) -> list[tuple[int | None, int]]:
    """``(registration id, person id)`` of everybody it is for; no registration where it is about none."""
    if broadcast.meeting_id is not None:
        return [(registration, person) for registration, person in await active_at(tx, broadcast.meeting_id)]
    return [(None, person) for person in await wanting_news(tx)]


async def queue_broadcast(tx: Transaction, broadcast: Broadcast, schedule: Schedule, now: datetime) -> Queued | None:
    """Put it in the outbox once for each person, due after the grace, outside the quiet hours.

    ``None``: nobody is to get it, or the same was said to the same people before.
    """
    who = await recipients(tx, broadcast)
    places = await places_of(tx, [person for _, person in who])
    people = [(registration, person) for registration, person in who if person in places]
    number = await add_broadcast(tx, broadcast, now) if people else None
    if number is None:
        return None
    due = schedule.outside_quiet(now + GRACE)
    for start in range(0, len(people), _BATCH):
        await queue(
            tx,
            [
                {
                    "key": f"broadcast:{number}:{person}",
                    "lane": Lane.MANY.value,
                    "kind": Kind.BROADCAST.value,
                    "detail": str(number),
                    "person_id": person,
                    "registration_id": registration,
                    "channel": places[person][0].channel.value,
                    "value": places[person][0].value,
                    "due_at": due,
                }
                for registration, person in people[start : start + _BATCH]
            ],
        )
    await record(tx, "broadcast", now=now, subject=f"broadcast:{number}", data={"people": len(people)})
    return Queued(number, len(people), due)


async def announce_meetings(tx: Transaction, added: Sequence[int], schedule: Schedule, now: datetime) -> Queued | None:
    """Tell those who asked for news of the meetings (ids) that were added."""
    return await queue_broadcast(tx, Broadcast(announces=tuple(added)), schedule, now) if added else None
