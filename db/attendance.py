"""Who came to which meeting."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import RegistrationStatus, registrations

#: SQL: how many came of a registration whose person was there.
CAME = func.coalesce(registrations.c.attended_people, registrations.c.participants)


class How(StrEnum):
    """How it is known; ``ABSENT``: somebody noted that they did not come."""

    GATE = "gate"
    HAND = "hand"
    ZOOM = "zoom"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Attendance:
    """What is known of one registration."""

    registration: int
    #: When they came in, or were marked (UTC); ``None``: they did not come, or nobody knows.
    at: datetime | None
    #: ``None``: nobody knows.
    how: How | None
    #: So many of those registered; ``None``: all of them, or ``at`` says that none did.
    people: int | None


async def attendance_at(tx: AsyncConnection, meeting_id: int) -> list[Attendance]:
    """Of every registration of a meeting, withdrawn ones included: some come all the same."""
    there = registrations.c
    query = select(there.id, there.attended_at, there.attended_how, there.attended_people)
    query = query.where(there.meeting_id == meeting_id).order_by(there.id)
    return [Attendance(r[0], r[1], How(r[2]) if r[2] else None, r[3]) for r in (await tx.execute(query)).all()]


class Present(NamedTuple):
    """How many people are known to have come, and how many of them though their registration was withdrawn."""

    people: int
    withdrawn: int


async def count_present(tx: AsyncConnection, meeting_id: int) -> Present:
    """Who is known to have come to the meeting."""
    gone = registrations.c.status == RegistrationStatus.WITHDRAWN.value
    query = select(func.coalesce(func.sum(CAME), 0), func.coalesce(func.sum(case((gone, CAME))), 0)).where(
        registrations.c.meeting_id == meeting_id, registrations.c.attended_at.is_not(None)
    )
    row = (await tx.execute(query)).one()
    return Present(int(row[0]), int(row[1]))


async def set_attendance(
    tx: AsyncConnection, registration_id: int, how: How | None, at: datetime | None, *, people: int | None = None
) -> None:
    """Note it; ``None`` for ``how``: nobody knows after all; for ``people``: all of them."""
    values = {"attended_at": at, "attended_how": how.value if how else "", "attended_people": people}
    await tx.execute(update(registrations).where(registrations.c.id == registration_id).values(values))
