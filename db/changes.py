"""How the meetings were before what staff changed just now: for as long as it can be taken back.

One that was taken back after some knew of it is kept until they are told so: until then it can be had again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.meeting import Meeting, Told
from db.models import audit, meeting_changes
from db.requests import Actor

#: How long the last change is remembered once its notices leave: who has seen the mistake in the first of them still
#: finds it at hand, and after a quarter of an hour looks at the meeting instead.
CORRECTABLE = timedelta(minutes=15)


_STANDS = meeting_changes.c.undone_at.is_(None)


@dataclass(frozen=True, slots=True)
class NotedChange:
    """A change: the fields that it changed as they were ``before`` it, and the meeting ``after`` it."""

    number: int
    before: Told
    after: Told
    #: When its notices leave (UTC); of one that was taken back, when those leave that say so.
    until: datetime


async def note_change(
    tx: AsyncConnection, before: Meeting, after: Told, *, now: datetime, until: datetime, by: Actor | None
) -> None:
    """Keep it until then, and for ``CORRECTABLE`` more; what is past that is forgotten."""
    await tx.execute(delete(meeting_changes).where(meeting_changes.c.until <= now - CORRECTABLE))
    values = {"meeting_id": before.id, "before": before.as_told(), "after": after, "at": now, "until": until}
    who = by.staff_id if by else None
    await tx.execute(insert(meeting_changes).values(**values, from_revision=before.revision, staff_id=who))


async def changes_since(tx: AsyncConnection, meeting_id: int, since: datetime) -> list[tuple[str, list[str]]]:
    """Who changed the meeting from then on, as the audit trail names them, each with the fields; oldest first."""
    query = select(audit.c.staff_name, audit.c.data).where(
        audit.c.at >= since,  # what the audit trail has an index for
        audit.c.subject == f"meeting:{meeting_id}",
        audit.c.action.startswith("meeting_"),
    )
    rows = (await tx.execute(query.order_by(audit.c.id))).all()
    return [(name, (data or {}).get("changed", [])) for name, data in rows]


async def meetings_unheard(tx: AsyncConnection, now: datetime) -> list[int]:
    """The meetings with changes that nobody has heard of yet, each once, the one changed last first."""
    newest = func.max(meeting_changes.c.id)
    query = select(meeting_changes.c.meeting_id).where(meeting_changes.c.until > now, _STANDS)
    return list((await tx.execute(query.group_by(meeting_changes.c.meeting_id).order_by(newest.desc()))).scalars())


async def last_change(tx: AsyncConnection, now: datetime, meeting_id: int) -> NotedChange | None:
    """The last change that is remembered; some of its notices may have left."""
    return await _newest(tx, meeting_id, meeting_changes.c.until > now - CORRECTABLE, _STANDS)


async def last_undone(tx: AsyncConnection, now: datetime, meeting_id: int) -> NotedChange | None:
    """The one that was taken back last, of those whose correction has not left."""
    return await _newest(tx, meeting_id, meeting_changes.c.until > now, ~_STANDS)


async def is_only_unheard(tx: AsyncConnection, now: datetime, meeting_id: int) -> bool:
    """Whether nobody has heard of the last change yet, while nothing else of the meeting is still to be told."""
    query = select(meeting_changes.c.id).where(
        meeting_changes.c.meeting_id == meeting_id, meeting_changes.c.until > now
    )
    unheard, last = (await tx.execute(query)).scalars().all(), await last_change(tx, now, meeting_id)
    return last is not None and list(unheard) == [last.number]


async def _newest(tx: AsyncConnection, meeting_id: int, *which: ColumnElement[bool]) -> NotedChange | None:
    columns = (meeting_changes.c.id, meeting_changes.c.before, meeting_changes.c.after, meeting_changes.c.until)
    newest = select(*columns).where(meeting_changes.c.meeting_id == meeting_id, *which)
    newest = newest.order_by(meeting_changes.c.undone_at.desc(), meeting_changes.c.id.desc())
    row = (await tx.execute(newest.limit(1))).first()
    if row is None:
        return None
    before, after = dict(row.before), row.after or {}
    return NotedChange(row.id, {k: v for k, v in before.items() if k not in after or after[k] != v}, after, row.until)


async def forget_change(tx: AsyncConnection, number: int) -> None:
    """It was taken back, and nobody knew of it."""
    await tx.execute(delete(meeting_changes).where(meeting_changes.c.id == number))


async def keep_undone(tx: AsyncConnection, number: int, *, now: datetime, until: datetime) -> None:
    """It was taken back, and those who knew of it are told so from ``until`` on."""
    await tx.execute(update(meeting_changes).where(meeting_changes.c.id == number).values(undone_at=now, until=until))


async def renew_change(tx: AsyncConnection, number: int, *, now: datetime) -> None:
    """It is so again, as some know: it can be taken back once more."""
    await tx.execute(update(meeting_changes).where(meeting_changes.c.id == number).values(undone_at=None, until=now))


async def put_off_changes(tx: AsyncConnection, meeting_id: int, *, now: datetime, until: datetime) -> None:
    """What nobody has heard of can be taken back until then, or be had again: its notices leave with newer ones."""
    still = (meeting_changes.c.meeting_id == meeting_id, meeting_changes.c.until > now)
    await tx.execute(update(meeting_changes).where(*still).values(until=until))
