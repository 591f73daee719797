"""Messages that did not arrive, or perhaps did."""

from typing import Any

from sqlalchemy import select, text, update

from db.engine import Transaction
from db.models import NOT_ARRIVED, OutboxState, outbox, people

__all__ = ["OutboxState", "not_arrived", "void_one"]


async def void_one(tx: Transaction, number: int) -> bool:
    """A message that did not arrive is seen to; whether it was so."""
    states = [OutboxState.FAILED, OutboxState.UNSURE]
    done = await tx.execute(
        update(outbox)
        .where(outbox.c.id == number, outbox.c.state.in_([s.value for s in states]))
        .values(state=OutboxState.VOID.value, payload=None)
    )
    return bool(done.rowcount)


async def not_arrived(tx: Transaction, *, most: int) -> list[dict[str, Any]]:
    """What failed, or perhaps arrived, newest first: what, to whom (person id and name), on which channel, when."""
    query = (
        select(
            outbox.c.id,
            outbox.c.kind,
            outbox.c.channel,
            outbox.c.due_at,
            outbox.c.state,
            outbox.c.person_id,
            people.c.name,
        )
        .select_from(outbox.outerjoin(people, people.c.id == outbox.c.person_id))
        .where(text(NOT_ARRIVED))
        .order_by(outbox.c.id.desc())
        .limit(most)
    )
    return [dict(r) for r in (await tx.execute(query)).mappings().all()]
