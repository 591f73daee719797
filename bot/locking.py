"""SQLite carries one worker: a lock on its file, held as long as this process lives."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import AlreadyRunningError
from bot.settings import SettingsError
from db.engine import Database, sqlite_file


@contextmanager
def only_worker(database: Database) -> Iterator[None]:
    """Nobody else may work on this database where it carries one worker.

    Raises ``AlreadyRunningError``, ``SettingsError``.

    The lock is on the file itself, for one beside it can be deleted. It is none of SQLite's own, which are of another
    kind (fcntl).
    """
    if database.is_sqlite and os.environ.get("DYNO"):
        msg = "DATABASE_URL: qui il disco si perde a ogni riavvio, SQLite perderebbe i dati; serve postgresql://…"
        raise SettingsError(msg)
    file = sqlite_file(database.url)
    if file is None:
        yield
        return
    with file.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            msg = (
                "un altro processo usa già questo database SQLite, che ne regge uno solo: fermarlo, oppure "
                "passare a postgresql://…"
            )
            raise AlreadyRunningError(msg) from None
        yield
