"""Connecting an existing mailbox, as the office does it.

The alert, ``doctor``, ``mailbox adopt``, the letters in the inbox.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Table, func, select

from bot.checks import checks_of
from bot.commands import mailbox
from bot.errors import UsageError
from bot.mail_store import LoopMailStore
from bot.settings import read_settings
from conversation.office import Office
from db.engine import Database
from db.models import inbox, outbox
from knowledge.library import load_library
from mail.server import read_server
from tests.conftest import opened
from tests.mail.conftest import Ear, mail
from tests.support.fakeimap import FakeImap
from tests.support.town import until

OFFICE = Office("noi@lucca.example", staff_email="ufficio@lucca.example", staff_chat="-100")


async def count(database: Database, table: Table) -> int:
    async with database.begin() as tx:
        return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())


async def test_an_existing_mailbox_is_connected(
    fake: FakeImap, one_database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "DATABASE_URL": one_database_url,
        "IMAP_URL": fake.url,
        "SMTP_URL": "smtp://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    for n in range(1, 401):
        fake.add(mail(n), ago=timedelta(hours=n))
    async with opened(one_database_url) as database:
        assert await mailbox.show() == 0
        assert "non ancora aperta" in capsys.readouterr().out
        loop = asyncio.get_running_loop()
        mail_store = LoopMailStore(
            database, loop, clock=lambda: datetime.now(UTC), library=load_library(), office=OFFICE
        )
        ear = await asyncio.to_thread(Ear, fake, mail_store, started=datetime.now(UTC))
        name = read_server(fake.url, "IMAP_URL").name
        await until(lambda: asyncio.to_thread(lambda: mail_store.cursor(name).line_at), "the line")
        assert await count(database, inbox) == 0
        async with database.begin() as tx:
            told = (await tx.execute(select(outbox.c.channel, outbox.c.payload))).all()
        assert sorted(channel for channel, _ in told) == ["email", "telegram"]
        assert all("400 messaggi" in payload["text"] for _, payload in told)
        (check,) = [c for c in checks_of(read_settings()) if c.name == "casella (IMAP)"]
        assert "400 messaggi dal" in await check.run()

        with pytest.raises(UsageError):
            await mailbox.decide("2026-01-01", everything=True, nothing=False)
        with pytest.raises(UsageError):
            await mailbox.decide("gennaio", everything=False, nothing=False)
        since = (datetime.now(UTC) - timedelta(hours=48.5)).isoformat()
        assert await mailbox.decide(since, everything=False, nothing=False) == 0
        assert "verranno letti" in capsys.readouterr().out
        ear.listener.wake()
        await until(lambda: asyncio.to_thread(lambda: not mail_store.cursor(name).lying), "the letters to be adopted")
        assert await count(database, inbox) == 48
        assert await mailbox.decide("", everything=True, nothing=False) == 0
        assert "nessun messaggio aspetta" in capsys.readouterr().out
        await asyncio.to_thread(ear.stops)


async def test_the_word_may_be_given_before_the_first_contact(
    fake: FakeImap, one_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "DATABASE_URL": one_database_url,
        "IMAP_URL": fake.url,
        "SMTP_URL": "smtp://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    for n in range(1, 4):
        fake.add(mail(n), ago=timedelta(days=n))
    async with opened(one_database_url) as database:
        assert await mailbox.decide("", everything=True, nothing=False) == 0
        loop = asyncio.get_running_loop()
        mail_store = LoopMailStore(
            database, loop, clock=lambda: datetime.now(UTC), library=load_library(), office=OFFICE
        )
        ear = await asyncio.to_thread(Ear, fake, mail_store, started=datetime.now(UTC))

        async def all_read() -> bool:
            return await count(database, inbox) == 3

        await until(all_read, "the letters")
        await asyncio.to_thread(ear.stops)
