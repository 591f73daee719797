"""A new meeting, and whether those who asked for news hear of it."""

from collections.abc import Mapping
from typing import Any

from conversation.meeting import Meeting
from db.engine import Transaction
from db.meetings import add_meeting, sector_names
from db.requests import record
from delivery.broadcasts import Queued, announce_meetings
from office.desk import Desk
from office.errors import RefusedError
from office.fields import check_fields


async def create(
    tx: Transaction, desk: Desk, sector: str, values: Mapping[str, Any], *, announce: bool
) -> tuple[int, Queued | None]:
    """The new meeting's number, and what was queued for those who asked for news. Raises ``RefusedError``."""
    if sector not in await sector_names(tx):
        msg = "scegli il settore"
        raise RefusedError(msg)
    check_fields(desk, Meeting(0, sector, "", None), {"day": None} | dict(values))
    number = await add_meeting(tx, desk.now, sector=sector, **values)
    await record(tx, "meeting_added", now=desk.now, subject=f"meeting:{number}", by=desk.by)
    told = await announce_meetings(tx, [number], desk.schedule, desk.now) if announce else None
    return number, told
