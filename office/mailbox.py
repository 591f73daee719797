"""The letters that lay in the mailbox before the bot read it: staff decide which of them it reads."""

from datetime import datetime

from db.cursors import Place, adopt, load_place
from db.engine import Transaction

__all__ = ["Place", "decide", "place_of"]


async def place_of(tx: Transaction, mailbox: str) -> Place:
    """How far the mailbox is read and what waits for a decision."""
    return await load_place(tx, mailbox)


async def decide(tx: Transaction, mailbox: str, since: datetime) -> bool:
    """Have read what lies there since then (real time); ``False`` when nothing waits for a decision."""
    place = await load_place(tx, mailbox)
    if not place.lying and place.uidvalidity != 0:
        return False
    await adopt(tx, mailbox, since)
    return True
