"""The line to the mail server: IMAPClient whose answers are bounded in size and time, and which ends when told to.

imaplib believes what a server announces: a literal of two gigabytes is read into memory, one that drips keeps the
thread for ever. Here every answer to a command has an allowance of bytes and of time, and somebody who wants to leave
is let go within seconds.
"""

import imaplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

from imapclient import IMAPClient

from mail.imap.answers import read_fetched
from mail.server import MailServer

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

_CONNECT = 10.0
#: Seconds within which an answer begins; from then on its bytes buy time, so that a slow line may finish and a dripping
#: one may not.
_PATIENCE = 60.0
_SLOWEST = 16 * 1024  # bytes a second, on average
#: How often a waiting reader looks whether it should leave, and how long an answer under way may still take then.
_BEAT, _PARTING = 1.0, 3.0
#: What an answer may hold beyond the letters that were asked for: headers of responses, sizes that a server only
#: guesses.
_MARGIN = 4 * 1024 * 1024
#: Lines in one answer: a folder that is emptied tells of each letter.
_LINES = 100_000
_CHUNK = 64 * 1024


class StrangeAnswerError(imaplib.IMAP4.abort):
    """An answer that is too long, too slow, or makes no sense; the line is given up."""


class Wire(imaplib.IMAP4):
    """imaplib's protocol over a socket of our own reading.

    ``most``: bytes that the letters of one answer may hold. ``leaving``: since when (``time.monotonic``) somebody wants
    to leave, or ``None``.
    """

    def __init__(self, server: MailServer, most: int, leaving: Callable[[], float | None]) -> None:
        self._server = server
        self._most = most + _MARGIN
        self._leaving = leaving
        self._ahead = bytearray()
        self._heard_on: Any = None
        self._begin()
        super().__init__(server.host, server.port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002 - imaplib's signature
        sock = socket.create_connection((self._server.host, self._server.port), _CONNECT)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
        return self._server.context().wrap_socket(sock, server_hostname=self._server.host) if self._server.tls else sock

    def _begin(self) -> None:
        """A new answer: its allowance of bytes and time begins."""
        self._taken, self._lines, self._since = 0, 0, time.monotonic()

    def send(self, data: "Buffer") -> None:
        """Send, and expect an answer from now on."""
        self._begin()
        self.sock.settimeout(_PATIENCE)
        super().send(data)

    def read(self, size: int) -> bytes:
        """A literal of ``size`` bytes (RFC 9051 §4.3).

        Raises ``StrangeAnswerError``, before reading, when it is too large.
        """
        self._insist_on_encryption()
        if size > self._most - self._taken + len(self._ahead):
            msg = f"a literal of {size} bytes"
            raise StrangeAnswerError(msg)
        while len(self._ahead) < size:
            self._receive()
        return self._take(size)

    def readline(self) -> bytes:
        """The next line with its end."""
        self._insist_on_encryption()
        start = 0
        while (end := self._ahead.find(b"\n", start)) < 0:
            start = len(self._ahead)
            self._receive()
        self._lines += 1
        if self._lines > _LINES:
            msg = "an answer without end"
            raise StrangeAnswerError(msg)
        return self._take(end + 1)

    def has_more(self) -> bool:
        """Whether bytes have come that nobody has read, and that ``poll`` cannot see."""
        return bool(self._ahead) or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0)

    def _insist_on_encryption(self) -> None:
        """Nothing that was said before STARTTLS counts after it: nobody knows who said it."""
        if self._ahead and self._heard_on is not self.sock:
            msg = "words before the encryption"
            raise StrangeAnswerError(msg)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._ahead[:size])
        del self._ahead[:size]
        return taken

    def _receive(self) -> None:
        """Add to the read-ahead what the server sends next."""
        self._heard_on = self.sock
        self.sock.settimeout(_BEAT)
        data = None
        while data is None:
            self._look_at_clock()
            with suppress(TimeoutError):
                data = self.sock.recv(_CHUNK)
        self.sock.settimeout(_CONNECT)
        if not data:
            msg = "the server has gone"
            raise imaplib.IMAP4.abort(msg)
        self._taken += len(data)
        if self._taken > self._most:
            msg = "an answer without end"
            raise StrangeAnswerError(msg)
        self._ahead += data

    def _look_at_clock(self) -> None:
        now = time.monotonic()
        if now > self._since + _PATIENCE + self._taken / _SLOWEST:
            msg = "an answer that does not come to its end"
            raise StrangeAnswerError(msg)
        asked = self._leaving()
        if asked is not None and now > asked + _PARTING:
            msg = "left in the middle of an answer"
            raise imaplib.IMAP4.abort(msg)


def _understood(name: str) -> Callable[..., Any]:
    """IMAPClient's method, which for an answer that makes no sense raises whatever its parser stumbled over."""
    method = getattr(IMAPClient, name)

    @wraps(method)
    def ask(client: "MailboxClient", *given: Any, **named: Any) -> Any:
        with _sense():
            return method(client, *given, **named)

    return ask


@contextmanager
def _sense() -> Iterator[None]:
    try:
        yield
    except OSError:  # a certificate that cannot be verified is a ValueError as well
        raise
    except (
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        AssertionError,
        RecursionError,
    ) as error:
        raise StrangeAnswerError(type(error).__name__) from error


class MailboxClient(IMAPClient):  # type: ignore[misc] # IMAPClient has no types
    """IMAPClient over a ``Wire``.

    Raises ``OSError`` or ``imaplib.IMAP4.error`` for everything that a server may do wrong.
    """

    def __init__(self, server: MailServer, *, most: int, leaving: Callable[[], float | None]) -> None:
        self._server, self._most, self._leave = server, most, leaving
        super().__init__(server.host, server.port, ssl=server.tls)
        self.normalise_times = False
        self._imap.debug = 0  # IMAPClient has every line written out for a log that nobody keeps

    def _create_IMAP4(self) -> Wire:  # noqa: N802 - IMAPClient's name
        with _sense():
            return Wire(self._server, self._most, self._leave)

    search, select_folder, folder_status = map(_understood, ("search", "select_folder", "folder_status"))
    list_folders, namespace, capabilities = map(_understood, ("list_folders", "namespace", "capabilities"))
    starttls, login, oauth2_login = map(_understood, ("starttls", "login", "oauth2_login"))
    idle, idle_done = map(_understood, ("idle", "idle_done"))

    def has_more(self) -> bool:
        """Whether bytes have come that ``poll`` cannot see."""
        return bool(self._imap.has_more())

    def told_of_more(self) -> bool:
        """Whether the server has said EXISTS since this was last asked."""
        return self._imap.untagged_responses.pop("EXISTS", None) is not None

    def letters(self, uids: Sequence[int], items: Sequence[str]) -> dict[int, dict[bytes, Any]]:
        """What FETCH says of those of ``uids`` that it names.

        IMAPClient takes a response without UID for that of the letter whose UID equals its sequence number: here it
        counts for nobody.
        """
        if not uids:
            return {}
        tag = self._imap._command("UID", "FETCH", ",".join(map(str, uids)), f"({' '.join(items)})")  # noqa: SLF001 - as IMAPClient.fetch
        kind, data = self._imap._command_complete("FETCH", tag)  # noqa: SLF001 - as above
        self._checkok("fetch", kind, data)
        _, data = self._imap._untagged_response(kind, data, "FETCH")  # noqa: SLF001 - as above
        with _sense():
            found = read_fetched(data)
        by_uid = {said.get(b"UID"): said for said in found.values()}
        return {uid: by_uid[uid] for uid in uids if uid in by_uid}
