"""Meetings and sectors."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.meeting import TOLD_FIELDS, Meeting
from db.models import meetings, sectors

_HOUR = re.compile(r"\d{2}:\d{2}(:\d{2})?")


def _meeting(row: Any) -> Meeting:
    return Meeting(
        id=row.id,
        sector=row.sector,
        title=row.title,
        day=row.day,
        hour=row.hour,
        duration=row.duration,
        link=row.link,
        passcode=row.passcode,
        capacity=row.capacity,
        cancelled=bool(row.cancelled),
        revision=row.revision,
        sequence=row.sequence,
        changed_at=row.changed_at,
        version=row.version,
    )


async def all_meetings(tx: AsyncConnection) -> list[Meeting]:
    """Every meeting, by day, those without a day first."""
    rows = (await tx.execute(select(meetings).order_by(meetings.c.day, meetings.c.id))).all()
    return [_meeting(row) for row in rows]


_PROGRAMME = (
    select(sectors.c.key, sectors.c.names, meetings)
    .select_from(sectors.outerjoin(meetings, meetings.c.sector == sectors.c.key))
    .order_by(meetings.c.day, meetings.c.id)
)


async def programme(tx: AsyncConnection) -> tuple[list[Meeting], dict[str, dict[str, str]]]:
    """What ``all_meetings`` and ``sector_names`` give, read together."""
    rows = (await tx.execute(_PROGRAMME)).all()
    return [_meeting(row) for row in rows if row.id is not None], {row.key: dict(row.names) for row in rows}


async def get_meeting(tx: AsyncConnection, meeting_id: int) -> Meeting | None:
    """One meeting by id."""
    row = (await tx.execute(select(meetings).where(meetings.c.id == meeting_id))).first()
    return _meeting(row) if row else None


async def lock_meeting(tx: AsyncConnection, meeting_id: int) -> Meeting | None:
    """One meeting, held until the transaction ends, so that two registrations cannot take the same last seat."""
    row = (await tx.execute(select(meetings).where(meetings.c.id == meeting_id).with_for_update())).first()
    return _meeting(row) if row else None


async def lock_meetings(tx: AsyncConnection) -> None:
    """Hold every meeting until the transaction ends, so that nobody registers or changes one meanwhile."""
    await tx.execute(select(meetings.c.id).order_by(meetings.c.id).with_for_update())


async def sector_names(tx: AsyncConnection) -> dict[str, dict[str, str]]:
    """Every sector's names: key → language → name."""
    return {row.key: dict(row.names) for row in (await tx.execute(select(sectors))).all()}


async def save_sector(tx: AsyncConnection, key: str, names: dict[str, str]) -> None:
    """Create a sector or rename it."""
    done = await tx.execute(update(sectors).where(sectors.c.key == key).values(names=names))
    if done.rowcount == 0:
        await tx.execute(insert(sectors).values(key=key, names=names))


async def add_meeting(tx: AsyncConnection, now: datetime, **values: Any) -> int:
    """A new meeting; its id."""
    statement = insert(meetings).values(changed_at=now, **values).returning(meetings.c.id)
    return int((await tx.execute(statement)).scalar_one())


async def update_meeting(tx: AsyncConnection, meeting_id: int, now: datetime, **values: Any) -> tuple[str, ...]:
    """Set columns of a meeting; the names of those among ``TOLD_FIELDS`` that really changed.

    When any did, ``revision`` and ``sequence`` grow by one and ``changed_at`` is now; ``version`` grows with every
    column.
    """
    held = select(meetings).where(meetings.c.id == meeting_id).with_for_update()
    before = (await tx.execute(held)).mappings().first()
    new = {} if before is None else _to_set(before, values, now)
    if new:
        await tx.execute(update(meetings).where(meetings.c.id == meeting_id).values(**new))
    return _heard(new)


def as_changed(meeting: Meeting, now: datetime, values: Mapping[str, Any]) -> tuple[Meeting, tuple[str, ...]]:
    """A meeting as ``update_meeting`` would leave it, and what that would give. Nothing is written."""
    held = {name: getattr(meeting, name) for name in (*values, "revision", "sequence", "version")}
    new = _to_set(held, values, now)
    return replace(meeting, **new), _heard(new)


def _to_set(before: Mapping[Any, Any], values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns that change; none when all is so already."""
    new = {name: value for name, value in values.items() if value != before[name]}
    if _heard(new):
        new |= {"revision": before["revision"] + 1, "sequence": before["sequence"] + 1, "changed_at": now}
    return new | {"version": before["version"] + 1} if new else {}


def _heard(new: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in TOLD_FIELDS if name in new)


def as_day(value: object) -> date | None:
    """A TOML or ISO date; ``ValueError`` when it is neither."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    return date.fromisoformat(str(value))


def as_hour(value: object) -> time | None:
    """A TOML or ``HH:MM`` time; ``ValueError`` when it is neither: Python would read ``17.30`` as five o'clock."""
    if value is None or isinstance(value, time):
        return value
    if not isinstance(value, str) or not _HOUR.fullmatch(value):
        msg = f"not an hour: {value}"
        raise ValueError(msg)
    return time.fromisoformat(value)
