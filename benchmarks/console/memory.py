"""What the web of one process weighs: ``python -m benchmarks.console.memory URL NOW [PATH…]`` prints its megabytes
(RSS).

It has answered for its health and its numbers; with paths there is a console, and it has shown those pages too.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import bot.serving  # noqa: F401 - as a process has it that serves
from bot.settings import Settings
from db.engine import Database
from knowledge.library import load_library
from web.app import build_web

if TYPE_CHECKING:
    from web.console.world import World

HOST = "http://127.0.0.1"

Clock = Callable[[], datetime]


def megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


async def console(database: Database, clock: Clock) -> tuple["World", dict[str, str]]:
    """A console, and the cookies of a manager who is in."""
    from conversation.office import Office
    from db.operators import Role
    from office.desk import TERMINAL
    from office.entering import begin_session
    from office.operators import actor_of, invite
    from web.console.guard import cookie_name
    from web.console.world import World

    world = World(database, load_library(), clock, Office("ufficio@comune.example"), Settings(_env_file=None).schedule)
    async with database.begin() as tx:
        made = await invite(tx, "peso@comune.example", world.times(), role=Role.MANAGER, name="Peso", by=TERMINAL)
        cookie = await begin_session(tx, actor_of(made.operator), "bench", world.times())
    return world, {cookie_name(world): cookie}


async def serve(url: str, now: datetime, paths: Sequence[str]) -> float:
    import httpx

    database, library = Database(url), load_library()
    world, cookies = await console(database, lambda: now) if paths else (None, {})
    site = build_web(database, clock=lambda: now, world=world)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url=HOST, cookies=cookies) as client:
        for path in ("/health", "/metrics", *paths):
            answer = await client.get(path)
            assert answer.status_code in {200, 503}, (path, answer.status_code, answer.text[:300])
    found = megabytes()
    await database.close()
    assert library
    return found


print(asyncio.run(serve(sys.argv[1], datetime.fromisoformat(sys.argv[2]), sys.argv[3:])))
