"""What was held back after a long stop or a restore, until somebody has looked."""

from dataclasses import dataclass
from datetime import datetime

from db.engine import Transaction
from db.heartbeats import held_before, past_due, release
from db.requests import Actor, record


@dataclass(frozen=True, slots=True)
class Held:
    """A hold."""

    #: What was due before then waits (UTC).
    before: datetime
    #: Why, in the words of who set it.
    reason: str
    #: How many messages wait.
    messages: int


async def held(tx: Transaction) -> Held | None:
    """The hold, when there is one."""
    found = await held_before(tx)
    return Held(*found, await past_due(tx, found[0])) if found else None


async def let_go(tx: Transaction, now: datetime, *, by: Actor) -> Held | None:
    """Send what was held; what it was, ``None`` when nothing was."""
    found = await held(tx)
    if await release(tx):
        await record(tx, "released", now=now, by=by)
    return found
