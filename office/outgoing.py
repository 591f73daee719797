"""Single messages that go out: stopped, sent once more, put away when a person has seen to them."""

from datetime import datetime

from db.engine import Transaction
from db.not_arrived import void_one
from db.requests import Actor, record
from office.errors import RefusedError
from office.uncertain import send_again


async def hold_back(tx: Transaction, number: int, now: datetime, *, by: Actor) -> None:
    """It does not go out. Raises ``RefusedError`` when it has left already."""
    if not await void_one(tx, number, pending=True):
        msg = "questo messaggio è già partito, oppure non serve più"
        raise RefusedError(msg)
    await record(tx, "message_stopped", now=now, subject=f"outbox:{number}", by=by)


async def try_again(tx: Transaction, number: int, now: datetime, *, by: Actor) -> None:
    """It goes once more, though it may have arrived. Raises ``RefusedError`` when it is not in doubt any more."""
    if not await send_again(tx, number, now, by=by):
        msg = "questo messaggio non è più in dubbio"
        raise RefusedError(msg)


async def put_away(tx: Transaction, number: int, now: datetime, *, by: Actor) -> None:
    """Somebody has seen to it. Raises ``RefusedError`` when it is not among those that did not arrive."""
    if not await void_one(tx, number, pending=False):
        msg = "questo messaggio non è più fra quelli non arrivati"
        raise RefusedError(msg)
    await record(tx, "message_seen_to", now=now, subject=f"outbox:{number}", by=by)
