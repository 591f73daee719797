"""Long reading beside the turns: nobody waits for it, and it changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from conversation.channel import CHANNELS, Channel
from conversation.message import Address, Reply
from db import counters, recipients
from db.counters import Counters, count
from db.engine import Database, Transaction
from db.forecast import ForecastFilter, upcoming
from db.heartbeats import gauges
from db.listeners import count_listeners, listeners_at
from db.models import InboxState, Kind, Lane, OutboxState, addresses, inbox, outbox, people
from db.not_arrived import count_late
from db.outbox import queue_reply
from db.pact import reached
from db.recipients import meant_by, put_in_outbox
from db.segments import Segment
from db.sent import Position, SentFilter, sent_messages

NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)


async def test_a_turn_does_not_wait_for_who_reads(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(insert(people).values(id=1, name="Anna", created_at=NOW))
    async with database.look() as reader:
        assert (await reader.execute(select(people.c.name))).scalars().all() == ["Anna"]
        async with asyncio.timeout(10), database.begin() as tx:
            await tx.execute(insert(people).values(id=2, name="Ugo", created_at=NOW))
        assert (await gauges(reader, NOW, NOW))["hand_overs_open"] == 0
    async with database.look() as reader:
        assert (await reader.execute(select(people.c.id).order_by(people.c.id))).scalars().all() == [1, 2]


async def test_who_looks_sees_one_moment_and_writes_nothing(database: Database) -> None:
    count = select(func.count()).select_from(people)
    async with database.look() as tx:
        assert (await tx.execute(count)).scalar() == 0
        async with database.begin() as other:
            await other.execute(insert(people).values(id=1, name="Anna", created_at=NOW))
        assert (await tx.execute(count)).scalar() == 0
    for statement in (insert(people).values(id=2, name="Ugo", created_at=NOW), update(people).values(name="Ugo")):
        with pytest.raises(DBAPIError, match=r"read.?only"):
            async with database.look() as tx:
                await tx.execute(statement)
    async with database.look() as tx:
        assert (await tx.execute(select(people.c.name))).scalars().all() == ["Anna"]


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_postgres_compiles_no_statement(database: Database) -> None:
    for opened in (database.begin, database.look):
        async with opened() as tx:
            assert (await tx.execute(text("SHOW jit"))).scalar() == "off"


async def test_what_a_rehearsal_does_is_undone(database: Database) -> None:
    async with database.rehearse() as tx:
        await tx.execute(insert(people).values(id=1, name="Anna", created_at=NOW))
        await tx.execute(update(people).values(name="Ugo"))
        assert (await tx.execute(select(people.c.name))).scalar() == "Ugo"
    async with database.begin() as tx:
        assert (await tx.execute(select(people.c.id))).all() == []


async def _steps(database: Database, look: Callable[[Transaction], Awaitable[object]]) -> list[str]:
    """How SQLite would find what ``look`` asks for."""
    said: list[tuple[str, Any]] = []
    listened = database.engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        said.append((statement, parameters))

    async with database.begin() as tx:
        event.listen(listened, "before_cursor_execute", note)
        await look(tx)
        event.remove(listened, "before_cursor_execute", note)
        plans = [(await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", given)).all() for one, given in said]
    return [str(tuple(row)[3]) for plan in plans for row in plan]


async def test_the_gauges_walk_through_no_messages(one_database: Database) -> None:
    """Each is found by an index that holds what waits, and little else."""
    steps = await _steps(one_database, lambda tx: gauges(tx, NOW, NOW))
    assert [step for step in steps if step in {"SCAN outbox", "SCAN inbox"}] == []
    assert sum("ix_outbox_due (lane=? AND due_at<?)" in step for step in steps) == 3


async def test_a_page_of_the_forecast_walks_through_no_messages(one_database: Database) -> None:
    steps = await _steps(one_database, lambda tx: upcoming(tx, ForecastFilter(limit=50)))
    assert "SCAN outbox" not in steps
    assert sum("SEARCH outbox USING INDEX ix_outbox_due (lane=?)" in step for step in steps) == len(Lane)


@pytest.mark.parametrize(
    "wanted", [SentFilter(31), SentFilter(31, before=Position(NOW, 7)), SentFilter(31, kind=Kind.BROADCAST)]
)
async def test_a_page_of_what_left_reads_no_more_than_a_page_of_each_kind_and_channel(
    one_database: Database, wanted: SentFilter
) -> None:
    steps = await _steps(one_database, lambda tx: sent_messages(tx, wanted))
    kinds = 1 if wanted.kind else len(Kind)
    index = "SEARCH outbox USING INDEX ix_outbox_sent (kind=? AND channel=?"
    assert "SCAN outbox" not in steps
    assert sum(step.startswith(index) for step in steps) == kinds * sum(c.written for c in CHANNELS.values())
    assert steps.count("USE TEMP B-TREE FOR ORDER BY") == 1  # of the page itself


async def test_what_left_for_a_meeting_is_found_by_those_who_come(one_database: Database) -> None:
    wanted = SentFilter(31, Kind.NOTICE, Channel.EMAIL, 1)
    steps = await _steps(one_database, lambda tx: sent_messages(tx, wanted))
    assert [step for step in steps if "ix_outbox_sent" in step or step == "SCAN outbox"] == []
    assert any("ix_outbox_registration_id (registration_id=?)" in step for step in steps)


@pytest.mark.parametrize("read", [listeners_at, count_listeners])
async def test_who_hears_of_a_meeting_is_found_by_what_leads_there(
    one_database: Database, read: Callable[[Transaction, int], Awaitable[object]]
) -> None:
    steps = await _steps(one_database, lambda tx: read(tx, 1))
    assert "USE TEMP B-TREE FOR GROUP BY" not in steps  # thousands of them would be sorted by all that they heard
    assert [step for step in steps if "registration_id>" in step or step in {"SCAN outbox", "SCAN registrations"}] == []


@pytest.mark.parametrize(
    "segment",
    [Segment(meetings=(1,)), Segment(sectors=("sport",)), Segment(registrations=("1.x",), meetings=(1,))],
)
async def test_whom_a_segment_means_is_found_by_its_index(one_database: Database, segment: Segment) -> None:
    steps = await _steps(one_database, lambda tx: meant_by(tx, segment))
    steps += await _steps(one_database, lambda tx: put_in_outbox(tx, 1, segment, NOW))
    assert [step for step in steps if step.startswith(("SCAN registrations", "SCAN addresses"))] == []


async def test_whom_a_broadcast_means_comes_by_person_however_much_is_read_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipients, "_AT_ONCE", 2)
    numbers = [1, 2, 3, 5, 8]
    async with database.begin() as tx:
        await tx.execute(insert(people), [{"id": n, "name": "P", "created_at": NOW, "updates": True} for n in numbers])
        places = [{"person_id": n, "channel": "email", "value": f"{n}@due.example", "used_at": NOW} for n in numbers]
        await tx.execute(insert(addresses), places[::-1])
    async with database.look() as tx:
        assert list(await meant_by(tx, None)) == [(n, None, "email") for n in numbers]


async def test_who_came_is_counted_by_the_index_of_those_who_did(one_database: Database) -> None:
    steps = await _steps(one_database, reached)
    assert sum("ix_registrations_attended" in step for step in steps) == 2


async def test_who_asks_for_the_counts_again_does_not_wait_for_them(one_database: Database) -> None:
    async def pending() -> float:
        return (await shown.read())['outbox_messages{state="pending"}']

    shown = Counters(one_database, every=0.1)
    assert await pending() == 0
    async with one_database.begin() as tx:
        await queue_reply(tx, "k", Address(Channel.TELEGRAM, "1"), Reply("ciao"), now=NOW)
    assert await pending() == 0
    await asyncio.sleep(0.15)
    assert await pending() == 0  # counted anew behind this answer
    assert shown._counting is not None
    await shown._counting
    assert await pending() == 1


async def test_every_message_is_counted_in_its_state(database: Database) -> None:
    async with database.begin() as tx:
        for n, state in enumerate(OutboxState, 1):
            row = {"lane": "bulk", "kind": "reminder", "due_at": NOW, "state": state.value}
            await tx.execute(insert(outbox), [row | {"key": f"{state}:{i}"} for i in range(n)])
        for n, came in enumerate(InboxState, 1):
            row = {"channel": "email", "received_at": NOW, "next_at": NOW, "state": came.value}
            await tx.execute(insert(inbox), [row | {"source_key": f"{came}:{i}"} for i in range(n)])
    async with database.look() as tx:
        found = await count(tx)
    assert found == {
        **{f'outbox_messages{{state="{state}"}}': n for n, state in enumerate(OutboxState, 1)},
        **{f'inbox_messages{{state="{state}"}}': n for n, state in enumerate(InboxState, 1)},
        "outbox_in_doubt_ever": 0,
    }


async def test_messages_are_counted_and_the_late_ones_found_by_index(one_database: Database) -> None:
    steps = await _steps(one_database, count) + await _steps(one_database, lambda tx: count_late(tx, NOW))
    assert [step for step in steps if step in {"SCAN outbox", "SCAN inbox"} or "TEMP B-TREE" in step] == []


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_of_a_large_table_the_server_knows_how_many_without_counting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def comes(number: int, state: OutboxState) -> None:
        async with database.begin() as tx:
            made = (await tx.execute(select(func.count()).select_from(outbox))).scalar_one()
            rows = [
                {"key": f"k{made + n}", "lane": "bulk", "kind": "reminder", "due_at": NOW, "state": state.value}
                for n in range(number)
            ]
            await tx.execute(insert(outbox), rows)

    async def counted() -> dict[OutboxState, float]:
        async with database.look() as tx:
            found = await count(tx)
        return {state: n for state in OutboxState if (n := found[f'outbox_messages{{state="{state}"}}'])}

    monkeypatch.setattr(counters, "_COUNTED", 10)
    for state in (OutboxState.SENT, OutboxState.PENDING):
        await comes(20, state)
    await comes(3, OutboxState.UNSURE)
    true = {OutboxState.PENDING: 20, OutboxState.SENT: 20, OutboxState.UNSURE: 3}
    assert await counted() == true  # nothing is known of it yet
    async with database.begin() as tx:
        await tx.execute(text("ANALYZE outbox"))
    assert await counted() == true
    for state in (OutboxState.SENT, OutboxState.PENDING, OutboxState.UNSURE):
        await comes(2, state)
    await comes(12, OutboxState.FAILED)  # more than are counted, of which the server knows nothing yet
    assert await counted() == true | {OutboxState.UNSURE: 5, OutboxState.FAILED: 10}
