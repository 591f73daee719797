"""What will go out: to whom, when, why."""

from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from conversation.message import Address
from db.engine import Database
from db.forecast import ForecastFilter, Kind, upcoming
from delivery import reminders
from delivery.reminders import Due, Schedule

#: Messages that are read at once where all are asked for: some 15 MB. By the thousand, a million took three times as
#: long.
_AT_ONCE = 10_000


async def foresee(
    database: Database, schedule: Schedule, now: datetime, wanted: ForecastFilter | None = None
) -> list[dict[str, Any]]:
    """What will go out, earliest first; of it what is ``wanted``.

    Nothing for who has no address that works. A reminder that is not planned yet has no number (``id``). Where only
    the first are wanted some hundreds of those are looked at: a worker plans the others within seconds.
    """
    wanted = wanted or ForecastFilter()
    if wanted.limit is None:
        return [row async for row in foresee_each(database, schedule, now, wanted)][wanted.offset :]
    last = wanted.offset + wanted.limit
    async with database.look() as tx:
        new = await reminders.foresee(tx, schedule, now, all_of_them=False)
        if not new:
            return await upcoming(tx, wanted)
        rows = await upcoming(tx, replace(wanted, offset=0, limit=last))
    rows += _of(new, wanted)
    return sorted(rows, key=_due)[wanted.offset : last]


async def foresee_each(
    database: Database, schedule: Schedule, now: datetime, wanted: ForecastFilter | None = None
) -> AsyncIterator[dict[str, Any]]:
    """All that will go out, of it what is ``wanted``, earliest first, one after the other: few are kept.

    They are read in parts, each as it stands then: whoever takes their time over them holds no transaction open.
    """
    wanted = wanted or ForecastFilter()
    async with database.look() as tx:
        new = deque(sorted(_of(await reminders.foresee(tx, schedule, now, all_of_them=True), wanted), key=_due))
    told = {row["key"] for row in new}  # should a worker plan them meanwhile
    part = replace(wanted, offset=0, limit=_AT_ONCE)
    while rows := await _read(database, part):
        for row in rows:
            while new and new[0]["due_at"] < row["due_at"]:
                yield new.popleft()
            if row["key"] not in told:
                yield row
        part = replace(part, after=(rows[-1]["due_at"], rows[-1]["id"]))
    for row in new:
        yield row


async def _read(database: Database, part: ForecastFilter) -> list[dict[str, Any]]:
    async with database.look() as tx:
        return await upcoming(tx, part)


def _of(new: Iterable[tuple[Due, Address | None]], wanted: ForecastFilter) -> list[dict[str, Any]]:
    return [_shown(due, address) for due, address in new if address is not None and _is_wanted(due, address, wanted)]


def _due(row: dict[str, Any]) -> datetime:
    due: datetime = row["due_at"]
    return due


def _is_wanted(due: Due, address: Address, wanted: ForecastFilter) -> bool:
    asked = (wanted.kind, wanted.meeting, wanted.person, wanted.channel)
    own = (Kind.REMINDER, due.meeting.id, due.registration.person_id, address.channel)
    soon = wanted.before is None or due.at < wanted.before
    return soon and all(value in {None, mine} for value, mine in zip(asked, own, strict=True))


def _shown(due: Due, address: Address) -> dict[str, Any]:
    """As ``upcoming`` shows what is in the outbox."""
    row, meeting = due.as_row(address), due.meeting
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
