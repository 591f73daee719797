"""Mailbox → inbox: one thread, one connection, for ever.

1. Connect (back off 1 to 60 s, for ever; a refused login 60 to 900 s and staff hear of it).
2. Select the folder. When its UIDVALIDITY changed, read it all again: known Message-IDs are not answered twice.
3. Search what came after the last UID; ask the sizes of a thousand, fetch in batches of at most 100 messages or 8 MiB; what is larger than the
   limit is fetched without its body.
4. Store each batch and the cursor in one transaction. Only then does it count as read.
5. Move what has been handled to its folder. A courtesy to people who look into the mailbox: the truth is the database.
   Delete from the folders the letters of those who were erased.
6. Wait for new mail (IDLE windows from two seconds to two minutes; without IDLE, look once a minute) and go to 3, whatever
   IDLE said.
"""

import hashlib
import imaplib
import os
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Any, Protocol

import structlog
from imapclient.exceptions import LoginError

from conversation.message import Channel
from db.inbox import Arrival
from mail.connecting import open_mailbox
from mail.headers import message_ids
from mail.idle import wait_for_change
from mail.reading import OVERSIZED, sender_of
from mail.server import Folders, Server
from mail.tokens import Token, TokenError

log = structlog.get_logger("mail")

# Some servers do not tell of a mail that came between the search and IDLE: the first windows are short, so that after
# any traffic the next search is near.
_FIRST_WINDOW, _WINDOW = 2.0, 120.0
_POLL = 60.0
_MEASURED, _BATCH, _BATCH_BYTES = 1000, 100, 8 * 1024 * 1024
#: The empty line that ends the header (RFC 5322 §2.1), for letters with bare line feeds too.
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_TROUBLE = (OSError, imaplib.IMAP4.error, TokenError)


