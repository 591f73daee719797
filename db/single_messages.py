"""Single messages that go out, as staff look at one before they stop it; those that they stopped."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select, text, update

from db.engine import Transaction
from db.models import NOT_ARRIVED, Kind, OutboxState, audit, meetings, outbox, people, registrations
from db.outbox import SEAT
from db.wakeups import Queue, put_in

__all__ = [
    "Kind",
    "OutboxState",
    "Single",
    "get_single",
    "let_go",
    "stop_single",
    "stopped_since",
    "unsure_singles",
]

#: What a message that staff stopped is known by among those that are void; who stopped it follows.
_STOPPED = "stopped by "
STOPPED_ACTION = "message_stopped"


def stopped_by(state: str, error: str) -> str:
    """Who of the staff stopped it; empty where nobody did."""
    return error.removeprefix(_STOPPED) if state == OutboxState.VOID.value and error.startswith(_STOPPED) else ""


#: SQL: staff stopped it.
IS_STOPPED: ColumnElement[bool] = and_(
    outbox.c.state == OutboxState.VOID.value, outbox.c.error.startswith(_STOPPED, autoescape=True)
)


@dataclass(frozen=True, slots=True)
class Single:
    """One message: no words. ``revision``: of the meeting that it is about; ``stopped_by``: empty where nobody did."""

    id: int
    key: str
    kind: str
    detail: str
    state: str
    channel: str
    address: str
    due_at: datetime
    expires_at: datetime | None
    person: int | None
    name: str
    sector: str
    day: date | None
    revision: int | None
    stopped_by: str
    registration: int | None
    meeting: int | None

    @property
    def is_change(self) -> bool:
        """Whether it tells that something of its meeting changed."""
        return self.kind == Kind.NOTICE.value and self.detail != SEAT

    @property
    def is_of_now(self) -> bool:
        """Whether the change that it tells of is the last of its meeting."""
        return self.key.endswith(f":{self.revision}")


_SINGLES = select(
    outbox.c.id,
    outbox.c.key,
    outbox.c.kind,
    outbox.c.detail,
    outbox.c.state,
    outbox.c.channel,
    outbox.c.value,
    outbox.c.due_at,
    outbox.c.expires_at,
    outbox.c.person_id,
    people.c.name,
    meetings.c.sector,
    meetings.c.day,
    meetings.c.revision,
    outbox.c.error,
    outbox.c.registration_id,
    meetings.c.id.label("meeting"),
).select_from(
    outbox.outerjoin(people, people.c.id == outbox.c.person_id)
    .outerjoin(registrations, registrations.c.id == outbox.c.registration_id)
    .outerjoin(meetings, meetings.c.id == registrations.c.meeting_id)
)


def _single(r: Any) -> Single:
    return Single(
        id=r.id,
        key=r.key,
        kind=r.kind,
        detail=r.detail,
        state=r.state,
        channel=r.channel,
        address=r.value,
        due_at=r.due_at,
        expires_at=r.expires_at,
        person=r.person_id,
        name=r.name or "",
        sector=r.sector or "",
        day=r.day,
        revision=r.revision,
        stopped_by=stopped_by(r.state, r.error),
        registration=r.registration_id,
        meeting=r.meeting,
    )


async def get_single(tx: Transaction, number: int) -> Single | None:
    """One of them."""
    row = (await tx.execute(_SINGLES.where(outbox.c.id == number))).first()
    return _single(row) if row else None


async def unsure_singles(tx: Transaction) -> list[Single]:
    """Those of which nobody knows whether they arrived, the oldest first."""
    unsure = text(NOT_ARRIVED), outbox.c.state == OutboxState.UNSURE.value
    return [_single(row) for row in (await tx.execute(_SINGLES.where(*unsure).order_by(outbox.c.id))).all()]


async def stopped_since(tx: Transaction, since: datetime, *, most: int) -> list[Single]:
    """Those that staff stopped from then on and that are still stopped, the newest first."""
    # The audit trail has an index for when; the outbox has none for what staff stopped.
    query = select(audit.c.subject).where(audit.c.at >= since, audit.c.action == STOPPED_ACTION)
    subjects = (await tx.execute(query.order_by(audit.c.id.desc()).limit(10 * most))).scalars().all()
    numbers: Collection[int] = dict.fromkeys(int(subject.partition(":")[2]) for subject in subjects)
    rows = (await tx.execute(_SINGLES.where(outbox.c.id.in_(numbers)))).all() if numbers else []
    found = {row[0]: _single(row) for row in rows}
    return [found[n] for n in numbers if n in found and found[n].stopped_by][:most]


async def stop_single(tx: Transaction, number: int, who: str) -> bool:
    """It does not go out; its words stay for when it is let go after all. ``False`` when it was not waiting."""
    done = await tx.execute(
        update(outbox)
        .where(outbox.c.id == number, outbox.c.state == OutboxState.PENDING.value)
        .values(state=OutboxState.VOID.value, error=f"{_STOPPED}{who}"[:300])
    )
    return bool(done.rowcount)


async def let_go(tx: Transaction, number: int) -> bool:
    """One that staff stopped waits again; ``False`` when none with this number is stopped."""
    put_in(tx, Queue.PLAN)
    done = await tx.execute(
        update(outbox)
        .where(outbox.c.id == number, IS_STOPPED)
        .values(state=OutboxState.PENDING.value, error="", next_at=None)
    )
    return bool(done.rowcount)
