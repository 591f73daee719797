"""Bad weather between the bot and a server.

A port on loopback that passes everything on, until it is told otherwise.
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from enum import Enum


class Sky(Enum):
    """What the relay does. ``HANG``: nothing passes any more; ``RESET``: connections are torn down;
    ``MUTE``: what the server answers after the end of a mail is swallowed, and the line dropped; ``NO``: every IMAP
    command is refused; ``DEFER``: every RCPT is answered 451.
    """

    FAIR = "fair"
    HANG = "hang"
    RESET = "reset"
    MUTE = "mute"
    NO = "no"
    DEFER = "defer"


class Weather:
    """A proxy in front of ``port``. ``await open()``, connect to ``.port``, ``turns(Sky.HANG)``."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self.port = 0
        self.sky = Sky.FAIR
        self.refused = 0
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen on ``port``."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End everything; also when it was never opened."""
        if self._server is None:
            return
        self._server.close()
        self.tear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def turns(self, sky: Sky) -> None:
        """The weather changes; a reset tears down what is open."""
        self.sky = sky
        if sky is Sky.RESET:
            self.tear()

    def tear(self) -> None:
        """End every connection without a word."""
        for line in list(self._lines):
            line.transport.abort()
        self._lines.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.sky is Sky.RESET:
            self.refused += 1
            writer.transport.abort()
            return
        self._lines.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
            self._lines.add(inner_writer)
            try:
                await asyncio.gather(
                    self._pump(reader, inner_writer, lambda data: self._from_client(data, writer)),
                    self._pump(inner_reader, writer, self._from_server),
                )
            finally:
                for line in (writer, inner_writer):
                    self._lines.discard(line)
                    line.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, look: Callable[[bytes], bytes]
    ) -> None:
        while data := await reader.read(65536):
            while self.sky is Sky.HANG:
                await asyncio.sleep(0.02)
            passed = look(data)
            if passed:
                writer.write(passed)
                await writer.drain()
        writer.close()

    def _from_client(self, data: bytes, back: asyncio.StreamWriter) -> bytes:
        if self.sky is Sky.DEFER and data.upper().startswith(b"RCPT"):
            self.refused += 1
            back.write(b"451 4.7.1 Greylisted, come back later\r\n")
            return b""
        if self.sky is Sky.NO and (tag := re.match(rb"(\w+) (?!LOGOUT)", data)):
            self.refused += 1
            back.write(tag[1] + b" NO [SERVERBUG] Internal error\r\n")
            return b""
        return data

    def _from_server(self, data: bytes) -> bytes:
        if self.sky is Sky.MUTE and re.match(rb"250 2\.0\.0 ", data):
            self.refused += 1
            self.tear()
            return b""
        return data
