"""Who waits is woken by what is committed, here or by another process, and by nothing else."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from conversation.channel import Channel
from conversation.message import Address, Reply
from db import wakeups
from db.engine import Database
from db.heartbeats import WORKER, beat
from db.outbox import queue_reply
from db.wakeups import Queue

NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)


async def _queue(database: Database, key: str) -> None:
    async with database.begin() as tx:
        await queue_reply(tx, key, Address(Channel.TELEGRAM, key), Reply("ciao"), now=NOW)


async def test_the_wakeups_rings_when_it_is_committed_and_only_then(database: Database) -> None:
    rung: list[str] = []
    database.wakeups.answer(Queue.OUTBOX, lambda: rung.append("outbox"))
    database.wakeups.answer(Queue.INBOX, lambda: rung.append("inbox"))
    with suppress(RuntimeError):
        async with database.begin() as tx:
            await queue_reply(tx, "k", Address(Channel.TELEGRAM, "1"), Reply("ciao"), now=NOW)
            raise RuntimeError
    async with database.begin() as tx:
        await beat(tx, {WORKER: NOW})
    assert rung == []
    async with database.begin() as tx:
        await queue_reply(tx, "k", Address(Channel.TELEGRAM, "1"), Reply("ciao"), now=NOW)
        assert rung == []
    assert rung == ["outbox"]


async def test_what_is_put_in_together_rings_once(database: Database) -> None:
    rung: list[str] = []
    database.wakeups.answer(Queue.OUTBOX, lambda: rung.append("outbox"))
    with database.wakeups.held():
        await _queue(database, "a")
        await _queue(database, "b")
        assert rung == []
    assert rung == ["outbox"]


async def test_another_process_is_heard(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "_GLANCE", 0.05)
    heard = asyncio.Event()
    database.wakeups.answer(Queue.OUTBOX, heard.set)
    listening = asyncio.create_task(database.hear_others())
    await asyncio.sleep(0.5)
    heard.clear()
    await _queue(database, "own")  # wakes by itself; the ear must not take it for another's
    heard.clear()
    await database.tidy()
    await asyncio.sleep(0.5)
    assert not heard.is_set()
    other = Database(database.url)
    await _queue(other, "other")
    await asyncio.wait_for(heard.wait(), 5)
    await other.close()
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


async def test_another_process_is_heard_though_this_one_writes_at_the_same_moment(
    one_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wakeups, "_GLANCE", 0.05)
    heard = asyncio.Event()
    one_database.wakeups.answer(Queue.OUTBOX, heard.set)
    listening = asyncio.create_task(one_database.hear_others())
    await asyncio.sleep(0.2)
    heard.clear()
    other = Database(one_database.url)
    await _queue(other, "other")
    async with one_database.begin() as tx:
        await beat(tx, {WORKER: NOW})
    await asyncio.wait_for(heard.wait(), 5)
    await other.close()
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
