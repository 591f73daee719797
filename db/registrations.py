"""Who comes to which meeting: one registration for each person, meeting and association, updated instead of doubled.

Each has its own calendar entry: ``uid`` stays for ever, and the entry's SEQUENCE, which RFC 5546 wants to rise with
every change, is the sum of the meeting's and the registration's own, neither of which ever falls.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Update,
    and_,
    bindparam,
    false,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel
from conversation.meeting import Told
from db.addresses import is_reached
from db.engine import LONG, given
from db.meetings import get_meeting
from db.models import (
    Kind,
    OutboxState,
    RegistrationStatus,
    addresses,
    organisations,
    outbox,
    people,
    registrations,
)
from db.models import meetings as meetings_table
from db.wakeups import Queue, put_in

#: SQL: confirmed, and its reminders are not in the outbox yet. Its own partial index says the same.
UNPLANNED = and_(registrations.c.planned == false(), registrations.c.status == literal_column("'confirmed'"))
ACTIVE = (RegistrationStatus.CONFIRMED.value, RegistrationStatus.WAITLISTED.value)


@dataclass(frozen=True, slots=True)
class Registration:
    """One person's place at one meeting. ``organisation`` is empty for a private citizen.

    ``told``: what the person last heard of the meeting; ``instead_of``: the registration that is given up when this one
    gets its seat.
    """

    id: int
    person_id: int
    meeting_id: int
    organisation: str
    participants: int
    status: RegistrationStatus
    revision: int
    uid: str
    sequence: int
    told: Told
    instead_of: int | None


_COLUMNS = (
    registrations.c.id,
    registrations.c.person_id,
    registrations.c.meeting_id,
    organisations.c.name,
    registrations.c.participants,
    registrations.c.status,
    registrations.c.revision,
    registrations.c.uid,
    registrations.c.sequence,
    registrations.c.told,
    registrations.c.instead_of,
)
_FROM = registrations.outerjoin(organisations, registrations.c.organisation_id == organisations.c.id)


def _registration(row: Any) -> Registration:
    return Registration(row[0], row[1], row[2], row[3] or "", row[4], RegistrationStatus(row[5]), *row[6:])


async def registrations_of(tx: AsyncConnection, person_id: int) -> list[Registration]:
    """All of one person's registrations, withdrawn ones included, by meeting day."""
    query = (
        select(*_COLUMNS)
        .select_from(_FROM.join(meetings_table, meetings_table.c.id == registrations.c.meeting_id))
        .where(registrations.c.person_id == person_id)
        .order_by(meetings_table.c.day, registrations.c.id)
    )
    return [_registration(row) for row in (await tx.execute(query)).all()]


async def seats_taken(tx: AsyncConnection, meeting_id: int, *, without: int = 0) -> int:
    """Confirmed participants of a meeting, those of registration ``without`` left out."""
    query = select(func.coalesce(func.sum(registrations.c.participants), 0)).where(
        registrations.c.meeting_id == meeting_id,
        registrations.c.status == RegistrationStatus.CONFIRMED.value,
        registrations.c.id != without,
    )
    return int((await tx.execute(query)).scalar_one())


async def save_registration(
    tx: AsyncConnection,
    *,
    person_id: int,
    meeting_id: int,
    organisation_id: int | None,
    participants: int,
    status: RegistrationStatus,
    source: Channel,
    notice_version: int,
    now: datetime,
    held: int | None = None,
    instead_of: int | None = None,
) -> tuple[int, bool]:
    """Create or update the person's registration for the meeting and association.

    Its id, and whether it is new (or active again).

    ``held``: the registration that gets another association. ``notice_version``: which privacy notice the person had
    seen; 0 for an import. ``instead_of``: the registration that is given up when this one gets its seat.
    """
    meeting = await get_meeting(tx, meeting_id)
    row = await _find(tx, person_id, meeting_id, organisation_id) if held is None else await _row(tx, held)
    values: dict[str, Any] = {
        "organisation_id": organisation_id,
        "participants": participants,
        "status": status.value,
        "notice_version": notice_version,
        "changed_at": now,
        "told": meeting.as_told() if meeting else {},
        "instead_of": instead_of,
    }
    put_in(tx, Queue.PLAN)
    if row is None:
        statement = insert(registrations).values(
            person_id=person_id,
            meeting_id=meeting_id,
            source=source.value,
            registered_at=now,
            active_since=now,
            uid=uuid4().hex,
            **values,
        )
        return int((await tx.execute(statement.returning(registrations.c.id))).scalar_one()), True
    fresh = row.status == RegistrationStatus.WITHDRAWN.value
    values["sequence"] = row.sequence + 1
    if fresh or row.status != status.value:
        # A new revision gives the reminders new keys: those of the earlier life are void and stay so.
        values |= {"revision": row.revision + 1, "planned": False, "active_since": now}
    await tx.execute(update(registrations).where(registrations.c.id == row.id).values(**values))
    return int(row.id), fresh


