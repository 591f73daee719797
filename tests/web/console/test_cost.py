"""What pages cost, counted and not timed: statements, bytes, what is loaded.

And that whoever reads keeps no turn waiting.
"""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from sqlalchemy import event, select, update

from benchmarks.console.crowd import BIGGEST, fill
from benchmarks.console.pages import first_load, paths
from db.engine import Database
from db.models import meetings, people, registrations
from db.operators import Role
from office import plan, preview
from tests.support import pictures
from tests.support.desk import Desk, open_desk
from tests.support.statements import statements_of
from web.console import lists, log
from web.console.routes import PAGES, ROOT

#: Pages that have the writer: whoever opens a question has it in hand.
_WRITING = {"/domande/{question:int}"}
#: The form that plans another day.
MOVED = {"day": "2021-03-01", "hour": "18:00"}
_FIELDS = MOVED | {"title": "", "duration": "90", "link": "https://zoom.example/j/1", "passcode": "", "capacity": "80"}
FILE = """
[sectors]
settore1 = { it = "settore uno" }
[[meetings]]
sector = "settore1"
day = 2021-01-20
hour = 18:00
capacity = 80
[[meetings]]
sector = "settore1"
day = 2021-06-20
"""
#: Forms that are answered with what would happen.
_PREVIEWS = {
    f"/incontri/{BIGGEST}/sposta": MOVED,
    f"/incontri/{BIGGEST}": _FIELDS,
    f"/incontri/{BIGGEST}/annulla": {"giorno": "20 gennaio"},
    "/incontri/importa": {"testo": FILE},
}
#: Bytes of a page with style sheets and scripts, without fonts, before anything is compressed.
_FIRST_LOAD = 60_000


@pytest.fixture(scope="module")
def heavy() -> set[str]:
    """What an import of every page loads of the libraries that cost megabytes."""
    names = {"numpy", "lxml", "icalendar", "xlsxwriter", "rapidfuzz", "holidays", "email.headerregistry"}
    program = (
        f"import sys; from web.console.routes import PAGES; [p.load() for p in PAGES]; print(*({names!r} & "
        f"sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture
async def towns(migrated_file: Path, tmp_path: Path) -> AsyncIterator[dict[int, tuple[Desk, dict[str, str]]]]:
    """A small town and one three times as large: by registrations, with the addresses of their pages."""
    async with AsyncExitStack() as stack:
        found = {}
        for size in (100, 300):
            shutil.copy(migrated_file, tmp_path / f"{size}.db")
            database = Database(f"sqlite:///{tmp_path}/{size}.db")
            stack.push_async_callback(database.close)
            desk = await stack.enter_async_context(open_desk(database))
            found[size] = desk, paths(await fill(database, size, desk.now))
        yield found


async def test_more_people_are_no_more_statements_and_no_heavier_pages(
    towns: dict[int, tuple[Desk, dict[str, str]]],
) -> None:
    counted: dict[int, dict[str, int]] = {}
    for size, (desk, addresses) in towns.items():
        client, counted[size] = await desk.entered(Role.MANAGER), {}
        for name, path in addresses.items():
            with statements_of(desk.database) as seen:
                page = await desk.says(client, ROOT + path)
            assert page.count("btn-primary") <= 1, f"{name}: one blue button"
            counted[size][name] = len(seen)
        heaviest, weight = await first_load(desk, addresses.values())
        assert weight < _FIRST_LOAD, heaviest
    assert counted[100] == counted[300]
    assert max(counted[300].values()) < 25


async def test_no_page_and_no_preview_asks_the_connection_that_writes(database: Database) -> None:
    async with open_desk(database) as desk:
        addresses = paths(await fill(database, 100, desk.now))
        async with database.begin() as tx:  # as just after a change: their reminders are still to be planned
            await tx.execute(update(registrations).where(registrations.c.meeting_id == BIGGEST).values(planned=False))
        client = await desk.entered(Role.MANAGER)
        wrote = set()
        for name, path in addresses.items():
            if await _asked(database, desk.says(client, ROOT + path)):
                wrote.add(name)
        assert wrote == _WRITING
        for path, form in _PREVIEWS.items():
            assert not await _asked(database, _shows(client, ROOT + path, form)), path


async def _shows(client: httpx.AsyncClient, path: str, form: dict[str, str]) -> None:
    page = await client.post(path, data=form)
    assert page.status_code == 200, page.text[:2000]
    assert "Non è ancora successo niente" in page.text


async def _asked(database: Database, page: Awaitable[object]) -> list[str]:
    """What the connection that writes was asked while a page was shown."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        await page
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    return asked


@pytest.mark.parametrize(
    ("reader", "path", "sent"),
    [
        ((log, "actions"), "/registro", None),
        ((plan, "hearers"), "/incontri/{meeting}/sposta", MOVED),
        ((preview, "meant"), "/avvisi/{avvisi/number}", None),
        ((preview, "meant"), "/avvisi/{avvisi/number}/prova", {"vista": "1"}),
    ],
)
async def test_a_turn_is_answered_while_a_page_is_read(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    reader: tuple[ModuleType, str],
    path: str,
    sent: dict[str, str] | None,
) -> None:
    reading, may_go_on = asyncio.Event(), asyncio.Event()
    read = getattr(*reader)

    async def slowly(*given: Any) -> Any:
        found = await read(*given)
        reading.set()
        await may_go_on.wait()
        return found

    monkeypatch.setattr(*reader, slowly)
    async with open_desk(database) as desk:
        address = ROOT + path.format(**await fill(database, 60, desk.now))
        client = await desk.entered(Role.MANAGER)
        page = asyncio.create_task(client.post(address, data=sent) if sent else client.get(address))
        async with asyncio.timeout(10):
            await reading.wait()
            async with database.begin() as tx:  # as each turn is
                held = select(meetings.c.id).where(meetings.c.id == BIGGEST).with_for_update()
                assert (await tx.execute(held)).scalar() == BIGGEST
                await tx.execute(update(people).values(name="Anna"))
            async with database.begin() as tx:
                assert (await tx.execute(select(people.c.name).distinct())).scalars().all() == ["Anna"]
        assert not page.done()
        may_go_on.set()
        assert (await page).status_code in {200, 303}


async def test_pages_are_shown_while_long_lists_are_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on = asyncio.Event()

    async def slowly(*_given: object) -> AsyncIterator[list[dict[str, Any]]]:
        await may_go_on.wait()
        yield []

    monkeypatch.setattr(lists, "stream_rows", slowly)
    client = await desk.entered(Role.MANAGER)
    files = [asyncio.create_task(client.get("/console/registro?formato=csv")) for _ in range(4)]
    async with asyncio.timeout(10):
        for _ in range(3):
            await desk.says(client, "/console/registro")
    may_go_on.set()
    assert [answer.status_code for answer in await asyncio.gather(*files)] == [200] * 4


def test_pages_load_nothing_heavy(heavy: set[str]) -> None:
    assert len(PAGES) > 1
    assert heavy == set()


def test_the_pictures_of_the_documents_are_drawn_by_one_command_and_small() -> None:
    assert {name for name, _ in pictures.shown()} == pictures.PAGES.keys()
    assert set(pictures.DOCS.rglob("*.png")) == pictures.drawn()
    assert max(file.stat().st_size for file in pictures.drawn()) < pictures.MOST
