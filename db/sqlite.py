"""SQLite's writing connection: statements run where they are asked for, only what waits for the disk runs in a thread.

A statement takes some ten microseconds; handing it to a thread and back, as aiosqlite does, takes hundreds. So the
thread gets COMMIT, which waits until all is on the disk, BEGIN where another process is writing, and what writes
thousands of rows at once (``db.engine.LONG``). What reads for long has connections of its own, with aiosqlite
(``Database.look``).
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import ModuleType
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.util.concurrency import await_only, in_greenlet

#: Milliseconds that a thread waits for another process to end its transaction. In the loop nobody waits.
_PATIENCE = 20_000


async def _nothing() -> None:
    """Done at once."""


def _awaited() -> None:
    """SQLAlchemy takes a statement for which nothing was awaited for one that held up the loop by mistake.

    Here it is meant.
    """
    if in_greenlet():
        await_only(_nothing())


class Cursor(sqlite3.Cursor):
    """Takes its rows at once: what is written while they are read changes none of them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._rows: deque[Any] = deque()

    def execute(self, statement: str, parameters: Any = (), /) -> "Cursor":
        """As sqlite3's."""
        super().execute(statement, parameters)
        self._rows = deque(super().fetchall()) if self.description else deque()
        _awaited()
        return self

    def executemany(self, statement: str, parameters: Any, /) -> "Cursor":
        """As sqlite3's."""
        super().executemany(statement, parameters)
        _awaited()
        return self

    def fetchone(self) -> Any:
        """The next row; ``None`` when there is none."""
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        """Up to ``size`` rows."""
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> list[Any]:
        """The rows that are left."""
        rows, self._rows = list(self._rows), deque()
        return rows

    async def _async_soft_close(self) -> None:
        """SQLAlchemy awaits it of every cursor; the rows are here already."""


class Connection(AdaptedConnection):
    """A connection as SQLAlchemy's asyncio engine takes it."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._connection: Any = raw  # as SQLAlchemy calls it
        self._raw = raw
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._job: asyncio.Future[Any] | None = None
        self._changes = 0
        self._lasting = True

    def cursor(self, *, server_side: bool = False) -> Cursor:
        """A cursor; all its rows are fetched at once, whatever ``server_side`` says."""
        del server_side
        return self._raw.cursor(Cursor)

    def create_function(self, *args: Any, **more: Any) -> None:
        """As sqlite3's."""
        self._raw.create_function(*args, **more)

    def begin(self, *, lasting: bool = True) -> None:
        """BEGIN IMMEDIATE. Raises ``OperationalError`` when another process writes for longer than is waited for.

        ``lasting``: whether its COMMIT waits until all is on the disk.
        """
        if lasting is not self._lasting:
            self._raw.execute(f"PRAGMA synchronous={'FULL' if lasting else 'NORMAL'}")
            self._lasting = lasting
        self._changes = self._raw.total_changes
        try:
            self._raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # its lower byte is the kind
                raise
            await_only(self.in_thread("BEGIN IMMEDIATE"))

    def execute(self, cursor: Cursor, statement: str, parameters: Any) -> None:
        """As the cursor's, in the thread."""
        await_only(self._run(partial(cursor.execute, statement, parameters)))

    def commit(self) -> None:
        """COMMIT: in the thread when there is something to be brought to the disk."""
        if self._raw.total_changes == self._changes and not self._job:
            self._raw.commit()
        else:
            await_only(self._run(self._raw.commit))

    def rollback(self) -> None:
        """ROLLBACK, once what was going on in the thread when the task was cancelled has ended."""
        if self._job is not None and not self._job.done():
            await_only(asyncio.wait([self._job]))
        self._raw.rollback()

    @property
    def data_version(self) -> int:
        """Another number whenever another connection, of any process, has committed something."""
        return int(self._raw.execute("PRAGMA data_version").fetchone()[0])

    async def in_thread(self, statement: str, *, patience: int = _PATIENCE) -> None:
        """Execute what may have to wait for others, ``patience`` milliseconds at most."""

        def work() -> None:
            self._raw.execute(f"PRAGMA busy_timeout={patience}")
            try:
                self._raw.execute(statement).fetchall()
            finally:
                self._raw.execute("PRAGMA busy_timeout=0")

        await self._run(work)

    async def _run(self, work: Callable[[], object]) -> None:
        self._job = asyncio.get_running_loop().run_in_executor(self._thread, work)
        await asyncio.shield(self._job)
        self._job = None

    def close(self) -> None:
        """Close, after what is going on in the thread."""
        if in_greenlet() and self._job is not None and not self._job.done():
            await_only(asyncio.wait([self._job]))
        self._thread.shutdown()
        self._raw.close()

    terminate = close


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """The module that SQLAlchemy's dialect is given in place of aiosqlite."""

    def connect(self, *args: Any, **more: Any) -> Any:
        """Open a file, prepared by ``pragmas`` (a sequence of settings ``name=value``)."""
        pragmas: Sequence[str] = more.pop("pragmas")
        raw = sqlite3.connect(*args, **more | {"check_same_thread": False, "isolation_level": None})
        for pragma in (f"busy_timeout={_PATIENCE}", *pragmas, "busy_timeout=0"):
            raw.execute(f"PRAGMA {pragma}").fetchall()
        return Connection(raw)


def driver() -> ModuleType:
    """For ``create_async_engine(module=…)``."""
    made: Any = Driver(aiosqlite, sqlite3)
    return made  # type: ignore[no-any-return]  # it stands in for a module
