"""How the meetings were before what staff changed just now: for as long as it can be taken back."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.meeting import Told
from db.models import meeting_changes


async def note_change(tx: AsyncConnection, meeting_id: int, before: Told, *, now: datetime, until: datetime) -> None:
    """Keep it until then; what is past its time is forgotten."""
    await tx.execute(delete(meeting_changes).where(meeting_changes.c.until <= now))
    await tx.execute(insert(meeting_changes).values(meeting_id=meeting_id, before=before, at=now, until=until))


async def take_changes(tx: AsyncConnection, now: datetime, meeting_id: int | None = None) -> dict[int, Told]:
    """How each meeting (or the one asked for) was before the changes that can still be taken back; they are forgotten by this."""
    mine = meeting_changes.c.until > now
    if meeting_id is not None:
        mine &= meeting_changes.c.meeting_id == meeting_id
    query = select(meeting_changes.c.meeting_id, meeting_changes.c.before).where(mine).order_by(meeting_changes.c.id)
    rows = (await tx.execute(query)).all()
    await tx.execute(delete(meeting_changes).where(mine))
    return {row.meeting_id: row.before for row in reversed(rows)}  # the oldest of each meeting stands
