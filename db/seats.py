"""Seats that became free go to the waiting list, whoever freed them and how."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from db.meetings import lock_meeting
from db.outbox import queue_seats
from db.registrations import promote_waiting


async def free_seats(tx: AsyncConnection, meeting_id: int, now: datetime) -> None:
    """Give the free seats of a coming meeting to the waiting list and leave word for the notices."""
    held = await lock_meeting(tx, meeting_id)
    if held is not None and held.capacity is not None and held.is_upcoming(now):
        promoted = await promote_waiting(tx, meeting_id, held.capacity, now)
        await queue_seats(tx, promoted, now)
