"""The mark of a database that the sandbox made: how far its clock is from the world's.

No other database is the sandbox's to touch.
"""

from datetime import timedelta

from sqlalchemy import Connection, delete, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import audit, keys

_NAME = "sandbox"


async def is_blank(tx: AsyncConnection) -> bool:
    """Whether there is no table at all: a new file, a new database."""
    return not await tx.run_sync(lambda connection: inspect(connection).get_table_names())


async def sandbox_shift(tx: AsyncConnection) -> timedelta | None:
    """Sandbox's clock minus the world's; ``None`` when the sandbox did not make this database."""
    if not await tx.run_sync(_has_keys):
        return None
    found = (await tx.execute(select(keys.c.value).where(keys.c.name == _NAME))).scalar()
    return None if found is None else timedelta(seconds=float(found))


async def mark_sandbox(tx: AsyncConnection, shift: timedelta) -> None:
    """This database is a sandbox's, whose clock stands ``shift`` from the world's."""
    await tx.execute(delete(keys).where(keys.c.name == _NAME))
    await tx.execute(insert(keys).values(name=_NAME, value=str(shift.total_seconds())))


async def ever_changed(tx: AsyncConnection) -> set[str]:
    """The fields that were ever changed of any meeting, also of one that is over or has its old day again."""
    rows = (await tx.execute(select(audit.c.data).where(audit.c.action == "meeting_changed"))).scalars()
    return {name for data in rows for name in (data or {}).get("changed", [])}


def _has_keys(connection: Connection) -> bool:
    return inspect(connection).has_table(keys.name)
