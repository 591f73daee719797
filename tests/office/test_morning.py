"""The morning's mail: the numbers of Oggi, once a working day to who wants them, whoever plans it.

No names, no way out but one's own.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from conversation.channel import Channel
from conversation.links import Links
from conversation.message import Address, Outgoing
from conversation.office import Office
from conversation.outcome import HandOverReason
from conversation.times import ROME
from db.engine import Database
from db.models import Lane, OutboxState, meetings, outbox
from db.operators import Role, update_operator
from db.outbox import claim, expire, unpack
from db.requests import add_hand_over
from delivery.composing import write
from knowledge.library import load_library
from mail.server import read_server
from mail.smtp.sending import MailTransport
from mail.smtp.writing import write_mail
from mail.threads import MessageIds
from office.desk import TERMINAL
from office.entering import Times
from office.morning import queue_mornings
from office.operators import invite
from tests.support.desk import open_desk
from tests.support.people import register
from tests.support.rehearsal import SCHEDULE

CONSOLE = "https://bot.comune.example/console"
OFFICE = Office("bot@comune.example", holidays=("IT", "LU"))
TOWN = load_library().town


def at(day: str, hour: str = "08:30") -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ROME)


async def add(database: Database, name: str, role: Role = Role.OPERATOR, *, morning: bool = True) -> int:
    async with database.begin() as tx:
        now = at("2021-01-14")
        made = await invite(tx, f"{name}@comune.example", Times(now, now), role=role, name=name, by=TERMINAL)
        await update_operator(tx, made.operator.id, morning=morning)
        return made.operator.id


async def ask(database: Database, words: str = "C'è un parcheggio?") -> None:
    async with database.begin() as tx:
        anna = Address(Channel.EMAIL, "anna.rossi@posta.example")
        now = at("2021-01-14")
        await add_hand_over(
            tx, anna, question=words, reason=HandOverReason.QUESTION, person_id=None, thread=None, now=now
        )


async def plan(database: Database, now: datetime, console: str = CONSOLE) -> int:
    async with database.begin() as tx:
        return await queue_mornings(tx, OFFICE, TOWN, now=now, console=console)


async def queued(database: Database) -> dict[str, str]:
    """The texts that wait, by address."""
    async with database.look() as tx:
        rows = (await tx.execute(select(outbox.c.value, outbox.c.payload).where(outbox.c.state == "pending"))).all()
    return {value: unpack(payload)[0].plain for value, payload in rows}


async def test_who_wants_it_gets_it_once_a_working_day(one_database: Database) -> None:
    await add(one_database, "paola")
    await add(one_database, "renzo", Role.MANAGER)
    await add(one_database, "sara", morning=False)
    await ask(one_database)
    friday = "2021-01-15"
    assert await plan(one_database, at(friday, "08:29")) == 0
    assert await plan(one_database, at(friday)) == 2
    assert await plan(one_database, at(friday, "08:31")) == 0
    assert await plan(one_database, at(friday, "11:59")) == 0
    assert set(await queued(one_database)) == {"paola@comune.example", "renzo@comune.example"}
    for closed in (
        "2021-01-16",
        "2021-01-17",
        "2021-01-06",
        "2021-07-12",
    ):  # Saturday, Sunday, Epiphany, the patron's day
        assert await plan(one_database, at(closed)) == 0
    assert await plan(one_database, at("2021-01-18", "11:59")) == 2  # the bot was off at half past eight
    assert await plan(one_database, at("2021-01-19", "12:00")) == 0
    assert await plan(one_database, at("2021-06-07")) == 2  # half past eight in summer too


async def test_two_workers_at_once_queue_one(database: Database) -> None:
    await add(database, "paola")
    await ask(database)
    other = Database(database.url)
    try:
        made = await asyncio.gather(*(plan(each, at("2021-01-15")) for each in (database, other, database)))
    finally:
        await other.close()
    async with database.look() as tx:
        assert len((await tx.execute(select(outbox.c.id))).all()) == 1
    assert max(made) == 1


async def test_what_did_not_leave_by_noon_does_not_leave(database: Database) -> None:
    await add(database, "paola")
    await ask(database)
    await plan(database, at("2021-01-15"))
    async with database.begin() as tx:
        assert await expire(tx, at("2021-01-15", "11:59")) == 0
        assert await expire(tx, at("2021-01-15", "12:00")) == 1


async def test_where_nothing_waits_nothing_goes_out_that_day(database: Database) -> None:
    await add(database, "paola")
    assert await plan(database, at("2021-01-15")) == 0
    await ask(database)
    assert await plan(database, at("2021-01-15", "09:00")) == 0
    async with database.look() as tx:
        states = (await tx.execute(select(outbox.c.state))).scalars().all()
    assert list(states) == [OutboxState.VOID.value]
    assert await plan(database, at("2021-01-18")) == 1


@pytest.fixture
async def with_programme(template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    shutil.copy(template, tmp_path / "bot.db")
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    yield database
    await database.close()


async def test_the_numbers_are_those_of_oggi(with_programme: Database) -> None:
    """For each role; and nobody's name or words are in it."""
    async with open_desk(with_programme, public_url="https://bot.comune.example") as desk:
        await register(with_programme, 1, 2)
        await ask(with_programme)
        await ask(with_programme, "Posso venire con il cane?")
        desk.now = at("2021-01-15")
        async with with_programme.begin() as tx:
            soon = date(2021, 1, 15) + timedelta(days=1)
            await tx.execute(update(meetings).where(meetings.c.id == 1).values(day=soon, hour=None))
        for role in Role:
            await add(with_programme, f"persona{role}", role)
        await plan(with_programme, desk.now)
        letters = await queued(with_programme)
        for role in Role:
            page = await desk.says(await desk.entered(role), "/console/")
            shown = re.findall(r'<strong>([\d.]+)</strong><span><span class="card-what">([^<]+)', page)
            assert ("2", "domande da guardare") in shown
            assert len(shown) >= 2
            letter = letters[f"persona{role}@comune.example"]
            told = [(number, what.lower()) for what, number in re.findall(r"^(.+): (\d+) \(", letter, re.MULTILINE)]
            assert told == shown
            assert (f"{CONSOLE}/domande" in letter) == (role is not Role.READER)
            assert f"{CONSOLE}/\n" in letter
            assert not re.search(r"\bAnna|\bRossi\b|cane|prova \d|circolo", letter, re.IGNORECASE)