async def _find(tx: AsyncConnection, person_id: int, meeting_id: int, organisation_id: int | None) -> Any:
    """The active registration, or the one withdrawn last: whoever comes back comes back to the same calendar entry."""
    found = (
        select(registrations)
        .where(
            registrations.c.person_id == person_id,
            registrations.c.meeting_id == meeting_id,
            registrations.c.organisation_id.is_not_distinct_from(organisation_id),
        )
        .order_by(registrations.c.status == RegistrationStatus.WITHDRAWN.value, registrations.c.id.desc())
        .limit(1)
    )
    return (await tx.execute(found)).first()


async def _row(tx: AsyncConnection, registration_id: int) -> Any:
    return (await tx.execute(select(registrations).where(registrations.c.id == registration_id))).one()


_TOLD = update(registrations).where(registrations.c.id == bindparam("registration")).values(told=bindparam("heard"))


@cache
def _all_told(dialect: str) -> Update:
    each = given(dialect, registration=registrations.c.id, heard=registrations.c.told)
    return update(registrations).where(registrations.c.id == each.c.registration).values(told=each.c.heard)


async def note_told(tx: AsyncConnection, registration_id: int, told: Told) -> None:
    """What the person has just been told of the meeting."""
    await tx.execute(_TOLD, {"registration": registration_id, "heard": told})


async def note_all_told(tx: AsyncConnection, told: Mapping[int, Told]) -> None:
    """As ``note_told``, for many registrations in one go."""
    heard = [{"registration": number, "heard": meeting} for number, meeting in told.items()]
    await tx.execute(_all_told(tx.dialect.name), {"given": heard})


async def is_added_by_office(tx: AsyncConnection, registration_id: int) -> bool:
    """Whether somebody of the staff made it."""
    query = select(registrations.c.added_by).where(registrations.c.id == registration_id)
    return (await tx.execute(query)).scalar_one() is not None


async def note_added_by(tx: AsyncConnection, registration_id: int, staff_id: int) -> None:
    """An operator registered them."""
    await tx.execute(update(registrations).where(registrations.c.id == registration_id).values(added_by=staff_id))


async def withdraw(tx: AsyncConnection, registration_id: int, now: datetime) -> None:
    """Withdraw a registration and void the reminders and notices that were still to be sent for it.

    An answer is what they asked for. A broadcast's message decides when it leaves: they may hold another registration
    for which it is meant.
    """
    await tx.execute(
        update(registrations)
        .where(registrations.c.id == registration_id)
        .values(
            status=RegistrationStatus.WITHDRAWN.value,
            sequence=registrations.c.sequence + 1,
            instead_of=None,
            changed_at=now,
        )
    )
    await tx.execute(
        update(outbox)
        .where(
            outbox.c.registration_id == registration_id,
            outbox.c.state == OutboxState.PENDING.value,
            outbox.c.kind.in_([Kind.REMINDER.value, Kind.NOTICE.value]),
        )
        .values(state=OutboxState.VOID.value)
    )


async def waiting_at(tx: AsyncConnection, meeting_id: int) -> list[Registration]:
    """The waiting list, in its order."""
    query = (
        select(*_COLUMNS)
        .select_from(_FROM)
        .where(
            registrations.c.meeting_id == meeting_id,
            registrations.c.status == RegistrationStatus.WAITLISTED.value,
        )
        .order_by(registrations.c.active_since, registrations.c.id)
    )
    return [_registration(row) for row in (await tx.execute(query)).all()]


async def confirm_waiting(tx: AsyncConnection, numbers: Collection[int], now: datetime) -> None:
    """These registrations get their seats."""
    if not numbers:
        return
    put_in(tx, Queue.PLAN)
    these = given(tx.dialect.name, id=registrations.c.id)
    confirmed = (
        update(registrations)
        .where(registrations.c.id.in_(select(these.c.id)))
        .values(
            status=RegistrationStatus.CONFIRMED.value,
            planned=False,
            active_since=now,
            changed_at=now,
            revision=registrations.c.revision + 1,
        )
    )
    await tx.execute(confirmed, {"given": [{"id": number} for number in numbers]})


