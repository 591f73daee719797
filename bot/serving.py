"""uvicorn inside our own event loop: the supervisor owns the signals, the socket is opened before "ready".

Connections are bounded in number and in time, so that whoever holds them open takes no file from the mailbox or the
database, which live in the same process.
"""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Seconds in which a request must have come whole. Telegram sends one at once, a browser in a second or two.
REQUEST_SECONDS = 15.0
#: Bytes of a request's line and headers; the limit of many servers is 8 or 16 KiB.
_HEAD = 64 * 1024
#: Open connections: far more than a town's page and Telegram (100 at most, setWebhook) need.
_MOST = 256
#: Of the files that the process may open, the part that the web may take.
_SHARE = 4
#: What every answer carries. Browsers heed the first only over TLS.
_HEADERS = [
    ("Strict-Transport-Security", "max-age=31536000"),
    ("X-Content-Type-Options", "nosniff"),
]


#: Seconds.
_TICK = 1.0


class Server(uvicorn.Server):
    """uvicorn without its signal handlers; told to end it ends, instead of looking ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        self._told = asyncio.Event()
        super().__init__(config)

    @property
    def should_exit(self) -> bool:
        """Whether it was told to end."""
        return self._told.is_set()

    @should_exit.setter
    def should_exit(self, told: bool) -> None:
        (self._told.set if told else self._told.clear)()

    async def main_loop(self) -> None:
        """Until it is told to end; the date that answers carry is kept to the second."""
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), _TICK)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the supervisor."""
        yield


def most_connections() -> int:
    """How many connections may be open at once: a quarter of the files this process may open, 256 at most."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if files == resource.RLIM_INFINITY else max(1, min(_MOST, files // _SHARE))


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it; a request that does not come whole in time, or has too long a head, is dropped.

    One connection too many costs the one that has waited longest, not the newcomer: who holds them open locks nobody
    out.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection, for which there must be room."""
        super().connection_made(transport)
        self._deadline: asyncio.TimerHandle | None = None
        self._head: int | None = None
        self._last_contact = self.loop.time()
        self._expect()
        while len(self.connections) > most_connections():
            oldest = min((c for c in self.connections if isinstance(c, BoundedProtocol)), key=BoundedProtocol._standing)
            self.connections.discard(oldest)
            oldest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes: of a request that is under way, or that now begins."""
        if self._deadline is None:
            self._expect()
        before = self._head
        super().data_received(data)
        if before is not None and self._head is not None:  # the head went on through all of this
            self._head += len(data)
            if self._head > _HEAD:
                self.transport.abort()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is over; what follows is bounded by who reads it."""
        self._head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request has come whole; another may follow."""
        self._came()
        self._last_contact = self.loop.time()
        super().on_message_complete()

    def _standing(self) -> tuple[bool, float]:
        """What goes first when there are too many: those that are not being answered, then the oldest."""
        answered = self.cycle is None or self.cycle.response_complete
        return not answered and self._deadline is None, self._last_contact

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def make_server(app: Any, host: str, port: int) -> Server:
    """A server for ``app``; no access log, because signed links are personal data."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=20,
        lifespan="off",
        server_header=False,
        headers=_HEADERS,
    )
    return Server(config)
