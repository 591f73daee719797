"""The letters that lay in the mailbox before the bot read it: staff decide which of them it reads."""

from datetime import datetime

from conversation.times import to_local
from db.cursors import Place, adopt, load_place
from db.engine import Transaction

__all__ = ["Place", "decide", "describe", "place_of"]


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


def describe(place: Place) -> str:
    """One sentence about the start line."""
    if place.uidvalidity == 0:
        return (
            "non ancora aperta: al primo avvio i messaggi che contiene restano come sono, finché non si "
            "decide (mailbox adopt)"
        )
    if not place.lying or place.lying_since is None:
        return "nessun messaggio aspetta una decisione"
    lying = "1 messaggio" if place.lying == 1 else f"{place.lying} messaggi"
    if place.adopt_since is not None:
        return f"{lying}: la decisione è presa, il bot la esegue alla prossima lettura"
    return (
        f"{lying} dal {to_local(place.lying_since):%d/%m/%Y} che il bot non ha letto, di cui "
        f"recenti e senza risposta {place.recent}; "
        "decidere: python -m bot mailbox adopt --since 2026-01-31 | --all | --none"
    )
