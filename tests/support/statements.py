"""The statements that reach a database, counted: unlike milliseconds they are the same on every machine."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from db.engine import Database


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """What is executed meanwhile, for reading or writing; that a transaction begins and ends is not counted.

    On PostgreSQL one that is executed for many rows goes to the server and is planned there for each of them.
    """
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            many = bool(rest[-1]) and not database.is_sqlite
            seen.extend([statement] * (len(given) if many else 1))

    with _listening([database.engine.sync_engine, database._reader.sync_engine], note):
        yield seen


@contextmanager
def statements_of_the_writer(database: Database) -> Iterator[list[str]]:
    """What is executed meanwhile on the connections that may write, for which others wait; its transactions too."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with _listening([database.engine.sync_engine], note):
        yield seen


@contextmanager
def _listening(engines: Sequence[Engine], note: Callable[..., None]) -> Iterator[None]:
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
