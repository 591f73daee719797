"""Opens the database and hands out transactions.

SQLite: one connection, so that transactions queue in order instead of polling for a lock; every one begins with
BEGIN IMMEDIATE, because a transaction that reads first and writes later fails with "database is locked" when another
wrote in between; WAL, and synchronous=FULL so that what was acknowledged survives a power cut (a claim need not:
``Database.begin``). PostgreSQL: psycopg 3.
"""

import errno
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    JSON,
    URL,
    Column,
    ColumnElement,
    DateTime,
    Engine,
    Executable,
    FromClause,
    Insert,
    Table,
    bindparam,
    event,
    func,
    make_url,
    or_,
    select,
)
from sqlalchemy import column as table_column
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from db import sqlite
from db.wakeups import PATIENCE, Wakeups, begun

#: One open transaction, as every function of ``db`` takes it: other rooms need not know the library.
Transaction = AsyncConnection

#: Four turns at once, the outbox worker, the mail store, three elections, the wake-ups and some air.
_POOL = 13
_READERS = 2
#: PostgreSQL: all that one look reads is of the same moment, and nothing can be written. SQLite's log gives the first
#: by itself.
_ONE_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
#: What SQLite keeps in memory for those who only read: 500 KB of the file, 24 compiled statements, as many as a page
#: asks for. Pages opened in turn took as long with four and five times as much, its defaults, and 2.5 MB more.
_CACHE, _AT_HAND = "cache_size=-500", 24
#: How SQLite is to keep what is written.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is erased is overwritten in the file
    "journal_size_limit=0",  # and in the log, which is cut when it was taken over
)
#: Milliseconds that emptying the log waits for those who read: nobody writes meanwhile. It is tried again every minute.
_TIDYING = 1000

#: Execution options of a statement that writes a row for each of thousands: on SQLite the loop goes on meanwhile.
LONG = {"long": True}

#: Seconds until a server that does not answer is given up.
_CONNECT = 10

#: Seconds that a transaction may stand still: a turn takes milliseconds, a program that is stopped for ever does not.
_FROZEN = 15


class DatabaseUrlError(ValueError):
    """DATABASE_URL names something that this program cannot use; the message says what it can."""


def read_url(text: str) -> URL:
    """``sqlite:///file``, ``postgres://…`` or ``postgresql://…`` with the driver this program uses."""
    try:
        url = make_url(text)
    except Exception as error:
        msg = "DATABASE_URL non è leggibile: usare sqlite:///data/bot.db oppure postgresql://utente:password@host/nome"
        raise DatabaseUrlError(msg) from error
    family = url.drivername.split("+")[0]
    if family == "sqlite" and url.database in {None, "", ":memory:"}:
        msg = (
            "DATABASE_URL: un database in memoria si perde a ogni riavvio; usare un file, per esempio "
            "sqlite:///data/bot.db"
        )
        raise DatabaseUrlError(msg)
    if family == "sqlite":
        return url.set(drivername="sqlite+aiosqlite")
    if family in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    msg = f"DATABASE_URL usa «{family}»: questo programma conosce sqlite:///… e postgresql://…"
    raise DatabaseUrlError(msg)


def sqlite_file(text: str) -> Path | None:
    """The file of a SQLite DATABASE_URL; ``None`` for a server."""
    url = read_url(text)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def open_engine(text: str, *, reading: bool = False) -> AsyncEngine:
    """An engine for DATABASE_URL, ``reading``: for those who only read.

    The folder of a SQLite file is created; nothing is connected yet.
    """
    url = read_url(text)
    if url.get_backend_name() == "sqlite":
        _make_private(Path(url.database or ""))
        if reading:
            engine = create_async_engine(
                url,
                pool_size=_READERS,
                max_overflow=0,
                pool_timeout=60,
                hide_parameters=True,
                connect_args={"cached_statements": _AT_HAND},
            )
            event.listen(engine.sync_engine, "connect", _prepare_reader)
            event.listen(engine.sync_engine, "begin", _begin)
            return engine
        engine = create_async_engine(
            url,
            module=sqlite.driver(),
            pool_size=1,
            max_overflow=0,
            pool_timeout=60,
            hide_parameters=True,
            connect_args={"pragmas": _PRAGMAS},
        )
        event.listen(engine.sync_engine, "begin", _begin_immediate)
        event.listen(engine.sync_engine, "do_execute", _execute)
        return engine
    engine = create_async_engine(
        url,
        pool_size=_READERS if reading else _POOL,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,  # an error must not carry somebody's words into a log
        connect_args={"connect_timeout": _CONNECT},
        execution_options=_ONE_SNAPSHOT if reading else {},
    )
    event.listen(engine.sync_engine, "connect", _prepare_postgres)
    return engine


