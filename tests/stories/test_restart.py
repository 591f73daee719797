"""Started again after a long stop, or on a restored copy: nothing past due goes out before staff say so."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import update

from bot.commands.resume import resume
from db import heartbeats
from db.engine import Database
from db.heartbeats import held_before
from db.models import heartbeats as heartbeats_table
from db.operators import Role
from db.retention import forget
from tests.conftest import OpenTown
from tests.support.desk import open_desk
from tests.support.rehearsal import text_of
from tests.support.town import Town, until
from web.app import build_web
from workers.heartbeat import Witness

pytestmark = pytest.mark.endurance


async def leave_due(town_with: OpenTown, database_url: str) -> None:
    """A club is registered; the program stops before its reminder is due."""
    async with town_with(database_url) as town:
        club = town.association()
        await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
        await club.gets("Iscrizione confermata")
        await until(lambda: town.rows("SELECT * FROM outbox WHERE kind = 'reminder'"), "the plan")
        await until(lambda: town.rows("SELECT * FROM heartbeats WHERE name = 'worker'"), "a sign of life")


async def set_back(database_url: str, back: timedelta) -> None:
    """As if the last sign of life in the database were older."""
    database = Database(database_url)
    async with database.begin() as tx:
        await tx.execute(update(heartbeats_table).values(at=datetime.now(UTC) - back))
        # what was due yesterday, seen from the clock at which the next town starts
        from db.models import outbox

        due = datetime(2021, 1, 15, 7, tzinfo=UTC)
        await tx.execute(update(outbox).where(outbox.c.kind == "reminder").values(due_at=due, value="", channel=""))
    await database.close()


async def reminded(town: Town) -> list[str]:
    mails = await town.association().mailbox()
    return [str(m["Subject"]) for m in mails if "Promemoria" in str(m["Subject"])]


async def test_after_a_long_stop_what_was_due_waits_for_staff(town_with: OpenTown, database_url: str) -> None:
    await leave_due(town_with, database_url)
    await set_back(database_url, timedelta(hours=30))
    async with town_with(database_url, load=False) as town:
        told = text_of(await town.staff.gets("trattenuti"))
        assert "python -m bot resume" in told
        anna = town.citizen()
        await anna.writes("quante città ci sono nella rete?")  # everything else goes on
        await anna.hears("Fonte")
        await asyncio.sleep(1.5)
        assert await reminded(town) == []
        async with town.system.database.begin() as tx:
            from db.heartbeats import release

            assert await release(tx)
        await until(lambda: reminded(town), "the reminder")


async def test_a_manager_sees_what_waits_and_lets_it_go(town_with: OpenTown, database_url: str) -> None:
    """From Oggi: how many and what they say, before anything goes; then exactly those go, once."""
    await leave_due(town_with, database_url)
    await set_back(database_url, timedelta(hours=30))
    async with town_with(database_url, load=False) as town, open_desk(town.system.database) as console:
        await town.staff.gets("trattenuti")
        renzo = await console.entered(Role.MANAGER)
        today = await console.says(renzo, "/console/")
        assert "2 messaggi aspettano" in today
        assert 'href="/console/rilascia"' in today
        page = await console.says(renzo, "/console/rilascia")
        assert "<strong>2</strong> messaggi erano da mandare" in page
        assert ": 2 promemoria. Quelli" in page
        assert page.count('class="letter"') == 2
        assert await reminded(town) == []
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))
        assert "Messaggi che partono: 2." in await console.posts(renzo, "/console/rilascia", **fields)
        await until(lambda: both(town), "the reminders")
        assert "niente di fermo" in await console.posts(renzo, "/console/rilascia", **fields)
        await town.quiet()
        assert len(await reminded(town)) == 2
        assert "aspettano che qualcuno" not in await console.says(renzo, "/console/")


async def both(town: Town) -> bool:
    return len(await reminded(town)) == 2


async def test_after_a_short_stop_nothing_is_held(town_with: OpenTown, database_url: str) -> None:
    await leave_due(town_with, database_url)
    await set_back(database_url, timedelta(minutes=3))
    async with town_with(database_url, load=False) as town:
        await until(lambda: reminded(town), "the reminder")


async def test_a_restored_copy_sends_nothing_by_itself(town_with: OpenTown, database_url: str) -> None:
    await leave_due(town_with, database_url)
    await set_back(database_url, timedelta(minutes=50))  # a copy of an hour ago; the witness saw a later life
    Witness(database_url).write(datetime.now(UTC))
    async with town_with(database_url, load=False) as town:
        assert "copia più vecchia" in text_of(await town.staff.gets("trattenuti"))
        await asyncio.sleep(1.5)
        assert await reminded(town) == []
        async with town.system.database.begin() as tx:
            held = await held_before(tx)
        assert held is not None
        assert held[1] == "restored"


def test_the_command_lets_go(
    town_with: OpenTown, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def story() -> None:
        await leave_due(town_with, database_url)
        await set_back(database_url, timedelta(hours=30))
        async with town_with(database_url, load=False) as town:
            await town.staff.gets("trattenuti")

    asyncio.run(story())
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert asyncio.run(resume()) == 0
    assert "possono partire: 2" in capsys.readouterr().out
    assert asyncio.run(resume()) == 0
    assert "niente di trattenuto" in capsys.readouterr().out


async def test_after_quiet_days_people_are_still_answered(town_with: OpenTown, database_url: str) -> None:
    """SQLite gives the ids of forgotten rows out again: an answer must not pass for one that was sent long ago."""
    async with town_with(database_url) as town:
        anna = town.citizen()
        for number, day in enumerate(("2021-01-15", "2021-01-19", "2021-01-23")):
            town.goes_to(f"{day}T10:00")
            await forget(town.system.database, town.clock(), town.settings.periods)
            await anna.writes("quante città fanno parte della rete?")
            await anna.hears("Fonte")
            await town.quiet()
            assert len(anna.heard("Fonte")) == number + 1


async def test_health_says_who_is_missing(database: Database) -> None:
    """Nobody's sign of life is not good health; who is not expected is not missed."""
    app = build_web(database, clock=lambda: datetime.now(UTC), parts=(heartbeats.WORKER, "mailbox"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot.example") as client:

        async def status(**seen: float) -> str:
            now = datetime.now(UTC)
            async with database.begin() as tx:
                await heartbeats.beat(tx, {name: now - timedelta(seconds=ago) for name, ago in seen.items()})
            return str((await client.get("/health")).json()["status"])

        assert await status() == "degraded"
        assert await status(worker=0) == "degraded"  # the mailbox was never reached
        assert await status(worker=0, mailbox=3) == "up"
        assert await status(worker=0, telegram=9000) == "up"  # polled once, a webhook now
        assert await status(worker=0, mailbox=9000) == "degraded"
