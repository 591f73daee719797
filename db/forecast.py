"""What will go out, as it stands in the outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, literal_column, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel
from db.models import Kind, Lane, meetings, outbox, registrations
from db.outbox import LEAVES

__all__ = ["ForecastFilter", "Kind", "upcoming"]


@dataclass(frozen=True, slots=True)
class ForecastFilter:
    """Which of the messages that will go out are asked for; all, where nothing is said."""

    #: What they are.
    kind: Kind | None = None
    #: On which channel; those for whom no address is known yet are on none.
    channel: Channel | None = None
    #: To those registered for this meeting (id).
    meeting: int | None = None
    #: To this person (id).
    person: int | None = None
    #: Due before then (UTC).
    before: datetime | None = None
    #: The first so many, after so many that come before.
    limit: int | None = None
    offset: int = 0
    #: Those that come after the message with this due time (UTC) and number.
    after: tuple[datetime, int] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same in SQL, of the outbox joined with its registrations."""
        given = {
            outbox.c.kind: self.kind and self.kind.value,
            outbox.c.channel: self.channel and self.channel.value,
            registrations.c.meeting_id: self.meeting,
            outbox.c.person_id: self.person,
        }
        found = [column == value for column, value in given.items() if value is not None]
        if self.before is not None:
            found.append(outbox.c.due_at < self.before)
        if self.after is not None:
            due, number = self.after
            place = tuple_(literal(due, outbox.c.due_at.type), literal(number))
            found.append(tuple_(outbox.c.due_at, outbox.c.id) > place)
        return [*found, LEAVES]


_REGISTERED = outbox.outerjoin(registrations, registrations.c.id == outbox.c.registration_id)
# As a literal: a bound parameter cannot prove a partial index to SQLite's planner.
_PENDING: ColumnElement[bool] = outbox.c.state == literal_column("'pending'")


def _first(lane: Lane, wanted: ForecastFilter) -> Select[int]:
    """The first messages of one lane, whose index has them in their order: however many wait, few are looked at."""
    first = (
        select(outbox.c.id)
        .select_from(outbox if wanted.meeting is None else _REGISTERED)
        .where(_PENDING, outbox.c.lane == lane.value, *wanted.conditions())
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(wanted.offset + (wanted.limit or 0))
    )
    return select(first.subquery().c.id)


async def upcoming(tx: AsyncConnection, wanted: ForecastFilter | None = None) -> list[dict[str, Any]]:
    """The messages still to go out, earliest first: when, what, to whom, why.

    None for whom no address works.
    """
    wanted = wanted or ForecastFilter()
    query = (
        select(
            outbox.c.id,
            outbox.c.key,
            outbox.c.due_at,
            outbox.c.kind,
            outbox.c.detail,
            outbox.c.channel,
            outbox.c.value,
            outbox.c.registration_id,
            outbox.c.person_id,
            meetings.c.sector,
            meetings.c.day,
        )
        .select_from(_REGISTERED.outerjoin(meetings, meetings.c.id == registrations.c.meeting_id))
        .where(_PENDING, *wanted.conditions())
        .order_by(outbox.c.due_at, outbox.c.id)
        .offset(wanted.offset)
        .limit(wanted.limit)
    )
    if wanted.limit is not None:
        query = query.where(outbox.c.id.in_(union_all(*(_first(lane, wanted) for lane in Lane))))
    return [
        {
            "id": r.id,
            "key": r.key,
            "due_at": r.due_at,
            "kind": r.kind,
            "why": r.detail,
            "channel": r.channel,
            "address": r.value,
            "registration": r.registration_id,
            "meeting": f"{r.sector} {r.day}" if r.sector else "",
            "person": r.person_id,
            "sector": r.sector or "",
            "day": r.day,
        }
        for r in (await tx.execute(query)).all()
    ]
