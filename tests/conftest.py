"""Databases (SQLite and PostgreSQL, schema by migrations), mail servers, a running town."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from functools import cache, partial
from itertools import count, groupby
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import structlog
from sqlalchemy import URL, Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from conversation.understanding.cache import user_cache
from conversation.understanding.classifier import IntentClassifier, open_classifier
from db.engine import Database
from db.migrate import migrate
from knowledge.library import OWN_TOWN, load_library
from mail.reading.confined import ConfinedReader
from tests.support import environment  # noqa: F401 - before what reads settings
from tests.support.letters import SharedReader, read_as_told
from tests.support.looking import chromium, open_browser
from tests.support.loopback import loopback_only
from tests.support.rehearsal import Rehearsal, open_rehearsal, write_template
from tests.support.servers import (
    MailServers,
    Postgres,
    postgres_bin,
    start_mail_servers,
    start_postgres,
    why_no_mail_servers,
)
from tests.support.town import Town, open_town, sqlite_url

IN_CI = bool(os.environ.get("CI"))
_numbers = count(1)


def skip_or_fail(reason: str) -> None:
    """Skip where a server cannot be had; in CI that is a failure."""
    if IN_CI:
        pytest.fail(f"CI must have this server: {reason}")
    pytest.skip(reason)


@pytest.hookimpl(trylast=True)  # when "-m" has taken out what is not asked for
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first worker begins with what needs the learning, which can take a minute; the others end with it.

    Each worker's first share is a stretch of the list, as pytest-xdist's ``worksteal`` deals it.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    needing = [item for item in items if _needs_learning(item)]
    others = _by_turns([item for item in items if not _needs_learning(item)], max(1, workers - 1))
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        size = (len(items) + worker) // workers
        begins = _take(others, -(-len(others) // (workers - worker)) if worker else 0)
        dealt += [*begins, *_take(needing, max(0, size - len(begins)))]
    items[:] = [*dealt, *needing, *others]


def _needs_learning(item: pytest.Item) -> bool:
    return "classifier" in getattr(item, "fixturenames", ())


def _by_turns(items: list[pytest.Item], hands: int) -> list[pytest.Item]:
    """The modules, dealt to so many hands like cards: neighbours, as the console's, cost alike."""
    modules = [list(module) for _, module in groupby(items, key=lambda item: item.location[0])]
    return [item for hand in range(hands) for module in modules[hand::hands] for item in module]


def _take(items: list[pytest.Item], number: int) -> list[pytest.Item]:
    taken = items[:number]
    del items[:number]
    return taken


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The tests' signs of life must not reach the machine."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(autouse=True)
def _plain_logs() -> None:
    """Errors are logged as Python prints them, as the program itself does (``bot/logs.py``).

    By itself the library draws each with all that every function held, which can take half a minute.
    """
    dev = structlog.dev
    renderer = dev.ConsoleRenderer(colors=False, exception_formatter=dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, dev.set_exc_info, renderer])


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    with loopback_only():
        yield


