"""What waits for staff: questions, interest in the Patto; and the audit trail of what was done."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.message import Address, Thread
from db.models import adhesions, audit, hand_overs


async def add_hand_over(
    tx: AsyncConnection,
    address: Address,
    *,
    person_id: int | None,
    question: str,
    reason: str,
    thread: Thread | None,
    now: datetime,
) -> int:
    """A question that waits for staff; its number."""
    statement = insert(hand_overs).values(
        channel=address.channel.value,
        value=address.value,
        person_id=person_id,
        question=question[:4000],
        reason=reason,
        thread=[thread.subject, thread.message_id, list(thread.references)] if thread else None,
        created_at=now,
    )
    return int((await tx.execute(statement.returning(hand_overs.c.id))).scalar_one())


async def has_open_hand_over(tx: AsyncConnection, address: Address) -> bool:
    """Whether a question of this address waits for staff."""
    query = select(func.count()).where(
        hand_overs.c.channel == address.channel.value,
        hand_overs.c.value == address.value,
        hand_overs.c.state == "open",
    )
    return bool((await tx.execute(query)).scalar_one())


async def add_adhesion(tx: AsyncConnection, person_id: int, organisation_id: int | None, now: datetime) -> bool:
    """Note the person's interest in the Patto; ``False`` when it was noted before."""
    found = (await tx.execute(select(adhesions.c.id).where(adhesions.c.person_id == person_id))).first()
    if found is not None:
        return False
    await tx.execute(insert(adhesions).values(person_id=person_id, organisation_id=organisation_id, created_at=now))
    return True


async def has_adhesion(tx: AsyncConnection, person_id: int) -> bool:
    """Whether the person's interest in the Patto is noted."""
    return (await tx.execute(select(adhesions.c.id).where(adhesions.c.person_id == person_id))).first() is not None


async def record(
    tx: AsyncConnection,
    action: str,
    *,
    now: datetime,
    person_id: int | None = None,
    subject: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """One line of the audit trail: what was done, about whom (by number), to what. Never anybody's words."""
    await tx.execute(insert(audit).values(at=now, action=action, person_id=person_id, subject=subject, data=data))
