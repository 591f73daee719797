"""Mailbox → inbox: one thread, one connection, for ever.

1. Connect (back off 1 to 60 s, for ever; a refused login 60 to 900 s and staff hear of it).
2. Select the folder. At first contact, or after a long absence, draw the start line: what lies there waits for staff's
   word (``mail.imap.start_line``). When its UIDVALIDITY changed, read anew what came since the line: known Message-IDs
   are not answered twice.
3. Search what came after the last UID and fetch it batch by batch (``mail.imap.fetching``).
4. Store each batch and the cursor in one transaction. Only then does it count as read.
5. Move what has been handled to its folder; delete the letters of those who were erased (``mail.imap.filing``).
6. Wait for new mail (IDLE windows from two seconds to two minutes; without IDLE, look once a minute) and go to 3,
   whatever IDLE said.
"""

import imaplib
import os
import random
import select
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from imapclient.exceptions import LoginError

from db.cursors import MailCursor
from db.inbox import Arrival
from mail.imap.connecting import open_mailbox
from mail.imap.fetching import Fetcher, measure
from mail.imap.filing import Cabinet
from mail.imap.idle import wait_for_change
from mail.imap.start_line import draw, last_uid, must_draw, search
from mail.imap.wire import MailboxClient, StrangeAnswerError
from mail.server import Folders, MailServer
from mail.tokens import Token, TokenError

log = structlog.get_logger("mail")

# Some servers do not tell of a mail that came between the search and IDLE: the first windows are short, so that after
# any traffic the next search is near.
_FIRST_WINDOW, _WINDOW = 2.0, 120.0
#: While letters wait for staff's word, which comes through the database.
_WORD_WINDOW = 15.0
_POLL = 60.0
_TROUBLE = (OSError, imaplib.IMAP4.error, TokenError)


class MailStore(Protocol):
    """What the listener needs of the database, callable from its thread."""

    def cursor(self, mailbox: str) -> MailCursor:
        """Where reading stands."""
        ...

    def seen(self, mailbox: str, real_now: datetime) -> MailCursor:
        """There is contact; where reading stands."""
        ...

    def draw_line(self, mailbox: str, cursor: MailCursor) -> None:
        """A start line was drawn: staff hear what lies before it."""
        ...

    def renumber(self, mailbox: str, cursor: MailCursor) -> None:
        """The folder's letters have other numbers, and have been read again."""
        ...

    def adopted(self, mailbox: str) -> None:
        """What staff wanted read of what lay there has been read."""
        ...

    def left_old(self, number: int) -> None:
        """So many letters came and were not read, being too old."""
        ...

    def store(self, arrivals: Sequence[Arrival], mailbox: str, uidvalidity: int, last_uid: int) -> int:
        """Store a batch and the cursor in one transaction."""
        ...

    def unfiled(self, prefix: str) -> list[tuple[str, str, str]]:
        """Handled mails to move: key, state, kind."""
        ...

    def filed(self, keys: Sequence[str]) -> None:
        """They have been moved."""
        ...

    def to_purge(self) -> list[str]:
        """Mail addresses whose letters are to be deleted."""
        ...

    def purged(self, values: Sequence[str]) -> None:
        """They have been deleted."""
        ...


