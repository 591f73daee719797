"""Seats that became free go to the waiting list, whoever freed them and how."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from db.meetings import lock_meeting
from db.outbox import queue_seats
from db.registrations import ACTIVE, Registration, get_registrations, promote_waiting, withdraw
from db.requests import record


async def free_seats(tx: AsyncConnection, meeting_id: int, now: datetime) -> list[Registration]:
    """Give the free seats of a coming meeting to the waiting list and leave word for the notices.

    Who got one, as they were before.

    Whoever waited here to come instead of elsewhere gives the other place up now, and that one goes on in the same way.
    """
    freed = [meeting_id]
    all_promoted: list[Registration] = []
    while freed:
        held = await lock_meeting(tx, freed.pop())
        if held is None or not held.is_upcoming(now):
            continue
        promoted = await promote_waiting(tx, held.id, held.capacity, now)
        await queue_seats(tx, promoted, now)
        all_promoted += promoted
        for left in (await get_registrations(tx, [r.instead_of for r in promoted if r.instead_of])).values():
            if left.status.value in ACTIVE:
                await withdraw(tx, left.id, now)
                about = f"registration:{left.id}"
                await record(tx, "withdrawn", now=now, person_id=left.person_id, subject=about)
                freed.append(left.meeting_id)
    return all_promoted
