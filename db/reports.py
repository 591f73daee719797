"""The numbers of the console. A number that stands in two found is counted here once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from sqlalchemy import and_, case, func, literal, literal_column, select, text, union_all

from conversation.channel import CHANNELS
from conversation.times import local_zone
from db.broadcasts import BroadcastState
from db.engine import Transaction
from db.models import (
    NOT_ARRIVED,
    SET_ASIDE,
    WAITING,
    Kind,
    Lane,
    RegistrationStatus,
    broadcasts,
    hand_overs,
    inbox,
    outbox,
    registrations,
    taught,
)
from db.outbox import LEAVES, UNFINISHED
from db.pact import count_new
from db.questions import asks_for_data
from db.registered import NOBODY_REACHES
from db.taught import FactState

#: So many messages of a lane that are still to go are looked at: a page costs no more in a big town.
COUNTED = 500


@dataclass(frozen=True, slots=True)
class Sign:
    """What waits for a person.

    ``tone``: red, a citizen waits; amber, something is broken or incomplete; blue, good news.
    """

    count: int
    tone: str


async def signs_of(tx: Transaction) -> dict[str, Sign]:
    """The numbers beside the menu's lines, by name: the same on Oggi and in the morning's mail."""
    questions = select(func.count()).select_from(hand_overs).where(text(WAITING))
    letters = select(func.count()).select_from(inbox).where(text(SET_ASIDE))
    stuck = select(func.count()).select_from(outbox).where(text(NOT_ARRIVED))
    asked = select(func.count()).select_from(broadcasts).where(broadcasts.c.state == BroadcastState.WAITING.value)
    data = select(func.count()).select_from(hand_overs).where(asks_for_data())
    tried = and_(taught.c.state == FactState.DRAFT.value, taught.c.evaluated.is_not(None))
    drafts = select(func.count()).select_from(taught).where(tried)
    counts = (questions, letters, stuck, count_new(), asked, data, drafts)
    row = (await tx.execute(select(*(c.scalar_subquery() for c in counts)))).one()
    return {
        "questions": Sign(row[0], "red"),
        "letters": Sign(row[1], "amber"),
        "outgoing": Sign(row[2], "amber"),
        "pact": Sign(row[3], "blue"),
        "broadcasts": Sign(row[4], "amber"),
        "privacy": Sign(row[5], "red"),
        "drafts": Sign(row[6], "amber"),
    }


async def oldest_question(tx: Transaction) -> datetime | None:
    """Since when the first of those waits that wait for an answer."""
    oldest: datetime | None = (
        await tx.execute(select(func.min(hand_overs.c.created_at)).where(text(WAITING)))
    ).scalar()
    return oldest


@dataclass(frozen=True, slots=True)
class Going:
    """What goes out of one kind, and when the first of it does."""

    kind: str
    count: int
    first: datetime


async def leaving_until(tx: Transaction, until: datetime) -> list[Going]:
    """What goes out until then, the first kind first; of each lane the first messages (``COUNTED``) are counted.

    What reminds of a registration left half-way is no answer, and a kind of its own here (``UNFINISHED``).
    """
    row = outbox.c
    pending = row.state == literal_column("'pending'")  # a bound parameter proves no partial index to SQLite's planner
    kind = case((row.detail == UNFINISHED, UNFINISHED), else_=row.kind).label("kind")
    lanes = (
        select(kind, row.due_at)
        .where(pending, row.lane == lane.value, row.due_at < until, LEAVES)
        .order_by(row.due_at, row.id)
        .limit(COUNTED)
        .subquery()
        for lane in Lane
    )
    some = union_all(*(select(lane.c.kind, lane.c.due_at) for lane in lanes)).subquery().c
    first = func.min(some.due_at)
    query = select(some.kind, func.count(), first).group_by(some.kind).order_by(first)
    return [Going(kind, count, due) for kind, count, due in (await tx.execute(query)).all()]


async def left_between(tx: Transaction, since: datetime, until: datetime) -> dict[str, int]:
    """How many messages were sent from then until then, by kind."""
    row = outbox.c
    query = (
        select(row.kind, func.count())
        .where(
            row.state == literal_column("'sent'"),
            row.kind.in_([kind.value for kind in Kind]),  # with the channel, what the index begins with
            row.channel.in_(list(CHANNELS)),
            row.sent_at >= since,
            row.sent_at < until,
        )
        .group_by(row.kind)
        .order_by(row.kind)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


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


async def unreachable_coming(tx: Transaction, coming: Collection[int]) -> int:
    """People with a place at one of these meetings, or waiting for one, on whom no address reaches."""
    mine = registrations.c.meeting_id.in_(coming)
    query = select(func.count(registrations.c.person_id.distinct())).where(NOBODY_REACHES, mine)
    return int((await tx.execute(query)).scalar_one())


async def registered_by_day(tx: Transaction, since: date, days: int) -> dict[tuple[date, str], int]:
    """How many registrations came in on each local day from ``since`` on, by channel (its name in the database)."""
    row = registrations.c
    starts = [datetime.combine(since + timedelta(days=n), time(), local_zone()) for n in range(days + 1)]
    each = (
        select(literal(n), row.source, func.count())
        .where(row.registered_at >= begins, row.registered_at < ends)
        .group_by(row.source)
        for n, (begins, ends) in enumerate(pairwise(starts))
    )
    found = (await tx.execute(union_all(*each))).all()
    return {(since + timedelta(days=n), source): count for n, source, count in found}
