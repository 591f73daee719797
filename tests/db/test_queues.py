"""Inbox and outbox on both databases: once, in order, fenced."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from conversation.channel import Channel
from conversation.message import Address, Reply
from db import inbox, outbox, rate_limits
from db.engine import Database, DatabaseUrlError, read_url
from db.inbox import Arrival
from db.migrate import SchemaError, migrate, require_newest
from db.models import Lane, OutboxState
from db.models import outbox as outbox_table
from db.outbox import queue_reply

NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)
LEASE = timedelta(seconds=60)


def real_now() -> datetime:
    return datetime.now(UTC)


def arrival(key: str, sender: str = "1", message_id: str | None = None) -> Arrival:
    return Arrival(key, Channel.EMAIL, sender, b"x", message_id)


async def test_the_same_thing_is_stored_once(database: Database) -> None:
    async with database.begin() as tx:
        assert await inbox.store(tx, [arrival("a"), arrival("b")], NOW) == 2
        assert await inbox.store(tx, [arrival("a"), arrival("c")], NOW) == 1


async def test_a_mail_known_by_its_id_is_filed_again_but_not_handled_again(database: Database) -> None:
    async with database.begin() as tx:
        await inbox.store(tx, [arrival("mail:box:1:7", message_id="<x@y>")], NOW)
        (claimed,) = await inbox.claim(tx, real_now=real_now(), lease=LEASE, limit=9)
        await inbox.settle(tx, claimed, kind="human", now=NOW)
        await inbox.mark_filed(tx, ["mail:box:1:7"])
        assert await inbox.store(tx, [arrival("mail:box:2:1", message_id="<x@y>")], NOW) == 0
        assert await inbox.claim(tx, real_now=real_now(), lease=LEASE, limit=9) == []
        assert await inbox.unfiled(tx, "mail:box:2:") == [("mail:box:2:1", "done", "human")]


async def test_one_senders_messages_are_handled_in_order(database: Database) -> None:
    async with database.begin() as tx:
        await inbox.store(tx, [arrival("a1", "anna"), arrival("a2", "anna"), arrival("b1", "bruno")], NOW)
        first = await inbox.claim(tx, real_now=real_now(), lease=LEASE, limit=9)
        assert len(first) == 2
        assert await inbox.claim(tx, real_now=real_now(), lease=LEASE, limit=9) == []
        await inbox.settle(tx, first[0], kind="human", now=NOW)
        (second,) = await inbox.claim(tx, real_now=real_now(), lease=LEASE, limit=9)
        assert second.sender == "anna"


async def test_a_lost_claim_cannot_settle(database: Database) -> None:
    async with database.begin() as tx:
        await inbox.store(tx, [arrival("a")], NOW)
        (mine,) = await inbox.claim(tx, real_now=real_now() - timedelta(hours=1), lease=LEASE, limit=1)
        (others,) = await inbox.claim(tx, real_now=real_now(), lease=LEASE, limit=1)
        assert not await inbox.settle(tx, mine, kind="human", now=NOW)
        assert await inbox.settle(tx, others, kind="human", now=NOW)


@pytest.mark.postgres
async def test_two_workers_never_share_a_message(database: Database) -> None:
    async with database.begin() as tx:
        await inbox.store(tx, [arrival(f"k{n}", f"s{n}") for n in range(60)], NOW)

    async def take() -> list[int]:
        taken: list[int] = []
        while True:
            async with database.begin() as tx:
                claimed = await inbox.claim(tx, real_now=real_now(), lease=LEASE, limit=7)
            if not claimed:
                return taken
            taken += [c.id for c in claimed]

    groups = await asyncio.gather(*(take() for _ in range(4)))
    ids = [i for group in groups for i in group]
    assert len(ids) == len(set(ids)) == 60


async def _queue(database: Database, *keys: str, due: datetime = NOW) -> None:
    async with database.begin() as tx:
        for key in keys:
            await queue_reply(tx, key, Address(Channel.TELEGRAM, key), Reply("ciao"), now=due)


async def _claim(
    database: Database, now: datetime = NOW, *, ago: timedelta = timedelta(0), limit: int = 9
) -> list[outbox.Row]:
    async with database.begin() as tx:
        return await outbox.claim(tx, lane=Lane.REPLY, now=now, real_now=real_now() - ago, lease=LEASE, limit=limit)


async def test_a_key_is_queued_once_and_claimed_when_due(database: Database) -> None:
    await _queue(database, "k")
    await _queue(database, "k")
    assert await _claim(database, NOW - timedelta(seconds=1)) == []
    assert [r.key for r in await _claim(database)] == ["k"]
    assert await _claim(database) == []


async def test_a_dead_senders_row_is_found_and_its_old_claim_is_void(database: Database) -> None:
    await _queue(database, "k")
    (mine,) = await _claim(database, ago=timedelta(hours=1))
    async with database.begin() as tx:
        assert await outbox.claim_uncertain(tx, real_now(), without=[mine.id]) == []
        (found,) = await outbox.claim_uncertain(tx, real_now())
        assert found.uncertain_attempts == 1
        assert not await outbox.settle_sent(tx, mine, reference="1", now=NOW)
        assert await outbox.settle_as(tx, found, OutboxState.UNSURE, error="x")
        assert [row["key"] for row in await outbox.uncertain_rows(tx)] == ["k"]


async def test_what_was_sent_is_forgotten(database: Database) -> None:
    await _queue(database, "k")
    (row,) = await _claim(database)
    async with database.begin() as tx:
        assert await outbox.settle_sent(tx, row, reference="9", now=NOW)
        kept = (await tx.execute(select(outbox_table.c.payload, outbox_table.c.value, outbox_table.c.state))).one()
    assert tuple(kept) == (None, "", "sent")


async def test_expired_rows_are_closed_not_sent(database: Database) -> None:
    await _queue(database, "k")
    async with database.begin() as tx:
        await tx.execute(update(outbox_table).values(expires_at=NOW))
    assert await _claim(database, NOW) == []
    async with database.begin() as tx:
        assert await outbox.expire(tx, NOW) == 1


async def test_back_off_is_in_real_time_whatever_the_clock_says(database: Database) -> None:
    await _queue(database, "k")
    (row,) = await _claim(database)
    async with database.begin() as tx:
        await outbox.settle_later(tx, row, error="x", next_at=real_now() + timedelta(hours=1))
    assert await _claim(database, NOW + timedelta(days=365)) == []


async def test_no_claim_sorts_or_scans_the_whole_outbox(database: Database) -> None:
    """The claim reads the partial index in its own order: the plan has no sort."""
    from sqlalchemy import text

    prefix = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    query = (
        "SELECT id FROM outbox WHERE state = 'pending' AND lane = 'bulk' AND due_at <= '2021-01-01' ORDER BY "
        "due_at, id LIMIT 10"
    )
    async with database.begin() as tx:
        if not database.is_sqlite:
            await tx.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(str(row) for row in (await tx.execute(text(prefix + query))).all())
    assert "ix_outbox_due" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


async def test_an_empty_database_says_what_to_do(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with pytest.raises(SchemaError, match="python -m bot migrate"):
        async with database.begin() as tx:
            await require_newest(tx)
    assert await migrate(database)
    assert not await migrate(database)
    await database.close()


async def test_the_schema_by_migrations_is_the_schema_of_the_models(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from db.indexes import metadata

    def differences(connection: Connection) -> list[Any]:
        return [
            d
            for d in compare_metadata(MigrationContext.configure(connection), metadata)
            if "alembic_version" not in str(d)
        ]

    async with database.begin() as tx:
        assert await tx.run_sync(differences) == []


@pytest.mark.parametrize("text", ["mysql://x/y", "not a url", "oracle://x"])
def test_a_database_that_is_not_supported_is_refused_in_words(text: str) -> None:
    with pytest.raises(DatabaseUrlError, match="sqlite:///"):
        read_url(text)


def test_hosting_style_urls_are_accepted() -> None:
    assert read_url("postgres://u:p@h/n").drivername == "postgresql+psycopg"
    assert read_url("sqlite:///data/bot.db").drivername == "sqlite+aiosqlite"


async def test_a_clock_set_back_holds_nothing_up(database: Database) -> None:
    """What was written as "later" by a clock that ran ahead is not waited for."""
    ahead = real_now() + timedelta(days=30)
    await _queue(database, "later", "held")
    async with database.begin() as tx:
        await inbox.store(tx, [arrival("a")], NOW)
        await inbox.claim(tx, real_now=ahead, lease=LEASE, limit=1)
        claimed = await outbox.claim(tx, lane=Lane.REPLY, now=NOW, real_now=ahead, lease=LEASE, limit=9)
        await outbox.settle_later(tx, claimed[0], error="x", next_at=ahead + timedelta(seconds=5))
        await rate_limits.hold_rate_limit(tx, Channel.TELEGRAM, ahead)
    async with database.begin() as tx:
        assert len(await inbox.claim(tx, real_now=real_now(), lease=LEASE, limit=1)) == 1
        assert len(await outbox.claim(tx, lane=Lane.REPLY, now=NOW, real_now=real_now(), lease=LEASE, limit=9)) == 1
        assert [row.key for row in await outbox.claim_uncertain(tx, real_now())] == ["held"]
        now = real_now()
        assert await rate_limits.hold_rate_limit(tx, Channel.TELEGRAM, now) == now
