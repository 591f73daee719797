"""A reminder goes to the address that its person used last; what became of it is decided by where it went."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from conversation.channel import Channel
from conversation.message import Outgoing, Receipt
from db.engine import Database
from db.models import OutboxState, addresses, outbox
from tests.support.crowd import prepare
from tests.support.outbox_workers import make_outbox_worker


class Dying:
    """Takes the message, and its process with it."""

    def __init__(self) -> None:
        self.taken: list[Outgoing] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        self.taken.append(outgoing)
        return await asyncio.Future()  # never: nobody hears what became of it


@pytest.fixture
async def moved(database: Database) -> Database:
    """Planned while their mail was what they wrote from; since then they have written in a chat."""
    await prepare(database, 1, 1)
    now = datetime.now(UTC)
    mail = {"channel": "email", "value": "anna@posta.example"}
    async with database.begin() as tx:
        await tx.execute(insert(addresses).values(person_id=1, used_at=now - timedelta(days=2), **mail))
        await tx.execute(update(outbox).values(**mail))
    return database


async def test_in_doubt_it_goes_again_as_often_as_the_chat_allows(moved: Database) -> None:
    states = []
    for _ in range(Channel.TELEGRAM.retry_in_doubt + 1):
        async with moved.begin() as tx:
            await tx.execute(update(outbox).values(next_at=None))
        worker = make_outbox_worker(moved, {Channel.TELEGRAM: Dying(), Channel.EMAIL: Dying()})
        await worker.cycle()
        async with moved.begin() as tx:
            row = (await tx.execute(select(outbox.c.channel, outbox.c.value, outbox.c.state))).one()
            assert tuple(row) == ("telegram", "1", "sending")
            await tx.execute(update(outbox).values(lease_until=datetime.now(UTC) - timedelta(minutes=5)))
        assert await make_outbox_worker(moved, {}).recover() == 1
        async with moved.begin() as tx:
            states.append((await tx.execute(select(outbox.c.state))).scalar_one())
    assert states == [OutboxState.PENDING] * Channel.TELEGRAM.retry_in_doubt + [OutboxState.UNSURE]


async def test_what_was_planned_for_no_address_stands_where_it_went(moved: Database) -> None:
    async with moved.begin() as tx:
        await tx.execute(update(outbox).values(channel="", value=""))
    await make_outbox_worker(moved, {Channel.TELEGRAM: Dying()}).cycle()
    async with moved.begin() as tx:
        row = (await tx.execute(select(outbox.c.channel, outbox.c.value))).one()
    assert tuple(row) == ("telegram", "1")
