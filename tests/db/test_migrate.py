"""Schema versions: what is older is brought up, what is newer is refused with a sentence."""

import pytest
from sqlalchemy import text

from db.engine import Database
from db.migrate import SchemaError, migrate


async def test_migrating_again_changes_nothing(one_database: Database) -> None:
    assert await migrate(one_database) is False


async def test_a_database_from_a_newer_program_is_refused(one_database: Database) -> None:
    async with one_database.begin() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match="più nuova di questo programma"):
        await migrate(one_database)