class Shelf(Protocol):
    """What the listener needs of the database, callable from its thread."""

    def cursor(self, mailbox: str) -> tuple[int, int]:
        """Where reading stopped."""
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
    """Runs in its own thread: ``run`` returns after ``stop``."""

    def __init__(
        self,
        server: Server,
        shelf: Shelf,
        *,
        folders: Folders,
        token: Token | None = None,
        on_login_refused: Callable[[], None] = lambda: None,
        on_store: Callable[[], object] = lambda: None,
        max_bytes: int = 25 * 1024 * 1024,
        max_age: timedelta = timedelta(days=7),
    ) -> None:
        self._server = server
        self._shelf = shelf
        self._folders = folders
        self._token = token
        self._on_login_refused = on_login_refused
        self._on_store = on_store
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._stopping = threading.Event()
        self._failures = 0
        self._pipe = threading.Lock()
        self._read_fd, self._write_fd = os.pipe()
        os.set_blocking(self._read_fd, False)
        #: When the server last answered (``time.monotonic``); ``None`` before the first time.
        self.last_contact: float | None = None

    def stop(self) -> None:
        """End ``run`` soon; from any thread."""
        self._stopping.set()
        self.wake()

    def wake(self) -> None:
        """Look now: something was handled and wants filing; from any thread."""
        with self._pipe, suppress(OSError):
            if self._write_fd >= 0:
                os.write(self._write_fd, b"x")

    def close(self) -> None:
        """Release the wake-up pipe, after ``run`` has returned. Waking it then does nothing: the number may be another file's."""
        with self._pipe:
            os.close(self._read_fd)
            os.close(self._write_fd)
            self._read_fd = self._write_fd = -1

    def run(self) -> None:
        """Listen until stopped."""
        while not self._stopping.is_set():
            client = None
            try:
                client = open_mailbox(self._server, self._token)
                self._prepare(client)
                while not self._stopping.is_set():
                    self._round(client)
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

    def _prepare(self, client: Any) -> None:
        self._prefix, self._separator = _namespace(client)
        known = {name for _, _, name in client.list_folders()}
        for folder in (self._folders.handled, self._folders.automatic, self._folders.for_staff):
            name = self._folder(folder)
            if name not in known:
                try:
                    client.create_folder(name)
                except imaplib.IMAP4.error:
                    log.warning("folder_not_created")
        self._can_idle = client.has_capability("IDLE")
        self._can_move = client.has_capability("MOVE")

    def _folder(self, name: str) -> str:
        """The folder's full name on this server: some keep all of them under INBOX, some separate by a dot."""
        return self._prefix + name.replace("/", self._separator)

    def _round(self, client: Any) -> None:
        chosen = client.select_folder(self._server.folder)
        uidvalidity = int(chosen[b"UIDVALIDITY"])
        known, last = self._shelf.cursor(self._server.name)
        if known != uidvalidity:
            if known:
                log.warning("uidvalidity_changed")
            last = 0
        window = _FIRST_WINDOW
        while not self._stopping.is_set():
            self.last_contact = time.monotonic()
            self._drain()
            _told_of_more(client)
            before, last = last, self._fetch_new(client, uidvalidity, last)
            self._failures = 0  # only now is it well: some servers let one in, and refuse everything after
            erased = self._shelf.to_purge()  # asked before filing: the letter that asked to be erased is filed by then
            filed = self._file(client, uidvalidity)
            if self._stopping.is_set():
                return
            if erased and not filed:  # all that was handled lies in its folder now
                self._purge(client, erased)
                return
            if last != before or filed or _told_of_more(client):
                # News of a mail that came meanwhile may have been an aside of another command: IDLE would not
                # repeat it. Wait only after a search that found nothing and heard nothing.
                window = _FIRST_WINDOW
                continue
            if self._can_idle:
                wait_for_change(client, window, self._read_fd)
                window = min(window * 2, _WINDOW)
            else:
                self._sleep(_POLL)
                client.noop()
            if int(client.folder_status(self._server.folder, ["UIDVALIDITY"])[b"UIDVALIDITY"]) != uidvalidity:
                return

    def _sleep(self, seconds: float) -> None:
        import select

        select.select([self._read_fd], [], [], seconds)

    def _drain(self) -> None:
        try:
            while os.read(self._read_fd, 512):
                continue
        except BlockingIOError:
            return

    def _fetch_new(self, client: Any, uidvalidity: int, last: int) -> int:
        # A server answers "n:*" with its last message even when n is past it: filter.
        new = sorted(uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last)
        for start in range(0, len(new), _MEASURED):
            chunk = new[start : start + _MEASURED]
            sizes = client.fetch(chunk, ["RFC822.SIZE", "INTERNALDATE"])
            for batch in self._batches(chunk, sizes):
                if self._stopping.is_set():
                    return last
                arrivals = self._fetch_batch(client, batch, sizes, uidvalidity)
                last = max(batch)
                if self._shelf.store(arrivals, self._server.name, uidvalidity, last):
                    self._on_store()
        return last

    def _batches(self, uids: list[int], sizes: dict[int, dict[bytes, Any]]) -> list[list[int]]:
        batches: list[list[int]] = [[]]
        weight = 0
        for uid in uids:
            size = min(int(sizes.get(uid, {}).get(b"RFC822.SIZE", 0)), self._max_bytes)
            if len(batches[-1]) == _BATCH or (batches[-1] and weight + size > _BATCH_BYTES):
                batches.append([])
                weight = 0
            batches[-1].append(uid)
            weight += size
        return batches

    def _fetch_batch(
        self, client: Any, uids: list[int], sizes: dict[int, dict[bytes, Any]], uidvalidity: int
    ) -> list[Arrival]:
        oldest = datetime.now(UTC) - self._max_age
        wanted = [u for u in uids if u in sizes and _received(sizes[u]) >= oldest]
        if len(wanted) < len(uids):
            log.info("old_mail_left", count=len(uids) - len(wanted))
        whole = [u for u in wanted if int(sizes[u].get(b"RFC822.SIZE", 0)) <= self._max_bytes]
        arrivals = {}
        if whole:
            for uid, data in client.fetch(whole, ["BODY.PEEK[]"]).items():
                arrivals[uid] = self._arrival(bytes(data.get(b"BODY[]") or b""), uid, uidvalidity)
        for uid in set(wanted) - set(whole):
            data = client.fetch([uid], ["BODY.PEEK[HEADER]"]).get(uid, {})
            head = bytes(data.get(b"BODY[HEADER]") or b"")[:65536]
            arrivals[uid] = self._arrival(OVERSIZED + head, uid, uidvalidity)
        return [arrivals[uid] for uid in sorted(arrivals)]

    def _arrival(self, raw: bytes, uid: int, uidvalidity: int) -> Arrival:
        try:
            head = BytesHeaderParser(policy=compat32).parsebytes(_END_OF_HEAD.split(raw[:65536], maxsplit=1)[0])
            sender, named = sender_of(head), message_ids(str(head.get("Message-ID") or ""))
        except Exception:  # one unreadable header must not stop the mailbox: the clerk sets such a mail aside
            log.exception("unreadable_headers", uid=uid)
            sender, named = "", []
        # Some devices give every mail the same id, or an empty one: the sender is part of the identity.
        known = f"{named[0]}|{sender}" if named and "@" in named[0] else ""
        return Arrival(
            key=f"mail:{self._server.name}:{uidvalidity}:{uid}",
            channel=Channel.EMAIL,
            sender=sender,
            payload=raw,
            message_id=known if 0 < len(known) <= 400 and known.isprintable() else _digest(raw),
        )

    def _file(self, client: Any, uidvalidity: int) -> bool:
        """Move handled mails to their folders; whether there were any."""
        prefix = f"mail:{self._server.name}:{uidvalidity}:"
        handled = self._shelf.unfiled(prefix)
        by_folder: dict[str, list[int]] = {}
        for key, state, kind in handled:
            by_folder.setdefault(self._folders.of(state, kind), []).append(int(key.removeprefix(prefix)))
        try:
            for folder, uids in by_folder.items():
                self._move(client, uids, self._folder(folder))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            # The server says NO: the mails stay where they are; they have been handled all the same.
            log.warning("filing_refused", count=len(handled))
        if handled:
            self._shelf.filed([key for key, _, _ in handled])
        return bool(handled)

    def _purge(self, client: Any, erased: Sequence[str]) -> None:
        """Delete the handled letters of those who were erased; afterwards another folder is open.

        What a server refuses is left, and said: it must keep nobody else's letters waiting.
        """
        for folder in (self._folders.handled, self._folders.automatic, self._folders.for_staff):
            for value in erased:
                try:
                    client.select_folder(self._folder(folder))
                    self._delete(client, _written_by(client, value))
                except imaplib.IMAP4.abort:
                    raise
                except imaplib.IMAP4.error:
                    log.warning("purge_refused")
        self._shelf.purged(erased)

    def _delete(self, client: Any, uids: list[int]) -> None:
        if not uids:
            return
        client.delete_messages(uids, silent=True)
        if client.has_capability("UIDPLUS"):
            client.uid_expunge(uids)
        else:
            client.expunge()

    def _move(self, client: Any, uids: list[int], folder: str) -> None:
        if self._can_move:
            client.move(uids, folder)
            return
        client.copy(uids, folder)
        self._delete(client, uids)


