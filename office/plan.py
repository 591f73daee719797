"""What changing a meeting would do, before it is done: who hears of it, what they read, which reminders go."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from conversation.channel import Channel
from conversation.meeting import Meeting, Told
from db.engine import Transaction
from db.meetings import as_changed, get_meeting, update_meeting
from db.outbox import count_reminders
from db.people import names_of
from db.registrations import Registration, confirmed_at
from db.seats import free_seats
from delivery.reminders import count_anew, reminders_due
from office.desk import Desk
from office.errors import RefusedError
from office.fields import check_fields
from office.notices import Hearer, as_claimed, due_from, hearers
from office.samples import SAMPLES, Sample, chosen, written


@dataclass(frozen=True, slots=True)
class Plan:
    """What would follow from a change. Nothing of it has happened."""

    before: Meeting
    after: Meeting
    #: The fields people hear of that would change.
    changed: tuple[str, ...]
    #: Messages: whoever comes for two associations gets two.
    notices: int
    #: How many come for all who hear of it: an association may bring several.
    attending: int
    #: People who hear of it, each once, by the channel on which they do.
    people: Counter[Channel]
    #: Some of them: name and channel.
    named: tuple[tuple[str, Channel], ...]
    #: Who would have to hear of it and cannot be reached: number and name.
    unreached: tuple[tuple[int, str], ...]
    #: When the notices leave (UTC), the grace and the quiet hours counted; ``None``: there are none.
    due: datetime | None
    #: Reminders that would not go any more, and those that would be planned anew.
    reminders_void: int
    reminders_new: int
    #: Registrations that would get a seat, at this meeting or where somebody gives theirs up; they are told at once.
    promoted: tuple[int, ...]
    samples: tuple[Sample, ...]
    #: The meeting's version that was seen.
    version: int
    #: The same digest: the same registrations would hear of the same fields.
    digest: str


class PlanChangedError(RefusedError):
    """Something happened since the plan was looked at; ``plan``: as it is now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("nel frattempo qualcosa è cambiato: guardare di nuovo prima di confermare")
        self.plan = plan


@dataclass(frozen=True, slots=True)
class _Tried:
    """What a change comes to."""

    before: Meeting
    after: Meeting
    changed: tuple[str, ...]
    who: Sequence[Hearer]
    due: datetime | None
    promoted: Sequence[Registration]
    #: Reminders of the places that are given up for those at this meeting.
    void: int

    @property
    def digest(self) -> str:
        """The same registrations would hear of the same fields, and get a seat."""
        told: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        for one in self.who:
            told.setdefault(one.changed, []).append((one.registration, one.revision))
        said = [self.after.as_told(), self.after.title, self.after.capacity]
        hashed = json.dumps([said, sorted(told.items()), sorted(r.id for r in self.promoted)])
        return sha256(hashed.encode()).hexdigest()


def gives_seats(values: Mapping[str, Any]) -> bool:
    """Whether setting these fields may give seats to the waiting list: then the plan needs a ``tx`` that may write."""
    return "capacity" in values


async def plan(
    tx: Transaction, desk: Desk, meeting_id: int, values: Mapping[str, Any], *, taken_back: Told | None = None
) -> Plan:
    """What setting these fields would do. Raises ``RefusedError``, also when they are set already.

    ``taken_back``: as ``office.notices.hearers`` takes it, when a change is taken back.

    It only reads (``Database.look``), but where it ``gives_seats``: they are given in a savepoint, and taken back
    (``Database.rehearse``).
    """
    async with _tried(tx, desk, meeting_id, values, taken_back or {}) as tried:
        return await _told(tx, desk, tried)


async def seen_now(tx: Transaction, desk: Desk, meeting_id: int, values: Mapping[str, Any]) -> tuple[int, str]:
    """Version and digest of what ``plan`` would give, which takes longer."""
    async with _tried(tx, desk, meeting_id, values, {}) as tried:
        return tried.before.version, tried.digest


