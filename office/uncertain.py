"""Messages of which nobody knows whether they arrived: a process died, or a server did not answer, while they left."""

from datetime import datetime
from typing import Any

from db import outbox
from db.engine import Transaction
from db.not_arrived import try_failed
from db.requests import Actor, record
from db.single_messages import get_single


async def uncertain(tx: Transaction) -> list[dict[str, Any]]:
    """All that were ever in doubt, and what became of them; without anybody's words or address."""
    return await outbox.uncertain_rows(tx)


async def send_again(tx: Transaction, number: int, now: datetime, *, by: Actor) -> bool:
    """Let one that is parked go once more, though it may have arrived; or one that failed, now that it can arrive.

    ``False`` when none with this number is either.
    """
    if not await outbox.send_again(tx, [number]) and not await try_failed(tx, number, now):
        return False
    found = await get_single(tx, number)
    whose = found.person if found else None
    await record(tx, "sent_again", now=now, person_id=whose, subject=f"outbox:{number}", by=by)
    return True
