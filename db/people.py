"""People and their associations.

A row in ``people`` exists only for those who said yes to the privacy notice or wrote to register: whoever only asks
questions stays unknown.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import channel_named
from conversation.message import Address
from conversation.words import fold
from db.addresses import add_address, set_reachable
from db.models import addresses, adhesions, organisations, pact_organisations, people, registrations

#: The tables in which people name associations.
NAMED_BY_PEOPLE = (people, registrations, adhesions)


@dataclass(frozen=True, slots=True)
class Person:
    """A known person. ``organisation`` is the one named last.

    ``notice_at``: when the privacy notice was accepted; ``notice_version``: the newest that they have seen. ``None``
    and 0 for who was imported, or registered by the office: they accepted none.
    """

    id: int
    name: str
    language: str
    organisation: str
    notice_at: datetime | None
    updates: bool
    notice_version: int


#: The columns that ``read_person`` reads, of people joined with their association.
PERSON = (
    people.c.id,
    people.c.name,
    people.c.language,
    organisations.c.name,
    people.c.notice_at,
    people.c.updates,
    people.c.notice_version,
)


_PERSON = (
    select(*PERSON)
    .select_from(people.outerjoin(organisations, people.c.organisation_id == organisations.c.id))
    .join(addresses, addresses.c.person_id == people.c.id)
    .where(addresses.c.channel == bindparam("channel"), addresses.c.value == bindparam("value"))
)


def read_person(row: Sequence[Any]) -> Person:
    """The person in a row of the columns ``PERSON``."""
    return Person(row[0], row[1], row[2], row[3] or "", row[4], bool(row[5]), row[6])


async def find_person(tx: AsyncConnection, address: Address) -> Person | None:
    """The person with this address."""
    row = (await tx.execute(_PERSON, {"channel": address.channel.value, "value": address.value})).first()
    return read_person(row) if row else None


async def is_known(tx: AsyncConnection, person_id: int) -> bool:
    """Whether there is a person with this number."""
    return (await tx.execute(select(people.c.id).where(people.c.id == person_id))).first() is not None


async def add_person(
    tx: AsyncConnection, address: Address, *, name: str, language: str, notice_version: int, now: datetime
) -> Person:
    """A new person reached at ``address``, who accepts version ``notice_version`` of the privacy notice; 0: none."""
    accepted = now if notice_version else None
    statement = insert(people).values(
        name=name[:200], language=language, notice_at=accepted, notice_version=notice_version, created_at=now
    )
    person_id = int((await tx.execute(statement.returning(people.c.id))).scalar_one())
    await add_address(tx, person_id, address, now)
    return Person(person_id, name, language, "", accepted, updates=False, notice_version=notice_version)


async def update_person(tx: AsyncConnection, person_id: int, **values: Any) -> None:
    """Set columns of one person."""
    await tx.execute(update(people).where(people.c.id == person_id).values(**values))


async def phone_of(tx: AsyncConnection, person_id: int) -> str:
    """By which number the office tells them what cannot be written to them; empty where it keeps none."""
    return str((await tx.execute(select(people.c.phone).where(people.c.id == person_id))).scalar_one())


async def organisation_id(tx: AsyncConnection, name: str, now: datetime) -> int:
    """The id of the association called ``name``, created when nobody named it before (compared without capitals)."""
    folded = " ".join(fold(name).split())[:200]
    found = (await tx.execute(select(organisations.c.id).where(organisations.c.folded == folded))).scalar()
    if found is not None:
        return int(found)
    statement = insert(organisations).values(name=name[:200], folded=folded, created_at=now)
    return int((await tx.execute(statement.returning(organisations.c.id))).scalar_one())


async def forget_unnamed(tx: AsyncConnection, numbers: Collection[int]) -> None:
    """Forget those of these associations that nobody named, or no longer, and that the office has not noted."""
    tables = (*NAMED_BY_PEOPLE, pact_organisations)
    still = or_(*(exists().where(table.c.organisation_id == organisations.c.id) for table in tables))
    await tx.execute(delete(organisations).where(organisations.c.id.in_(numbers), ~still))


async def stop_writing(tx: AsyncConnection, address: Address, now: datetime) -> None:
    """No more reminders, notices and news to this address, until somebody writes from it; registrations stay."""
    person = await find_person(tx, address)
    await set_reachable(tx, address, reachable=False, reason="unsubscribed", now=now)
    if person is not None:
        await update_person(tx, person.id, updates=False)


async def names_of(tx: AsyncConnection, people_ids: Collection[int]) -> dict[int, str]:
    """For each person the name."""
    query = select(people.c.id, people.c.name).where(people.c.id.in_(people_ids))
    return {r[0]: r[1] for r in (await tx.execute(query)).all()}


_LANGUAGES = select(people.c.id, people.c.language).where(people.c.id.in_(bindparam("ids", expanding=True)))


async def languages_of(tx: AsyncConnection, people_ids: Collection[int]) -> dict[int, str]:
    """For each person the language."""
    return {r[0]: r[1] for r in (await tx.execute(_LANGUAGES, {"ids": list(people_ids)})).all()}


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as the office looks for them: every address, those that are not reached included."""

    name: str
    #: That they named last; empty for a private citizen.
    organisation: str
    addresses: tuple[Address, ...]


async def contact_of(tx: AsyncConnection, person_id: int) -> Contact:
    """Name, association and addresses of a person, the address used last first."""
    named = select(people.c.name, organisations.c.name).outerjoin_from(people, organisations)
    name, organisation = (await tx.execute(named.where(people.c.id == person_id))).one()
    query = (
        select(addresses.c.channel, addresses.c.value)
        .where(addresses.c.person_id == person_id)
        .order_by(addresses.c.used_at.desc(), addresses.c.id)
    )
    return Contact(
        name, organisation or "", tuple(Address(channel_named(c), v) for c, v in (await tx.execute(query)).all())
    )
