"""Which of several workers does what only one may do: poll Telegram, listen to the mailbox, tick.

PostgreSQL: a session-level advisory lock on a connection of its own (docs: "Advisory Locks"). A killed leader's lock is
free at once, and one whose session ends sees it at once, for the server closes the connection. Every ``_BEAT`` seconds
the leader shows that it lives; the server closes a session that was silent for ``_SILENT`` seconds
(``idle_session_timeout``, from version 14), so that one that was stopped, hangs, or whose machine is gone loses the
lock and another takes over. SQLite: there is only one worker, and it leads.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import Database

log = structlog.get_logger("election")

#: Seconds. Each beat is a statement a worker at rest would not need; a leader gives up (one beat and one answer) long
#: before another may follow. A frozen leader's work waits for ``_SILENT``: nothing is lost meanwhile, and a process is
#: seldom frozen.
_BEAT, _SILENT, _ANSWER = 20.0, 50, 5.0
#: Between two candidatures.
_STAND = 1.0


class Election:
    """One per thing to be done. ``resign``: asks the work to end by itself; without it the work is cancelled."""

    def __init__(
        self,
        database: Database,
        name: str,
        work: Callable[[], Awaitable[None]],
        resign: Callable[[], None] | None = None,
    ) -> None:
        self._database = database
        self._name = name
        self._work = work
        self._resign = resign
        self._stopping = asyncio.Event()
        #: Whether this process leads now.
        self.leads = False

    def stop(self) -> None:
        """Stand no more; the work at hand is asked to end."""
        self._stopping.set()
        if self._resign is not None:
            self._resign()

    async def run(self) -> None:
        """Stand until elected, then work; stand again when the lock is lost.

        Ends as the work does, or after ``stop``.
        """
        if self._database.is_sqlite:
            self.leads = True
            await self._work()
            return
        while not self._stopping.is_set():
            try:
                async with self._session() as connection:
                    done = await self._reign(connection) if await self._campaign(connection) else None
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("election_interrupted", part=self._name, error=type(error).__name__)
                await self._wait()
                continue
            if done is not None:
                done.result()
                return

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[AsyncConnection]:
        """A connection that ends with its use: back in the pool, its session would go on holding the lock."""
        async with self._database.engine.connect() as opened:
            try:
                yield await opened.execution_options(isolation_level="AUTOCOMMIT")
            finally:
                await opened.invalidate()

    async def _campaign(self, connection: AsyncConnection) -> bool:
        await connection.execute(text(f"SET idle_session_timeout = '{_SILENT}s'"))
        number = zlib.crc32(f"luccabot:{self._name}".encode())
        while not self._stopping.is_set():
            if (await connection.execute(text("SELECT pg_try_advisory_lock(:n)"), {"n": number})).scalar():
                return True
            await self._wait()
        return False

    async def _reign(self, connection: AsyncConnection) -> "asyncio.Future[None]":
        """Work while the lock is held; the work, when it came to its end."""
        log.info("elected", part=self._name)
        self.leads = True
        task = asyncio.ensure_future(self._work())
        try:
            while not task.done():
                async with asyncio.timeout(_ANSWER):
                    await connection.execute(text("SELECT 1"))
                await _quiet(connection, task)
        except (SQLAlchemyError, OSError, TimeoutError):
            log.warning("leadership_lost", part=self._name)
            raise
        finally:
            self.leads = False
            await self._end(task)
        return task

    async def _end(self, task: "asyncio.Future[None]") -> None:
        if task.done():
            if not task.cancelled():
                task.exception()  # seen: the session's own error is the one that is told
            return
        if self._resign is None:
            task.cancel()
        else:
            self._resign()
        with suppress(asyncio.CancelledError, Exception):
            await task

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), _STAND)


async def _quiet(connection: AsyncConnection, task: "asyncio.Future[None]") -> None:
    """Until the work ends, the server says something unasked (as when it ends the session), or a beat is due."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    number = driver.fileno()
    loop.add_reader(number, heard.set)
    hearing = asyncio.ensure_future(heard.wait())
    ends: set[asyncio.Future[Any]] = {task, hearing}
    try:
        await asyncio.wait(ends, timeout=_BEAT, return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(number)
        hearing.cancel()
