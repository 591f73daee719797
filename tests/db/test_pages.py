"""A SQLite file that is damaged, gone, or empty where it was not: nothing starts on it, and whoever asks is told."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.app import Roles, System, open_system
from bot.errors import AlreadyRunningError, sentence
from bot.settings import Settings
from db.engine import Database
from db.heartbeats import WORKER, beat
from db.migrate import migrate
from db.pages import DatabaseLostError, PageWatch, require_pages
from web.app import build_web
from workers import pages
from workers.heartbeat import Witness, require_known


async def made(url: str) -> Path:
    """A database that lived: migrated, full of rows, with a sign of life here and elsewhere."""
    database = Database(url)
    await migrate(database)
    now = datetime.now(UTC)
    async with database.begin() as tx:
        await beat(tx, {WORKER: now})
    await database.tidy()
    await database.close()
    Witness(url).write(now)
    return Path(url.removeprefix("sqlite:///"))


def zero(file: Path, page: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096 * (page - 1))
        opened.write(bytes(4096))


def pages_of(file: Path) -> int:
    return file.stat().st_size // 4096


async def test_zeroed_pages_are_found(one_database_url: str) -> None:
    file = await made(one_database_url)
    await require_pages(one_database_url)
    whole, found = file.read_bytes(), 0
    for page in range(1, pages_of(file) + 1, 7):
        file.write_bytes(whole)
        zero(file, page)
        with pytest.raises(DatabaseLostError, match="rovinato"):
            await require_pages(one_database_url)
        found += 1
    assert found > 3
    file.write_bytes(b"no database at all" * 1000)
    with pytest.raises(DatabaseLostError, match="rovinato"):
        await require_pages(one_database_url)


async def test_reading_them_disturbs_nobody_who_writes(one_database_url: str) -> None:
    await made(one_database_url)
    database = Database(one_database_url)
    async with database.begin() as tx:
        await beat(tx, {"x": datetime.now(UTC)})
        await require_pages(one_database_url)
    await database.close()


def system_on(url: str, *, migrate_first: bool = False) -> AbstractAsyncContextManager[System]:
    settings = Settings(_env_file=None, database_url=url, telegram_token="1:x", telegram_api_url="http://127.0.0.1:9")
    return open_system(settings, roles=Roles(web=False, worker=True), migrate_first=migrate_first)


async def refusal(url: str) -> str:
    """What ``run`` says when it does not start."""
    with pytest.raises((DatabaseLostError, AlreadyRunningError)) as refused:
        async with system_on(url, migrate_first=True):
            pass
    said = sentence(refused.value)
    assert said is not None
    return said


async def test_a_missing_file_is_not_begun_anew(one_database_url: str) -> None:
    file = await made(one_database_url)
    file.unlink()
    for _ in range(2):  # the empty file that the first attempt leaves changes nothing
        said = await refusal(one_database_url)
        assert "l'ultima copia" in said
    Path(said.rpartition(" ")[2]).unlink()  # the file that it names
    async with system_on(one_database_url, migrate_first=True):
        pass


async def test_an_emptied_database_is_not_taken_for_a_new_one(database_url: str) -> None:
    Witness(database_url).write(datetime.now(UTC))
    database = Database(database_url)
    await migrate(database)
    with pytest.raises(DatabaseLostError, match="vuoto"):
        await require_known(database, Witness(database_url))
    async with database.begin() as tx:
        await beat(tx, {WORKER: datetime.now(UTC)})
    await require_known(database, Witness(database_url))
    await database.close()


async def test_a_damaged_file_stops_the_start(one_database_url: str) -> None:
    file = await made(one_database_url)
    zero(file, pages_of(file) // 2)
    assert "rovinato" in await refusal(one_database_url)


async def test_health_reads_pages(one_database_url: str) -> None:
    file = await made(one_database_url)
    harms: tuple[Callable[[], None], ...] = (lambda: zero(file, pages_of(file) // 2), file.unlink)
    for harm in harms:
        database = Database(one_database_url)
        site = build_web(database, clock=lambda: datetime.now(UTC))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://bot") as client:
            harm()
            answer = await client.get("/health")
            assert answer.status_code == 503
            assert answer.json() == {"status": "down", "database": False}
        await database.close()


async def test_pages_are_not_read_at_every_question(one_database_url: str) -> None:
    file = await made(one_database_url)
    watch, eager = PageWatch(one_database_url), PageWatch(one_database_url, every=0)
    await watch.require()
    await eager.require()
    file.unlink()
    await watch.require()
    with pytest.raises(DatabaseLostError, match="non c'è più"):
        await eager.require()


async def test_a_second_worker_is_refused_whatever_is_deleted(one_database_url: str) -> None:
    file = await made(one_database_url)
    async with system_on(one_database_url) as first:
        for beside in file.parent.glob(f"{file.name}.lock"):
            beside.unlink()
        assert "un altro processo" in await refusal(one_database_url)
        async with first.database.begin() as tx:  # nor did the attempt take anything from the first
            await beat(tx, {"x": datetime.now(UTC)})
    with sqlite3.connect(file) as again:
        assert again.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    again.close()


def test_a_relative_path_is_another_database_in_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Witness("sqlite:///data/bot.db")
    monkeypatch.chdir(tmp_path)
    assert here.file != Witness("sqlite:///data/bot.db").file
    assert here.file != Witness("postgresql://u:p@h/n").file


@pytest.mark.usefixtures("classifier")  # it ends at once: what it loads beside must not have to be learnt
async def test_a_file_that_is_taken_away_stops_the_program(
    one_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await made(one_database_url)
    monkeypatch.setattr(pages, "_PAUSE", 0.01)
    async with system_on(one_database_url) as system:
        file.unlink()
        with pytest.raises(DatabaseLostError, match="non c'è più"):
            await system.run()
