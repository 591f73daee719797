"""Who hears of a meeting: what each was told of it last, where they are reached, the notices that tell them.

However many come, few different things were told to them: they are read, and written to, by what they were told.
"""

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel
from conversation.meeting import Meeting, Told
from db.addresses import first_address, first_channels
from db.engine import LONG, gathered, insert_into
from db.models import IN_DOUBT, Kind, Lane, RegistrationStatus, addresses, outbox, registrations
from db.outbox import void_lost_changes
from db.registrations import ACTIVE
from db.seats import Moves
from db.wakeups import Queue, put_in

#: SQL: a message about the meeting is on its way to them, or perhaps arrived: nobody knows what they have heard.
_FLYING = registrations.c.id.in_(
    union_all(
        *(
            select(outbox.c.registration_id).where(
                state,
                outbox.c.kind.in_([Kind.NOTICE.value, Kind.REMINDER.value]),
            )
            # Each by an index that holds few: asked once, not for each registration. That those of no registration
            # were left out would make SQLite read the index of registrations through.
            for state in (
                outbox.c.state == literal_column("'sending'"),
                and_(outbox.c.state == literal_column("'pending'"), text(IN_DOUBT)),
            )
        )
    )
)
_WAITING = registrations.c.status == literal_column("'waitlisted'")
#: SQL: what they heard last, as after ``doubt_told``.
_HEARD = case((_FLYING, "{}"), else_=cast(registrations.c.told, Text))


class ToldGroup(NamedTuple):
    """Active registrations of one meeting whose people heard the same of it last."""

    #: On the waiting list.
    waiting: bool
    #: What they heard last, as the table holds it.
    heard: str

    @property
    def told(self) -> Told:
        """What they heard last; nothing, where nobody knows."""
        found: Told = json.loads(self.heard)
        return found


class Listeners(NamedTuple):
    """Who is in a group."""

    group: ToldGroup
    #: Each registration, in their order, with its revision, its person and how many come.
    who: list[tuple[int, int, int, int]]


def _active_at(meeting_id: int) -> ColumnElement[bool]:
    return and_(registrations.c.meeting_id == meeting_id, registrations.c.status.in_(ACTIVE))


async def doubt_told(tx: AsyncConnection, meeting_id: int) -> None:
    """Take it that those have heard nothing for whom a message about the meeting is on its way, or perhaps arrived."""
    await tx.execute(update(registrations).where(registrations.c.meeting_id == meeting_id, _FLYING).values(told={}))


async def listeners_at(tx: AsyncConnection, meeting_id: int, moves: Moves | None = None) -> list[Listeners]:
    """Everybody confirmed or waiting, as after ``doubt_told``; ``moves``: and as after these."""
    held = registrations.c
    who = gathered(tx.dialect.name, held.id, held.revision, held.person_id, held.participants)
    rows = (await tx.execute(_of_each_group(meeting_id, who))).all()
    found = [Listeners(ToldGroup(bool(row[0]), row[1]), row[2]) for row in rows]
    found = _moved(found, moves) if moves else found
    for listeners in found:
        listeners.who.sort()
    return found


async def count_listeners(tx: AsyncConnection, meeting_id: int) -> list[tuple[ToldGroup, int]]:
    """How many are in each group of ``listeners_at``."""
    rows = (await tx.execute(_of_each_group(meeting_id, func.count()))).all()
    return [(ToldGroup(bool(row[0]), row[1]), row[2]) for row in rows]


def _of_each_group(meeting_id: int, found: ColumnElement[Any]) -> Select[Any]:
    """``waits``, ``heard`` and what is ``found`` of those in the group.

    There are few: each is read by itself. To group them all, SQLite sorts them by what they heard: 2 MB for 7,000.
    """
    active = _active_at(meeting_id)
    groups = select(_WAITING.label("waits"), _HEARD.label("heard")).where(active).distinct().subquery()
    those = select(found).where(active, groups.c.waits == _WAITING, groups.c.heard == _HEARD)
    return select(groups, those.select_from(registrations).scalar_subquery())


def _moved(found: list[Listeners], moves: Moves) -> list[Listeners]:
    groups: dict[ToldGroup, list[tuple[int, int, int, int]]] = {}
    for listeners in found:
        waiting, heard = listeners.group
        for one in listeners.who:
            if one[0] not in moves.left:
                groups.setdefault(ToldGroup(waiting and one[0] not in moves.promoted, heard), []).append(one)
    return [Listeners(group, who) for group, who in groups.items()]


async def listening_channels(tx: AsyncConnection, meeting_id: int) -> dict[int, Channel]:
    """On which channel those are reached, by person."""
    return await first_channels(tx, select(registrations.c.person_id).where(_active_at(meeting_id)))


async def groups_at(tx: AsyncConnection, meeting_id: int) -> list[ToldGroup]:
    """The groups of those who are confirmed or wait, as they stand in the table."""
    query = select(_WAITING, cast(registrations.c.told, Text)).where(_active_at(meeting_id)).distinct()
    return [ToldGroup(bool(row[0]), row[1]) for row in (await tx.execute(query)).all()]


def notice_key(registration: Any, meeting: Meeting) -> Any:
    """Under which key the outbox holds the notice: of a registration's number, or of the column of all of them."""
    return "notice:" + registration + f":{meeting.revision}"


async def queue_notices(
    tx: AsyncConnection, meeting: Meeting, group: ToldGroup, *, detail: str, due: datetime, only_reached: bool
) -> int:
    """A notice for each in the group, from ``due`` on; how many.

    Nobody gets one who has it already, nor with ``only_reached`` who has no address that works.
    """
    put_in(tx, Queue.PLAN)
    rows = _notices(meeting, group, detail, due)
    if only_reached:
        rows = rows.where(addresses.c.id.is_not(None))
    names = [column.name for column in rows.selected_columns]
    statement = insert_into(tx.dialect.name, outbox).from_select(names, rows).on_conflict_do_nothing()
    return int((await tx.execute(statement.execution_options(preserve_rowcount=True, **LONG))).rowcount)


async def void_lost(tx: AsyncConnection, meeting: Meeting, group: ToldGroup) -> None:
    """The meeting is again as the group knows it: what did not arrive of its changes is needless."""
    await void_lost_changes(tx, _in_group(meeting, group))


def _in_group(meeting: Meeting, group: ToldGroup) -> ColumnElement[bool]:
    held = registrations.c
    status = RegistrationStatus.WAITLISTED if group.waiting else RegistrationStatus.CONFIRMED
    heard = cast(held.told, Text) == group.heard
    return and_(held.meeting_id == meeting.id, held.status == status.value, heard)


def _notices(meeting: Meeting, group: ToldGroup, detail: str, due: datetime) -> Select[Any]:
    held = registrations.c
    return (
        select(
            notice_key(cast(held.id, String), meeting).label("key"),
            literal(Lane.BULK.value).label("lane"),
            literal(Kind.NOTICE.value).label("kind"),
            literal(detail).label("detail"),
            held.person_id,
            held.id.label("registration_id"),
            func.coalesce(addresses.c.channel, "").label("channel"),
            func.coalesce(addresses.c.value, "").label("value"),
            literal(due, outbox.c.due_at.type).label("due_at"),
        )
        .select_from(registrations.outerjoin(addresses, addresses.c.id == first_address(held.person_id)))
        .where(_in_group(meeting, group))
    )
