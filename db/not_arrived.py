"""Messages that did not arrive, or perhaps did."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal_column, or_, select, text, update

from db.addresses import is_reached, last_address
from db.engine import Transaction
from db.models import (
    NOT_ARRIVED,
    Kind,
    OutboxState,
    RegistrationStatus,
    addresses,
    meetings,
    outbox,
    people,
    registrations,
)
from db.outbox import CONFIRMATION, IS_REACHED, IS_WRITTEN_LATE
from db.tells_of import read_several, several
from db.wakeups import Queue, put_in

__all__ = ["OutboxState", "count_late", "late_at", "not_arrived", "seen_to_by", "try_failed", "unconfirmed", "void_one"]


#: What one that somebody has seen to is known by among those that are void; who that was follows.
_SEEN_TO = "seen to by "


class Stopped(NamedTuple):
    """The address on which the person of a message was reached last, as the database has it.

    ``reachable``: it works (again). The channel is empty where there never was one.
    """

    channel: str
    reason: str
    since: datetime | None
    reachable: bool | None


#: SQL: what a message is joined to by the address of its person, and what is read of that (``Stopped``).
LAST_ADDRESS = (addresses, addresses.c.id == last_address(outbox.c.person_id))
STOPPED = (
    func.coalesce(addresses.c.channel, "").label("last_channel"),
    func.coalesce(addresses.c.reason, "").label("last_reason"),
    addresses.c.stopped_at.label("last_since"),
    addresses.c.reachable.label("last_reachable"),
)
_STOPPED = tuple(column.name for column in STOPPED)


def seen_to_by(state: str, error: str) -> str:
    """Who of the staff saw to one that did not arrive; empty where nobody did."""
    return error.removeprefix(_SEEN_TO) if state == OutboxState.VOID.value and error.startswith(_SEEN_TO) else ""


#: SQL: it did not arrive, and staff saw to it.
IS_SEEN_TO: ColumnElement[bool] = and_(
    outbox.c.state == OutboxState.VOID.value, outbox.c.error.startswith(_SEEN_TO, autoescape=True)
)


#: SQL: it can be written anew from the registration that it confirms.
_CONFIRMS_ONE = and_(
    outbox.c.kind == Kind.REPLY.value, outbox.c.detail == CONFIRMATION, outbox.c.registration_id.is_not(None)
)


def _can_arrive(now: datetime) -> ColumnElement[bool]:
    """SQL: it failed for good, is not too late, and its person has an address that works (again)."""
    return and_(
        outbox.c.state == OutboxState.FAILED.value,
        is_reached(outbox.c.person_id),
        or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > now),
    )


async def try_failed(tx: Transaction, number: int, now: datetime) -> bool:
    """Let one that failed go once more, as if it had never been tried; whether it can."""
    anew = {"attempts": 0, "next_at": None, "error": "", "channel": "", "value": ""}
    done = await tx.execute(
        update(outbox)
        .where(outbox.c.id == number, IS_WRITTEN_LATE, _can_arrive(now))
        .values(state=OutboxState.PENDING.value, **anew)
    )
    put_in(tx, Queue.PLAN)
    return bool(done.rowcount)


async def unconfirmed(tx: Transaction, number: int, now: datetime) -> int | None:
    """The registration whose confirmation this is, which failed and could arrive now; ``None``: it is no such."""
    lost = select(outbox.c.registration_id).where(outbox.c.id == number, _CONFIRMS_ONE, _can_arrive(now))
    return (await tx.execute(lost)).scalar_one_or_none()


async def void_one(tx: Transaction, number: int, who: str) -> bool:
    """A message that did not arrive is seen to by ``who``; whether it was so."""
    states = [OutboxState.FAILED, OutboxState.UNSURE]
    done = await tx.execute(
        update(outbox)
        .where(outbox.c.id == number, outbox.c.state.in_([s.value for s in states]))
        .values(state=OutboxState.VOID.value, payload=None, error=f"{_SEEN_TO}{who}"[:300])
    )
    return bool(done.rowcount)


def own_copy_key(broadcast: int, words: str, operator: int | None) -> str:
    """Of the copy of a broadcast that one operator has sent to themselves; ``words``: a fingerprint of what it says."""
    return f"{_OWN_COPY}:{broadcast}:{words}:{operator}"


def own_copy_of(key: str) -> tuple[int, int | None] | None:
    """The broadcast and the operator that the message with this key is an own copy for; ``None``: it is none."""
    kind, *rest = key.partition("#")[0].split(":")
    if kind != _OWN_COPY or len(rest) < _PARTS:
        return None
    broadcast, operator = rest[0], rest[-1]
    return int(broadcast), int(operator) if operator.isdecimal() else None


#: How its key begins, and of how many parts it is at least.
_OWN_COPY, _PARTS = "trial", 3


async def not_arrived(tx: Transaction, now: datetime, *, most: int) -> list[dict[str, Any]]:
    """What failed, or perhaps arrived, newest first: what, to whom (person id and name), on which channel, when, why.

    ``phone``: by which the person is told by voice; empty or ``None`` where none is kept.

    ``sector`` and ``day``: of the meeting that it is about; ``None`` where it is about none, or ``several``.

    ``again``: it can go once more: it is in doubt, or failed and would be written and reach its person now.

    ``stopped``: the address on which its person was reached last.

    ``own_copy``: the broadcast (number) that it was a copy of, and to which operator; ``None`` for others.
    """
    theirs = (
        outbox.outerjoin(people, people.c.id == outbox.c.person_id)
        .outerjoin(registrations, registrations.c.id == outbox.c.registration_id)
        .outerjoin(meetings, meetings.c.id == registrations.c.meeting_id)
        .outerjoin(*LAST_ADDRESS)
    )
    again = or_(outbox.c.state == OutboxState.UNSURE.value, and_(or_(IS_WRITTEN_LATE, _CONFIRMS_ONE), _can_arrive(now)))
    query = (
        select(
            outbox.c.id,
            outbox.c.kind,
            outbox.c.detail,
            outbox.c.channel,
            outbox.c.due_at,
            outbox.c.state,
            outbox.c.person_id,
            people.c.name,
            people.c.phone,
            outbox.c.key,
            outbox.c.error,
            meetings.c.sector,
            meetings.c.day,
            several(tx.dialect.name).label("several"),
            again.label("again"),
            *STOPPED,
        )
        .select_from(theirs)
        .where(text(NOT_ARRIVED))
        .order_by(outbox.c.id.desc())
        .limit(most)
    )
    rows = (await tx.execute(query)).mappings().all()
    return [
        dict(r)
        | {"own_copy": own_copy_of(r["key"]), "several": read_several(r["several"])}
        | {"stopped": Stopped(*(r[name] for name in _STOPPED))}
        for r in rows
    ]


#: SQL: a reminder that was not sent because it was too late. The state as it stands in the index of these.
_IS_LATE = and_(outbox.c.kind == Kind.REMINDER.value, outbox.c.state == literal_column(f"'{OutboxState.EXPIRED}'"))


async def count_late(tx: Transaction, since: datetime) -> int:
    """Reminders that were not sent because it was too late, from ``since`` on; none of whom nothing reaches."""
    late = select(func.count()).select_from(outbox).where(_IS_LATE, outbox.c.expires_at >= since, IS_REACHED)
    return int((await tx.execute(late)).scalar_one())


async def late_at(tx: Transaction, meeting_id: int, *, most: int) -> tuple[int, list[tuple[int, str]]]:
    """Who comes to a meeting, as it is now, and did not get one of its reminders because it was too late.

    How many registrations, and of the first of them number and name of the person.
    """
    mine = "reminder:" + cast(registrations.c.id, String) + "." + cast(registrations.c.revision, String) + ":"
    mine += cast(meetings.c.revision, String) + ":"
    late = _IS_LATE, IS_REACHED
    theirs = registrations.join(meetings, meetings.c.id == registrations.c.meeting_id).join(
        people, people.c.id == registrations.c.person_id
    )
    # Few were late, thousands come: it begins with those.
    some = registrations.c.id.in_(select(outbox.c.registration_id).where(*late))
    missing = exists().where(outbox.c.registration_id == registrations.c.id, outbox.c.key.startswith(mine), *late)
    comes = registrations.c.status == RegistrationStatus.CONFIRMED.value
    found = select(people.c.id, people.c.name, func.count().over()).select_from(theirs)
    found = found.where(registrations.c.meeting_id == meeting_id, comes, some)
    found = found.where(missing.correlate(registrations, meetings))
    rows = (await tx.execute(found.order_by(registrations.c.id).limit(most))).all()
    return rows[0][2] if rows else 0, [(person, name) for person, name, _ in rows]
