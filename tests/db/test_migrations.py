"""Migrations that carry data: what was there is still there, and means the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, bindparam, text

from conversation.channel import Channel
from conversation.message import Address
from conversation.open_questions import (
    Adhering,
    Asks,
    Changing,
    Draft,
    Erasing,
    Guessing,
    Joining,
    OpenQuestion,
    Registering,
    Withdrawing,
)
from db.dialogues import load_dialogue
from db.engine import Database
from db.migrate import HERE, migrate
from db.models import Instant, Json
from db.registrations import get_registrations

_LATER = datetime(2021, 1, 16, tzinfo=UTC)
_NOW = "'2021-01-15 08:00:00.000000'"
_REGISTRATION = (
    "INSERT INTO registrations (id, person_id, meeting_id, status, source, registered_at, active_since, "
    "changed_at) VALUES "
)
_OUTBOX = "INSERT INTO outbox (key, lane, kind, detail, registration_id, due_at, state) VALUES "
_BEFORE = (
    "INSERT INTO sectors VALUES ('sport', '{}')",
    f"INSERT INTO people (id, created_at) VALUES (1, {_NOW}), (2, {_NOW})",
    "INSERT INTO meetings (id, sector, day, hour, link, changed_at) "  # noqa: ISC004 - one statement
    f"VALUES (7, 'sport', '2021-01-21', '18:00:00.000000', 'https://z.example', {_NOW})",
    f"{_REGISTRATION} (1, 1, 7, 'confirmed', 'email', {_NOW}, {_NOW}, {_NOW})",
    f"{_REGISTRATION} (2, 2, 7, 'confirmed', 'email', {_NOW}, {_NOW}, {_NOW})",
    f"{_OUTBOX} ('notice:2:2', 'bulk', 'notice', 'day,link', 2, {_NOW}, 'pending')",
    f"{_OUTBOX} ('reminder:1', 'bulk', 'reminder', '1d', 1, {_NOW}, 'sent')",
)


def _go(connection: Connection, *, to: str, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(config, to)


async def rows(database: Database, statement: str) -> list[Any]:
    async with database.begin() as tx:
        return [tuple(r) for r in (await tx.execute(text(statement))).all()]


async def test_registrations_keep_their_entry_their_messages_and_what_was_told(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    async with database.begin() as tx:
        await tx.run_sync(_go, to="0009")
        for statement in _BEFORE:
            await tx.exec_driver_sql(statement)
    await migrate(database)
    hung_on = await rows(database, "SELECT key, registration_id FROM outbox ORDER BY key")
    assert hung_on == [("notice:2:2", 2), ("reminder:1", 1)]
    async with database.begin() as tx:
        held = await get_registrations(tx, [1, 2])
    assert [(r.uid, r.sequence) for r in held.values()] == [("incontro-7", 0)] * 2
    whole = {"day": "2021-01-21", "hour": "18:00:00", "duration": 90, "link": "https://z.example", "passcode": ""}
    assert held[1].told == whole | {"cancelled": False}
    assert held[1].told.keys() - held[2].told.keys() == {"day", "link"}
    async with database.begin() as tx:
        await tx.run_sync(_go, to="0009", down=True)
    assert await rows(database, "SELECT count(*) FROM outbox WHERE registration_id IS NOT NULL") == [(2,)]
    await database.close()


async def test_the_console_comes_and_goes_without_touching_what_is_there(database_url: str) -> None:
    database = Database(database_url)
    async with database.begin() as tx:
        await tx.run_sync(_go, to="0012")
        for statement in _BEFORE:
            await tx.exec_driver_sql(statement)
        await tx.exec_driver_sql(f"INSERT INTO staff (email, added_at) VALUES ('anna@comune.example', {_NOW})")
        await tx.exec_driver_sql("UPDATE registrations SET instead_of = 1 WHERE id = 2")
        await tx.exec_driver_sql(f"INSERT INTO audit (at, action) VALUES ({_NOW}, 'registered')")
    await migrate(database)
    assert await rows(database, "SELECT role, password FROM staff") == [("operator", "")]
    assert await rows(database, "SELECT id, instead_of FROM registrations ORDER BY id") == [(1, None), (2, 1)]
    async with database.begin() as tx:
        await tx.run_sync(_go, to="0012", down=True)
    hung_on = await rows(database, "SELECT key, registration_id FROM outbox ORDER BY key")
    assert hung_on == [("notice:2:2", 2), ("reminder:1", 1)]
    assert await rows(database, "SELECT id, instead_of FROM registrations ORDER BY id") == [(1, None), (2, 1)]
    assert await rows(database, "SELECT email FROM staff") == [("anna@comune.example",)]
    assert await rows(database, "SELECT action FROM audit") == [("registered",)]
    await database.close()


#: A state of 0014, and the question that is open in it.
_QUESTIONS: tuple[tuple[dict[str, Any], OpenQuestion | None], ...] = (
    (
        {"asks": "name", "action": "register", "draft": {"meetings": [7]}, "consented": True},
        Registering(Asks.NAME, Draft(meetings=[7]), consented=True),
    ),
    ({"asks": "confirm", "action": "withdraw", "question": "3,11"}, Withdrawing(Asks.CONFIRM, (3, 11))),
    (
        {"asks": "confirm", "action": "change", "draft": {"participants": 5}, "amount": 3},
        Changing(Asks.CONFIRM, Draft(participants=5), 3),
    ),
    ({"asks": "topic", "action": "ask", "question": "dov'è?"}, Guessing("dov'è?")),
    (
        {"asks": "adhesion", "action": "adhere", "question": "aderiamo", "draft": {"organisation": "Il Noce"}},
        Adhering(Asks.ADHESION, "aderiamo", "Il Noce"),
    ),
    ({"asks": "confirm", "action": "join", "question": "3fa9"}, Joining("3fa9")),
    ({"asks": "confirm", "action": "erase"}, Erasing()),
    ({"asks": None, "action": "", "last_fact": "rete.citta"}, None),
)


async def test_who_accepted_no_notice_has_no_day_of_it(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    async with database.begin() as tx:
        await tx.run_sync(_go, to="0025")
        both = f"(1, {_NOW}, {_NOW}, 0), (2, {_NOW}, {_NOW}, 3)"
        await tx.exec_driver_sql(f"INSERT INTO people (id, created_at, notice_at, notice_version) VALUES {both}")
    await migrate(database)
    assert await rows(database, "SELECT id FROM people WHERE notice_at IS NULL") == [(1,)]
    await database.close()


async def test_since_when_mail_comes_back_is_found_in_what_came_back(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    place = "INSERT INTO addresses (person_id, channel, value, reachable, reason, used_at) VALUES (1, 'email', "
    back = "INSERT INTO returns (channel, value, fate, at) VALUES ('email', "
    async with database.begin() as tx:
        await tx.run_sync(_go, to="0026")
        for statement in (
            f"INSERT INTO people (id, created_at) VALUES (1, {_NOW})",
            f"{place} 'gone@posta.example', false, 'bounced 5.1.1', {_NOW})",
            f"{place} 'left@posta.example', false, 'unsubscribed', {_NOW})",
            f"{place} 'good@posta.example', true, '', {_NOW})",
            *(f"{back} '{name}@posta.example', 'hard', {_NOW})" for name in ("gone", "left", "good")),
        ):
            await tx.exec_driver_sql(statement)
    await migrate(database)
    known = "SELECT value FROM addresses WHERE stopped_at IS NOT NULL"
    assert await rows(database, known) == [("gone@posta.example",)]
    await database.close()


async def test_an_open_question_is_still_open(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    insert = text(
        "INSERT INTO dialogues (channel, value, state, expires_at) VALUES ('telegram', :value, :state, :until)"
    )
    given = [{"value": str(number), "state": state, "until": _LATER} for number, (state, _) in enumerate(_QUESTIONS)]
    async with database.begin() as tx:
        await tx.run_sync(_go, to="0014")
        await tx.execute(insert.bindparams(bindparam("state", type_=Json), bindparam("until", type_=Instant)), given)
    for _ in range(2):
        await migrate(database)
        async with database.begin() as tx:
            for number, (state, question) in enumerate(_QUESTIONS):
                talk = await load_dialogue(tx, Address(Channel.TELEGRAM, str(number)), _LATER - timedelta(hours=1))
                assert (talk.open, talk.last_fact) == (question, state.get("last_fact", ""))
            await tx.run_sync(_go, to="0014", down=True)
    await database.close()