async def export_rows(tx: AsyncConnection, meeting_id: int | None = None) -> list[dict[str, Any]]:
    """Every registration as the contract's export shows it; the address is the one used last."""
    query = (
        select(
            meetings_table.c.day,
            meetings_table.c.sector,
            people.c.name,
            organisations.c.name.label("organisation"),
            registrations.c.participants,
            registrations.c.status,
            registrations.c.source,
            registrations.c.person_id,
            registrations.c.registered_at,
        )
        .select_from(
            _FROM.join(people, people.c.id == registrations.c.person_id).join(
                meetings_table, meetings_table.c.id == registrations.c.meeting_id
            )
        )
        .order_by(meetings_table.c.day, registrations.c.id)
    )
    if meeting_id is not None:
        query = query.where(registrations.c.meeting_id == meeting_id)
    rows = (await tx.execute(query)).all()
    places: dict[int, list[tuple[str, str]]] = {}
    order = select(addresses.c.person_id, addresses.c.channel, addresses.c.value).order_by(addresses.c.used_at.desc())
    if meeting_id is not None:
        there = select(registrations.c.person_id).where(registrations.c.meeting_id == meeting_id)
        order = order.where(addresses.c.person_id.in_(there))
    for person_id, channel, value in (await tx.execute(order)).all():
        places.setdefault(person_id, []).append((channel, value))
    exported = []
    for row in rows:
        known = places.get(row.person_id, [])
        channel, value = next((p for p in known if p[0] == row.source), known[0] if known else (row.source, ""))
        exported.append(
            {
                "meeting": row.day.isoformat() if row.day else None,
                "sector": row.sector,
                "name": row.name,
                "organisation": row.organisation or "",
                "participants": row.participants,
                "status": row.status,
                "channel": channel,
                "address": value,
                "registered_at": row.registered_at.isoformat(),
            }
        )
    return exported


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A confirmed registration whose reminders are not in the outbox yet.

    What was due before it last became active (``since``) is not sent, nor what was due before its meeting
    ``changed_at``.
    """

    id: int
    revision: int
    person_id: int
    meeting_id: int
    since: datetime
    changed_at: datetime


async def unplanned(tx: AsyncConnection, limit: int | None, *, hold: bool = True) -> list[Unplanned]:
    """The first ``limit`` of them; read from a partial index, so the cost does not grow with those planned.

    ``hold``: for who is going to plan them.
    """
    # The few rows first, by themselves: joined at once, a planner with statistics begins at the meetings and reads all.
    found = (
        select(
            registrations.c.id,
            registrations.c.revision,
            registrations.c.person_id,
            registrations.c.meeting_id,
            registrations.c.active_since,
        )
        .where(UNPLANNED)
        .order_by(registrations.c.id)
        .limit(limit)
    )
    first = (found.with_for_update(skip_locked=True) if hold else found).subquery()
    query = (
        select(first, meetings_table.c.changed_at)
        .select_from(first.join(meetings_table, meetings_table.c.id == first.c.meeting_id))
        .order_by(first.c.id)
    )
    return [Unplanned(*r) for r in (await tx.execute(query)).all()]


async def confirmed_at(
    tx: AsyncConnection,
    meeting_id: int,
    changed_at: datetime,
    *,
    after: datetime | None = None,
    without: Collection[int] = (),
) -> list[Unplanned]:
    """The confirmed registrations of a meeting, as if it had changed then and none of their reminders were planned.

    Of people whom something reaches.

    ``after``: only those that became active later; ``without``: registrations that are left out.
    """
    columns = (registrations.c.id, registrations.c.revision, registrations.c.person_id, registrations.c.active_since)
    query = select(*columns).where(_confirmed_at(meeting_id, without)).order_by(registrations.c.id)
    if after is not None:
        query = query.where(registrations.c.active_since > after)
    rows = (await tx.execute(query)).all()
    return [Unplanned(r[0], r[1], r[2], meeting_id, r[3], changed_at) for r in rows]


async def count_confirmed(
    tx: AsyncConnection, meeting_id: int, until: datetime, *, without: Collection[int] = ()
) -> int:
    """How many registrations of a meeting, ``without`` these, are confirmed and became active by then.

    Of people whom something reaches.
    """
    query = select(func.count()).where(_confirmed_at(meeting_id, without), registrations.c.active_since <= until)
    return int((await tx.execute(query)).scalar_one())


def _confirmed_at(meeting_id: int, without: Collection[int]) -> ColumnElement[bool]:
    status = registrations.c.status == RegistrationStatus.CONFIRMED.value
    theirs = registrations.c.meeting_id == meeting_id, status, registrations.c.id.not_in(without)
    return and_(*theirs, is_reached(registrations.c.person_id))


async def mark_planned(tx: AsyncConnection, ids: Sequence[int]) -> None:
    """Their reminders are in the outbox."""
    await tx.execute(update(registrations).where(registrations.c.id.in_(ids)).values(planned=True))


async def unplan_meeting(tx: AsyncConnection, meeting_id: int) -> None:
    """The meeting changed: its registrations need new reminders."""
    put_in(tx, Queue.PLAN)
    all_of_them = update(registrations).where(registrations.c.meeting_id == meeting_id).values(planned=False)
    await tx.execute(all_of_them.execution_options(**LONG))


_BY_ID = select(*_COLUMNS).select_from(_FROM).where(registrations.c.id.in_(bindparam("ids", expanding=True)))


async def get_registrations(tx: AsyncConnection, ids: Collection[int]) -> dict[int, Registration]:
    """Registrations by id."""
    if not ids:
        return {}
    return {row[0]: _registration(row) for row in (await tx.execute(_BY_ID, {"ids": list(ids)})).all()}
