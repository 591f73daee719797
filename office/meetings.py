"""A new meeting, and whether those who asked for news hear of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from conversation.meeting import Meeting
from db.engine import Transaction
from db.meetings import add_meeting, all_meetings, sector_names
from db.requests import Actor, record
from delivery.broadcasts import Queued, announce_meetings, foretell_announcement
from office.desk import Desk
from office.errors import RefusedError
from office.fields import check_fields

__all__ = ["Queued", "add", "create_meeting", "foresee_news"]


async def add(tx: Transaction, now: datetime, values: Mapping[str, Any], *, by: Actor | None) -> int:
    """A meeting more; its number."""
    number = await add_meeting(tx, now, **values)
    await record(tx, "meeting_added", now=now, subject=f"meeting:{number}", by=by)
    return number


async def foresee_news(tx: Transaction, desk: Desk) -> Queued | None:
    """How many hear of a meeting that is created and announced now, and when. It only reads."""
    return await foretell_announcement(tx, desk.schedule, desk.now)


async def create_meeting(
    tx: Transaction, desk: Desk, sector: str, values: Mapping[str, Any], *, announce: bool
) -> tuple[int, Queued | None]:
    """Its number, and the news of it if it is to be announced and somebody wants news.

    ``values``: as in ``office.fields``.

    Raises ``RefusedError``, also for a second meeting of a sector on one day.
    """
    if sector not in await sector_names(tx):
        msg = f"non c'è un settore «{sector}»"
        raise RefusedError(msg)
    if values.get("day") is None:
        msg = "manca il giorno"
        raise RefusedError(msg)
    check_fields(desk, Meeting(0, sector, "", None), values)
    if any(m.sector == sector and m.day == values["day"] for m in await all_meetings(tx)):
        msg = "c'è già un incontro di questo settore in questo giorno"
        raise RefusedError(msg)
    number = await add(tx, desk.now, {"sector": sector, **values}, by=desk.by)
    return number, await announce_meetings(tx, [number], desk.schedule, desk.now) if announce else None
