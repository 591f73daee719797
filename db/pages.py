"""Whether the pages of a SQLite file can be read.

A query touches few of them; a file that lost some answers for months.

PostgreSQL looks after its own files.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from db.engine import sqlite_file


class DatabaseLostError(RuntimeError):
    """The database is gone, empty where it was not, or damaged; the message says what to do."""


async def require_pages(database_url: str) -> None:
    """Read every page of the file, from another connection: nobody waits. Raises ``DatabaseLostError``."""
    path = sqlite_file(database_url)
    if path is None:
        return
    if not path.exists():
        msg = f"database: il file {path} non c'è più: fermare tutto e rimettere l'ultima copia"
        raise DatabaseLostError(msg)
    fault = await asyncio.to_thread(_check, path)
    if fault:
        msg = (
            f"database: il file {path} è rovinato ({fault}): fermare tutto, metterlo da parte e rimettere "
            f"l'ultima copia"
        )
        raise DatabaseLostError(msg)


class PageWatch:
    """Reads the pages for whoever asks often, anew after ``every`` seconds."""

    def __init__(self, database_url: str, *, every: float = 300.0) -> None:
        self._database_url = database_url
        self._every = every
        self._reading: asyncio.Task[None] | None = None
        self._until = 0.0

    async def require(self) -> None:
        """As ``require_pages``, from the last reading while it is fresh."""
        now = asyncio.get_running_loop().time()
        if self._reading is None or (self._reading.done() and now >= self._until):
            self._reading = asyncio.create_task(require_pages(self._database_url))
            self._until = now + self._every
        await asyncio.shield(self._reading)


def _check(path: Path) -> str:
    """The first fault that SQLite finds (PRAGMA quick_check).

    Empty when there is none, or when it cannot look right now.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=5)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError:  # busy, no more files: the turns say so
        return ""
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else " ".join(found.split())[:120]
