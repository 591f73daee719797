"""What most commands begin with: one transaction on the configured database, whose schema must be the newest."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from bot.faults import UsageError
from conversation.times import ROME
from db.engine import Database, Transaction
from db.migrate import require_newest


def read_moment(text: str) -> datetime:
    """The ``--at`` of a command, in Rome when it names no zone. Raises ``UsageError``."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"--at {text}: scrivere l'ora così: 2021-01-15T09:00"
        raise UsageError(msg) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=ROME)


@asynccontextmanager
async def transaction(database_url: str) -> AsyncIterator[Transaction]:
    """A transaction, committed at the end, rolled back by whatever is raised. Raises ``SchemaError`` for an old schema."""
    database = Database(database_url)
    try:
        async with database.begin() as tx:
            await require_newest(tx)
            yield tx
    finally:
        await database.close()
