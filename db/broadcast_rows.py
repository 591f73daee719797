"""The messages of a broadcast, as they stand in the outbox: counted, kept back, let go, forgotten."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import BROADCAST_ROWS, OutboxState, outbox
from db.wakeups import Queue, put_in

#: What a paused message is known by among those that are void for another reason.
_PAUSED = "paused"
_IS_PAUSED: ColumnElement[bool] = literal_column("outbox.error = 'paused'")


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
        .where(literal_column(BROADCAST_ROWS), held.detail.in_([str(n) for n in numbers]))
        .group_by(held.detail, held.state, literal_column("kept"))
    )
    found: dict[int, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    for detail, state, kept, count, due in (await tx.execute(query)).all():
        of = found[int(detail)]
        of["paused" if kept and state == OutboxState.VOID.value else _PLACES[OutboxState(state)]] += count
        if state == OutboxState.PENDING.value:
            of["due"] = due
    return {number: Progress(**found[number]) if number in found else Progress() for number in numbers}


async def addressed(tx: AsyncConnection, number: int) -> set[int]:
    """For whom there is a message of it, by person."""
    return set((await tx.execute(select(outbox.c.person_id).where(_rows_of(number)))).scalars().all())


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
    some = (await tx.execute(left)).first() is not None
    if not some:
        await tx.execute(delete(outbox).where(_rows_of(number)))
    return stopped, some
