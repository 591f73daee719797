"""People and desks for the office's tests, written straight into the database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from conversation.channel import Channel
from conversation.message import Address
from db.models import RegistrationStatus, staff
from db.people import add_person, find_person, organisation_id
from db.registrations import save_registration
from db.requests import TERMINAL, Actor
from delivery.reminders import plan as plan_reminders
from knowledge.library import load_library
from office.desk import Desk
from tests.support.rehearsal import Rehearsal

GRACE = timedelta(minutes=2)
SPORT, MUSEUMS = 2, 3


def desk(rehearsal: Rehearsal, by: Actor = TERMINAL) -> Desk:
    """With the grace of the default settings."""
    schedule = replace(rehearsal.schedule, grace=GRACE)
    return Desk(by, rehearsal.clock(), load_library(), rehearsal.office, schedule, rehearsal.links)


async def operator(rehearsal: Rehearsal, name: str) -> Actor:
    async with rehearsal.database.begin() as tx:
        values: dict[str, Any] = {"email": f"{name.lower()}@lucca.example", "name": name, "added_at": rehearsal.clock()}
        number = (await tx.execute(insert(staff).values(values).returning(staff.c.id))).scalar_one()
    return Actor(int(number), name)


def mail(name: str) -> Address:
    return Address(Channel.EMAIL, f"{name}@posta.example")


async def comes(
    rehearsal: Rehearsal,
    address: Address,
    meeting: int = SPORT,
    *,
    association: str = "",
    people: int = 2,
    waits: bool = False,
    instead_of: int | None = None,
) -> int:
    """The registration of whoever is at ``address``, with its reminders planned."""
    now = rehearsal.clock()
    async with rehearsal.database.begin() as tx:
        person = await find_person(tx, address) or await add_person(
            tx, address, name=f"Prova {address.value}", language="it", notice_version=2, now=now
        )
        registration, _ = await save_registration(
            tx,
            person_id=person.id,
            meeting_id=meeting,
            organisation_id=await organisation_id(tx, association, now) if association else None,
            participants=people,
            status=RegistrationStatus.WAITLISTED if waits else RegistrationStatus.CONFIRMED,
            source=address.channel,
            notice_version=2,
            now=now,
            instead_of=instead_of,
        )
        while await plan_reminders(tx, rehearsal.schedule, now):
            pass
    return registration
