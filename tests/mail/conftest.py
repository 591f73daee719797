"""A listener of one's own on a fake server."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mail.imap.listening import Listener, MailStore
from mail.server import Folders, read_server
from tests.support.fakeimap import FakeImap, MemoryMailStore


@pytest.fixture
def fake() -> Iterator[FakeImap]:
    server = FakeImap()
    yield server
    server.close()


@pytest.fixture
def mail_store() -> MemoryMailStore:
    return MemoryMailStore()


class Ear:
    """A listener at work; ``hears`` waits for something to come true."""

    def __init__(self, fake: FakeImap, mail_store: MailStore, **given: Any) -> None:
        server = read_server(fake.url, "IMAP_URL")
        self.listener = Listener(server, mail_store, folders=Folders(), **given)

        # No pauses between attempts: tests are about how many there are.
        def pause(seconds: float) -> None:
            time.sleep(0.005)

        self.listener._pause = pause  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self.listener.run, daemon=True)
        self._thread.start()

    def hears(self, look: Callable[[], Any], *, patience: float = 10.0) -> None:
        end = time.monotonic() + patience
        while not look():
            assert time.monotonic() < end, "waited in vain"
            self.listener.wake()
            time.sleep(0.01)

    def stops(self, patience: float = 20.0) -> float:
        """How long it took."""
        begun = time.monotonic()
        self.listener.stop()
        self._thread.join(patience)
        assert not self._thread.is_alive()
        self.listener.close()
        return time.monotonic() - begun


@pytest.fixture
def listen(fake: FakeImap, mail_store: MemoryMailStore) -> Iterator[Callable[..., Ear]]:
    """Start a listener; everything that lies in the folder counts as new unless ``started`` says otherwise."""
    ears: list[Ear] = []

    def start(**given: Any) -> Ear:
        ears.append(Ear(fake, mail_store, **{"started": datetime.now(UTC) - timedelta(hours=1)} | given))
        return ears[-1]

    yield start
    for ear in ears:
        if ear._thread.is_alive():
            ear.stops()


def mail(number: int, *, words: str = "", headers: str = "") -> bytes:
    text = words or f"lettera {number}"
    return (
        f"From: Anna <anna{number}@posta.example>\r\nMessage-ID: <m{number}@posta.example>\r\n{headers}\r\n{text}"
    ).encode()
