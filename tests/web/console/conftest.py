"""Fixtures of the console's tests: see ``tests/support/desk.py`` and ``tests/support/looking.py``."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from db.engine import Database
from db.operators import Role
from tests.conftest import skip_or_fail
from tests.support.desk import Desk, open_desk
from tests.support.looking import Looking, axe, open_looking

OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who has a desk is in the browser's loop, as the fixtures here are."""
    for item in items:
        if "desk_database" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session")
async def desk_database(template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite file with the sample programme in it."""
    shutil.copy(template, tmp_path / "desk.db")
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    yield database
    await database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(desk_database: Database) -> AsyncIterator[Desk]:
    """A console on loopback, over the sample programme."""
    async with open_desk(desk_database) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def clerk(desk: Desk) -> httpx.AsyncClient:
    """An operator who is in."""
    return await desk.entered(Role.OPERATOR)


@pytest_asyncio.fixture(loop_scope="session")
async def patient(desk: Desk) -> httpx.AsyncClient:
    """A clerk of an office whose notices wait for two minutes."""
    desk.set(schedule=replace(desk.world.schedule, grace=timedelta(minutes=2)))
    return await desk.entered(Role.OPERATOR)


@pytest.fixture
def desk_with(desk_database: Database) -> OpenDesk:
    """The same, set otherwise."""
    return partial(open_desk, desk_database)


@pytest_asyncio.fixture(loop_scope="session")
async def looking(desk: Desk, browser: Any) -> AsyncIterator[Looking]:
    """Chromium with axe-core on this desk. Its tests are marked ``browser``."""
    if axe() is None:
        skip_or_fail("axe-core is not installed (tests/support/install_servers.sh)")
    async with open_looking(desk, browser) as opened:
        yield opened
