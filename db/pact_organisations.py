"""Associations that stand to the Patto though nobody of them is known: by their name, as the office noted it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.lists import Listing, equal
from db.models import organisations, pact_organisations
from db.pact import PactStanding, PactState, write_noted
from db.people import NAMED_BY_PEOPLE, forget_unnamed


@dataclass(frozen=True, slots=True)
class NotedOrganisation:
    """One of them.

    ``signed_on``: of one that has signed, or had. ``has_people``: somebody of it is known by now.
    """

    id: int
    name: str
    state: PactState
    signed_on: date | None
    note: str
    noted_by: int | None
    since: datetime
    has_people: bool

    @property
    def version(self) -> str:
        """Changes with whatever is noted."""
        held = (self.state, self.signed_on, self.note, self.noted_by, self.since)
        return sha256(repr(held).encode()).hexdigest()[:16]


async def noted_organisation(tx: AsyncConnection, number: int) -> NotedOrganisation | None:
    """One by the association's number; ``None`` when nothing is noted of it."""
    query = select(organisations.c.name, pact_organisations).join_from(pact_organisations, organisations)
    row = (await tx.execute(query.where(pact_organisations.c.organisation_id == number))).mappings().first()
    if row is None:
        return None
    said = (row["name"], PactState(row["state"]), row["signed_on"], row["note"], row["noted_by"], row["created_at"])
    return NotedOrganisation(number, *said, await has_people(tx, number))


async def hold_organisation(tx: AsyncConnection, number: int) -> NotedOrganisation | None:
    """The same; nobody else changes it until the end of the transaction, also where nothing is noted yet."""
    await tx.execute(select(organisations.c.id).where(organisations.c.id == number).with_for_update())
    return await noted_organisation(tx, number)


async def has_people(tx: AsyncConnection, number: int) -> bool:
    """Whether somebody of the association is known."""
    named = or_(*(exists().where(table.c.organisation_id == number) for table in NAMED_BY_PEOPLE))
    return bool((await tx.execute(select(named))).scalar_one())


async def note_organisation(tx: AsyncConnection, number: int, noted: PactStanding, now: datetime) -> None:
    """Write down what the office knows of it."""
    await write_noted(tx, pact_organisations.c.organisation_id, number, noted, now)


async def drop_organisation(tx: AsyncConnection, number: int) -> None:
    """Nothing is noted of it any more; its name is forgotten, unless somebody of it is known."""
    await tx.execute(delete(pact_organisations).where(pact_organisations.c.organisation_id == number))
    await forget_unnamed(tx, [number])


async def count_organisations(tx: AsyncConnection) -> dict[PactState, int]:
    """How many stand where."""
    query = select(pact_organisations.c.state, func.count()).group_by(pact_organisations.c.state)
    return {PactState(state): int(number) for state, number in (await tx.execute(query)).all()}


async def names_noted(tx: AsyncConnection, names: Collection[str]) -> dict[str, PactState]:
    """Those of these associations that are noted, and where they stand."""
    query = select(organisations.c.name, pact_organisations.c.state).join_from(pact_organisations, organisations)
    rows = (await tx.execute(query.where(organisations.c.name.in_(names)))).all()
    return {name: PactState(state) for name, state in rows}


#: One row for each, by name.
PACT_ORGANISATIONS = Listing(
    pact_organisations,
    pact_organisations.join(organisations),
    {
        "id": pact_organisations.c.organisation_id,
        "name": organisations.c.name,
        "state": pact_organisations.c.state,
        "signed_on": pact_organisations.c.signed_on,
        "note": pact_organisations.c.note,
    },
    key="id",
    order="name",
    searched={organisations.c.name: pact_organisations.c.organisation_id},
    conditions={"stato": equal(pact_organisations.c.state)},
)
