"""The messages of a broadcast, as they stand in the outbox: counted, kept back, let go, forgotten."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, literal_column, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import BROADCAST_ROWS, OutboxState, outbox, people
from db.not_arrived import IS_SEEN_TO, seen_to_by
from db.wakeups import Queue, put_in

#: What a paused message is known by among those that are void for another reason.
_PAUSED = "paused"
_IS_PAUSED: ColumnElement[bool] = literal_column("outbox.error = 'paused'")
#: What the message of who was reached nowhere when it was sent is known by; channel and reason of the address follow.
UNREACHED = "unreached "
_IS_UNREACHED: ColumnElement[bool] = and_(
    outbox.c.state == OutboxState.VOID.value, outbox.c.error.startswith(UNREACHED, autoescape=True)
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a broadcast's messages stand where."""

    #: Still to go, those kept back apart.
    waiting: int = 0
    paused: int = 0
    #: With the channel just now.
    leaving: int = 0
    sent: int = 0
    #: Given up, and those of which nobody knows whether they arrived.
    failed: int = 0
    unsure: int = 0
    #: Not to be sent any more: stopped, or for people who withdrew meanwhile.
    dropped: int = 0
    #: When the first of those still to go does (UTC).
    due: datetime | None = None
    #: When the first of those kept back was to (UTC).
    planned: datetime | None = None

    @property
    def left(self) -> int:
        """How many have gone to their channel: they cannot be taken back."""
        return self.leaving + self.sent + self.failed + self.unsure

    @property
    def all(self) -> int:
        """Everybody's."""
        return self.left + self.waiting + self.paused + self.dropped


_PLACES = {
    OutboxState.PENDING: "waiting",
    OutboxState.SENDING: "leaving",
    OutboxState.SENT: "sent",
    OutboxState.FAILED: "failed",
    OutboxState.UNSURE: "unsure",
    OutboxState.VOID: "dropped",
    OutboxState.EXPIRED: "dropped",
}


def _rows_of(number: int) -> ColumnElement[bool]:
    return and_(literal_column(BROADCAST_ROWS), outbox.c.detail == str(number))


async def progress_of(tx: AsyncConnection, numbers: Collection[int]) -> dict[int, Progress]:
    """How far each of these broadcasts is."""
    held = outbox.c
    query = (
        select(held.detail, held.state, _IS_PAUSED.label("kept"), func.count(), func.min(held.due_at))
        .where(literal_column(BROADCAST_ROWS), held.detail.in_([str(n) for n in numbers]), not_(_IS_UNREACHED))
        .group_by(held.detail, held.state, literal_column("kept"))
    )
    found: dict[int, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for detail, state, kept, count, due in (await tx.execute(query)).all():
        of = found[int(detail)]
        paused = kept and state == OutboxState.VOID.value
        of["paused" if paused else _PLACES[OutboxState(state)]] += count
        if paused:
            of["planned"] = due
        if state == OutboxState.PENDING.value:
            of["due"] = due
    return {number: Progress(**found[number]) if number in found else Progress() for number in numbers}


async def addressed(tx: AsyncConnection, number: int) -> set[int]:
    """For whom there is a message of it, by person."""
    theirs = select(outbox.c.person_id).where(_rows_of(number), not_(_IS_UNREACHED))
    return set((await tx.execute(theirs)).scalars().all())


@dataclass(frozen=True, slots=True)
class Missed:
    """Somebody who did not get it: what became of their message.

    ``seen_to_by``: who of the staff saw to it when it did not arrive; else empty. ``unreached``: channel and reason of
    the address on which they were reached no more when it was sent; ``None`` where there was one. ``phone``: by which
    they are told by voice; empty where none is kept.
    """

    person: int
    name: str
    state: str
    seen_to_by: str
    unreached: tuple[str, str] | None
    phone: str


async def missed(tx: AsyncConnection, number: int, *, most: int) -> tuple[int, list[Missed]]:
    """Whom it did not reach: how many people, and the first of them by name."""
    lost = or_(outbox.c.state == OutboxState.FAILED.value, _IS_UNREACHED, IS_SEEN_TO)
    count = select(func.count()).where(_rows_of(number), lost)
    query = (
        select(people.c.id, people.c.name, outbox.c.state, outbox.c.error, people.c.phone)
        .select_from(outbox.join(people, people.c.id == outbox.c.person_id))
        .where(_rows_of(number), lost)
        .order_by(people.c.name, people.c.id)
        .limit(most)
    )
    rows = (await tx.execute(query)).all()
    return int((await tx.execute(count)).scalar_one()), [_missed(*row) for row in rows]


def _missed(person: int, name: str, state: str, error: str, phone: str) -> Missed:
    channel, _, reason = error.removeprefix(UNREACHED).partition(" ")
    unreached = (channel, reason) if state == OutboxState.VOID.value and error.startswith(UNREACHED) else None
    return Missed(person, name, state, seen_to_by(state, error), unreached, phone)


async def pause_rows(tx: AsyncConnection, number: int) -> int:
    """Keep back what has not left; how many messages."""
    pending = outbox.c.state == OutboxState.PENDING.value
    values = {"state": OutboxState.VOID.value, "error": _PAUSED}
    return (await tx.execute(update(outbox).where(_rows_of(number), pending).values(values))).rowcount


async def resume_rows(tx: AsyncConnection, number: int) -> int:
    """Let exactly those go on that were kept back; how many messages."""
    put_in(tx, Queue.PLAN)
    paused = and_(outbox.c.state == OutboxState.VOID.value, outbox.c.error == _PAUSED)
    values = {"state": OutboxState.PENDING.value, "error": ""}
    return (await tx.execute(update(outbox).where(_rows_of(number), paused).values(values))).rowcount


async def take_back_rows(tx: AsyncConnection, number: int) -> int:
    """Forget its messages, as if it had never been queued; how many have left, in which case nothing is forgotten.

    Whoever claims some of them just now is waited for: what is leaving has left.
    """
    states = (await tx.execute(select(outbox.c.state).where(_rows_of(number)).with_for_update())).scalars().all()
    left = sum(state not in {OutboxState.PENDING.value, OutboxState.VOID.value} for state in states)
    if not left:
        await tx.execute(delete(outbox).where(_rows_of(number)))
    return left


async def stop_rows(tx: AsyncConnection, number: int) -> tuple[int, bool]:
    """Void what has not left, what was kept back too: how many messages, and whether any has left."""
    await resume_rows(tx, number)
    pending = outbox.c.state == OutboxState.PENDING.value
    values = {"state": OutboxState.VOID.value}
    stopped = (await tx.execute(update(outbox).where(_rows_of(number), pending).values(values))).rowcount
    left = select(outbox.c.id).where(_rows_of(number), outbox.c.state != OutboxState.VOID.value).limit(1)
    return stopped, (await tx.execute(left)).first() is not None
