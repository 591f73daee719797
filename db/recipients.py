"""Whom a broadcast is for and where each is reached: one query, that a preview reads and the outbox is filled from."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, String, cast, func, literal, literal_column, null, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import CHANNELS
from db.addresses import first_address, last_address
from db.broadcast_rows import UNREACHED
from db.engine import LONG, gathered, insert_into
from db.models import Kind, Lane, OutboxState, addresses, meetings, outbox, people, registrations
from db.segments import Segment, registered_in
from db.wakeups import Queue, put_in

#: Persons' numbers in one row of what is read.
_AT_ONCE = 1000


class Recipient(NamedTuple):  # made by the thousand
    """A person whom a segment means; with the registration for which it does, if it is one."""

    person: int
    registration: int | None
    #: On which they are reached, by its name; empty: nowhere.
    channel: str


def _persons(segment: Segment | None, among: Collection[int] | None = None) -> Select[Any]:
    """``person`` and ``registration`` of who is meant, each person once: for their latest meeting.

    Without meetings: who asked for news and can be reached. ``among``: only these people.
    """
    if segment is None or not segment.of_meetings:
        reached = select(addresses.c.id).where(addresses.c.person_id == people.c.id, addresses.c.reachable).exists()
        nothing = cast(null(), Integer).label("registration")
        query = select(people.c.id.label("person"), nothing).where(people.c.updates == true(), reached)
        return query if among is None else query.where(people.c.id.in_(among))
    held = registrations.c
    latest = (meetings.c.day.desc().nulls_last(), held.id)
    turn = func.row_number().over(partition_by=held.person_id, order_by=latest).label("turn")
    each = registered_in(segment, held.person_id.label("person"), held.id.label("registration"), turn)
    each_once = (each if among is None else each.where(held.person_id.in_(among))).subquery()
    return select(each_once.c.person, each_once.c.registration).where(each_once.c.turn == 1)


async def persons_meant(
    tx: AsyncConnection, segment: Segment | None, among: Collection[int] | None = None
) -> dict[int, int | None]:
    """For each person whom it means, reached or not, the registration for which it does; ``among``: of these people."""
    return {row[0]: row[1] for row in (await tx.execute(_persons(segment, among))).all()}


async def meant_by(tx: AsyncConnection, segment: Segment | None) -> Iterator[Recipient]:
    """All whom it means, by person; on whichever channel they are reached.

    One after the other: whoever only counts thousands of them keeps none.
    """
    who = _persons(segment).subquery()
    channel = func.coalesce(addresses.c.channel, "")
    some = gathered(tx.dialect.name, who.c.person, who.c.registration, channel)
    query = select(some).select_from(who.outerjoin(addresses, addresses.c.id == first_address(who.c.person)))
    part = who.c.person // literal_column(f"{_AT_ONCE}")
    found = await tx.execute(query.group_by(part).order_by(part))
    return (Recipient._make(one) for those in found.scalars() for one in sorted(those))


async def put_in_outbox(tx: AsyncConnection, number: int, segment: Segment | None, due: datetime) -> list[Recipient]:
    """A message of broadcast ``number`` for each who is meant and reached, from ``due`` on: those that are new."""
    put_in(tx, Queue.PLAN)
    rows = _messages(number, segment, due)
    names = [column.name for column in rows.selected_columns]
    new = insert_into(tx.dialect.name, outbox).from_select(names, rows).on_conflict_do_nothing()
    new = new.returning(outbox.c.person_id, outbox.c.registration_id, outbox.c.channel)
    return [Recipient(*row) for row in (await tx.execute(new.execution_options(**LONG))).all()]


async def note_unreached(tx: AsyncConnection, number: int, segment: Segment | None, due: datetime) -> None:
    """A void message of broadcast ``number`` for each who is meant and reached nowhere: that they did not get it, why.

    Who asked for news is meant where they are reached, and nowhere else.
    """
    if segment is None or not segment.of_meetings:
        return
    who = _persons(segment).subquery()
    why = UNREACHED + func.coalesce(addresses.c.channel, "") + " " + func.coalesce(addresses.c.reason, "")
    lost = (
        select(who.c.person.label("person_id"), who.c.registration.label("registration_id"))
        .select_from(who.outerjoin(addresses, addresses.c.id == last_address(who.c.person)))
        .where(first_address(who.c.person).is_(None))
    )
    lost = lost.add_columns(
        *_as_message(number, lost, due), literal(OutboxState.VOID.value).label("state"), why.label("error")
    )
    names = [column.name for column in lost.selected_columns]
    await tx.execute(insert_into(tx.dialect.name, outbox).from_select(names, lost).on_conflict_do_nothing())


async def is_for_anybody(tx: AsyncConnection, segment: Segment | None) -> bool:
    """Whether anybody is meant and reached."""
    return (await tx.execute(_reached(segment).limit(1))).first() is not None


def _messages(number: int, segment: Segment | None, due: datetime) -> Select[Any]:
    reached = _reached(segment)
    return reached.add_columns(*_as_message(number, reached, due))


def _as_message(number: int, people: Select[Any], due: datetime) -> list[ColumnElement[Any]]:
    """What makes messages of broadcast ``number`` of ``people``, in the outbox."""
    return [
        (f"broadcast:{number}:" + cast(people.selected_columns.person_id, String)).label("key"),
        literal(Lane.MANY.value).label("lane"),
        literal(Kind.BROADCAST.value).label("kind"),
        literal(str(number)).label("detail"),
        literal(due, outbox.c.due_at.type).label("due_at"),
    ]


def _reached(segment: Segment | None) -> Select[Any]:
    """Who is meant and reached, and where, as the outbox names it."""
    who = _persons(segment).subquery()
    channels = segment.channels if segment is not None and segment.channels else CHANNELS.values()
    columns = who.c.person.label("person_id"), who.c.registration.label("registration_id")
    return (
        select(*columns, addresses.c.channel, addresses.c.value)
        .select_from(who.join(addresses, addresses.c.id == first_address(who.c.person)))
        .where(addresses.c.channel.in_([channel.value for channel in channels]))
    )