@asynccontextmanager
async def _tried(
    tx: Transaction, desk: Desk, meeting_id: int, values: Mapping[str, Any], taken_back: Told
) -> AsyncIterator[_Tried]:
    """The meeting with these fields; inside the block the seats are given out."""
    before = await get_meeting(tx, meeting_id)
    if before is None:
        msg = f"non c'è un incontro n. {meeting_id}"
        raise RefusedError(msg)
    check_fields(desk, before, values)
    after, changed = as_changed(before, desk.now, values)
    if after == before:
        msg = "non cambia niente: è già così"
        raise RefusedError(msg)
    if not gives_seats(values):
        yield await _heard(tx, desk, before, after, changed, taken_back)
        return
    point = await tx.begin_nested()
    try:
        counted = await count_reminders(tx)
        await update_meeting(tx, before.id, desk.now, **values)
        promoted = await free_seats(tx, before.id, desk.now)
        void = counted - await count_reminders(tx)
        yield await _heard(tx, desk, before, after, changed, taken_back, promoted, void)
    finally:
        await point.rollback()


async def _heard(
    tx: Transaction,
    desk: Desk,
    before: Meeting,
    after: Meeting,
    changed: tuple[str, ...],
    taken_back: Told,
    promoted: Sequence[Registration] = (),
    void: int = 0,
) -> _Tried:
    heard = changed and (before.is_upcoming(desk.now) or after.is_upcoming(desk.now))
    who = await hearers(tx, after, taken_back) if heard else []
    due = due_from([before, after], desk.schedule, desk.now) if who else None
    return _Tried(before, after, changed, who, due, promoted, void)


async def _told(tx: Transaction, desk: Desk, tried: _Tried) -> Plan:
    after, changed, who = tried.after, tried.changed, tried.who
    channels = {w.person: w.place.channel for w in who if w.place}
    some = list(islice(channels, SAMPLES))
    names = await names_of(tx, {*some, *(w.person for w in who if w.place is None)})
    return Plan(
        before=tried.before,
        after=after,
        changed=changed,
        notices=len(who),
        attending=sum(w.participants for w in who),
        people=Counter(channels.values()),
        named=tuple((names.get(person, ""), channels[person]) for person in some),
        unreached=tuple(sorted((person, name) for person, name in names.items() if person not in channels)),
        due=tried.due,
        reminders_void=tried.void + (await count_reminders(tx, after.id) if changed else 0),
        reminders_new=await _reminders(tx, desk, after, tried.promoted, changed=bool(changed)),
        promoted=tuple(r.id for r in tried.promoted),
        samples=await _samples(tx, desk, after, who, tried.due) if tried.due else (),
        version=tried.before.version,
        digest=tried.digest,
    )


async def _reminders(
    tx: Transaction, desk: Desk, after: Meeting, promoted: Sequence[Registration], *, changed: bool
) -> int:
    """How many would be planned: for all at a meeting that changed, for who gets a seat."""
    count = await count_anew(tx, after, desk.schedule, desk.now) if changed else 0
    moved_up = {r.id: r.meeting_id for r in promoted if not (changed and r.meeting_id == after.id)}
    for number in set(moved_up.values()):
        meeting = await get_meeting(tx, number)
        if meeting is not None:
            todo = await confirmed_at(tx, number, meeting.changed_at or desk.now)
            todo = [registration for registration in todo if registration.id in moved_up]
            count += len(await reminders_due(tx, todo, {number: meeting}, desk.schedule, desk.now))
    return count


async def _samples(
    tx: Transaction, desk: Desk, after: Meeting, who: Sequence[Hearer], due: datetime
) -> tuple[Sample, ...]:
    """Real notices, as different as there are: first one for each channel and kind of news."""
    reached = [w for w in who if w.place is not None]
    kinds = {(w.place and w.place.channel, w.detail): w for w in reversed(reached)}
    first = sorted(kinds.values(), key=lambda w: w.registration)
    rows = [as_claimed(after, w, due) for w in chosen(first, reached)]
    return await written(tx, desk, rows, due, meeting=after)
