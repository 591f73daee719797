"""Brings the schema to the newest version (Alembic, configured in code)."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import Database

HERE = Path(__file__).parent / "migrations"


class SchemaError(RuntimeError):
    """The database is not at the version that this program needs; the message says what to do."""


def newest_version() -> str:
    """The version that this program needs: the last file in ``migrations/versions``, named by its number."""
    return max(path.stem.split("_")[0] for path in (HERE / "versions").glob("[0-9]*.py"))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def migrate(database: Database) -> bool:
    """Upgrade to the newest version; whether there was anything to do.

    Raises ``SchemaError`` for a version from the future.
    """
    async with database.begin() as tx:
        found = await tx.run_sync(_version)
        if found == newest_version():
            return False
        if found is not None and found > newest_version():
            msg = (
                f"il database è alla versione {found}, più nuova di questo programma ({newest_version()}): "
                f"usare il programma più recente"
            )
            raise SchemaError(msg)
        await tx.run_sync(_upgrade)
        return True


async def require_newest(tx: AsyncConnection) -> None:
    """Raise ``SchemaError`` unless the schema is the newest."""
    found = await tx.run_sync(_version)
    if found != newest_version():
        msg = (
            f"lo schema del database è alla versione {found or 'zero'}, serve la {newest_version()}: python "
            f"-m bot migrate"
        )
        raise SchemaError(msg)
