"""What was sent, the newest first: a page after the other, each from where the one before ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import CHANNELS, Channel
from db.models import Kind, broadcasts, meetings, outbox, people, registrations, tells_of
from db.tells_of import About, read_several, several

__all__ = ["Kind", "Left", "Position", "SentFilter", "sent_messages"]

# As a literal: a bound parameter cannot prove a partial index to SQLite's planner.
_SENT: ColumnElement[bool] = outbox.c.state == literal_column("'sent'")
_NEWEST = (outbox.c.sent_at.desc(), outbox.c.id.desc())


class Position(NamedTuple):
    """Where a message stands in the order: when it was sent (UTC), and its number."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class SentFilter:
    """Which are asked for: the first ``limit`` of a kind, on a channel, to those registered for a meeting (id).

    ``before``: those that were sent before the message in that position.
    """

    limit: int
    kind: Kind | None = None
    channel: Channel | None = None
    meeting: int | None = None
    before: Position | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """One of them: no words. ``broadcast``: the one that it brought, by number and title."""

    id: int
    at: datetime
    key: str
    kind: str
    detail: str
    channel: str
    address: str
    person: int | None
    name: str
    meeting: int | None
    sector: str
    broadcast: int | None
    title: str
    #: The meetings that it tells of, where it tells of several registrations.
    several: tuple[About, ...]

    @property
    def position(self) -> Position:
        """Where it stands."""
        return Position(self.at, self.id)


_LEFT = select(
    outbox.c.id,
    outbox.c.sent_at,
    outbox.c.key,
    outbox.c.kind,
    outbox.c.detail,
    outbox.c.channel,
    outbox.c.value,
    outbox.c.person_id,
    func.coalesce(people.c.name, ""),
    meetings.c.id,
    func.coalesce(meetings.c.sector, ""),
    broadcasts.c.id,
    func.coalesce(broadcasts.c.title, ""),
).select_from(
    outbox.outerjoin(people, people.c.id == outbox.c.person_id)
    .outerjoin(registrations, registrations.c.id == outbox.c.registration_id)
    .outerjoin(meetings, meetings.c.id == registrations.c.meeting_id)
    .outerjoin(
        broadcasts, and_(outbox.c.kind == Kind.BROADCAST.value, cast(broadcasts.c.id, String) == outbox.c.detail)
    )
)


async def sent_messages(tx: AsyncConnection, wanted: SentFilter) -> list[Left]:
    """They, the newest first."""
    first = union_all(*_newest(wanted)) if wanted.meeting is None else _of_meeting(wanted.meeting, wanted)
    query = (
        _LEFT.add_columns(several(tx.dialect.name)).where(outbox.c.id.in_(first)).order_by(*_NEWEST).limit(wanted.limit)
    )
    rows: Sequence[Any] = (await tx.execute(query)).all()
    return [Left(*(*row[:-1], read_several(row[-1]))) for row in rows]


def _newest(wanted: SentFilter) -> Iterator[Select[int]]:
    """The newest of each kind on each channel, which the index has in their order: however many left, few are read."""
    kinds = list(Kind) if wanted.kind is None else [wanted.kind]
    channels = [c for c in CHANNELS.values() if c.written] if wanted.channel is None else [wanted.channel]
    for kind in kinds:
        for channel in channels:
            mine = (_SENT, outbox.c.kind == kind.value, outbox.c.channel == channel.value, *_before(wanted, outbox.c))
            newest = select(outbox.c.id).where(*mine).order_by(*_NEWEST).limit(wanted.limit)
            yield select(newest.subquery().c.id)


def _of_meeting(meeting: int, wanted: SentFilter) -> Select[int]:
    """The newest to those who are registered for it: as many are read as come to it, and no more."""
    registered = select(registrations.c.id).where(registrations.c.meeting_id == meeting)
    held = (outbox.c.id, outbox.c.kind, outbox.c.channel, outbox.c.sent_at)
    # From none on: what is asked besides is asked of what was found, or all of a kind would be read by its index.
    of_several = select(tells_of.c.outbox_id).where(tells_of.c.registration_id.in_(registered))
    either = (outbox.c.registration_id.in_(registered), outbox.c.id.in_(of_several))
    theirs = union_all(*(select(*held).where(_SENT, one) for one in either)).offset(0).subquery().c
    given = [(theirs.kind, wanted.kind), (theirs.channel, wanted.channel)]
    asked = [column == value.value for column, value in given if value is not None]
    mine = select(theirs.id).where(*asked, *_before(wanted, theirs))
    return select(mine.order_by(theirs.sent_at.desc(), theirs.id.desc()).limit(wanted.limit).subquery().c.id)


def _before(wanted: SentFilter, of: Any) -> list[ColumnElement[bool]]:
    if wanted.before is None:
        return []
    position = (literal(wanted.before.at, outbox.c.sent_at.type), literal(wanted.before.id))
    return [tuple_(of.sent_at, of.id) < tuple_(*position)]
