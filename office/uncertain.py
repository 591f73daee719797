"""Messages of which nobody knows whether they arrived: a process died, or a server did not answer, while they left."""

from typing import Any

from db import outbox
from db.engine import Transaction


async def uncertain(tx: Transaction) -> list[dict[str, Any]]:
    """All that were ever in doubt, and what became of them; without anybody's words or address."""
    return await outbox.uncertain_rows(tx)
