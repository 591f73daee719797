"""Messages that tell of several registrations: noted when one is queued, and named by their meetings in lists."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import gathered, insert_into
from db.models import meetings, outbox, registrations, tells_of


class About(NamedTuple):
    """A meeting that a message tells of: id, sector and day."""

    meeting: int
    sector: str
    day: date | None


async def note_several(tx: AsyncConnection, keys: Collection[str], numbers: Sequence[int]) -> None:
    """Each of the messages with these keys tells of all these registrations."""
    these = outbox.join(registrations, registrations.c.id.in_(numbers))
    await _note(tx, select(outbox.c.id, registrations.c.id).select_from(these).where(outbox.c.key.in_(keys)))


async def tell_instead(tx: AsyncConnection, gone: int, stays: int) -> None:
    """What tells of the one registration tells of the other, which it may do already; the one is about to go."""
    await _note(tx, select(tells_of.c.outbox_id, literal(stays)).where(tells_of.c.registration_id == gone))


async def _note(tx: AsyncConnection, each: Select[int, int]) -> None:
    noted = insert_into(tx.dialect.name, tells_of).from_select(["outbox_id", "registration_id"], each)
    await tx.execute(noted.on_conflict_do_nothing())


def several(dialect: str) -> ColumnElement[Any]:
    """SQL, of a row of the outbox: what ``read_several`` reads."""
    held = tells_of.join(registrations, registrations.c.id == tells_of.c.registration_id)
    told = select(gathered(dialect, meetings.c.id, meetings.c.sector, meetings.c.day))
    told = told.select_from(held.join(meetings, meetings.c.id == registrations.c.meeting_id))
    return told.where(tells_of.c.outbox_id == outbox.c.id).correlate(outbox).scalar_subquery()


def read_several(found: Sequence[Sequence[Any]] | None) -> tuple[About, ...]:
    """The meetings of a message that tells of several registrations, each once, by day; of any other message none."""
    told = {About(number, sector, day and date.fromisoformat(day)) for number, sector, day in found or ()}
    return tuple(sorted(told, key=lambda about: (about.day or date.max, about.meeting)))
