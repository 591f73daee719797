"""What the console weighs in a web process (``python -m bot web``): its megabytes (RSS) before and after.

Before: it has answered for its health and its numbers, and shown the pages behind somebody's links. After: every page
of the console, too.
"""

import asyncio
import os
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import httpx
from sqlalchemy import select

from bot.settings import Settings
from conversation.channel import Channel
from conversation.links import Links, Purpose
from conversation.office import Office
from db.engine import Database
from db.keys import signing_key
from db.models import addresses, registrations
from db.operators import Role
from knowledge.library import load_library
from office.desk import TERMINAL
from office.entering import begin_session
from office.operators import actor_of, invite
from tests.support.servers import free_port
from tests.support.town import until
from web.console.guard import cookie_name
from web.console.world import World

_PUBLIC = "https://bot.example"


async def weigh(url: str, now: datetime, paths: Sequence[str]) -> float:
    """Megabytes more after the pages at ``paths`` were opened, when it was ``now`` in the town at ``url``."""
    cookie, links = await _prepare(url, now)
    async with _started(url, now) as (process, browser):
        for path in ("/health", "/metrics", *(link.removeprefix(_PUBLIC) for link in links)):
            assert (answer := await browser.get(path)).status_code in {200, 503}, (path, answer.status_code)
        before = _megabytes(process.pid)
        browser.headers["Cookie"] = cookie
        for path in paths:
            assert (answer := await browser.get(path)).status_code == 200, (path, answer.status_code)
        return _megabytes(process.pid) - before


async def _prepare(url: str, now: datetime) -> tuple[str, list[str]]:
    """A manager's cookie, and the links in the letters of somebody who is registered."""
    schedule = Settings(_env_file=None).schedule
    database, office = Database(url), Office("ufficio@comune.example")
    world = World(database, load_library(), lambda: now, office, schedule, public_url=_PUBLIC)
    held = (
        select(addresses.c.value)
        .join(registrations, registrations.c.person_id == addresses.c.person_id)
        .where(addresses.c.channel == Channel.EMAIL.value)
        .order_by(registrations.c.id)
    )
    async with database.begin() as tx:
        made = await invite(tx, "peso@comune.example", world.times(), role=Role.MANAGER, name="Peso", by=TERMINAL)
        cookie = await begin_session(tx, actor_of(made.operator), "bench", world.times())
        links = Links(_PUBLIC, await signing_key(tx))
        letter = (await tx.execute(held)).scalars().first()
    await database.close()
    assert letter is not None
    behind = [links.make(purpose, letter) for purpose in (Purpose.MANAGE, Purpose.UNSUBSCRIBE)]
    return f"{cookie_name(world)}={cookie}", behind


@asynccontextmanager
async def _started(url: str, now: datetime) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    port = free_port()
    given = {"PATH": os.environ["PATH"], "DATABASE_URL": url, "PUBLIC_URL": _PUBLIC, "PORT": str(port)}
    given |= _set_in_procfile()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.console.served", now.isoformat(), env=given, stdout=subprocess.DEVNULL
    )
    headers = {"Host": _PUBLIC.removeprefix("https://"), "X-Forwarded-Proto": "https"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as browser:
            await until(lambda: _is_open(browser), "the web", patience=60)
            yield process, browser
    finally:
        process.terminate()
        await process.wait()


def _set_in_procfile() -> dict[str, str]:
    """The environment of the web process there."""
    line = next(line for line in Path("Procfile").read_text().splitlines() if line.startswith("web:"))
    return dict(word.split("=", 1) for word in shlex.split(line) if "=" in word)


async def _is_open(browser: httpx.AsyncClient) -> bool:
    try:
        await browser.get("/health")
    except httpx.TransportError:
        return False
    return True


def _megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024
