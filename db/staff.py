"""The operators of the console."""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import staff


async def add_operator(tx: AsyncConnection, email: str, now: datetime) -> bool:
    """Add an operator; ``False`` when the address is there already."""
    if (await tx.execute(select(staff.c.id).where(staff.c.email == email))).first():
        return False
    await tx.execute(insert(staff).values(email=email, added_at=now))
    return True
