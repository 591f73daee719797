"""Who waits for something to be put in hears of it when it is committed, instead of asking again and again.

In this process by a call. Other processes on PostgreSQL by NOTIFY, where nobody here attends to it; on SQLite they see
that the database's log has changed, and ask SQLite whether it was somebody else. A bell that is not heard costs
patience, never a message: whoever waits looks by themselves now and then (``PATIENCE``).
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

#: Seconds after which one looks though nothing woke them.
PATIENCE = 30.0
#: Seconds between two looks at SQLite's log.
_GLANCE = 1.0
_PUT_IN = "luccabot put in"
_CHANNEL = "luccabot"


class Queue(StrEnum):
    """What one can wait for."""

    INBOX = "inbox"
    #: Answers: whoever sends takes them and need not look for anything else.
    OUTBOX = "outbox"
    #: What else goes out: reminders to be planned, notices, what may be sent again.
    PLAN = "plan"
    TAUGHT = "taught"


#: What every process must hear of, and not only one that attends to it.
_FOR_ALL = frozenset({Queue.TAUGHT})


def put_in(tx: AsyncConnection, queue: Queue) -> None:
    """There is something new in ``queue``, or something may leave it that could not before.

    Said when ``tx`` is committed.
    """
    tx.info.setdefault(_PUT_IN, set()).add(queue)


def begun(tx: AsyncConnection) -> None:
    """Nothing was put in yet: what is left from a transaction that was rolled back is not said."""
    tx.info.pop(_PUT_IN, None)


class Wakeups:
    """One for each open database."""

    def __init__(self, log: Path | None) -> None:
        """``log``: SQLite's."""
        self._waiting: dict[Queue, list[Callable[[], None]]] = defaultdict(list)
        self._holders = 0
        self._held: set[Queue] = set()
        self._log = log

    def answer(self, queue: Queue, wake: Callable[[], None]) -> None:
        """Call ``wake`` whenever something was put into ``queue``."""
        self._waiting[queue].append(wake)

    def ring(self, queues: Collection[Queue]) -> None:
        """Wake who waits for them."""
        if self._holders:
            self._held.update(queues)
            return
        for queue in queues:
            for wake in self._waiting[queue]:
                wake()

    @contextmanager
    def held(self) -> Iterator[None]:
        """What rings in this block rings once, at its end."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if not self._holders:
                rung, self._held = self._held, set()
                self.ring(rung)

    async def tell_others(self, tx: AsyncConnection) -> set[Queue]:
        """Before ``tx`` is committed: what was put in.

        On PostgreSQL others are told where nobody waits here, or all are concerned.
        """
        queues: set[Queue] = tx.info.pop(_PUT_IN, set())
        if tx.dialect.name != "sqlite":
            for queue in queues:
                if queue in _FOR_ALL or not self._waiting[queue]:
                    await tx.execute(select(func.pg_notify(_CHANNEL, queue.value)))
        return queues

    async def hear_others(self, engine: AsyncEngine) -> None:
        """Ring when another process has put something in; until cancelled."""
        if self._log is not None:
            await self._watch(self._log, engine)
        else:
            await self._listen(engine)

    async def _watch(self, log: Path, engine: AsyncEngine) -> None:
        seen, written, fresh = _state(log), await _written_by_others(engine), True
        self.ring(tuple(Queue))  # what was said before is not heard
        while True:
            await asyncio.sleep(_GLANCE)
            state = _state(log)
            if state == seen and not fresh:
                continue
            # The log changes a little before what stands in it is committed: one more look follows.
            seen, fresh, before = state, state != seen, written
            written = await _written_by_others(engine)
            if written != before:
                self.ring(tuple(Queue))

    async def _listen(self, engine: AsyncEngine) -> None:
        async with engine.connect() as opened:
            raw: Any = (await opened.get_raw_connection()).driver_connection
            await raw.set_autocommit(True)
            try:
                await raw.execute(f"LISTEN {_CHANNEL}")
                self.ring(tuple(Queue))  # what was said before is not heard
                async for notice in raw.notifies():
                    self.ring([Queue(notice.payload)])
            finally:
                await opened.invalidate()


def _state(log: Path) -> tuple[int, int] | None:
    try:
        found = log.stat()
    except OSError:
        return None  # no log yet, or taken over by the last that closed the database
    return found.st_mtime_ns, found.st_size


async def _written_by_others(engine: AsyncEngine) -> tuple[int, int]:
    """What changes when another than the connection that writes here has written.

    From the log alone nobody could tell it apart from what was written here in the same second.
    """
    async with engine.connect() as opened:
        connection: Any = (await opened.get_raw_connection()).dbapi_connection
        return id(connection), connection.data_version
