"""Fixtures of the console's tests: see ``tests/support/desk.py`` and ``tests/support/looking.py``."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from db.engine import Database
from db.operators import Role
from tests.conftest import skip_or_fail
from tests.support.desk import Desk, open_desk
from tests.support.looking import Looking, axe, chromium, open_looking

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
async def desk_database(template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite file with the sample programme in it."""
    shutil.copy(template, tmp_path / "desk.db")
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    yield database
    await database.close()


@pytest.fixture
async def desk(desk_database: Database) -> AsyncIterator[Desk]:
    """A console on loopback, over the sample programme."""
    async with open_desk(desk_database) as opened:
        yield opened


@pytest.fixture
async def clerk(desk: Desk) -> httpx.AsyncClient:
    """An operator who is in."""
    return await desk.entered(Role.OPERATOR)


@pytest.fixture
async def patient(desk: Desk) -> httpx.AsyncClient:
    """A clerk of an office whose notices wait for two minutes."""
    desk.set(schedule=replace(desk.world.schedule, grace=timedelta(minutes=2)))
    return await desk.entered(Role.OPERATOR)


@pytest.fixture
def desk_with(desk_database: Database) -> OpenDesk:
    """The same, set otherwise."""
    return partial(open_desk, desk_database)


@pytest.fixture
async def looking(desk: Desk) -> AsyncIterator[Looking]:
    """Chromium with axe-core on this desk. Its tests are marked ``browser``."""
    if chromium() is None or axe() is None:
        skip_or_fail("Chromium or axe-core is not installed (tests/support/install_servers.sh)")
    async with open_looking(desk) as opened:
        yield opened