class Listener:
    """Runs in its own thread: ``run`` returns after ``stop``.

    ``started``: since when this program runs; what reaches a mailbox after that is new at first contact too.
    ``longest_stop``: after a longer absence a start line is drawn again.
    """

    def __init__(
        self,
        server: MailServer,
        mail_store: MailStore,
        *,
        folders: Folders,
        token: Token | None = None,
        on_login_refused: Callable[[], None] = lambda: None,
        on_store: Callable[[], object] = lambda: None,
        max_bytes: int = 25 * 1024 * 1024,
        max_age: timedelta = timedelta(days=7),
        started: datetime | None = None,
        longest_stop: timedelta = timedelta(hours=12),
    ) -> None:
        self._server = server
        self._mail_store = mail_store
        self._folders = folders
        self._token = token
        self._on_login_refused = on_login_refused
        self._on_store = on_store
        self._max_age = max_age
        self._started = started or datetime.now(UTC)
        self._longest_stop = longest_stop
        self._fetcher = Fetcher(server.name, max_bytes=max_bytes, max_age=max_age)
        self._stopping = threading.Event()
        self._stopped_at: float | None = None
        self._failures = 0
        self._pipe = threading.Lock()
        self._read_fd, self._write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        #: When the server last answered (``time.monotonic``); ``None`` before the first time.
        self.last_contact: float | None = None

    def stop(self) -> None:
        """End ``run`` soon; from any thread."""
        self._stopped_at = time.monotonic()
        self._stopping.set()
        self.wake()

    def wake(self) -> None:
        """Look now: something was handled and wants filing; from any thread."""
        with self._pipe, suppress(OSError):
            if self._write_fd >= 0:
                os.write(self._write_fd, b"x")

    def close(self) -> None:
        """Release the wake-up pipe, after ``run`` has returned.

        Waking it then does nothing: the number may be another file's.
        """
        with self._pipe:
            os.close(self._read_fd)
            os.close(self._write_fd)
            self._read_fd = self._write_fd = -1

    def run(self) -> None:
        """Listen until stopped."""
        while not self._stopping.is_set():
            client = None
            try:
                client = open_mailbox(
                    self._server, self._token, most=self._fetcher.most, leaving=lambda: self._stopped_at
                )
                cabinet = Cabinet(client, self._folders)
                while not self._stopping.is_set():
                    self._round(client, cabinet)
            except LoginError:
                self._failures += 1
                log.exception("login_refused")
                self._on_login_refused()
                self._pause(min(60.0 * 2 ** min(self._failures - 1, 10), 900.0))
            except _TROUBLE as error:
                self._failures += 1
                log.warning("mailbox_trouble", error=type(error).__name__, failures=self._failures)
                self._pause(min(2.0 ** min(self._failures - 1, 10), 60.0) * random.uniform(0.7, 1.0))  # noqa: S311 - jitter
            finally:
                if client is not None:
                    _hang_up(client)

    def _pause(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def _round(self, client: MailboxClient, cabinet: Cabinet) -> None:
        cursor = self._open(client)
        uidvalidity, last = cursor.uidvalidity, cursor.last_uid
        window = _FIRST_WINDOW
        while not self._stopping.is_set():
            self.last_contact = time.monotonic()
            self._drain()
            client.told_of_more()
            before, last = last, self._fetch_new(client, uidvalidity, last)
            self._failures = 0  # only now is it well: some servers let one in, and refuse everything after
            cursor = self._mail_store.seen(self._server.name, datetime.now(UTC))
            if cursor.adopt_since is not None:
                self._adopt(client, cursor, cursor.adopt_since)
            erased = (
                self._mail_store.to_purge()
            )  # asked before filing: the letter that asked to be erased is filed by then
            filed = self._file(cabinet, uidvalidity)
            if self._stopping.is_set():
                return
            if erased and not filed:  # all that was handled lies in its folder now
                cabinet.purge(erased)
                self._mail_store.purged(erased)
                return
            if last != before or filed or client.told_of_more():
                # News of a mail that came meanwhile may have been an aside of another command: IDLE would not
                # repeat it. Wait only after a search that found nothing and heard nothing.
                window = _FIRST_WINDOW
                continue
            self._wait(client, min(window, _WORD_WINDOW) if cursor.lying else window)
            window = min(window * 2, _WINDOW)
            if _uidvalidity(client.folder_status(self._server.folder, ["UIDVALIDITY"])) != uidvalidity:
                return

    def _wait(self, client: MailboxClient, seconds: float) -> None:
        if client.has_capability("IDLE"):
            wait_for_change(client, seconds, self._read_fd)
        else:
            select.select([self._read_fd], [], [], _POLL)
            client.noop()

    def _drain(self) -> None:
        try:
            while os.read(self._read_fd, 512):
                continue
        except BlockingIOError:
            return

    def _open(self, client: MailboxClient) -> MailCursor:
        """Select the folder; the cursor from which reading goes on there."""
        uidvalidity = _uidvalidity(client.select_folder(self._server.folder))
        end = last_uid(client, self._server.folder)
        cursor, now = self._mail_store.cursor(self._server.name), datetime.now(UTC)
        if must_draw(cursor, now, self._longest_stop):
            # What came while this program ran is new, even if the mailbox was out of reach for a while.
            line_at = max(self._started, now - self._longest_stop) if cursor.uidvalidity == 0 else now
            oldest = now - self._max_age
            cursor = draw(client, cursor, uidvalidity=uidvalidity, end=end, line_at=line_at, oldest=oldest, now=now)
            log.info("start_line", lying=cursor.lying, recent=cursor.recent)
            self._mail_store.draw_line(self._server.name, cursor)
        elif cursor.uidvalidity != uidvalidity or cursor.last_uid > end:
            log.warning("folder_renumbered")
            cursor = self._read_anew(client, cursor, uidvalidity, end)
        return cursor

    def _read_anew(self, client: MailboxClient, cursor: MailCursor, uidvalidity: int, end: int) -> MailCursor:
        """The letters have other numbers: read again what came since the line.

        The cursor moves when all of it is stored.
        """
        now = datetime.now(UTC)
        since = max(cursor.line_at or now - self._max_age, now - self._max_age)
        young = measure(client, search(client, 0, end, since=since))
        uids = [u for u, facts in young.items() if (facts.received or now) >= since]
        self._fetch_aside(client, uids, cursor, uidvalidity)
        anew = replace(cursor, uidvalidity=uidvalidity, last_uid=end)
        if cursor.lying:
            anew = replace(anew, lies_after=0, lies_until=end)
        if not self._stopping.is_set():
            self._mail_store.renumber(self._server.name, anew)
        return anew

    def _adopt(self, client: MailboxClient, cursor: MailCursor, since: datetime) -> None:
        """Staff's word: read what lies there since then, unless somebody has answered it or it is too old."""
        uids = search(client, cursor.lies_after, cursor.lies_until, since=max(since, datetime.now(UTC) - self._max_age))
        self._fetch_aside(client, uids, cursor, cursor.uidvalidity, since=since)
        if not self._stopping.is_set():
            self._mail_store.adopted(self._server.name)

    def _fetch_aside(
        self,
        client: MailboxClient,
        uids: Sequence[int],
        cursor: MailCursor,
        uidvalidity: int,
        *,
        since: datetime | None = None,
    ) -> None:
        """Fetch and store letters that the cursor does not count."""

        def store(arrivals: Sequence[Arrival], _last: int) -> None:
            if self._mail_store.store(arrivals, self._server.name, cursor.uidvalidity, cursor.last_uid):
                self._on_store()

        self._fetcher.fetch(client, uids, uidvalidity, store, since=since, stopping=self._stopping.is_set)

    def _fetch_new(self, client: MailboxClient, uidvalidity: int, last: int) -> int:
        """Fetch what has come; the last UID that was dealt with."""
        new = self._confirmed(client, search(client, last))

        def store(arrivals: Sequence[Arrival], until: int) -> None:
            nonlocal last
            last, self._failures = until, 0
            if self._mail_store.store(arrivals, self._server.name, uidvalidity, last):
                self._on_store()

        old = self._fetcher.fetch(client, new, uidvalidity, store, stopping=self._stopping.is_set)
        if old:
            log.info("old_mail_left", count=old)
            self._mail_store.left_old(old)
        return last

    def _confirmed(self, client: MailboxClient, uids: list[int]) -> list[int]:
        """Those of ``uids`` that can be.

        Beyond UIDNEXT only what the server also shows, or one wrong number deafens for ever.
        """
        if not uids or uids[-1] <= (end := last_uid(client, self._server.folder)):
            return uids
        beyond = [u for u in uids if u > end]
        shown = client.letters(beyond[:1000], ["FLAGS"])
        if len(shown) < len(beyond):
            log.warning("impossible_uids", count=len(beyond) - len(shown))
        return [u for u in uids if u <= end or u in shown]

    def _file(self, cabinet: Cabinet, uidvalidity: int) -> bool:
        """Move handled mails to their folders; whether there were any."""
        prefix = f"mail:{self._server.name}:{uidvalidity}:"
        handled = self._mail_store.unfiled(prefix)
        if handled:
            cabinet.file([(int(key.removeprefix(prefix)), state, kind) for key, state, kind in handled])
            self._mail_store.filed([key for key, _, _ in handled])
        return bool(handled)


def _uidvalidity(said: dict[bytes, object]) -> int:
    value = said.get(b"UIDVALIDITY")
    if not isinstance(value, int) or value < 1:
        msg = "the server does not tell UIDVALIDITY"
        raise StrangeAnswerError(msg)
    return value


def _hang_up(client: MailboxClient) -> None:
    """Leave politely if the line still works, and let go of the socket in any case; never raises."""
    with suppress(*_TROUBLE):
        client.logout()
        return
    with suppress(*_TROUBLE):
        client.shutdown()
    with suppress(*_TROUBLE, AttributeError):
        client.socket().close()
