"""What most commands begin with: one transaction on the configured database, whose schema must be the newest."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.errors import UsageError
from bot.settings import Settings, read_settings
from conversation.times import local_zone, system_clock
from db.engine import Database, Transaction
from db.migrate import migrate, require_newest
from db.sandboxes import sandbox_shift
from knowledge.library import load_library
from office.desk import TERMINAL, Desk


def read_moment(text: str, option: str = "--at") -> datetime:
    """The moment (or day) given to ``option``, in the town's time when it names no zone. Raises ``UsageError``."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"{option} {text}: scrivere l'ora così: 2021-01-15T09:00"
        raise UsageError(msg) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=local_zone())


@dataclass(frozen=True, slots=True)
class Opened:
    """A command's transaction. ``now``: the present by the database's own clock when it is a sandbox's."""

    tx: Transaction
    settings: Settings
    now: datetime

    def desk(self) -> Desk:
        """What staff's work needs, with the terminal's name; reads the texts."""
        settings = self.settings
        return Desk(TERMINAL, self.now, load_library(settings.knowledge), settings.office, settings.schedule)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Database, Settings]]:
    """The configured database, closed at the end."""
    settings = read_settings()
    database = Database(settings.database_url)
    try:
        yield database, settings
    finally:
        await database.close()


async def present(tx: Transaction, settings: Settings) -> datetime:
    """Now, by the clock that this database follows. Raises ``SchemaError`` for an old schema."""
    await require_newest(tx)
    shift = await sandbox_shift(tx)
    return settings.starting_clock() or system_clock() if shift is None else datetime.now(UTC) + shift


@asynccontextmanager
async def opened(*, migrate_first: bool = False) -> AsyncIterator[Opened]:
    """A transaction: committed at the end, rolled back by whatever is raised.

    Raises ``SchemaError`` for an old schema.
    """
    async with connected() as (database, settings):
        if migrate_first:
            await migrate(database)
        async with database.begin() as tx:
            yield Opened(tx, settings, await present(tx, settings))
