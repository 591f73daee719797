"""Answers without end, too large or too slow: the line is given up, memory stays bounded, and stopping stays quick."""

import imaplib
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from mail.imap import wire
from mail.imap.connecting import open_mailbox
from mail.server import read_server
from tests.mail.conftest import Ear, mail
from tests.support.fakeimap import FakeImap, MemoryMailStore

Listen = Callable[..., Ear]


def test_stopping_does_not_wait_for_a_dripping_letter(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    fake.add(mail(1, words="x" * 5000))
    fake.ways.drips = 0.05
    ear = listen()
    ear.hears(lambda: fake.asked.get(1))
    assert ear.stops() < 8


def test_a_dripping_letter_is_cut_off_and_the_next_are_read(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_PATIENCE", 0.3)
    monkeypatch.setattr(wire, "_BEAT", 0.05)
    fake.add(mail(1, words="x" * 500))
    fake.ways.drips = 0.1
    ear = listen()
    ear.hears(lambda: fake.asked.get(1, 0) > 4, patience=30)
    fake.ways.drips = 0
    fake.add(mail(2))
    ear.hears(lambda: mail_store.where.last_uid == 2, patience=30)
    assert len(mail_store.stored) == 2


def test_a_huge_literal_is_refused_before_it_is_read(
    fake: FakeImap, mail_store: MemoryMailStore, listen: Listen
) -> None:
    fake.add(mail(1))
    fake.ways.literal = 2**31 - 1
    tracemalloc.start()
    listen().hears(lambda: mail_store.where.last_uid == 1, patience=20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(mail_store.stored) == 1  # a note for a person
    assert peak < 50_000_000


class Babbler:
    """Says ``greeting`` and then ``forever``, again and again."""

    def __init__(self, greeting: bytes, forever: bytes) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.greeting, self.forever = greeting, forever
        self.lines: list[socket.socket] = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        try:
            while True:
                line, _ = self.server.accept()
                self.lines.append(line)
                line.sendall(self.greeting)
                while self.forever:
                    line.sendall(self.forever)
        except OSError:
            return


@pytest.fixture
def babbler() -> Iterator[Callable[..., Babbler]]:
    made: list[Babbler] = []

    def make(greeting: bytes, forever: bytes = b"") -> Babbler:
        made.append(Babbler(greeting, forever))
        return made[-1]

    yield make
    for one in made:
        for line in (one.server, *one.lines):
            line.close()


@pytest.mark.parametrize(
    ("greeting", "forever"),
    [
        (b"* OK ready\r\n", b"* OK still here\r\n" * 500),  # untagged lines without end
        (b"* OK ", b"x" * 8000),  # one line without end
        (b"* OK ready\r\n* SEARCH ", b"1 2 3 4 " * 1000),
        (b"* OK {999999999999}\r\n", b""),
    ],
)
def test_a_server_that_never_comes_to_its_point_is_left(
    babbler: Callable[..., Babbler], greeting: bytes, forever: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_LINES", 5000)
    server = read_server(f"imap://bot:segreta@127.0.0.1:{babbler(greeting, forever).port}/INBOX", "IMAP_URL")
    tracemalloc.start()
    with pytest.raises(imaplib.IMAP4.abort):
        open_mailbox(server, most=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_a_silent_server_is_left_in_time(babbler: Callable[..., Babbler], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_PATIENCE", 0.5)
    monkeypatch.setattr(wire, "_BEAT", 0.1)
    server = read_server(f"imap://bot:segreta@127.0.0.1:{babbler(b'').port}/INBOX", "IMAP_URL")
    begun = time.monotonic()
    with pytest.raises(imaplib.IMAP4.abort):
        open_mailbox(server)
    assert time.monotonic() - begun < 10


def test_what_is_said_before_starttls_does_not_count_after_it(babbler: Callable[..., Babbler]) -> None:
    """An injected answer (RFC 9051 §11.1; NO STARTTLS, USENIX 2021): CAPABILITY, OK, and more words in one breath."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = server.accept()
        lines = line.makefile("rb")
        line.sendall(b"* OK ready\r\n")
        tag = lines.readline().split()[0]
        line.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n")
        tag = lines.readline().split()[0]
        line.sendall(tag + b" OK go\r\n* CAPABILITY IMAP4rev1 INJECTED\r\n")
        time.sleep(1)

    threading.Thread(target=serve, daemon=True).start()
    port = server.getsockname()[1]
    mailbox = wire.MailboxClient(
        read_server(f"imap://u:p@127.0.0.1:{port}/INBOX", "IMAP_URL"), most=10_000, leaving=lambda: None
    )

    class NoTls:
        def wrap_socket(self, sock: socket.socket, **_: object) -> socket.socket:
            return socket.socket(fileno=sock.detach())  # stands for the encrypted line

    with pytest.raises(imaplib.IMAP4.abort, match="encryption"):
        mailbox.starttls(NoTls())
    server.close()
