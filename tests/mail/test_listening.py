"""The mailbox in trouble: patience with a server that lets one in and refuses the rest.

Nothing written to a closed pipe.
"""

import imaplib
import os
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mail.imap import listening
from mail.imap.listening import Listener
from mail.server import Folders, read_server


class Hollow:
    """A server that accepts the log-in and refuses to open the folder."""

    def list_folders(self) -> list[Any]:
        return []

    def create_folder(self, _name: str) -> None: ...

    def has_capability(self, _name: str) -> bool:
        return False

    def namespace(self) -> Any:
        return SimpleNamespace(personal=(("", "/"),))

    def select_folder(self, _name: str) -> None:
        raise imaplib.IMAP4.error("NO [SERVERBUG]")

    def logout(self) -> None: ...


def listener() -> Listener:
    server = read_server("imap://bot:segreta@127.0.0.1:1/INBOX", "IMAP_URL")
    mail_store: Any = None
    return Listener(
        server, mail_store, folders=Folders("a", "b", "c"), on_login_refused=lambda: None, on_store=lambda: None
    )


def test_who_is_let_in_and_then_refused_knocks_less_and_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "open_mailbox", lambda *_, **__: Hollow())
    monkeypatch.setattr(random, "uniform", lambda *_: 1.0)
    pauses: list[float] = []
    heard = listener()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 8:
            heard.stop()

    monkeypatch.setattr(heard, "_pause", pause)
    heard.run()
    heard.close()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_closed_listener_writes_into_nobodys_file(tmp_path: Path) -> None:
    closed = listener()
    closed.close()
    files = [os.open(tmp_path / str(n), os.O_CREAT | os.O_RDWR) for n in range(6)]  # the freed numbers are among these
    closed.wake()
    closed.stop()
    for file in files:
        os.close(file)
    assert [(tmp_path / str(n)).read_bytes() for n in range(6)] == [b""] * 6
