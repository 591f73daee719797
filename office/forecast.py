"""What will go out: to whom, when, why."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from conversation.message import Address
from db.engine import Database
from db.forecast import Kind, Wanted, upcoming
from delivery import reminders
from delivery.reminders import Due, Schedule


async def foresee(
    database: Database, schedule: Schedule, now: datetime, wanted: Wanted | None = None
) -> list[dict[str, Any]]:
    """What will go out, earliest first; of it what is ``wanted``.

    Nothing for who has no address that works. A reminder that is not planned yet has no number (``id``). Where only
    the first are wanted some hundreds of those are looked at: a worker plans the others within seconds.
    """
    wanted = wanted or Wanted()
    last = None if wanted.limit is None else wanted.offset + wanted.limit
    async with database.look() as tx:
        new = await reminders.foresee(tx, schedule, now, all_of_them=last is None)
        if not new:
            return await upcoming(tx, wanted)
        rows = await upcoming(tx, replace(wanted, offset=0, limit=last))
    rows += [_shown(due, place) for due, place in new if place is not None and _is_wanted(due, place, wanted)]
    return sorted(rows, key=lambda row: row["due_at"])[wanted.offset : last]


def _is_wanted(due: Due, place: Address, wanted: Wanted) -> bool:
    asked = (wanted.kind, wanted.meeting, wanted.person, wanted.channel)
    own = (Kind.REMINDER, due.meeting.id, due.registration.person_id, place.channel)
    soon = wanted.before is None or due.at < wanted.before
    return soon and all(value in {None, mine} for value, mine in zip(asked, own, strict=True))


def _shown(due: Due, place: Address) -> dict[str, Any]:
    """As ``upcoming`` shows what is in the outbox."""
    row, meeting = due.as_row(place), due.meeting
    return {
        "id": None,
        "key": row["key"],
        "due_at": row["due_at"],
        "kind": row["kind"],
        "why": row["detail"],
        "channel": row["channel"],
        "address": row["value"],
        "registration": row["registration_id"],
        "meeting": f"{meeting.sector} {meeting.day}",
        "person": row["person_id"],
        "sector": meeting.sector,
        "day": meeting.day,
    }
