"""The key that signs links and Message-IDs when no ``SECRET_KEY`` is set: made once, kept with the data it protects."""

import secrets

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import insert_new
from db.models import keys

_NAME = "signing"


async def signing_key(tx: AsyncConnection) -> str:
    """The database's own key, made now if there is none."""
    query = select(keys.c.value).where(keys.c.name == _NAME)
    found = (await tx.execute(query)).scalar()
    if found is None:
        await insert_new(tx, keys, [{"name": _NAME, "value": secrets.token_hex(32)}])
        found = (await tx.execute(query)).scalar_one()
    return str(found)
