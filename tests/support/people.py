"""People who are registered, written straight into the database: each an invented association by mail."""

from datetime import UTC, datetime

from conversation.channel import Channel
from conversation.message import Address
from db.engine import Database
from db.models import RegistrationStatus
from db.people import add_person, organisation_id, update_person
from db.registrations import save_registration

NOW = datetime(2021, 1, 15, 8, 0, tzinfo=UTC)


async def register(database: Database, meeting: int, count: int, *, first: int = 1, people: int = 1) -> list[int]:
    """``count`` registrations, of persons ``first`` and on; their ids."""
    made = []
    async with database.begin() as tx:
        for n in range(first, first + count):
            address = Address(Channel.EMAIL, f"prova{n}@posta.example")
            person = await add_person(tx, address, name=f"Prova {n}", language="it", notice_version=2, now=NOW)
            club = await organisation_id(tx, f"Circolo {n}", NOW)
            await update_person(tx, person.id, organisation_id=club)
            registration, _ = await save_registration(
                tx,
                person_id=person.id,
                meeting_id=meeting,
                organisation_id=club,
                participants=people,
                status=RegistrationStatus.CONFIRMED,
                source=Channel.EMAIL,
                notice_version=2,
                now=NOW,
            )
            made.append(registration)
    return made
