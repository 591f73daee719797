"""One message for many: each person gets it once, a while after it was asked for, so that staff can still stop it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation.channel import CHANNELS
from db.broadcasts import Broadcast, add_broadcast
from db.engine import Transaction
from db.recipients import Recipient, is_for_anybody, meant_by, note_unreached, persons_meant, put_in_outbox
from db.requests import Actor, record
from db.segments import Segment, is_reached
from delivery.reminders import Schedule

#: How long staff can take it back.
GRACE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Queued:
    """Broadcast ``number`` goes to so many ``people`` from ``due`` on (UTC)."""

    number: int
    people: int
    due: datetime


async def recipients(tx: Transaction, broadcast: Broadcast) -> list[Recipient]:
    """Everybody it is for who can be reached, each once: also who comes for two associations."""
    return [one for one in await meant(tx, broadcast) if one.channel]


async def members(tx: Transaction, broadcast: Broadcast, among: Collection[int] | None = None) -> dict[int, int | None]:
    """For each person it is for, reached or not, the registration that it is about; ``among``: only these people."""
    return await persons_meant(tx, segment_of(broadcast), among)


def segment_of(broadcast: Broadcast) -> Segment | None:
    """Who is meant; ``None``: who asked for news."""
    number = broadcast.meeting_id
    return broadcast.segment if number is None else Segment(meetings=(number,))


async def meant(tx: Transaction, broadcast: Broadcast) -> Iterator[Recipient]:
    """Who is to get it, and who would be but cannot be reached: by person, one after the other."""
    found = await meant_by(tx, segment_of(broadcast))
    return (one for one in found if not one.channel or is_reached(broadcast.segment, CHANNELS[one.channel]))


async def queue_broadcast(
    tx: Transaction, broadcast: Broadcast, schedule: Schedule, now: datetime, *, by: Actor | None = None
) -> Queued | None:
    """Put it in the outbox once for each person, due after the grace, outside the quiet hours.

    ``None``: nobody is to get it, or the same was said to the same people before.
    """
    somebody = await is_for_anybody(tx, segment_of(broadcast))
    number = await add_broadcast(tx, broadcast, now) if somebody else None
    return None if number is None else (await queue_for(tx, number, broadcast, schedule, now, by=by))[0]


async def queue_for(
    tx: Transaction,
    number: int,
    broadcast: Broadcast,
    schedule: Schedule,
    now: datetime,
    *,
    by: Actor | None = None,
    send_at: datetime | None = None,
) -> tuple[Queued, list[Recipient]]:
    """Put it in the outbox as broadcast ``number``, for everybody it is for who can be reached; and who that is.

    It is due after the grace and not before ``send_at``, outside the quiet hours.
    """
    due = _due(schedule, now, send_at)
    put = await put_in_outbox(tx, number, segment_of(broadcast), due)
    await note_unreached(tx, number, segment_of(broadcast), due)
    await record(tx, "broadcast", now=now, subject=f"broadcast:{number}", data={"people": len(put)}, by=by)
    return Queued(number, len(put), due), put


async def announce_meetings(tx: Transaction, added: Sequence[int], schedule: Schedule, now: datetime) -> Queued | None:
    """Tell those who asked for news of the meetings (ids) that were added."""
    return await queue_broadcast(tx, Broadcast(announces=tuple(added)), schedule, now) if added else None


async def foretell_announcement(tx: Transaction, schedule: Schedule, now: datetime) -> Queued | None:
    """What ``announce_meetings`` would give for a meeting that is not there yet. It only reads."""
    people = await recipients(tx, Broadcast())
    return Queued(0, len(people), _due(schedule, now)) if people else None


def _due(schedule: Schedule, now: datetime, send_at: datetime | None = None) -> datetime:
    return schedule.outside_quiet(max(now + GRACE, send_at or now))
