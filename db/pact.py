"""How people and associations stand to the Patto: what they said themselves, and what the office noted."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, ColumnElement, ScalarSelect, Select, and_, case, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import insert_into
from db.lists import Listing
from db.models import adhesions, audit, meetings, organisations, people, registrations


class PactState(StrEnum):
    """``INVITED`` by the office, ``INTERESTED`` by their own word, ``SIGNED`` on a day, ``ENDED``: no longer."""

    INVITED = "invited"
    INTERESTED = "interested"
    SIGNED = "signed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's."""

    person: int
    name: str
    #: Empty for a private citizen.
    organisation: str
    state: PactState
    #: Of who has signed, or had.
    signed_on: date | None
    note: str
    #: The operator who noted it last; ``None``: the person said it.
    noted_by: int | None
    #: When they were first noted, or last said so themselves.
    since: datetime

    @property
    def version(self) -> str:
        """Changes with whatever is noted."""
        held = (self.state, self.signed_on, self.note, self.noted_by, self.since)
        return sha256(repr(held).encode()).hexdigest()[:16]


_FROM = adhesions.join(people, people.c.id == adhesions.c.person_id).outerjoin(
    organisations, organisations.c.id == adhesions.c.organisation_id
)


async def add_adhesion(tx: AsyncConnection, person_id: int, organisation_id: int | None, now: datetime) -> bool:
    """Note the person's own interest; ``False`` when it was noted before, or they have signed."""
    await _hold(tx, person_id)
    found = (await tx.execute(select(adhesions.c.state).where(adhesions.c.person_id == person_id))).scalar()
    if found is None:
        await tx.execute(insert(adhesions).values(person_id=person_id, organisation_id=organisation_id, created_at=now))
        return True
    if found in {PactState.INTERESTED, PactState.SIGNED}:
        return False
    values = {"state": PactState.INTERESTED.value, "organisation_id": organisation_id, "created_at": now}
    await tx.execute(update(adhesions).where(adhesions.c.person_id == person_id).values(values | {"noted_by": None}))
    return True


async def has_adhesion(tx: AsyncConnection, person_id: int) -> bool:
    """Whether the person's interest is noted, or they have signed."""
    query = select(adhesions.c.id).where(adhesions.c.person_id == person_id)
    wants = adhesions.c.state.in_([PactState.INTERESTED.value, PactState.SIGNED.value])
    return (await tx.execute(query.where(wants))).first() is not None


@dataclass(frozen=True, slots=True)
class PactStanding:
    """How a person or an association stands, as the office knows it."""

    state: PactState
    signed_on: date | None
    note: str
    #: An operator, by number.
    noted_by: int | None


async def note_standing(tx: AsyncConnection, person_id: int, noted: PactStanding, now: datetime) -> None:
    """Write down what the office knows; an association stands beside it when the person named one."""
    named = select(people.c.organisation_id).where(people.c.id == person_id).scalar_subquery()
    await write_noted(tx, adhesions.c.person_id, person_id, noted, now, organisation_id=named)


async def write_noted(
    tx: AsyncConnection, whose: Column[Any], number: int, noted: PactStanding, now: datetime, **new: ScalarSelect[Any]
) -> None:
    """In the table where ``whose`` is ``number``; ``new``: columns of one of which nothing was noted before."""
    values = asdict(noted)
    row = insert_into(tx.dialect.name, whose.table).values({whose.name: number, "created_at": now} | new | values)
    await tx.execute(row.on_conflict_do_update(index_elements=[whose], set_=values))


async def standing_of(tx: AsyncConnection, person_id: int) -> Standing | None:
    """One person's; ``None`` when nothing is noted."""
    query = (
        select(adhesions, people.c.name, organisations.c.name.label("organisation"))
        .select_from(_FROM)
        .where(adhesions.c.person_id == person_id)
    )
    r = (await tx.execute(query)).mappings().first()
    if r is None:
        return None
    state, organisation = PactState(r["state"]), r["organisation"] or ""
    return Standing(
        person_id, r["name"], organisation, state, r["signed_on"], r["note"], r["noted_by"], r["created_at"]
    )


async def hold_standing(tx: AsyncConnection, person_id: int) -> Standing | None:
    """The same; nobody else changes it until the end of the transaction."""
    await _hold(tx, person_id)
    return await standing_of(tx, person_id)


