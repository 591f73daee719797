"""When each reminder is due, and how it is put in the outbox once.

The key of a reminder holds registration, its revision, the meeting's revision and the offset: queueing twice is
harmless, and a moved meeting gets new rows while the old ones are void.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any

from conversation.meeting import Meeting
from conversation.message import Address
from conversation.times import to_local, to_utc
from db.addresses import reachable_addresses
from db.engine import Transaction
from db.meetings import all_meetings
from db.models import Kind, Lane
from db.outbox import queue, reminded
from db.registrations import Unplanned, confirmed_at, count_confirmed, mark_planned, unplanned

_OFFSET = re.compile(r"(\d+)([dhm])(?:@(\d{1,2})(?::(\d{2}))?)?")
_UNIT = {"d": "days", "h": "hours", "m": "minutes"}
_BATCH = 500
#: How near a meeting is when what is to be said of it is said at once, quiet hours or not.
_SOON = timedelta(hours=12)


class OffsetError(ValueError):
    """A setting names an offset that is not one; the message says how they are written."""


@dataclass(frozen=True, slots=True)
class Offset:
    """How long before a meeting, and for days before, at which local hour (``None``: the meeting's own)."""

    label: str
    before: timedelta
    at: time | None = None


def read_offsets(text: str) -> tuple[Offset, ...]:
    """``7d,1d,1h`` or ``1d@9,0d@9`` → offsets. Raises ``OffsetError``."""
    offsets = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        match = _OFFSET.fullmatch(part)
        if match is None:
            msg = (
                f"«{part}» non è un anticipo: scrivere per esempio 7d (giorni), 1h (ore), 30m (minuti) o "
                f"1d@9 (il giorno prima alle 9)"
            )
            raise OffsetError(msg)
        at = time(int(match[3]), int(match[4] or 0)) if match[3] else None
        offsets.append(Offset(part, timedelta(**{_UNIT[match[2]]: int(match[1])}), at))
    return tuple(offsets)


@dataclass(frozen=True, slots=True)
class Schedule:
    """``timed``: offsets for a meeting with an hour; ``untimed``: for one whose hour is unknown, each with ``@``.

    ``quiet``: local hours between which nobody is disturbed, ``None`` for none. ``grace``: how long staff can take a
    change back.
    """

    timed: tuple[Offset, ...]
    untimed: tuple[Offset, ...]
    quiet: tuple[time, time] | None = None
    grace: timedelta = timedelta(0)

    def due_times(self, meeting: Meeting) -> list[tuple[Offset, datetime]]:
        """Each reminder's label and instant (UTC), earliest first; none for a meeting without a day."""
        if meeting.day is None:
            return []
        due: list[tuple[Offset, datetime]] = []
        if meeting.hour is None:
            due = [(o, to_utc(meeting.day - o.before, o.at or time(9))) for o in self.untimed]
        else:
            start = datetime.combine(meeting.day, meeting.hour)
            for offset in self.timed:
                # Whole days are counted on the calendar, so that a daylight-saving night does not move the hour.
                local = start - offset.before
                instant = to_utc(local.date(), offset.at or local.time())
                if offset.at is None and offset.before < timedelta(days=1):
                    instant = to_utc(meeting.day, meeting.hour) - offset.before
                due.append((offset, self.outside_quiet(instant, to_utc(meeting.day, meeting.hour))))
        return sorted(due, key=lambda pair: pair[1])

    def disturbs_from(self, now: datetime, start: datetime | None) -> datetime:
        """When to send what is due ``now`` about a meeting at ``start``.

        Now, or after the quiet hours if it is not near.
        """
        return now if start is not None and start - now < _SOON else self.outside_quiet(now, start)

    def outside_quiet(self, instant: datetime, start: datetime | None = None) -> datetime:
        """``instant``, or the end of the quiet hours it falls in.

        Their beginning when the end is too near ``start``.
        """
        if self.quiet is None:
            return instant
        begins, ends = self.quiet
        local = to_local(instant)
        clock = local.time().replace(tzinfo=None)
        over_midnight = begins > ends
        is_quiet = (clock >= begins or clock < ends) if over_midnight else begins <= clock < ends
        if not is_quiet:
            return instant
        morning = local.date() + timedelta(days=1) if over_midnight and clock >= begins else local.date()
        later = to_utc(morning, ends)
        if start is None or later <= start - timedelta(minutes=30):
            return later
        evening = local.date() - timedelta(days=1) if over_midnight and clock < ends else local.date()
        return to_utc(evening, begins) - timedelta(minutes=1)


def reminder_key(registration_id: int, revision: int, meeting_revision: int, label: str = "") -> str:
    """The key of a reminder.

    Without a label what those of this registration and meeting, as they are now, begin with.
    """
    return f"reminder:{registration_id}.{revision}:{meeting_revision}:{label}"


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder of one registration, that is to be planned."""

    registration: Unplanned
    meeting: Meeting
    #: The offset's.
    label: str
    at: datetime
    #: When it is too late.
    expires: datetime | None

    def as_row(self, address: Address | None) -> dict[str, Any]:
        """As the outbox holds it; without ``address`` it is looked up when it leaves."""
        registration = self.registration
        return {
            "key": reminder_key(registration.id, registration.revision, self.meeting.revision, self.label),
            "lane": Lane.BULK.value,
            "kind": Kind.REMINDER.value,
            "detail": self.label,
            "person_id": registration.person_id,
            "registration_id": registration.id,
            "channel": address.channel.value if address else "",
            "value": address.value if address else "",
            "due_at": self.at,
            "expires_at": self.expires,
        }


def reminders_of(schedule: Schedule, meeting: Meeting, registration: Unplanned) -> list[Due]:
    """Those of one registration; what was due before it began is skipped: the link went out just then.

    A reminder expires when the next one is due: after an outage the latest goes out, not all of them together. Of
    several that the quiet hours push to one moment only the last is planned.
    """
    # A reminder that was due while a change could be taken back waited: it is not lost with the change.
    since = max(registration.since, registration.changed_at - schedule.grace)
    return [
        Due(registration, meeting, label, at, expires)
        for label, at, expires in _spans(schedule, meeting)
        if since < at and (expires is None or at < expires)
    ]


@lru_cache(maxsize=64)
def _spans(schedule: Schedule, meeting: Meeting) -> tuple[tuple[str, datetime, datetime | None], ...]:
    """Each reminder of a meeting: from when until when it may go. The same for everybody who comes."""
    times = schedule.due_times(meeting)
    if not times:  # the office wants none
        return ()
    end = meeting.starts_at() if meeting.hour else meeting.ends_at()
    expiries = [*(due for _, due in times[1:]), end]
    return tuple((offset.label, due, expiry) for (offset, due), expiry in zip(times, expiries, strict=True))


async def queue_reminders(tx: Transaction, schedule: Schedule, now: datetime) -> int:
    """Queue the reminders of every registration that has none planned yet; how many rows are new.

    The registrations are held first and the programme read after, so that a meeting moved meanwhile is either seen
    here or takes these rows back.
    """
    todo = await unplanned(tx, _BATCH)
    if not todo:
        return 0
    added = await queue(tx, [due.as_row(address) for due, address in await _placed(tx, todo, schedule, now)])
    await mark_planned(tx, [r.id for r in todo])
    return added


async def foresee(
    tx: Transaction, schedule: Schedule, now: datetime, *, all_of_them: bool
) -> list[tuple[Due, Address | None]]:
    """What ``queue_reminders`` would queue, and where each goes: at once, or until nothing is left. It only reads."""
    todo = await unplanned(tx, None if all_of_them else _BATCH, hold=False)
    return await _placed(tx, todo, schedule, now) if todo else []


async def _placed(
    tx: Transaction, todo: Sequence[Unplanned], schedule: Schedule, now: datetime
) -> list[tuple[Due, Address | None]]:
    by_id = {m.id: m for m in await all_meetings(tx)}
    reached = await reachable_addresses(tx, [r.person_id for r in todo])
    due = await reminders_due(tx, todo, by_id, schedule, now)
    return [(d, reached.get(d.registration.person_id, [None])[0]) for d in due]


async def count_anew(
    tx: Transaction, meeting: Meeting, schedule: Schedule, now: datetime, *, without: Collection[int] = ()
) -> int:
    """How many reminders ``reminders_due`` would give for all who come to a meeting that changes ``now``.

    They are those that will leave: whom nothing reaches does not count.

    ``without``: registrations that are left out.

    Those who came long before it get the same ones: one of them is looked at, and the others are counted.
    """
    by_id, long_ago = {meeting.id: meeting}, now - schedule.grace
    if not meeting.is_upcoming(now):
        return 0
    of_one = reminders_of(schedule, meeting, Unplanned(0, 0, 0, meeting.id, long_ago, now))
    if any(due.at <= now for due in of_one):  # perhaps it was sent, to some
        each = await confirmed_at(tx, meeting.id, now, without=without)
        return len(await reminders_due(tx, each, by_id, schedule, now))
    lately = await confirmed_at(tx, meeting.id, now, after=long_ago, without=without)
    counted = len(of_one) * await count_confirmed(tx, meeting.id, long_ago, without=without)
    return counted + len(await reminders_due(tx, lately, by_id, schedule, now))


async def reminders_due(
    tx: Transaction, todo: Sequence[Unplanned], by_id: Mapping[int, Meeting], schedule: Schedule, now: datetime
) -> list[Due]:
    """The reminders of these registrations, by the meetings as they are in ``by_id``.

    Those that were sent before apart.
    """
    due: list[Due] = []
    for registration in todo:
        meeting = by_id.get(registration.meeting_id)
        if meeting is not None and meeting.is_upcoming(now):
            due += reminders_of(schedule, meeting, registration)
    waited = {d.registration.id for d in due if d.at <= d.registration.changed_at}
    heard = await reminded(tx, waited) if waited else set()
    return [d for d in due if d.at > d.registration.changed_at or (d.registration.id, d.label) not in heard]
