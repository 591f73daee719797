"""Every page of the console, opened in process as a manager opens it, and what each costs.

A page that is added to ``routes.PAGES`` is opened too; one whose address has a part that ``crowd.fill`` gives no number
for stops the measurement, and so does one that does not answer.
"""

import asyncio
import re
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx

from benchmarks.console.crowd import fill
from db.engine import Database
from db.migrate import migrate
from db.operators import Role
from tests.support.desk import Desk, open_desk
from tests.support.statements import statements_of
from web.console.routes import PAGES, ROOT

#: Addresses of lists as they are looked through: what every list must bear.
_LISTS = (
    "/iscritti?q=rossi",
    "/cerca?q=rossi",
    "/cerca?q=circolo",
    "/cerca?q=circolo+bianchi+12",
    "/iscritti?ordine=name",
    "/iscritti?ordine=-organisation",
    "/iscritti?stato=waitlisted&pagina=2",
    "/iscritti?pagina=100000",
    "/registro?ordine=by",
    "/registro?pagina=100000",
)
_FILES = ("/iscritti?formato=csv", "/iscritti?formato=xlsx")
_PART = re.compile(r"{(\w+)(?::\w+)?}")
#: The page is asked for so often, in each round.
_TIMES = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one page. ``cpu``: milliseconds of the whole process; ``wall``: until it was there.

    ``held``: the longest that the event loop did nothing else (its CPU).
    """

    cpu: float
    wall: float
    held: float
    size: int
    statements: int


def paths(numbers: Mapping[str, int | str]) -> dict[str, str]:
    """The pages that one gets to who is in: as the table has them → with numbers in their addresses.

    Raises ``KeyError`` for a part of an address without a number.
    """
    gets = [page.path for page in PAGES if page.method == "GET" and page.role is not None]
    return {path: _filled(path, numbers) for path in gets}


def _filled(path: str, numbers: Mapping[str, int | str]) -> str:
    """With the page's first word where a part alone does not say of what it is the number."""
    first = path.split("/")[1]
    return _PART.sub(lambda part: str(numbers[f"{first}/number" if part[1] == "number" else part[1]]), path)


@asynccontextmanager
async def opened(url: str, size: int) -> AsyncIterator[tuple[Desk, dict[str, int | str]]]:
    """A desk over a database of that size, and the numbers of what stands in it."""
    database = Database(url)
    await migrate(database)
    try:
        async with open_desk(database) as desk:
            yield desk, await fill(database, size, desk.now)
    finally:
        await database.close()


async def measure(desk: Desk, numbers: Mapping[str, int | str], rounds: int) -> dict[str, Cost]:
    """Every page, the preview of a moved meeting, the lists' files."""
    client = await desk.entered(Role.MANAGER)

    def get(path: str) -> Callable[[], Awaitable[httpx.Response]]:
        return lambda: client.get(ROOT + path)

    later = {"day": (desk.now + timedelta(days=40)).date().isoformat(), "hour": "18:00"}
    moved = f"{ROOT}/incontri/{numbers['meeting']}/sposta"
    asked = {name: get(path) for name, path in paths(numbers).items()} | {path: get(path) for path in _LISTS}
    asked["the plan of a moved meeting"] = lambda: client.post(moved, data=later)
    found = {name: await cost_of(desk, ask, rounds) for name, ask in asked.items()}
    return found | {path: await cost_of(desk, get(path), 1, times=1) for path in _FILES}


async def cost_of(
    desk: Desk, ask: Callable[[], Awaitable[httpx.Response]], rounds: int, *, times: int = _TIMES
) -> Cost:
    """Of what ``ask`` gets: the median of some times, the least of some rounds; the first time counts for nothing."""
    with statements_of(desk.database) as seen:
        answer = await ask()
        statements = len(seen)
    assert answer.status_code == 200, (answer.status_code, str(answer.url), answer.text[:500])
    best = Cost(1e9, 1e9, 1e9, len(answer.content), statements)
    for _ in range(rounds):
        each = [await _once(ask) for _ in range(times)]
        cpu, wall, held = (statistics.median(one[n] for one in each) for n in range(3))
        best = Cost(min(best.cpu, cpu), min(best.wall, wall), min(best.held, held), best.size, statements)
    return best


async def _once(ask: Callable[[], Awaitable[httpx.Response]]) -> tuple[float, float, float]:
    watching, longest = asyncio.create_task(_watch(gaps := [0.0])), 0.0
    await asyncio.sleep(0)
    cpu, wall = time.process_time(), time.perf_counter()
    await ask()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    await asyncio.sleep(0.002)
    watching.cancel()
    longest = max(gaps)
    return cpu * 1000, wall * 1000, longest * 1000


async def _watch(gaps: list[float]) -> None:
    """Note how much of its CPU the loop's thread spends without coming back here."""
    last = time.thread_time()
    while True:
        await asyncio.sleep(0.001)
        now = time.thread_time()
        gaps.append(now - last)
        last = now


async def first_load(desk: Desk, paths: Iterable[str]) -> tuple[str, int]:
    """The page that weighs most with its style sheets and scripts, uncompressed and without fonts; and its bytes."""
    client, weights = await desk.entered(Role.MANAGER), {}
    for path in paths:
        page = await client.get(ROOT + path)
        assets = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page.text))
        weights[path] = len(page.content) + sum([len((await client.get(a)).content) for a in assets])
    heaviest = max(weights, key=lambda path: weights[path])
    return heaviest, weights[heaviest]
