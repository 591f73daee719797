"""When the machine or the database fails, that is not counted against the message that was at hand."""

import errno
import sqlite3
from datetime import timedelta
from typing import Any

import pytest
from psycopg import errors as pg
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from db.faults import is_outage
from handlers.dispatch import handle
from tests.support.rehearsal import Rehearsal
from workers import incoming


def lite(name: str) -> Exception:
    error = sqlite3.OperationalError(name)
    error.sqlite_errorname = name
    return OperationalError("x", {}, error)


OUTAGES = [
    OSError(errno.EMFILE, "too many open files"),
    OSError(errno.ENOSPC, "no room"),
    ConnectionResetError(),
    PoolTimeoutError("QueuePool limit"),
    lite("SQLITE_FULL"),
    lite("SQLITE_CANTOPEN"),
    lite("SQLITE_IOERR_WRITE"),
    lite("SQLITE_BUSY"),
    OperationalError("x", {}, pg.AdminShutdown()),
    OperationalError("x", {}, pg.DeadlockDetected()),
    OperationalError("x", {}, pg.OperationalError("connection refused")),
]
OWN = [
    ValueError("x"),
    KeyError("x"),
    RecursionError(),
    TimeoutError(),
    FileNotFoundError(errno.ENOENT, "x"),
    lite("SQLITE_ERROR"),
    lite("SQLITE_TOOBIG"),
    OperationalError("x", {}, pg.StatementTooComplex()),
    DataError("x", {}, pg.UntranslatableCharacter()),
    ProgrammingError("x", {}, sqlite3.ProgrammingError("x")),
]


@pytest.mark.parametrize(("error", "outage"), [*((e, True) for e in OUTAGES), *((e, False) for e in OWN)], ids=repr)
def test_outages_are_told_from_faults_of_the_work(error: Exception, *, outage: bool) -> None:
    assert is_outage(error) is outage
    wrapped = RuntimeError("while reading")
    wrapped.__cause__ = error
    assert is_outage(wrapped) is outage


async def test_an_outage_uses_up_no_attempt(rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failures = handle, 0

    async def fails(*args: Any, **kwargs: Any) -> Any:
        nonlocal failures
        if failures < 20:
            failures += 1
            raise OSError(errno.EMFILE, "too many open files")
        return await real(*args, **kwargs)

    monkeypatch.setattr(incoming, "handle", fails)
    monkeypatch.setattr(incoming, "_OUTAGE", timedelta(0))
    anna = rehearsal.citizen()
    await anna.says("/programma")
    for _ in range(50):
        await rehearsal.works()
    assert failures == 20
    assert "giovedì 21" in anna.messages[-1].plain
    assert (await rehearsal.rows("SELECT attempts FROM inbox WHERE state = 'done'"))[0][0] == 1


async def test_a_fault_of_the_work_is_counted(rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_args: Any, **_kwargs: Any) -> Any:
        raise ValueError("boom")

    monkeypatch.setattr(incoming, "handle", fails)
    monkeypatch.setattr(incoming, "_RETRY_SECONDS", (0, 0))
    await rehearsal.citizen().says("/programma")
    assert [tuple(r) for r in await rehearsal.rows("SELECT state, attempts FROM inbox")] == [("set_aside", 3)]