def _written_by(client: Any, address: str) -> list[int]:
    """The mails of the open folder that ``address`` wrote, certified ones included (there it stands in Reply-To)."""
    # Quoted here: a local part may hold characters that a server takes for syntax.
    quoted = '"' + address.replace("\\", "\\\\").replace('"', '\\"') + '"'
    found = client.search(f"OR FROM {quoted} HEADER Reply-To {quoted}", None if address.isascii() else "UTF-8")
    if not found:
        return []
    heads = client.fetch(found, ["BODY.PEEK[HEADER]"])
    return [uid for uid, data in heads.items() if sender_of(_head(data)) == address]


def _head(data: dict[bytes, Any]) -> Message:
    return BytesHeaderParser(policy=compat32).parsebytes(bytes(data.get(b"BODY[HEADER]") or b""))


def _told_of_more(client: Any) -> bool:
    """Whether the server has said EXISTS since this was last asked."""
    return client._imap.untagged_responses.pop("EXISTS", None) is not None  # noqa: SLF001 - imaplib keeps it there


def _digest(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def _namespace(client: Any) -> tuple[str, str]:
    """Prefix and separator of the personal folders (RFC 2342)."""
    try:
        prefix, separator = client.namespace().personal[0]
    except (imaplib.IMAP4.error, IndexError, TypeError, ValueError):
        return "", "/"
    as_text = [part.decode() if isinstance(part, bytes) else str(part or "") for part in (prefix, separator)]
    return as_text[0], as_text[1] or "/"


def _received(data: dict[bytes, Any]) -> datetime:
    when = data.get(b"INTERNALDATE")
    if not isinstance(when, datetime):
        return datetime.now(UTC)
    return when.astimezone(UTC)


def _hang_up(client: Any) -> None:
    """Leave politely if the line still works, and let go of the socket in any case; never raises."""
    with suppress(*_TROUBLE):
        client.logout()
        return
    with suppress(*_TROUBLE):
        client.shutdown()
    with suppress(*_TROUBLE, AttributeError):
        client.socket().close()
