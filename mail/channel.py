"""The mailbox as a channel: listened to in a thread of its own, read in a process with limits, answered over SMTP."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from mail.imap.listening import Listener
from mail.reading.confined import ConfinedReader
from mail.smtp.sending import MailTransport


class MailChannel:
    """One mailbox. ``make_listener``: a new one each time that this worker is the one who listens."""

    def __init__(self, transport: MailTransport, read: ConfinedReader, make_listener: Callable[[], Listener]) -> None:
        self.transport = transport
        self.read = read
        self._make_listener = make_listener
        self._listener: Listener | None = None

    async def listen(self) -> None:
        """Listen until ``stop_listening``."""
        listener = self._listener = self._make_listener()
        try:
            await asyncio.to_thread(listener.run)
        finally:
            self._listener = None
            listener.close()

    def stop_listening(self) -> None:
        """End ``listen`` soon, if it runs."""
        if self._listener is not None:
            self._listener.stop()

    def last_contact(self) -> datetime | None:
        """When the server last answered this worker (real time)."""
        at = self._listener.last_contact if self._listener is not None else None
        return None if at is None else datetime.now(UTC) - timedelta(seconds=time.monotonic() - at)

    def note_handled(self) -> None:
        """Letters were handled: have them filed at once."""
        if self._listener is not None:
            self._listener.wake()

    async def close(self) -> None:
        """End the reading process and the connection to the relay."""
        await asyncio.to_thread(self.read.close)
        await self.transport.close()
