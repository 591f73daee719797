"""The numbers of the console. A number that stands in two places is counted here once."""

from dataclasses import dataclass

from sqlalchemy import func, select, text

from db.engine import Transaction
from db.models import NOT_ARRIVED, WAITING, InboxState, hand_overs, inbox, outbox


@dataclass(frozen=True, slots=True)
class Sign:
    """What waits for a person. ``tone``: red, a citizen waits; amber, something is broken or incomplete; blue, good news."""

    count: int
    tone: str


async def signs_of(tx: Transaction) -> dict[str, Sign]:
    """The numbers beside the menu's lines, by name: the same on Oggi and in the morning's mail."""
    questions = select(func.count()).select_from(hand_overs).where(text(WAITING))
    letters = select(func.count()).select_from(inbox).where(inbox.c.state == InboxState.SET_ASIDE.value)
    stuck = select(func.count()).select_from(outbox).where(text(NOT_ARRIVED))
    query = select(questions.scalar_subquery(), letters.scalar_subquery(), stuck.scalar_subquery())
    row = (await tx.execute(query)).one()
    return {"questions": Sign(row[0], "red"), "letters": Sign(row[1], "amber"), "outgoing": Sign(row[2], "amber")}
