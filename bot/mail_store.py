"""The mail thread's way into the database, which lives in the event loop."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from conversation.office import Office
from conversation.times import Clock, to_local
from db import cursors, inbox, purges
from db.cursors import MailCursor
from db.engine import Database, Transaction
from db.inbox import Arrival
from db.office_alerts import Alert, tell_office
from knowledge.library import Library

T = TypeVar("T")


class LoopMailStore:
    """``mail.imap.listening.MailStore``: each call is one transaction in ``loop``; the thread waits for it."""

    def __init__(
        self, database: Database, loop: asyncio.AbstractEventLoop, *, clock: Clock, library: Library, office: Office
    ) -> None:
        self._database = database
        self._loop = loop
        self._clock = clock
        self._library = library
        self._office = office

    def _ask(self, work: Callable[[Transaction], Coroutine[Any, Any, T]]) -> T:
        async def whole() -> T:
            async with self._database.begin() as tx:
                return await work(tx)

        return asyncio.run_coroutine_threadsafe(whole(), self._loop).result()

    def cursor(self, mailbox: str) -> MailCursor:
        """Where reading stands."""
        return self._ask(lambda tx: cursors.load_cursor(tx, mailbox))

    def seen(self, mailbox: str, real_now: datetime) -> MailCursor:
        """There is contact; where reading stands."""
        return self._ask(lambda tx: cursors.touch(tx, mailbox, real_now))

    def draw_line(self, mailbox: str, cursor: MailCursor) -> None:
        """Remember the start line, and tell the office what lies before it."""

        async def work(tx: Transaction) -> None:
            await cursors.save_line(tx, mailbox, cursor)
            if cursor.lying and cursor.lying_since is not None:
                since = f"{to_local(cursor.lying_since):%d/%m/%Y}"
                about = f"{mailbox} {cursor.line_at}"
                await self._tell(tx, Alert.LETTERS_LIE, about, number=cursor.lying, since=since, recent=cursor.recent)

        self._ask(work)

    def renumber(self, mailbox: str, cursor: MailCursor) -> None:
        """Remember the new numbers."""
        self._ask(lambda tx: cursors.save_line(tx, mailbox, cursor))

    def adopted(self, mailbox: str) -> None:
        """Nothing waits for staff's word any more."""
        self._ask(lambda tx: cursors.forget_lying(tx, mailbox))

    def left_old(self, number: int) -> None:
        """Tell the office, once a day, that letters too old for an answer came."""
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        self._ask(lambda tx: self._tell(tx, Alert.OLD_LETTERS, today, number=number))

    def store(self, arrivals: Sequence[Arrival], mailbox: str, uidvalidity: int, last_uid: int) -> int:
        """Store a batch and the cursor in one transaction."""

        async def work(tx: Transaction) -> int:
            added = await inbox.store(tx, arrivals, self._clock())
            await cursors.save_cursor(tx, mailbox, uidvalidity, last_uid)
            return added

        return self._ask(work)

    def unfiled(self, prefix: str) -> list[tuple[str, str, str]]:
        """Handled mails to move."""
        return self._ask(lambda tx: inbox.unfiled(tx, prefix))

    def filed(self, keys: Sequence[str]) -> None:
        """They have been moved."""
        self._ask(lambda tx: inbox.mark_filed(tx, keys))

    def to_purge(self) -> list[str]:
        """Mail addresses whose letters are to be deleted."""
        return self._ask(purges.asked_purges)

    def purged(self, values: Sequence[str]) -> None:
        """They have been deleted."""
        self._ask(lambda tx: purges.forget_purges(tx, values))

    async def _tell(self, tx: Transaction, alert: Alert, about: str, **values: str | int) -> None:
        now = self._clock()
        await tell_office(tx, self._office, alert, about, library=self._library, now=now, concerns=None, **values)
