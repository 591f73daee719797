"""Workers killed at random while a crowd is reminded and letters come in: nothing lost, nothing handled twice.

The Bot API and the mail servers are witnesses that are never killed. Small by default; ``make chaos`` sets ``CHAOS_DUE``,
``CHAOS_KILLS``, ``CHAOS_STOPS`` and ``CHAOS_ARRIVALS`` to the sizes in docs/measurements.md.
"""

import asyncio
import json
import os
import random
import signal
import sys
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import func, select

from bot.sandbox.telegram import BotApi, Limits
from db.engine import Database
from db.migrate import migrate
from db.models import inbox, outbox
from db.outbox import doubtful
from tests.stories import test_kill
from tests.stories.test_kill import IN_FLIGHT, prepare, worker
from tests.support.town import TOKEN, serve, until

WHOLE = "CHAOS_DUE" in os.environ
DUE = int(os.environ.get("CHAOS_DUE", "300"))
KILLS = int(os.environ.get("CHAOS_KILLS", "2"))
STOPS = int(os.environ.get("CHAOS_STOPS", "2"))
ARRIVALS = int(os.environ.get("CHAOS_ARRIVALS", "30"))
#: Messages a second of each worker: slow enough that every blow falls into the work.
RATE = os.environ.get("CHAOS_RATE", "60")


class Crowd:
    """Workers on one database, with the Bot API that they send to."""

    def __init__(self, database_url: str, folder: Path, size: int) -> None:
        self.url, self.folder, self.size = database_url, folder, size
        self.telegram = BotApi(TOKEN, limits=Limits(0, 0))
        self.database = Database(database_url)
        self.workers: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Self:
        self.server, self.task, self.port = await serve(self.telegram.app)
        await migrate(self.database)
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self.workers:
            if process.returncode is None:
                process.kill()
                await process.wait()
        await self.database.close()
        await self.telegram.close()
        self.server.should_exit = True
        await self.task

    async def hire(self) -> None:
        while len(self.workers) < self.size:
            self.workers.append(await worker(self.url, self.port, self.folder, rate=RATE))

    async def strike(self, blow: signal.Signals, chance: random.Random) -> None:
        """Let one of the workers fall, and another take its place."""
        victim = self.workers.pop(chance.randrange(len(self.workers)))
        victim.send_signal(blow)
        await asyncio.wait_for(victim.wait(), 60)
        await self.hire()

    async def left(self) -> int:
        """How many are neither sent nor parked for staff."""
        async with self.database.begin() as tx:
            query = select(func.count()).select_from(outbox).where(outbox.c.state.in_(["pending", "sending"]))
            return int((await tx.execute(query)).scalar_one())

    async def parked(self) -> set[int]:
        """Reminders that were in doubt twice: listed, and not sent a third time."""
        async with self.database.begin() as tx:
            rows = (await tx.execute(select(outbox.c.person_id).where(outbox.c.state == "unsure"))).all()
            return {int(row[0]) for row in rows}

    async def listed(self) -> set[int]:
        async with self.database.begin() as tx:
            return {int(row["key"].split(":")[1].split(".")[0]) for row in await doubtful(tx)}


def _from_bot(crowd: Crowd, chat: int) -> list[dict]:
    return [m for m in crowd.telegram.chats[chat].messages if m.get("from", {}).get("is_bot")]


def report(**values: object) -> None:
    sys.stdout.write("\n" + json.dumps(values) + "\n")


@pytest.mark.slow
@pytest.mark.parametrize(("blow", "times"), [(signal.SIGKILL, KILLS), (signal.SIGTERM, STOPS)])
async def test_a_crowd_is_reminded_though_workers_fall(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blow: signal.Signals, times: int
) -> None:
    monkeypatch.setattr(test_kill, "DUE", DUE)
    on_postgres = "postgres" in database_url
    if not WHOLE and not (on_postgres and blow is signal.SIGKILL):
        pytest.skip("in short: kills on PostgreSQL; make chaos runs all")
    chance = random.Random(20210121)
    async with Crowd(database_url, tmp_path, 4 if on_postgres else 1) as crowd:
        for i in range(1, DUE + 1):
            crowd.telegram.person(i, "P").started = True
        await prepare(crowd.database, 1)
        await crowd.hire()
        struck = 0
        while struck < times and await crowd.left() > DUE // 20:
            await asyncio.sleep(chance.uniform(0.5, 2.5))
            await crowd.strike(blow, chance)
            struck += 1

        async def finished() -> bool:
            return await crowd.left() == 0

        await until(finished, "every reminder settled", patience=DUE / 20 + 60)
        deaf = {i for i in range(1, DUE + 1) if not crowd.telegram.chats[i].messages}
        doubled = {i for i in range(1, DUE + 1) if len(crowd.telegram.chats[i].messages) > 1}
        listed, parked = await crowd.listed(), await crowd.parked()
        database = "PostgreSQL" if on_postgres else "SQLite"
        report(
            database=database,
            due=DUE,
            blow=blow.name,
            struck=struck,
            lost=len(deaf - parked),
            parked=len(parked),
            parked_and_deaf=len(deaf),
            doubled=len(doubled),
            listed=len(listed),
        )
        assert struck
        assert deaf <= parked, "lost"
        assert parked <= listed
        assert doubled <= listed
        assert len(listed) <= struck * IN_FLIGHT
        if blow is signal.SIGTERM:
            assert not listed


@pytest.mark.slow
async def test_what_comes_in_is_handled_once_though_workers_fall(database_url: str, tmp_path: Path) -> None:
    if not WHOLE and "sqlite" in database_url:
        pytest.skip("in short: on PostgreSQL; make chaos runs all")
    chance = random.Random(20210122)
    async with Crowd(database_url, tmp_path, 2 if "postgres" in database_url else 1) as crowd:
        for i in range(1, ARRIVALS + 1):
            crowd.telegram.person(i, "P")
            await crowd.telegram.says(i, "quante città fanno parte della rete?")
        await crowd.hire()

        async def done() -> int:
            async with crowd.database.begin() as tx:
                query = select(func.count()).select_from(inbox).where(inbox.c.state == "done")
                return int((await tx.execute(query)).scalar_one())

        struck = 0
        while struck < KILLS and await done() < ARRIVALS * 0.9:
            await asyncio.sleep(chance.uniform(1.5, 4))
            await crowd.strike(signal.SIGKILL, chance)
            struck += 1

        async def finished() -> bool:
            return await done() == ARRIVALS and await crowd.left() == 0

        await until(finished, "every update handled", patience=ARRIVALS / 5 + 120)
        async with crowd.database.begin() as tx:
            answers = (await tx.execute(select(func.count()).select_from(outbox))).scalar_one()
            rows = (await tx.execute(select(func.count()).select_from(inbox))).scalar_one()
        report(
            database=crowd.database.engine.dialect.name, updates=ARRIVALS, struck=struck, handled=rows, answers=answers
        )
        assert rows == ARRIVALS
        assert answers == ARRIVALS
        said = [len(_from_bot(crowd, i)) for i in range(1, ARRIVALS + 1)]
        assert min(said) == 1
        assert sum(said) - ARRIVALS <= struck * IN_FLIGHT
