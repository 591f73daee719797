"""People who are registered, each an invented association by mail, and questions that wait: put into the database."""

from datetime import UTC, datetime

from sqlalchemy import insert

from conversation.channel import Channel
from conversation.message import Address
from db.engine import Database
from db.models import RegistrationStatus, hand_overs
from db.people import add_person, organisation_id, update_person
from db.registrations import save_registration
from handlers.turn import PRIVACY_NOTICE_VERSION

NOW = datetime(2021, 1, 15, 8, 0, tzinfo=UTC)


async def register(database: Database, meeting: int, count: int, *, first: int = 1, people: int = 1) -> list[int]:
    """``count`` registrations, of persons ``first`` and on; their ids."""
    made = []
    async with database.begin() as tx:
        for n in range(first, first + count):
            address = Address(Channel.EMAIL, f"prova{n}@posta.example")
            person = await add_person(
                tx, address, name=f"Prova {n}", language="it", notice_version=PRIVACY_NOTICE_VERSION, now=NOW
            )
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
                notice_version=PRIVACY_NOTICE_VERSION,
                now=NOW,
            )
            made.append(registration)
    return made


async def ask(database: Database, words: str = "C'è un parcheggio?", **values: object) -> int:
    """The number of a question that waits for a person."""
    row = {
        "token": "3fa9c1d2",
        "channel": "telegram",
        "value": "77",
        "question": words,
        "reason": "question",
        "created_at": NOW,
    }
    async with database.begin() as tx:
        statement = insert(hand_overs).values(row | values)
        return int((await tx.execute(statement.returning(hand_overs.c.id))).scalar_one())
