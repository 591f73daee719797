"""What changing a meeting comes to, found by reading alone: a plan shows it, and the change does just that."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from heapq import merge

from conversation.meeting import Meeting, Told
from db.changes import is_only_unheard
from db.engine import Transaction
from db.seats import Find, Moves, foresee_seats
from delivery.reminders import Schedule
from office.notices import News, due_from, news_of, reached


@dataclass(frozen=True, slots=True)
class Consequences:
    """Of a change. Nothing of it has happened."""

    before: Meeting
    after: Meeting
    #: The fields people hear of that would change.
    changed: tuple[str, ...]
    #: Seats that would be given to the waiting list.
    moves: Moves
    #: When the notices leave (UTC), the grace and the quiet hours counted; ``None``: nobody is to hear of it.
    due: datetime | None
    #: Of a change that is taken back: the fields that it changed, as they are told now.
    taken_back: Told
    #: It is taken back before anybody hears: of who can be reached nowhere the office has heard, if there is anything.
    only_reached: bool


async def consequences(
    tx: Transaction,
    before: Meeting,
    after: Meeting,
    changed: tuple[str, ...],
    schedule: Schedule,
    now: datetime,
    *,
    find: Find,
    moved: Moves | None,
    taken_back: Told | None = None,
) -> Consequences:
    """Of a meeting that is as ``before`` and would be as ``after``, which differ in the fields ``changed``.

    ``moved``: what has moved already where seats may be given; ``None``: none are. ``find``: the other meetings.
    ``taken_back``: as ``office.notices.knows`` takes it, when a change is taken back.
    """

    async def as_it_will_be(number: int) -> Meeting | None:
        return after if number == after.id else await find(number)

    moves = Moves() if moved is None else await foresee_seats(tx, after.id, now, as_it_will_be, moved)
    told = bool(changed) and (before.is_upcoming(now) or after.is_upcoming(now))
    due = due_from([before, after], schedule, now) if told else None
    only_reached = taken_back is not None and await is_only_unheard(tx, now, after.id)
    return Consequences(before, after, changed, moves, due, taken_back or {}, only_reached)


async def heard_by(tx: Transaction, comes: Consequences) -> list[News]:
    """Who would hear of what."""
    if comes.due is None:
        return []
    news = await news_of(tx, comes.after, comes.moves, comes.taken_back)
    return await reached(tx, comes.after, news) if comes.only_reached else news


def digest_of(comes: Consequences, news: Sequence[News]) -> str:
    """The same digest: the same registrations would hear of the same fields, and get a seat."""
    told: dict[tuple[str, ...], list[Iterable[tuple[int, int, int, int]]]] = {}
    for changed, _, who in news:
        told.setdefault(changed, []).append(who)
    said = [comes.after.as_told(), comes.after.title, comes.after.capacity, sorted(comes.moves.promoted)]
    digest = sha256(json.dumps(said).encode())
    for changed, groups in sorted(told.items()):
        digest.update(json.dumps(changed).encode())
        for registration, revision, _, _ in merge(*groups):  # thousands: no second list of them is made
            digest.update(b"%d %d," % (registration, revision))
    return digest.hexdigest()
