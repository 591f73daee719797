"""The numbers of the console. A number that stands in two places is counted here once."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import case, exists, func, select, text

from conversation.times import ROME, to_local
from db.broadcasts import BroadcastState
from db.engine import Transaction
from db.models import (
    NOT_ARRIVED,
    WAITING,
    InboxState,
    RegistrationStatus,
    addresses,
    broadcasts,
    hand_overs,
    inbox,
    meetings,
    outbox,
    registrations,
)
from db.pact import count_new


@dataclass(frozen=True, slots=True)
class Sign:
    """What waits for a person. ``tone``: red, a citizen waits; amber, something is broken or incomplete; blue, good news."""

    count: int
    tone: str


async def signs_of(tx: Transaction) -> dict[str, Sign]:
    """The numbers beside the menu's lines, by name: the same on Oggi and in the morning's mail."""
    questions = select(func.count()).select_from(hand_overs).where(text(WAITING))
    letters = select(func.count()).select_from(inbox).where(inbox.c.state == InboxState.SET_ASIDE.value)
    stuck = select(func.count()).select_from(outbox).where(text(NOT_ARRIVED))
    asked = select(func.count()).select_from(broadcasts).where(broadcasts.c.state == BroadcastState.WAITING.value)
    counts = (questions, letters, stuck, count_new(), asked)
    row = (await tx.execute(select(*(c.scalar_subquery() for c in counts)))).one()
    return {
        "questions": Sign(row[0], "red"),
        "letters": Sign(row[1], "amber"),
        "outgoing": Sign(row[2], "amber"),
        "pact": Sign(row[3], "blue"),
        "broadcasts": Sign(row[4], "amber"),
    }


@dataclass(frozen=True, slots=True)
class Expected:
    """Who comes to a meeting."""

    #: People and associations with a seat; private citizens are no association.
    people: int = 0
    organisations: int = 0
    #: Registrations with a seat.
    registrations: int = 0
    #: People on the waiting list.
    waiting: int = 0


async def expected_at(tx: Transaction, meetings: Collection[int]) -> dict[int, Expected]:
    """For each of these meetings with registrations: how many are expected."""
    row = registrations.c
    sure, waits = row.status == RegistrationStatus.CONFIRMED.value, row.status == RegistrationStatus.WAITLISTED.value
    query = (
        select(
            row.meeting_id,
            func.coalesce(func.sum(case((sure, row.participants))), 0),
            func.count(case((sure, row.organisation_id)).distinct()),
            func.count(case((sure, row.id))),
            func.coalesce(func.sum(case((waits, row.participants))), 0),
        )
        .where(row.meeting_id.in_(meetings))
        .group_by(row.meeting_id)
    )
    found = (await tx.execute(query)).all()
    return {number: Expected(int(p), int(o), int(r), int(w)) for number, p, o, r, w in found}


async def unreachable_coming(tx: Transaction, today: date) -> int:
    """People with a place at a meeting from ``today`` on whom no address reaches."""
    known = addresses.alias("known")
    reached = exists().where(known.c.person_id == registrations.c.person_id, known.c.reachable)
    query = (
        select(func.count(registrations.c.person_id.distinct()))
        .select_from(registrations.join(meetings, meetings.c.id == registrations.c.meeting_id))
        .join(addresses, (addresses.c.person_id == registrations.c.person_id) & text("NOT addresses.reachable"))
        .where(meetings.c.day >= today, registrations.c.status != RegistrationStatus.WITHDRAWN.value, ~reached)
    )
    return int((await tx.execute(query)).scalar_one())


async def registered_by_day(tx: Transaction, since: date) -> dict[tuple[date, str], int]:
    """How many registrations came in on each local day from ``since`` on, by channel (its name in the database)."""
    start = datetime.combine(since, time(), ROME)
    query = select(registrations.c.registered_at, registrations.c.source).where(registrations.c.registered_at >= start)
    counted: Counter[tuple[date, str]] = Counter()
    for at, source in (await tx.execute(query)).all():
        counted[to_local(at).date(), source] += 1
    return counted
