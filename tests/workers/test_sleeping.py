"""At rest nothing is asked of the database; what becomes due, is put in, or is to be tried again is not waited for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event, text

from conversation.channel import Channel
from conversation.message import Address, Outcome, Outgoing, Receipt, Reply
from db.engine import Database
from db.inbox import Arrival, Claimed, claim, postpone, settle, store
from db.models import Kind, Lane
from db.outbox import pack, queue, queue_reply
from handlers.services import Services
from tests.support.outbox_workers import make_outbox_worker
from tests.support.statements import statements_of
from tests.support.town import until
from workers.incoming import InboxWorker


class Transport:
    """Refuses the first so many messages with "try again in half a second"."""

    def __init__(self, refuses: int = 0) -> None:
        self.refuses = refuses
        self.sent: list[str] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        if self.refuses:
            self.refuses -= 1
            return Receipt(Outcome.LATER, reason="busy", wait=1.5)
        self.sent.append(outgoing.key)
        return Receipt(Outcome.SENT, reference="1")


@asynccontextmanager
async def _sending(database: Database, transport: Transport) -> AsyncIterator[None]:
    worker = make_outbox_worker(database, {Channel.TELEGRAM: transport})
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    yield
    worker.stop()
    await running


async def _queue(database: Database, key: str, due: datetime) -> None:
    async with database.begin() as tx:
        await queue_reply(tx, key, Address(Channel.TELEGRAM, "1"), Reply("ciao"), now=due)


async def test_at_rest_the_sender_asks_nothing(database: Database) -> None:
    await _queue(database, "tomorrow", datetime.now(UTC) + timedelta(days=1))
    async with _sending(database, Transport()):
        with statements_of(database) as seen:
            await asyncio.sleep(2.5)
        assert seen == []


async def test_what_is_put_in_leaves_at_once(database: Database) -> None:
    transport = Transport()
    async with _sending(database, transport):
        await _queue(database, "now", datetime.now(UTC))
        await until(lambda: transport.sent, "the message", patience=2)


async def test_what_is_put_in_beside_an_answer_leaves_with_it(database: Database) -> None:
    """A seat given away is told at once, though an answer was put in with it and taking that was enough."""
    transport = Transport()
    async with _sending(database, transport):
        async with database.begin() as tx:
            await queue_reply(tx, "answer", Address(Channel.TELEGRAM, "1"), Reply("ciao"), now=datetime.now(UTC))
            row = {
                "key": "news",
                "lane": Lane.BULK.value,
                "kind": Kind.STAFF.value,
                "channel": "telegram",
                "value": "2",
            }
            payload = pack(Reply("un posto"), subject="", thread=None, automatic=False, language="it")
            await queue(tx, [row | {"payload": payload, "due_at": datetime.now(UTC)}])
        await until(lambda: len(transport.sent) == 2, "both", patience=5)


async def test_it_wakes_when_the_next_is_due(database: Database) -> None:
    transport = Transport()
    due = datetime.now(UTC) + timedelta(seconds=3)
    await _queue(database, "soon", due)
    async with _sending(database, transport):
        with statements_of(database) as seen:
            await asyncio.sleep(1)
            assert transport.sent == seen == []
        await until(lambda: transport.sent, "the message", patience=4)
    assert datetime.now(UTC) >= due


async def test_what_was_put_off_is_tried_again_in_time(database: Database) -> None:
    transport = Transport(refuses=1)
    async with _sending(database, transport):
        await _queue(database, "again", datetime.now(UTC))
        await until(lambda: transport.sent, "the second attempt", patience=4)


def _no_services() -> Services:
    raise AssertionError("nothing is handled here")


async def test_at_rest_the_clerk_asks_nothing_until_what_waits_is_to_be_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    worker = InboxWorker(database, {}, services=_no_services, clock=lambda: datetime.now(UTC))

    async def take(claimed: Claimed) -> None:
        taken.append(claimed.sender)

    monkeypatch.setattr(worker, "_take", take)
    async with database.begin() as tx:
        await store(tx, [Arrival("a", Channel.TELEGRAM, "anna", b"{}")], datetime.now(UTC))
        (held,) = await claim(tx, real_now=datetime.now(UTC), lease=timedelta(seconds=60), limit=1)
        await postpone(tx, held, next_at=datetime.now(UTC) + timedelta(seconds=3))
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(0.3)
    with statements_of(database) as seen:
        await asyncio.sleep(1)
        assert seen == []
    await until(lambda: "anna" in taken, "the message that was put off", patience=4)
    async with database.begin() as tx:
        await store(tx, [Arrival("b", Channel.TELEGRAM, "bruno", b"{}")], datetime.now(UTC))
    await until(lambda: "bruno" in taken, "the message that came", patience=2)
    worker.stop()
    await running


async def test_a_claim_waits_for_no_disk(one_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut that undoes it leaves the message to be claimed again; what was stored and done lasts."""
    worker = InboxWorker(one_database, {}, services=_no_services, clock=lambda: datetime.now(UTC))
    waited: list[bool] = []

    async def take(_claimed: Claimed) -> None:
        async with one_database.begin() as tx:
            await tx.execute(text("SELECT 1"))

    def note(connection: Connection) -> None:
        waited.append(connection.get_execution_options().get("lasting", True))

    monkeypatch.setattr(worker, "_take", take)
    async with one_database.begin() as tx:
        await store(tx, [Arrival("a", Channel.TELEGRAM, "anna", b"{}")], datetime.now(UTC))
    event.listen(one_database.engine.sync_engine, "commit", note)
    assert await worker.cycle() == 1
    assert waited == [False, True]


async def test_what_follows_of_the_same_sender_is_not_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two were stored before the first was claimed: nothing rings for the second."""
    taken: list[str] = []
    worker = InboxWorker(database, {}, services=_no_services, clock=lambda: datetime.now(UTC))

    async def take(claimed: Claimed) -> None:
        async with database.begin() as tx:
            assert await settle(tx, claimed, kind="human", now=datetime.now(UTC))
        taken.append(claimed.key)

    monkeypatch.setattr(worker, "_take", take)
    async with database.begin() as tx:
        arrivals = [
            Arrival(key, Channel.TELEGRAM, sender, b"{}") for key, sender in (("a", "1"), ("b", "1"), ("c", "2"))
        ]
        await store(tx, arrivals, datetime.now(UTC))
    running = asyncio.create_task(worker.run())
    await until(lambda: len(taken) == 3, "all of them", patience=4)
    worker.stop()
    await running


async def test_what_follows_for_the_same_recipient_is_not_waited_for(database: Database) -> None:
    transport = Transport()
    async with _sending(database, transport):
        async with database.begin() as tx:
            for key in ("first", "second", "third"):
                await queue_reply(tx, key, Address(Channel.TELEGRAM, "1"), Reply("ciao"), now=datetime.now(UTC))
        await until(lambda: len(transport.sent) == 3, "all of them", patience=4)
    assert transport.sent == ["first", "second", "third"]
