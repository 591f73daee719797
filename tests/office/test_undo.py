"""The programme loaded with a mistake, and taken back before anybody hears of it."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.commands import database as commands
from conversation.channel import Channel
from conversation.message import Address
from db.engine import Database
from db.models import RegistrationStatus
from db.people import add_person
from db.registrations import save_registration
from tests.support.rehearsal import START

_PROGRAMME = '[sectors]\nsport = {{ it = "sport" }}\n[[meetings]]\nsector = "sport"\nday = {day}\n'


async def test_a_mistake_in_the_programme_is_taken_back(
    one_database: Database,
    one_database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", one_database_url)
    monkeypatch.setenv("CLOCK", START.isoformat())
    file = tmp_path / "programma.toml"

    async def load(day: str) -> str:
        file.write_text(_PROGRAMME.format(day=day), encoding="utf-8")
        assert not await commands.load(file)
        return capsys.readouterr().out

    await load("2021-01-21")
    async with one_database.begin() as tx:
        person = await add_person(
            tx, Address(Channel.TELEGRAM, "1"), name="P", language="it", notice_version=1, now=START
        )
        await save_registration(
            tx,
            person_id=person.id,
            meeting_id=1,
            organisation_id=None,
            participants=1,
            status=RegistrationStatus.CONFIRMED,
            source=Channel.TELEGRAM,
            notice_version=1,
            now=START,
        )
    said = await load("2021-01-28")
    assert "aggiornamenti agli iscritti: 1, partono 15/01/2021 alle 09.02" in said
    assert "programme undo" in said
    assert "partono 15/01/2021 alle 09.02" in await load("2021-02-04")
    assert await commands.undo(None) == 0
    said = capsys.readouterr().out
    assert "incontro n. 1, com'era prima: giorno; quello che era cambiato prima resta" in said
    assert "c'è un altro cambiamento che si può ritirare, dell'incontro n. 1: python -m bot programme undo" in said
    async with one_database.begin() as tx:
        assert (await tx.execute(text("SELECT day FROM meetings"))).scalar() == "2021-01-28"
    assert await commands.undo(1) == 0
    assert capsys.readouterr().out == "incontro n. 1, com'era prima: giorno; nessuno ne sa nulla\n"
    async with one_database.begin() as tx:
        assert (await tx.execute(text("SELECT day FROM meetings"))).scalar() == "2021-01-21"
        assert (await tx.execute(text("SELECT count(*) FROM outbox WHERE state = 'pending'"))).scalar() == 0
    assert await commands.undo(None) == 1
    assert "niente da ritirare" in capsys.readouterr().out
