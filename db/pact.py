"""How people and associations stand to the Patto: what they said themselves, and what the office noted."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import adhesions, meetings, organisations, people, registrations


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
    since: datetime


_FROM = adhesions.join(people, people.c.id == adhesions.c.person_id).outerjoin(
    organisations, organisations.c.id == adhesions.c.organisation_id
)


async def add_adhesion(tx: AsyncConnection, person_id: int, organisation_id: int | None, now: datetime) -> bool:
    """Note the person's own interest; ``False`` when it was noted before, or they have signed."""
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


async def note_standing(
    tx: AsyncConnection,
    person_id: int,
    state: PactState,
    *,
    signed_on: date | None,
    note: str,
    noted_by: int | None,
    now: datetime,
) -> None:
    """Write down what the office knows; an association stands beside it when the person named one."""
    values: dict[str, Any] = {"state": state.value, "signed_on": signed_on, "note": note, "noted_by": noted_by}
    done = await tx.execute(update(adhesions).where(adhesions.c.person_id == person_id).values(values))
    if not done.rowcount:
        named = select(people.c.organisation_id).where(people.c.id == person_id).scalar_subquery()
        values |= {"person_id": person_id, "organisation_id": named, "created_at": now}
        await tx.execute(insert(adhesions).values(values))


async def standing_of(tx: AsyncConnection, person_id: int) -> Standing | None:
    """One person's; ``None`` when nothing is noted."""
    return next(iter(await standings(tx, person_id)), None)


async def standings(tx: AsyncConnection, person_id: int | None = None) -> list[Standing]:
    """Everybody's, the newest first; or one person's."""
    query = (
        select(adhesions, people.c.name, organisations.c.name.label("organisation"))
        .select_from(_FROM)
        .order_by(adhesions.c.created_at.desc(), adhesions.c.id.desc())
    )
    if person_id is not None:
        query = query.where(adhesions.c.person_id == person_id)
    return [
        Standing(
            r["person_id"],
            r["name"],
            r["organisation"] or "",
            PactState(r["state"]),
            r["signed_on"],
            r["note"],
            r["noted_by"],
            r["created_at"],
        )
        for r in (await tx.execute(query)).mappings().all()
    ]


async def by_sector(tx: AsyncConnection) -> dict[str, dict[PactState, int]]:
    """For each sector how many people of its meetings stand where; who came to several sectors counts in each."""
    attends = registrations.join(meetings, meetings.c.id == registrations.c.meeting_id)
    query = (
        select(meetings.c.sector, adhesions.c.state, func.count(adhesions.c.person_id.distinct()))
        .select_from(attends.join(adhesions, adhesions.c.person_id == registrations.c.person_id))
        .group_by(meetings.c.sector, adhesions.c.state)
    )
    found: dict[str, dict[PactState, int]] = {}
    for sector, state, number in (await tx.execute(query)).all():
        found.setdefault(sector, {})[PactState(state)] = int(number)
    return found


async def came_by_sector(tx: AsyncConnection) -> dict[str, int]:
    """For each sector how many people came to a meeting of it."""
    query = (
        select(meetings.c.sector, func.count(registrations.c.person_id.distinct()))
        .select_from(registrations.join(meetings, meetings.c.id == registrations.c.meeting_id))
        .where(registrations.c.attended_at.is_not(None))
        .group_by(meetings.c.sector)
    )
    return {row[0]: int(row[1]) for row in (await tx.execute(query)).all()}
