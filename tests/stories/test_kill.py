"""Kill -9 in the middle of 500 due reminders: none lost; doubled at most those in flight, counted and listed.

The Bot API runs in this process and is never killed: it is the witness of what was really accepted. ``KILL_ROUNDS``
says how many rounds (25 for ``make chaos``, one otherwise).
"""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.app import open_system
from bot.sandbox.fake_bot_api import BotApi, Limits
from bot.settings import Settings
from db.engine import Database
from db.migrate import migrate
from db.models import outbox
from db.outbox import uncertain_rows
from tests.support.crowd import IN_FLIGHT, prepare, worker
from tests.support.servers import free_port
from tests.support.town import TOKEN, serve, until

ROUNDS = int(os.environ.get("KILL_ROUNDS", "1"))
DUE = 500


async def missing(database: Database, got: Counter[int]) -> str:
    """What the database says of those who heard nothing."""
    deaf = [i for i, n in got.items() if not n]
    query = select(outbox.c.person_id, outbox.c.state, outbox.c.attempts, outbox.c.doubts, outbox.c.error)
    async with database.begin() as tx:
        rows = (await tx.execute(query.where(outbox.c.person_id.in_(deaf)))).all()
    return f"{len(deaf)} heard nothing: {[tuple(row) for row in rows[:20]]}"


@pytest.mark.endurance
async def test_killed_in_the_middle_nothing_is_lost(database_url: str, tmp_path: Path) -> None:
    telegram = BotApi(TOKEN, limits=Limits(0, 0))
    server, task, port = await serve(telegram.app)
    database = Database(database_url)
    await migrate(database)
    chance = random.Random(20210121)
    doubled_in_all = listed_in_all = 0
    processes: list[asyncio.subprocess.Process] = []
    try:
        for turn in range(ROUNDS):
            first = 10_000 * (turn + 1)
            for i in range(first, first + DUE):
                telegram.person(i, "P").started = True
            await prepare(database, first, DUE)
            got: Counter[int] = Counter()

            def count(first: int = first, got: Counter[int] = got) -> int:
                got.clear()
                got.update({i: len(telegram.chats[i].messages) for i in range(first, first + DUE)})
                return sum(got.values())

            processes.append(process := await worker(database_url, port, tmp_path))
            target = chance.randint(20, DUE - 60)
            await until(lambda: count() >= target, f"{target} messages (see {tmp_path}/worker.log)", patience=40)
            process.kill()
            await process.wait()
            at_kill = count()
            assert at_kill < DUE
            processes.append(process := await worker(database_url, port, tmp_path))
            try:
                await until(lambda: count() >= DUE and min(got.values()) >= 1, "every reminder", patience=40)
            except AssertionError as error:
                raise AssertionError(await missing(database, got)) from error

            async def settled() -> bool:
                async with database.begin() as tx:
                    left = select(func.count()).select_from(outbox).where(outbox.c.state != "sent")
                    return (await tx.execute(left)).scalar_one() == 0

            # Those in flight at the kill wait for the end of their lease, and for the look at leases after it (30 s).
            await until(settled, "everything settled", patience=60)
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 20) == 0
            count()
            doubled = {i for i, n in got.items() if n > 1}
            async with database.begin() as tx:
                listed = {int(row["key"].split(":")[1].split(".")[0]) for row in await uncertain_rows(tx)}
            assert min(got.values()) == 1, "lost"
            assert max(got.values()) <= 2
            assert doubled <= listed
            assert len(listed) <= IN_FLIGHT
            doubled_in_all += len(doubled)
            listed_in_all += len(listed)
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
        await database.close()
        await telegram.close()
        server.should_exit = True
        await task
    kind = "PostgreSQL" if "postgres" in database_url else "SQLite"
    sys.stdout.write(
        "\n"
        + json.dumps(
            {
                "database": kind,
                "rounds": ROUNDS,
                "due": DUE * ROUNDS,
                "lost": 0,
                "doubled": doubled_in_all,
                "listed": listed_in_all,
            }
        )
        + "\n"
    )


async def test_sqlite_refuses_a_second_worker(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    settings = Settings(_env_file=None, database_url=url, port=free_port())
    async with open_system(settings, migrate_first=True):
        with pytest.raises(RuntimeError, match="un altro processo usa già questo database"):
            async with open_system(settings):
                pass
