"""Measures every page of the console over SQLite (or ``postgres``) with few and many registrations, and prints a table.

CPU of the whole process, which on SQLite is the database's too; on PostgreSQL its server's is not in it, and the
milliseconds until the page is there say more. Machines wander: the least of ``ROUNDS`` medians is shown.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.console.memory import weigh
from benchmarks.console.pages import Cost, first_load, measure, opened, paths
from web.console.routes import ROOT

ROUNDS = int(os.environ.get("ROUNDS", "3"))
SIZES = tuple(int(n) for n in os.environ.get("SIZES", "10000 100000").split())


@contextmanager
def urls(folder: str, *, postgres: bool) -> Iterator[dict[int, str]]:
    """A database for each size."""
    if not postgres:
        yield {size: f"sqlite:///{folder}/{size}.db" for size in SIZES}
        return
    from tests.support.servers import start_postgres

    (cluster := Path(folder) / "pg").mkdir()
    server = start_postgres(cluster)
    try:
        for size in SIZES:
            server.sql(f"CREATE DATABASE town{size}")
        yield {size: server.url(f"town{size}") for size in SIZES}
    finally:
        server.stop()


def show(found: dict[int, dict[str, Cost]]) -> None:
    head = [f"{what} at {size:,}" for size in found for what in ("CPU ms", "ms", "loop held ms", "bytes", "SQL")]
    print(f"\n| page | {' | '.join(head)} |\n|---{'|---' * len(head)}|")
    for page in found[SIZES[0]]:
        costs = [pages[page] for pages in found.values()]
        cells = [f"{c.cpu:.1f} | {c.wall:.1f} | {c.held:.1f} | {c.size:,} | {c.statements}" for c in costs]
        print(f"| {page} | {' | '.join(cells)} |", flush=True)


async def main() -> None:
    postgres = "postgres" in sys.argv
    print(
        f"# {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, "
        f"{'PostgreSQL' if postgres else 'SQLite'}"
    )
    found: dict[int, dict[str, Cost]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="lucca-bench-", dir="/tmp") as folder,
        urls(folder, postgres=postgres) as at,
    ):
        for size, url in at.items():
            async with opened(url, size) as (desk, numbers):
                found[size] = await measure(desk, numbers, ROUNDS)
                heaviest, weight = await first_load(desk, paths(numbers).values())
        show(found)
        print(f"\nFirst load, html + css + js without fonts: {weight:,} bytes at most ({heaviest})")
        opened_pages = [ROOT + page for page in paths(numbers).values()]
        grown = await weigh(url, desk.now, opened_pages)
        print(f"Memory that the console adds to the web: {grown:.1f} MB")
    slowest = {
        size: max(cost.cpu for page, cost in pages.items() if "formato=" not in page) for size, pages in found.items()
    }
    print("\n" + json.dumps({"console": round(slowest[SIZES[0]], 1), "bytes": weight, "rss": round(grown, 1)}))


asyncio.run(main())