class _Compiled(dict[Any, Any]):
    """Compiled statements of all engines of a kind: SQLAlchemy's keys begin with the one engine's dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_any_engine(*key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(_of_any_engine(*key), compiled)


def _of_any_engine(dialect: Dialect, *statement: Any) -> tuple[Any, ...]:
    return type(dialect), type(dialect.dbapi), *statement


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Each test has engines of its own, but a statement is compiled once, as in a program that runs."""
    compiled = _Compiled()

    def create(url: URL, *, execution_options: Mapping[str, Any] | None = None, **given: Any) -> AsyncEngine:
        options = {**(execution_options or {}), "compiled_cache": compiled}
        return create_async_engine(url, execution_options=options, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("db.engine.create_async_engine", create)
        yield


@pytest.fixture(scope="session", autouse=True)
def _authorities_once() -> Iterator[None]:
    """The certificates of all authorities are read by the first client only: a twentieth of a second for each."""
    once = cache(httpx.create_ssl_context)
    with pytest.MonkeyPatch.context() as patch:
        for place in ("httpx", "httpx._transports.default"):
            patch.setattr(f"{place}.create_ssl_context", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _letters_in_one_process() -> Iterator[None]:
    """Whoever reads letters does so in one process that stays (``tests/support/letters.py``)."""
    with pytest.MonkeyPatch.context() as patch, closing(ConfinedReader(read_as_told)) as shared:
        for place in ("mail.reading.confined", "office.set_aside"):
            patch.setattr(f"{place}.ConfinedReader", partial(SharedReader, shared))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if postgres_bin() is None:
        skip_or_fail("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="lucca-pg-") as folder:
        server = start_postgres(Path(folder))
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    reason = why_no_mail_servers()
    if reason:
        skip_or_fail(reason)
    with tempfile.TemporaryDirectory(prefix="lucca-mail-", dir="/tmp") as folder:
        servers = start_mail_servers(Path(folder))
        try:
            yield servers
        finally:
            servers.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _browser() -> AsyncIterator[Any]:
    if chromium() is None:
        skip_or_fail("Chromium is not installed (tests/support/install_servers.sh)")
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def browser(_browser: Any) -> AsyncIterator[Any]:
    """Chromium, with nothing open: one for all tests, in the session's loop, as it takes a second to start.

    Its tests are marked ``browser``.
    """
    yield _browser
    for context in _browser.contexts:
        await context.close()


_BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema, to be copied: migrating takes a third of a second."""
    return asyncio.run(write_template(tmp_path_factory.mktemp("migrated") / "bot.db", programme=None))


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Postgres) -> str:
    """The name of a PostgreSQL database with the newest schema, to be copied."""
    postgres.sql("CREATE DATABASE migrated")
    asyncio.run(_migrate(postgres.url("migrated")))
    return "migrated"


async def _migrate(url: str) -> None:
    database = Database(url)
    await migrate(database)
    await database.close()


@pytest.fixture(params=_BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind with the newest schema and nothing in it."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "bot.db")
        return sqlite_url(tmp_path)
    template: str = request.getfixturevalue("migrated_postgres")
    server: Postgres = request.getfixturevalue("postgres")
    return server.copy(template, f"test_{next(_numbers)}")


@pytest.fixture(params=_BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind without any table."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    server: Postgres = request.getfixturevalue("postgres")
    return server.copy("template0", f"test_{next(_numbers)}")


@pytest.fixture
def one_database_url(migrated_file: Path, tmp_path: Path) -> str:
    """A migrated SQLite database: for stories in which the kind of database plays no part."""
    shutil.copy(migrated_file, tmp_path / "bot.db")
    return sqlite_url(tmp_path)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database of each kind."""
    async with opened(database_url) as found:
        yield found


@pytest.fixture
async def one_database(one_database_url: str) -> AsyncIterator[Database]:
    """A migrated SQLite database: where the kind plays no part."""
    async with opened(one_database_url) as found:
        yield found


@pytest.fixture(scope="session")
def classifier() -> IntentClassifier:
    """What handlers understand with, learnt by one process for all, before the first test that cannot wait for it."""
    return _learnt_once(with_encoder=True)


@pytest.fixture(scope="session")
def classifier_by_words() -> IntentClassifier:
    """The same without the encoder."""
    return _learnt_once(with_encoder=False)


def _learnt_once(*, with_encoder: bool) -> IntentClassifier:
    folder = user_cache().folder
    assert folder is not None
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return open_classifier(load_library(), with_encoder=with_encoder)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(
        write_template(tmp_path_factory.mktemp("template") / "bot.db", programme=OWN_TOWN / "programme.toml")
    )


@pytest.fixture
async def rehearsal(template: Path, tmp_path: Path, classifier: IntentClassifier) -> AsyncIterator[Rehearsal]:
    """The bot in process, on a copy of a migrated file."""
    async with open_rehearsal(template, tmp_path, classifier) as opened:
        yield opened


OpenRehearsal = Callable[..., AbstractAsyncContextManager[Rehearsal]]


@pytest.fixture
def rehearsal_with(template: Path, tmp_path: Path, classifier: IntentClassifier) -> OpenRehearsal:
    """A rehearsal with an office of one's own (``staff_chat``, ``staff_email``), or further channels (``others``)."""
    return partial(open_rehearsal, template, tmp_path, classifier)


OpenTown = Callable[..., AbstractAsyncContextManager[Town]]


@pytest.fixture
def one_classifier(classifier: IntentClassifier, monkeypatch: pytest.MonkeyPatch) -> None:
    """Towns and commands in this process have the same classifier.

    To open one takes half a second and twenty megabytes.
    """
    for module in ("conversation.understanding.classifier", "bot.commands.knowing"):
        monkeypatch.setattr(f"{module}.open_classifier", lambda _library: classifier)


@pytest.fixture
def town_with(one_classifier: None) -> OpenTown:
    return open_town


@pytest.fixture
async def town(one_database_url: str, one_classifier: None) -> AsyncIterator[Town]:
    """The embedded pair of mail servers on SQLite: for stories in which the kind of database plays no part."""
    async with open_town(one_database_url) as opened:
        yield opened


@pytest.fixture
async def each_town(database_url: str, one_classifier: None) -> AsyncIterator[Town]:
    """The same on each database."""
    async with open_town(database_url) as opened:
        yield opened


@pytest.fixture(params=["embedded", pytest.param("servers", marks=pytest.mark.servers)])
async def mail_town(request: pytest.FixtureRequest, database_url: str, one_classifier: None) -> AsyncIterator[Town]:
    """Every pair of mail servers on every database."""
    given: dict[str, Any] = {}
    if request.param == "servers":
        servers: MailServers = request.getfixturevalue("mail_servers")
        shutil.rmtree(servers.folder / "mail", ignore_errors=True)
        (servers.folder / "mail").mkdir()
        shutil.chown(servers.folder / "mail", "vmail", "vmail")
        given["mail"] = servers
    async with open_town(database_url, **given) as opened:
        yield opened