async def test_as_a_letter_it_names_its_switch_and_has_no_way_out_for_citizens(with_programme: Database) -> None:
    await add(with_programme, "paola")
    await ask(with_programme)
    await plan(with_programme, at("2021-01-15"))
    async with with_programme.begin() as tx:
        now = at("2021-01-15", "08:31")
        rows = await claim(tx, lane=Lane.REPLY, now=now, real_now=now, lease=timedelta(minutes=1), limit=5)
        (written,) = await write(
            tx, rows, library=load_library(), schedule=SCHEDULE, mailbox="bot@comune.example", now=now
        )
    assert isinstance(written.result, Outgoing)
    links = Links("https://bot.comune.example", "key")
    ids = MessageIds("bot@comune.example", "key")
    server = read_server("smtps://u:p@mail.example", "SMTP_URL")
    transport = MailTransport(server, mailbox="bot@comune.example", town=TOWN, clock=lambda: now, ids=ids, links=links)
    assert transport._way_out(written.result) == ""
    mail = write_mail(written.result, mailbox="bot@comune.example", town=TOWN, now=now, message_id="<a@comune.example>")
    assert mail["Subject"] == "Lucca Learning City: che cosa serve oggi"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "Domanda da guardare: 1 (qualcuno aspetta una risposta, da giovedì 14 gennaio)" in text
    assert f"{CONSOLE}/profilo" in text
    assert "Comune di Lucca" in html


async def test_without_an_address_there_are_no_links(one_database: Database) -> None:
    await add(one_database, "paola")
    await ask(one_database)
    await plan(one_database, at("2021-01-15"), console="")
    (letter,) = (await queued(one_database)).values()
    assert "Domanda da guardare: 1" in letter
    assert "/" not in letter