def _make_private(file: Path) -> None:
    """A new database is its owner's alone, the folder made for it too; SQLite gives its journals the same mode.

    An existing file is not opened here: closing it would let go the locks that SQLite holds on it in this process.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if file.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(file))
    if not file.exists():
        file.touch(mode=0o600)


def _prepare_postgres(connection: Any, _record: object) -> None:
    """A worker that freezes in the middle of a transaction must not keep its locks: the server ends its session.

    And statements are not compiled.
    """
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{_FROZEN}s'")
    # To compile one takes the server a third of a second (the Patto, 100,000 registrations): it is done by then.
    cursor.execute("SET jit = off")
    cursor.close()
    connection.commit()


def _prepare_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    cursor = connection.cursor()
    for pragma in ("busy_timeout=20000", "query_only=ON", _CACHE):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Any) -> None:
    lasting = connection.get_execution_options().get("lasting", True)
    connection.connection.dbapi_connection.begin(lasting=lasting)


def _execute(cursor: sqlite.Cursor, statement: str, parameters: Any, context: Any) -> bool:
    """What is ``LONG`` in the thread; ``False``: SQLAlchemy executes it as always."""
    long = bool(context.execution_options.get("long"))
    if long:
        context.root_connection.connection.dbapi_connection.execute(cursor, statement, parameters)
    return long


class Database:
    """The engine and the way into it: ``async with database.begin() as tx`` is one transaction."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = open_engine(url)
        self._passing = self.engine.execution_options(lasting=False)
        self._reader = open_engine(url, reading=True)
        file = sqlite_file(url)
        self.wakeups = Wakeups(file.with_name(f"{file.name}-wal") if file else None)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database: one process, one writer."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def begin(self, *, lasting: bool = True) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        What it put in wakes who waits. Not ``lasting``: should a power cut undo it, nothing is lost; SQLite does not
        wait for the disk. The death of this process undoes neither.
        """
        async with (self.engine if lasting else self._passing).begin() as connection:
            begun(connection)
            yield connection
            queues = await self.wakeups.tell_others(connection)
        self.wakeups.ring(queues)

    @asynccontextmanager
    async def look(self) -> AsyncIterator[AsyncConnection]:
        """The whole as it stands at the first statement, on a connection of its own.

        However much is read, nobody who writes waits.

        Two look at a time: one may count for long. Whatever writes raises ``DBAPIError``: the database itself forbids
        it.
        """
        async with self._reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def rehearse(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that is rolled back at the end, whatever happens."""
        async with self.engine.connect() as connection:
            yield connection

    async def tidy(self) -> None:
        """Take SQLite's log over into the file and empty it: what was erased must not go on standing there."""
        if self.is_sqlite:
            async with self.engine.connect() as opened:
                connection: Any = (await opened.get_raw_connection()).dbapi_connection
                await connection.in_thread("PRAGMA wal_checkpoint(TRUNCATE)", patience=_TIDYING)

    @property
    def patience(self) -> float:
        """Seconds after which whoever waits for something looks though nothing woke them."""
        return PATIENCE

    async def hear_others(self) -> None:
        """Wake who waits when another process has put something in; until cancelled."""
        await self.wakeups.hear_others(self.engine)

    async def close(self) -> None:
        """Close every connection."""
        await self._reader.dispose()
        await self.engine.dispose()


#: Real time of each engine's server, and the moment of this machine's that it belongs to.
_CLOCKS: WeakKeyDictionary[Engine, tuple[datetime, float]] = WeakKeyDictionary()
#: Seconds until a server's clock is read again: meanwhile two machines' quartzes part by some hundredths of a second.
_CLOCK_KEEPS = 300.0