async def _hold(tx: AsyncConnection, person_id: int) -> None:
    """By the person's row: theirs in the table may not be there yet."""
    await tx.execute(select(people.c.id).where(people.c.id == person_id).with_for_update(key_share=True))


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a sector has come, or everybody together."""

    #: People who came to a meeting.
    came: int = 0
    #: How many stand where now; who stands nowhere is not counted.
    people: dict[PactState, int] = field(default_factory=dict)


async def reached(tx: AsyncConnection) -> tuple[Reached, dict[str, Reached]]:
    """Everybody, each once.

    And by sector who is registered at its meetings: who is at several sectors' counts in each.
    """
    attends = registrations.join(meetings, meetings.c.id == registrations.c.meeting_id)
    person = registrations.c.person_id
    came = select(meetings.c.sector, func.count(person.distinct())).select_from(attends)
    came = came.where(registrations.c.attended_at.is_not(None)).group_by(meetings.c.sector)
    stand = select(meetings.c.sector, adhesions.c.state, func.count(adhesions.c.person_id.distinct()))
    stand = stand.select_from(attends.join(adhesions, adhesions.c.person_id == person))
    stand = stand.group_by(meetings.c.sector, adhesions.c.state)
    found = {sector: Reached(int(number)) for sector, number in (await tx.execute(came)).all()}
    for sector, state, number in (await tx.execute(stand)).all():
        found.setdefault(sector, Reached()).people[PactState(state)] = int(number)
    every = select(func.count(person.distinct())).where(registrations.c.attended_at.is_not(None))
    states = select(adhesions.c.state, func.count()).group_by(adhesions.c.state)
    whole = {PactState(state): int(number) for state, number in (await tx.execute(states)).all()}
    return Reached(int((await tx.execute(every)).scalar_one()), whole), found


_state = func.coalesce(adhesions.c.state, "")


def count_new() -> Select[int]:
    """How many interests nobody of the office has noted since they were said."""
    return select(func.count()).select_from(adhesions).where(_new())


def _new() -> ColumnElement[bool]:
    """``noted_by`` says it of who still works here, the registry of everybody."""
    noted = exists().where(
        audit.c.person_id == adhesions.c.person_id,
        audit.c.action == noting(PactState.INTERESTED),
        audit.c.at >= adhesions.c.created_at,
    )
    # Who stands nowhere is told by this alone; a comparison with nothing would have the registry asked of everybody.
    mine = (_state == PactState.INTERESTED.value, adhesions.c.noted_by.is_(None))
    return and_(*mine, ~noted)


def noting(state: PactState) -> str:
    """The registry's word for a state that the office noted."""
    return f"pact_{state.value}"


_THEY_CAME = and_(registrations.c.person_id == people.c.id, registrations.c.attended_at.is_not(None))
_came = exists().where(_THEY_CAME)
_THERE = organisations.alias("there")
#: The associations for which they came: presence is a registration's, and somebody may speak for several.
_came_for = (
    select(func.coalesce(func.aggregate_strings(_THERE.c.name, ", "), ""))
    .where(_THERE.c.id.in_(select(registrations.c.organisation_id).where(_THEY_CAME).correlate(people)))
    .correlate(people)
    .scalar_subquery()
)


def _stands(value: str) -> ColumnElement[bool]:
    """``new``: interested, and the office has not noted it; ``none``: nowhere."""
    return _new() if value == "new" else _state == ("" if value == "none" else value)


def _at_sector(value: str) -> ColumnElement[bool]:
    attends = registrations.join(meetings, meetings.c.id == registrations.c.meeting_id)
    mine = (registrations.c.person_id == people.c.id, meetings.c.sector == value)
    return select(registrations.c.id).select_from(attends).where(*mine).correlate(people).exists()


_ASSOCIATION = func.coalesce(adhesions.c.organisation_id, people.c.organisation_id)
#: One row for each known person. ``rank``: what waits for the office first, who stands nowhere last.
PACT = Listing(
    people,
    people.outerjoin(adhesions, adhesions.c.person_id == people.c.id).outerjoin(
        organisations, organisations.c.id == _ASSOCIATION
    ),
    {
        "id": people.c.id,
        "name": people.c.name,
        "organisation": func.coalesce(organisations.c.name, ""),
        "came": case((_came, 1), else_=0),
        "came_for": _came_for,
        "state": _state,
        "new": case((_new(), 1), else_=0),
        "rank": case(
            (_new(), 5),
            (_state == PactState.INTERESTED.value, 4),
            (_state == PactState.SIGNED.value, 3),
            (_state == PactState.INVITED.value, 2),
            (_state == PactState.ENDED.value, 1),
            else_=0,
        ),
        "signed_on": adhesions.c.signed_on,
        "note": func.coalesce(adhesions.c.note, ""),
    },
    key="id",
    order="-rank",
    searched={people.c.name: people.c.id, organisations.c.name: _ASSOCIATION},
    conditions={"stato": _stands, "settore": _at_sector, "venuti": lambda value: _came if value == "1" else ~_came},
)
