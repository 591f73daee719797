"""The outbox under load.

Rows claimed and settled a second beside a job queue, and what a claim, a turn and its numbers cost as it grows.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from conversation.channel import Channel
from conversation.message import Address, Incoming, Outcome, Outgoing, Receipt
from conversation.office import Office
from db.engine import Database
from db.forecast import ForecastFilter
from db.migrate import migrate
from delivery.reminders import reminder_key
from knowledge.library import load_library
from office.forecast import foresee
from tests.support.outbox_workers import make_outbox_worker
from tests.support.rehearsal import SCHEDULE
from tests.support.servers import start_postgres
from web.app import build_web

#: Registrations in the database while a claim and a turn are measured.
SIZES = tuple(int(n) for n in os.environ.get("SIZES", "1000 100000 1000000").split())
_MEETINGS = 40
#: Rows of a forecast that a page shows.
_PAGE = 31
#: Seconds after which a measurement has failed: a benchmark ends, whatever became of the code under it.
_PATIENCE = 300


class Open:
    """A transport that accepts at once."""

    def __init__(self) -> None:
        self.sent = 0

    async def send(self, _outgoing: Outgoing) -> Receipt:
        self.sent += 1
        return Receipt(Outcome.SENT)


async def all_sent(transport: Open, rows: int) -> None:
    """Wait until ``rows`` messages went through the transport."""
    async with asyncio.timeout(_PATIENCE):
        while transport.sent < rows:
            await asyncio.sleep(0.001)


@asynccontextmanager
async def databases() -> AsyncIterator[dict[str, str]]:
    """A database of each kind, both as durable as in service (fsync)."""
    with tempfile.TemporaryDirectory(prefix="lucca-bench-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        cluster = Path(folder) / "pg"
        cluster.mkdir()
        server = start_postgres(cluster, fsync=True)
        try:
            yield {"SQLite": f"sqlite:///{folder}/bench.db", "PostgreSQL": server.url("postgres")}
        finally:
            server.stop()


async def grow(database: Database, size: int) -> None:
    """``size`` registered people with a reminder to come, and as many sent; made inside the database."""
    sqlite = database.is_sqlite
    now = datetime.now(UTC)
    at = f"'{now:%Y-%m-%d %H:%M:%S}.000000'"
    later = f"'{now + timedelta(days=20):%Y-%m-%d %H:%M:%S}.000000'"
    series = (
        f"WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < {size})"
        if sqlite
        else f"WITH g(n) AS (SELECT generate_series(1, {size}))"
    )
    yes, no = ("1", "0") if sqlite else ("true", "false")
    one = "n % 40 + 1"
    async with database.begin() as tx:
        for table in ("outbox", "registrations", "addresses", "people", "meetings", "sectors"):
            await tx.execute(text(f"DELETE FROM {table}"))
        await tx.execute(
            text("INSERT INTO sectors (key, names) VALUES ('sport', '{\"it\": \"associazioni sportive\"}')")
        )
        for number in range(1, _MEETINGS + 1):
            day = (now + timedelta(days=20 + number)).date()
            await tx.execute(
                text(
                    f"INSERT INTO meetings (id, sector, day, link, changed_at) VALUES ({number}, 'sport', "
                    f"'{day}', 'https://zoom.example/j/x', {at})"
                )
            )
        for statement in (
            (
                f"INSERT INTO people (id, name, language, updates, created_at) {series} SELECT n, 'P', 'it', "
                f"{no}, {at} FROM g"
            ),
            (
                f"INSERT INTO addresses (person_id, channel, value, used_at) {series} SELECT n, 'telegram', "
                f"CAST(n AS VARCHAR), {at} FROM g"
            ),
            (
                f"INSERT INTO registrations (id, person_id, meeting_id, status, source, planned, registered_at, "
                f"active_since, changed_at) {series} SELECT n, n, {one}, 'confirmed', 'telegram', {yes}, {at}, "
                f"{at}, {at} FROM g"
            ),
            (
                f"INSERT INTO outbox (key, lane, kind, person_id, registration_id, channel, value, due_at) "
                f"{series} SELECT 'reminder:' || n || '.1:1:1d', 'bulk', 'reminder', n, n, 'telegram', CAST(n AS "
                f"VARCHAR), {later} FROM g"
            ),
            (
                f"INSERT INTO outbox (key, lane, kind, person_id, registration_id, channel, value, due_at, "
                f"state, reference) {series} SELECT 'reminder:' || n || '.1:1:7d', 'bulk', 'reminder', n, n, "
                f"'telegram', CAST(n AS VARCHAR), {at}, 'sent', CAST(n AS VARCHAR) FROM g"
            ),
        ):
            await tx.execute(
                text(
                    statement
                    if sqlite
                    else statement.replace(at, f"{at}::timestamptz").replace(later, f"{later}::timestamptz")
                )
            )
    async with database.begin() as tx:
        await tx.execute(text("ANALYZE"))


async def due_now(database: Database, first: int, count: int) -> None:
    """The reminders of ``count`` people are due now."""
    async with database.begin() as tx:
        soon = datetime.now(UTC) - timedelta(minutes=1)
        at = f"'{soon:%Y-%m-%d %H:%M:%S}.000000'"
        keys = ",".join(f"'{reminder_key(n, 1, 1, '1d')}'" for n in range(first, first + count))
        await tx.execute(
            text(
                f"UPDATE outbox SET due_at = {at if database.is_sqlite else at + '::timestamptz'} WHERE key IN ({keys})"
            )
        )


async def drain(database: Database, rows: int) -> float:
    """Seconds until ``rows`` due messages are sent and settled."""
    transport = Open()
    working = make_outbox_worker(database, {Channel.TELEGRAM: transport})
    begun = time.perf_counter()
    running = asyncio.create_task(working.run())
    await all_sent(transport, rows)
    working.stop()
    await running
    return time.perf_counter() - begun


async def procrastinate_drain(url: str, rows: int) -> float:
    """The same number of empty jobs through procrastinate on the same server."""
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=url))
    done = 0

    @app.task(name="nothing")
    async def nothing() -> None:
        nonlocal done
        done += 1

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await nothing.batch_defer_async(*({} for _ in range(rows)))
        begun = time.perf_counter()
        await app.run_worker_async(concurrency=24, wait=False, install_signal_handlers=False)
        seconds = time.perf_counter() - begun
    if done != rows:
        msg = f"procrastinate did {done} of {rows}"
        raise RuntimeError(msg)
    return seconds


async def claims(rounds: int, rows: int) -> dict[str, list[float]]:
    """Rows a second, a list per system."""
    rates: dict[str, list[float]] = {
        "luccabot, SQLite": [],
        "luccabot, PostgreSQL": [],
        "procrastinate, PostgreSQL": [],
    }
    async with databases() as urls:
        for name, url in urls.items():
            database = Database(url)
            await migrate(database)
            await grow(database, rounds * rows)
            for number in range(rounds):
                await due_now(database, 1 + number * rows, rows)
                rates[f"luccabot, {name}"].append(rows / await drain(database, rows))
            await database.close()
        for _ in range(rounds):
            async with Database(urls["PostgreSQL"]).begin() as tx:
                await tx.execute(text("DROP SCHEMA public CASCADE"))
                await tx.execute(text("CREATE SCHEMA public"))
            rates["procrastinate, PostgreSQL"].append(rows / await procrastinate_drain(urls["PostgreSQL"], rows))
    return rates


@dataclass(frozen=True, slots=True)
class Grown:
    """What is asked of a database with ``size`` registrations; wall milliseconds, median.

    ``first``: counting the messages by state for the first time, which ``/metrics`` then shows for a minute.
    """

    database: str
    size: int
    claim: float
    turn: float
    metrics: float
    first: float
    forecast: float


async def growth() -> list[Grown]:
    """Per database and size: a claim of 24, a turn, ``/metrics``, and the forecast as "In uscita" begins it."""
    from conversation.understanding.classifier import open_classifier
    from handlers.services import Services

    services = Services(open_classifier(load_library()), Office("noi@lucca.example"))
    found = []
    async with databases() as urls:
        for name, url in urls.items():
            database = Database(url)
            await migrate(database)
            for size in SIZES:
                await grow(database, size)
                first, metrics = await _metrics_cost(url)
                claim, turn = await _claim_cost(database), await _turn_cost(database, services, size)
                found.append(Grown(name, size, claim, turn, metrics, first, await _forecast_cost(database)))
            await database.close()
    return found


async def _metrics_cost(url: str) -> tuple[float, float]:
    """The first answer of a program that has just started, which waits until all is counted; those after it."""
    database, spent = Database(url), []
    site = build_web(database, clock=lambda: datetime.now(UTC))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://127.0.0.1") as client:
        assert (await client.get("/health")).status_code in {200, 503}  # its connections are open
        for _ in range(20):
            begun = time.perf_counter()
            assert (await client.get("/metrics")).status_code == 200
            spent.append(time.perf_counter() - begun)
    await database.close()
    return spent[0] * 1000, statistics.median(spent[1:]) * 1000


async def _forecast_cost(database: Database) -> float:
    spent = []
    for _ in range(20):
        begun = time.perf_counter()
        assert await foresee(database, SCHEDULE, datetime.now(UTC), ForecastFilter(limit=_PAGE))
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent[1:]) * 1000


async def _claim_cost(database: Database) -> float:
    spent = []
    for number in range(12):
        await due_now(database, 1 + 24 * number, 24)
        transport = Open()
        working = make_outbox_worker(database, {Channel.TELEGRAM: transport})
        begun = time.perf_counter()
        await working.cycle()
        await all_sent(transport, 24)
        await working.cycle()
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent[2:]) * 1000


async def _turn_cost(database: Database, services: Any, size: int) -> float:
    from handlers.dispatch import handle

    spent = []
    for number in range(40):
        person = Address(Channel.TELEGRAM, str(1 + number * 7919 % size))
        words = ("a che cosa sono iscritto?", "siamo in tre invece di uno")[number % 2]
        begun = time.perf_counter()
        async with database.begin() as tx:
            await handle(
                tx, Incoming(person, words), f"bench:{size}:{number}", services=services, now=datetime.now(UTC)
            )
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent[4:]) * 1000
