"""What most commands begin with: one transaction on the configured database, whose schema must be the newest."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db.engine import Database, Transaction
from db.migrate import require_newest


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
