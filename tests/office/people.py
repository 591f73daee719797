"""People and desks for the office's tests, written straight into the database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import insert

from bot.sandbox.clock import SandboxClock
from conversation.channel import Channel
from conversation.links import Links
from conversation.message import Address
from conversation.office import Office
from db.engine import Database
from db.models import RegistrationStatus, staff
from db.people import add_person, find_person, organisation_id
from db.registrations import save_registration
from db.requests import TERMINAL, Actor
from delivery.reminders import Schedule, queue_reminders
from handlers.turn import PRIVACY_NOTICE_VERSION
from knowledge.library import load_library
from office.desk import Desk


class House(Protocol):
    """A database with what runs on it: a rehearsal has all of it."""

    @property
    def database(self) -> Database: ...

    @property
    def clock(self) -> SandboxClock: ...

    @property
    def schedule(self) -> Schedule: ...

    @property
    def office(self) -> Office: ...

    @property
    def links(self) -> Links: ...


GRACE = timedelta(minutes=2)
SPORT, MUSEUMS = 2, 3


def desk(house: House, by: Actor = TERMINAL) -> Desk:
    """With the grace of the default settings."""
    schedule = replace(house.schedule, grace=GRACE)
    return Desk(by, house.clock(), load_library(), house.office, schedule, house.links)


async def operator(house: House, name: str) -> Actor:
    async with house.database.begin() as tx:
        values: dict[str, Any] = {"email": f"{name.lower()}@lucca.example", "name": name, "added_at": house.clock()}
        number = (await tx.execute(insert(staff).values(values).returning(staff.c.id))).scalar_one()
    return Actor(int(number), name)


def mail(name: str) -> Address:
    return Address(Channel.EMAIL, f"{name}@posta.example")


async def comes(
    house: House,
    address: Address,
    meeting: int = SPORT,
    *,
    association: str = "",
    people: int = 2,
    waits: bool = False,
    instead_of: int | None = None,
) -> int:
    """The registration of whoever is at ``address``, with its reminders planned."""
    now = house.clock()
    async with house.database.begin() as tx:
        person = await find_person(tx, address) or await add_person(
            tx, address, name=f"Prova {address.value}", language="it", notice_version=PRIVACY_NOTICE_VERSION, now=now
        )
        registration, _ = await save_registration(
            tx,
            person_id=person.id,
            meeting_id=meeting,
            organisation_id=await organisation_id(tx, association, now) if association else None,
            participants=people,
            status=RegistrationStatus.WAITLISTED if waits else RegistrationStatus.CONFIRMED,
            source=address.channel,
            notice_version=PRIVACY_NOTICE_VERSION,
            now=now,
            instead_of=instead_of,
        )
        while await queue_reminders(tx, house.schedule, now):
            pass
    return registration
