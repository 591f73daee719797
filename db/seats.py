"""Seats that became free go to the waiting list, whoever freed them and how.

Who gets one is found by reading alone (``foresee_seats``): a plan shows it, and ``free_seats`` does it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.meeting import Meeting
from db.meetings import lock_meeting
from db.models import RegistrationStatus
from db.outbox import queue_seats
from db.registrations import (
    ACTIVE,
    Registration,
    confirm_waiting,
    get_registrations,
    seats_taken,
    waiting_at,
    withdraw,
)
from db.requests import record

#: Gives a meeting by its number.
Find = Callable[[int], Awaitable[Meeting | None]]


@dataclass(frozen=True, slots=True)
class Moves:
    """Registrations, by number, as they were before."""

    #: They get a seat.
    promoted: dict[int, Registration] = field(default_factory=dict)
    #: They are given up for one of those.
    left: dict[int, Registration] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.promoted or self.left)


async def free_seats(tx: AsyncConnection, meeting_id: int, now: datetime) -> None:
    """Give the free seats of a coming meeting to the waiting list and leave word for the notices."""
    await give_seats(tx, await foresee_seats(tx, meeting_id, now, partial(lock_meeting, tx)), now)


async def foresee_seats(
    tx: AsyncConnection, meeting_id: int, now: datetime, find: Find, before: Moves | None = None
) -> Moves:
    """Who gets the free seats of a coming meeting; with what has moved ``before``. Nothing is written.

    Whoever waited here to come instead of elsewhere gives the other place up now, and that one goes on in the same way.
    """
    moves = Moves({**before.promoted}, {**before.left}) if before else Moves()
    freed = [meeting_id]
    while freed:
        meeting = await find(freed.pop())
        if meeting is None or not meeting.is_upcoming(now):
            continue
        promoted = await _next_in(tx, meeting, moves)
        moves.promoted.update({r.id: r for r in promoted})
        for left in (await get_registrations(tx, [r.instead_of for r in promoted if r.instead_of])).values():
            if left.status.value in ACTIVE and left.id not in moves.left:
                moves.left[left.id] = left
                freed.append(left.meeting_id)
    return moves


async def _next_in(tx: AsyncConnection, meeting: Meeting, moves: Moves) -> list[Registration]:
    """The next of the waiting list. Whoever asks for more seats than are free lets the next one by."""
    waiting = await waiting_at(tx, meeting.id)
    waiting = [r for r in waiting if r.id not in moves.promoted and r.id not in moves.left]
    if meeting.capacity is None or not waiting:
        return waiting
    free = meeting.capacity - await seats_taken(tx, meeting.id) - _taken_by(moves, meeting.id)
    promoted = []
    for registration in waiting:
        if registration.participants <= free:
            free -= registration.participants
            promoted.append(registration)
    return promoted


def _taken_by(moves: Moves, meeting_id: int) -> int:
    """How many seats of a meeting are taken more than before."""
    came = [r for r in moves.promoted.values() if r.id not in moves.left]
    went = [r for r in moves.left.values() if r.status is RegistrationStatus.CONFIRMED]
    taken, freed = (sum(r.participants for r in some if r.meeting_id == meeting_id) for some in (came, went))
    return taken - freed


async def give_seats(tx: AsyncConnection, moves: Moves, now: datetime) -> None:
    """Do it, and leave word for the notices."""
    await confirm_waiting(tx, moves.promoted, now)
    await queue_seats(tx, [*moves.promoted.values()], now)
    for left in moves.left.values():
        await withdraw(tx, left.id, now)
        await record(tx, "withdrawn", now=now, person_id=left.person_id, subject=f"registration:{left.id}")
