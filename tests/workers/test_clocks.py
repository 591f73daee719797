"""Two machines whose clocks differ: leases follow the database's, so that nobody takes another's work for abandoned."""

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pytest

import db.engine
import workers.outgoing
from conversation.channel import Channel
from conversation.message import Address, Outcome, Outgoing, Receipt, Reply
from db.engine import Database
from db.outbox import queue_reply, uncertain_rows
from tests.support.outbox_workers import make_outbox_worker
from tests.support.town import until


class Ahead(datetime):
    """A clock ten minutes ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + timedelta(minutes=10)


class Slow:
    def __init__(self) -> None:
        self.begun: list[str] = []
        self.answer = asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Receipt:
        self.begun.append(outgoing.key)
        await self.answer.wait()
        return Receipt(Outcome.SENT)


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_a_worker_whose_clock_is_ahead_leaves_the_others_messages_alone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = Slow()
    mine, others = (make_outbox_worker(database, {Channel.TELEGRAM: transport}) for _ in range(2))
    async with database.begin() as tx:
        await queue_reply(tx, "k", Address(Channel.TELEGRAM, "1"), Reply("una parola"), now=datetime.now(UTC))
    task = asyncio.create_task(mine.run())
    await until(lambda: transport.begun, "the first attempt")
    monkeypatch.setattr(db.engine, "datetime", Ahead)
    monkeypatch.setattr(workers.outgoing, "datetime", Ahead)
    assert await others.recover() == 0
    assert await others.cycle() is False
    monkeypatch.undo()
    transport.answer.set()
    mine.stop()
    await task
    assert transport.begun == ["k"]
    async with database.begin() as tx:
        assert await uncertain_rows(tx) == []
