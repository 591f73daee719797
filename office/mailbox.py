"""The letters that lay in the mailbox before the bot read it: staff decide which of them it reads."""

from datetime import datetime

from conversation.times import to_local
from db.cursors import MailCursor, adopt, load_cursor
from db.engine import Transaction

__all__ = ["MailCursor", "cursor_of", "decide", "describe"]


async def cursor_of(tx: Transaction, mailbox: str) -> MailCursor:
    """How far the mailbox is read and what waits for a decision."""
    return await load_cursor(tx, mailbox)


async def decide(tx: Transaction, mailbox: str, since: datetime) -> bool:
    """Have read what lies there since then (real time); ``False`` when nothing waits for a decision."""
    cursor = await load_cursor(tx, mailbox)
    if not cursor.lying and cursor.uidvalidity != 0:
        return False
    await adopt(tx, mailbox, since)
    return True


def describe(cursor: MailCursor) -> str:
    """One sentence about the start line."""
    if cursor.uidvalidity == 0:
        return (
            "non ancora aperta: al primo avvio i messaggi che contiene restano come sono, finché non si "
            "decide (mailbox adopt)"
        )
    if not cursor.lying or cursor.lying_since is None:
        return "nessun messaggio aspetta una decisione"
    lying = "1 messaggio" if cursor.lying == 1 else f"{cursor.lying} messaggi"
    if cursor.adopt_since is not None:
        return f"{lying}: la decisione è presa, il bot la esegue alla prossima lettura"
    return (
        f"{lying} dal {to_local(cursor.lying_since):%d/%m/%Y} che il bot non ha letto, di cui "
        f"recenti e senza risposta {cursor.recent}; "
        "decidere: python -m bot mailbox adopt --since 2026-01-31 | --all | --none"
    )
