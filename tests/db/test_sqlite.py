"""SQLite's writer works in the event loop's own thread: what others do must neither stop the loop nor be lost."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from sqlalchemy import Insert, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from db.engine import LONG, Database, sqlite_file
from db.models import people

NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)


async def _add(database: Database, number: int) -> None:
    async with database.begin() as tx:
        await tx.execute(insert(people).values(id=number, name="P", created_at=NOW))


async def _ids(database: Database) -> list[int]:
    async with database.begin() as tx:
        return list((await tx.execute(select(people.c.id).order_by(people.c.id))).scalars())


def _another(database: Database) -> sqlite3.Connection:
    """A process of its own, in the middle of writing."""
    connection = sqlite3.connect(sqlite_file(database.url) or "", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


async def test_the_loop_goes_on_while_another_process_writes(one_database: Database) -> None:
    with closing(_another(one_database)) as other:
        waiting = asyncio.create_task(_add(one_database, 1))
        for _ in range(10):
            await asyncio.sleep(0.02)
        assert not waiting.done()
        other.execute("COMMIT")
        await asyncio.wait_for(waiting, 5)
    assert await _ids(one_database) == [1]


async def test_who_is_cancelled_while_waiting_leaves_nothing_behind(one_database: Database) -> None:
    with closing(_another(one_database)) as other:
        waiting = asyncio.create_task(_add(one_database, 1))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.sleep(0.1)
        other.execute("COMMIT")
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(waiting, 5)
    await _add(one_database, 2)
    assert await _ids(one_database) == [2]


async def test_a_commit_that_is_cancelled_is_whole(one_database: Database) -> None:
    for number in range(1, 40):
        adding = asyncio.create_task(_add(one_database, number))
        for _ in range(number % 4 + 1):
            await asyncio.sleep(0)
        adding.cancel()
        await asyncio.wait({adding})
        await _add(one_database, 100 + number)
    written = [number for number in await _ids(one_database) if number > 100]
    assert written == list(range(101, 140))


async def test_what_fails_is_undone(one_database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with one_database.begin() as tx:
            await tx.execute(insert(people).values(id=1, name="P", created_at=NOW))
            await tx.execute(insert(people).values(id=1, name="P", created_at=NOW))
    assert await _ids(one_database) == []


async def test_what_is_written_while_rows_are_read_changes_none_of_them(one_database: Database) -> None:
    for number in (1, 2, 3):
        await _add(one_database, number)
    async with one_database.begin() as tx:
        read = await tx.execute(select(people.c.id, people.c.name).order_by(people.c.id))
        await tx.execute(update(people).values(name="Q"))
        assert [tuple(row) for row in read] == [(1, "P"), (2, "P"), (3, "P")]


async def test_what_lasts_waits_for_the_disk_and_what_need_not_does_not(one_database: Database) -> None:
    async def level(*, lasting: bool) -> int:
        async with one_database.begin(lasting=lasting) as tx:
            return int((await tx.exec_driver_sql("PRAGMA synchronous")).scalar_one())

    full, normal = 2, 1  # https://www.sqlite.org/pragma.html#pragma_synchronous
    assert [await level(lasting=lasting) for lasting in (True, False, False, True)] == [full, normal, normal, full]


async def test_what_need_not_last_is_there_as_soon_as_it_is_committed(one_database: Database) -> None:
    async with one_database.begin(lasting=False) as tx:
        await tx.execute(insert(people).values(id=1, name="P", created_at=NOW))
    with closing(sqlite3.connect(sqlite_file(one_database.url) or "")) as other:
        assert other.execute("SELECT id FROM people").fetchall() == [(1,)]


def _thousands() -> Insert:
    one = select(literal(1).label("n")).cte(recursive=True)
    numbers = one.union_all(select(one.c.n + 1).where(one.c.n < 40_000))
    rows = select(numbers.c.n, literal("P"), literal(NOW, people.c.created_at.type))
    return insert(people).from_select(["id", "name", "created_at"], rows)


@pytest.mark.parametrize("options", [{}, LONG])
async def test_the_loop_goes_on_while_thousands_of_rows_are_written(
    one_database: Database, options: dict[str, bool]
) -> None:
    async def writes() -> None:
        async with one_database.begin() as tx:
            looked.append(len(turns))
            await tx.execute(_thousands().execution_options(**options))
            looked.append(len(turns))

    looked: list[int] = []
    turns: list[float] = []
    writing = asyncio.create_task(writes())
    while not writing.done():
        turns.append(0)
        await asyncio.sleep(0.001)
    await writing
    begun, ended = looked
    assert (ended > begun) is bool(options)
    assert len(await _ids(one_database)) == 40_000


async def test_who_is_cancelled_while_thousands_of_rows_are_written_leaves_none(one_database: Database) -> None:
    async def writes() -> None:
        async with one_database.begin() as tx:
            await tx.execute(_thousands().execution_options(**LONG))

    writing = asyncio.create_task(writes())
    await asyncio.sleep(0.01)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await _ids(one_database) == []