def _here() -> float:
    """Seconds that pass here whatever is done to the clock.

    Where the system can say, those in which the machine slept too.
    """
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


async def real_time(tx: Transaction) -> datetime:
    """Now, by the one clock that all workers share: PostgreSQL's; with SQLite there is one worker, and this machine's.

    PostgreSQL is asked now and then; in between what has passed here is added.
    """
    if tx.dialect.name == "sqlite":
        return datetime.now(UTC)
    engine = tx.engine.sync_engine
    then, read_at = _CLOCKS.get(engine, (None, 0.0))
    if then is None or _here() - read_at > _CLOCK_KEEPS:
        found = (await tx.execute(select(func.clock_timestamp(type_=DateTime(timezone=True))))).scalar_one()
        _CLOCKS[engine] = then, read_at = found.astimezone(UTC), _here()
    return then + timedelta(seconds=_here() - read_at)


#: Nothing waits longer than this in real time: a later moment was written before the machine's clock was set back.
LONGEST_WAIT = timedelta(hours=1)


def has_come(column: Column[Any]) -> ColumnElement[bool]:
    """SQL: the real time in ``column`` is past, or absurdly far in the future. Executed with ``real(real_now)``."""
    return or_(column < bindparam("real_now", type_=column.type), column > bindparam("far", type_=column.type))


def real(real_now: datetime) -> dict[str, datetime]:
    """The real time, as the statements take it that ask what ``has_come``."""
    return {"real_now": real_now, "far": real_now + LONGEST_WAIT}


async def insert_new(tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose unique keys are not there yet; how many were new. All rows name the same columns."""
    return len((await tx.execute(_inserting(tx.dialect.name, table), list(rows))).all())


@cache
def _inserting(dialect: str, table: Table) -> Executable:
    statement: Executable = insert_into(dialect, table).on_conflict_do_nothing().returning(*table.primary_key)
    return statement


async def save(tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, or set their columns where the primary key is there. All rows name the same columns.

    With one statement, however many they are: on PostgreSQL each row would be one of its own.
    """
    if rows:
        saving = _saving(tx.dialect.name, table, tuple(rows[0]))
        await (tx.execute(saving, dict(rows[0])) if len(rows) == 1 else tx.execute(saving.values(list(rows))))


@cache
def _saving(dialect: str, table: Table, columns: tuple[str, ...]) -> Insert:
    new = insert_into(dialect, table)
    key = [c.name for c in table.primary_key]
    values = {name: new.excluded[name] for name in columns if name not in key}
    statement: Insert = new.on_conflict_do_update(index_elements=key, set_=values)
    return statement


def insert_into(dialect: str, table: Table) -> Any:
    """ON CONFLICT is written alike for both databases, but each has a module of its own, and only one is needed."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


def given(dialect: str, **columns: Column[Any]) -> FromClause:
    """Rows that a statement is given as its parameter ``given``: a mapping for each. Name → a column of that type.

    One statement for many rows: on PostgreSQL each goes to the server and is planned there, and in SQLite SQLAlchemy
    prepares the parameters of each for longer than it takes.
    """
    rows = bindparam("given", type_=JSON)
    if dialect != "sqlite":
        named = [table_column(name, column.type) for name, column in columns.items()]
        return func.json_to_recordset(rows).table_valued(*named).render_derived(with_types=True)
    one = func.json_each(rows).table_valued("value").c.value
    return select(
        *(func.json_extract(one, f"$.{name}", type_=column.type).label(name) for name, column in columns.items())
    ).subquery()


def gathered(dialect: str, *columns: ColumnElement[Any]) -> ColumnElement[Any]:
    """The other way round: these columns of all rows of a group as one value, a list of lists; of one column a list.

    Thousands of rows are read as one: to make a row of each takes longer than to find it.
    """
    row, rows = ("json_array", "json_group_array") if dialect == "sqlite" else ("json_build_array", "json_agg")
    one = columns[0] if len(columns) == 1 else getattr(func, row)(*columns)
    return getattr(func, rows)(one, type_=JSON)  # type: ignore[no-any-return]
