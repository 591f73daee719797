"""Many messages at once: they cost few statements, and one that cannot be settled keeps none of the others."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy import insert, select
from structlog.testing import capture_logs

from conversation.channel import Channel
from conversation.meeting import Told
from conversation.message import Address, Outcome, Outgoing, Receipt, Reply
from db.engine import Database, real_time
from db.meetings import add_meeting
from db.models import outbox, sectors
from db.outbox import queue_reply
from db.registrations import get_registrations, note_all_told
from tests.support.outbox_workers import in_flight, make_outbox_worker
from tests.support.people import NOW, register
from tests.support.statements import statements_of
from tests.support.town import until
from workers.outgoing import OutboxWorker


class Transport:
    """Accepts everything at once, under the references given."""

    def __init__(self, reference: Callable[[str], str] = lambda _key: "1") -> None:
        self.reference = reference

    async def send(self, outgoing: Outgoing) -> Receipt:
        return Receipt(Outcome.SENT, reference=self.reference(outgoing.key))


async def _queue(database: Database, number: int) -> None:
    async with database.begin() as tx:
        for n in range(number):
            await queue_reply(tx, f"k{n}", Address(Channel.TELEGRAM, str(n)), Reply("ciao"), now=datetime.now(UTC))


async def _sends(worker: OutboxWorker) -> None:
    """One round that claims, and one that settles."""
    await worker.cycle()
    while len(worker._results) < in_flight(worker):
        await asyncio.sleep(0.01)
    await worker.cycle()


async def _states(database: Database) -> dict[str, tuple[str, str]]:
    async with database.begin() as tx:
        rows = (await tx.execute(select(outbox.c.key, outbox.c.state, outbox.c.error))).all()
    return {key: (state, error) for key, state, error in rows}


async def test_twenty_messages_cost_as_many_statements_as_one(database: Database) -> None:
    worker = make_outbox_worker(database, {Channel.TELEGRAM: Transport()})
    counts = []
    async with database.begin() as tx:
        await real_time(tx)  # asked of PostgreSQL every few minutes
    for number in (1, 20):
        await worker.cycle()  # at rest
        await _queue(database, number)
        with statements_of(database) as seen:
            await _sends(worker)
        counts.append(len(seen))
    assert set((await _states(database)).values()) == {("sent", "")}
    assert counts[0] == counts[1]
    assert counts[0] <= 6


async def test_nothing_due_is_found_out_with_one_statement(database: Database) -> None:
    worker = make_outbox_worker(database, {Channel.TELEGRAM: Transport()})
    with statements_of(database) as seen:
        await worker.cycle()
    assert len(seen) == 1


async def test_one_that_cannot_be_settled_keeps_none_of_the_others(database: Database) -> None:
    """PostgreSQL stores no zero byte: the statement that settles all of them fails."""
    await _queue(database, 5)
    with capture_logs():
        await _sends(
            make_outbox_worker(database, {Channel.TELEGRAM: Transport(lambda key: "\0" if key == "k3" else "1")})
        )
    states = await _states(database)
    assert {state for state, _ in states.values()} == {"sent"}
    assert {key for key, (_, error) in states.items() if error} <= {"k3"}


class Slow:
    """Keeps every message until it is told to accept them."""

    def __init__(self) -> None:
        self.accepts = asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Receipt:
        await self.accepts.wait()
        return Receipt(Outcome.SENT, reference=outgoing.key)


async def test_while_all_are_on_their_way_it_asks_nothing(database: Database) -> None:
    transport, most = Slow(), Channel.TELEGRAM.max_in_flight
    worker = make_outbox_worker(database, {Channel.TELEGRAM: transport})
    await _queue(database, most + 3)
    running = asyncio.create_task(worker.run())
    await until(lambda: in_flight(worker) == most, "as many as may be on their way")
    with statements_of(database) as seen:
        await asyncio.sleep(0.5)
    assert seen == []
    transport.accepts.set()

    async def all_sent() -> bool:
        return {state for state, _ in (await _states(database)).values()} == {"sent"}

    await until(all_sent, "the others")
    worker.stop()
    await running


async def test_many_are_noted_as_told_with_one_statement(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(insert(sectors).values(key="sport", names={"it": "sport"}))
        meeting = await add_meeting(tx, NOW, sector="sport", day=date(2021, 1, 21))
    held = await register(database, meeting, 3)
    said: dict[int, Told] = {number: {"hour": f"1{n}:00"} for n, number in enumerate(held)}
    with statements_of(database) as seen:
        async with database.begin() as tx:
            await note_all_told(tx, said)
    async with database.begin() as tx:
        found = await get_registrations(tx, held)
    assert {number: r.told for number, r in found.items()} == said
    assert len(seen) == 1
