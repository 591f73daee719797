"""Whose letters must leave our mail folders: asked by an erasure, done by the mailbox's listener, then forgotten."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import insert_new
from db.models import purges


async def ask_purge(tx: AsyncConnection, value: str, now: datetime) -> None:
    """The letters from this mail address are to be deleted."""
    await insert_new(tx, purges, [{"value": value, "asked_at": now}])


async def asked_purges(tx: AsyncConnection) -> list[str]:
    """The mail addresses whose letters are still to be deleted."""
    return [str(row[0]) for row in (await tx.execute(select(purges.c.value).order_by(purges.c.asked_at))).all()]


async def forget_purges(tx: AsyncConnection, values: Sequence[str]) -> None:
    """They have been deleted: the addresses are not kept either."""
    await tx.execute(delete(purges).where(purges.c.value.in_(values)))
