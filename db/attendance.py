"""Who came to which meeting."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import registrations


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


async def attendance_at(tx: AsyncConnection, meeting_id: int) -> list[Attendance]:
    """Of every registration of a meeting, withdrawn ones included: some come all the same."""
    columns = (registrations.c.id, registrations.c.attended_at, registrations.c.attended_how)
    query = select(*columns).where(registrations.c.meeting_id == meeting_id).order_by(registrations.c.id)
    return [Attendance(r[0], r[1], How(r[2]) if r[2] else None) for r in (await tx.execute(query)).all()]


async def set_attendance(tx: AsyncConnection, registration_id: int, how: How | None, at: datetime | None) -> None:
    """Note it; ``None`` for ``how``: nobody knows after all."""
    values = {"attended_at": at, "attended_how": how.value if how else ""}
    await tx.execute(update(registrations).where(registrations.c.id == registration_id).values(values))
