"""Half past eight on a working day: who wants it reads what waits, once, whoever wakes up when."""

import pytest

from db.engine import Database
from db.operators import Role, update_operator
from office.desk import TERMINAL
from office.entering import Times
from office.operators import invite
from tests.conftest import OpenTown
from tests.support.rehearsal import text_of
from tests.support.town import Town, until
from workers import maintenance


async def test_the_clock_passes_half_past_eight(
    town_with: OpenTown, one_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "_SECONDS", 0.05)
    async with town_with(one_database_url) as town:
        town.goes_to("2021-01-16T09:00")  # a Saturday
        await wants_it(town.system.database, town, "anna@posta.example")
        anna = town.citizen()
        await anna.writes("vorrei parlare con una persona dell'ufficio")
        await until(lambda: town.rows("SELECT * FROM hand_overs"), "the question")
        town.goes_to("2021-01-18T08:29")
        await town.quiet()
        operator = town.association("anna@posta.example", "Paola")
        assert await operator.mailbox() == []
        town.goes_to("2021-01-18T08:30")
        mail = await operator.gets("Che cosa serve oggi")
        assert "Domanda da guardare: 1" in text_of(mail)
        assert f"{town.settings.public_url}/console/domande" in text_of(mail)
        assert mail["List-Unsubscribe"] is None
        town.goes_to("2021-01-18T09:30")
        await town.quiet()
        assert len(await operator.mailbox()) == 1


async def wants_it(database: Database, town: Town, email: str) -> None:
    async with database.begin() as tx:
        made = await invite(tx, email, Times(town.clock(), town.clock()), role=Role.OPERATOR, by=TERMINAL)
        await update_operator(tx, made.operator.id, morning=True)
