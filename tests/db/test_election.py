"""Only one works; when its work fails or its session is lost, the lock is free for the next."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from db.election import Election
from db.engine import Database
from tests.support.servers import Postgres

HELD = (
    "FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = "
    "current_database())"
)


@pytest.fixture
async def shared(postgres: Postgres) -> Database:
    return Database(postgres.url("postgres"))


async def locks(database: Database) -> int:
    async with database.begin() as tx:
        return int((await tx.execute(text(f"SELECT count(*) {HELD}"))).scalar_one())


async def none_held(database: Database) -> bool:
    """Whether the lock is soon free: the server ends a closed session when it comes to it, not at the close."""
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while await locks(database):
                await asyncio.sleep(0.02)
            return True
    return False


@pytest.mark.postgres
@pytest.mark.parametrize("fault", [OperationalError("store", {}, Exception("disk full")), ValueError("a bug")])
async def test_the_lock_ends_with_the_work(shared: Database, fault: Exception) -> None:
    """A session kept in the pool would hold it, and nobody would listen to the mailbox any more."""

    async def work() -> None:
        assert await locks(shared) == 1
        raise fault

    try:
        with pytest.raises(type(fault)):  # the supervisor must hear of it
            await asyncio.wait_for(Election(shared, "mailbox", work).run(), 10)
        assert await none_held(shared)
    finally:
        await shared.close()


@pytest.mark.postgres
async def test_who_loses_the_session_stands_again(shared: Database) -> None:
    times: list[int] = []

    async def work() -> None:
        times.append(len(times))
        if len(times) == 1:
            async with shared.begin() as tx:
                await tx.execute(text(f"SELECT pg_terminate_backend(pid) {HELD}"))
            await asyncio.sleep(60)

    try:
        await asyncio.wait_for(Election(shared, "mailbox", work).run(), 20)
        assert times == [0, 1]
        assert await none_held(shared)
    finally:
        await shared.close()
