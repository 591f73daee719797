"""What changing a meeting would do, before it is done: who hears of it, what they read, which reminders go."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from conversation.channel import Channel
from conversation.meeting import Meeting
from conversation.message import Outgoing
from db.engine import Transaction
from db.meetings import get_meeting, update_meeting
from db.outbox import count_reminders
from db.people import names_of
from db.registrations import Registration, confirmed_at, participants_at
from db.seats import free_seats
from delivery.composing import write
from delivery.reminders import count_anew, reminders_due
from office.desk import Desk
from office.errors import RefusedError
from office.fields import check_fields
from office.notices import Hearer, as_claimed, due_from, hearers

#: One text to read and four more to compare it with: as many as one looks at.
SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """A notice as it would leave."""

    #: Who gets it, by number.
    person: int
    message: Outgoing


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


async def plan(tx: Transaction, desk: Desk, meeting_id: int, values: Mapping[str, Any]) -> Plan:
    """What setting these fields would do. Raises ``RefusedError``, also when they are set already.

    The change is made and rolled back to a savepoint: ``tx`` must be one that may write (``Database.rehearse`` does).
    """
    before = await get_meeting(tx, meeting_id)
    if before is None:
        msg = f"non c'è un incontro n. {meeting_id}"
        raise RefusedError(msg)
    check_fields(desk, before, values)
    point = await tx.begin_nested()
    try:
        return await _tried(tx, desk, before, values)
    finally:
        await point.rollback()


async def _tried(tx: Transaction, desk: Desk, before: Meeting, values: Mapping[str, Any]) -> Plan:
    counted = await count_reminders(tx) if "capacity" in values else 0
    changed = await update_meeting(tx, before.id, desk.now, **values)
    promoted = await free_seats(tx, before.id, desk.now) if "capacity" in values else []
    after = await get_meeting(tx, before.id)
    if after is None or after.version == before.version:
        msg = "non cambia niente: è già così"
        raise RefusedError(msg)
    void = counted - await count_reminders(tx) if "capacity" in values else 0
    heard = changed and (before.is_upcoming(desk.now) or after.is_upcoming(desk.now))
    who = await hearers(tx, after) if heard else []
    due = due_from([before, after], desk.schedule, desk.now) if heard else None
    channels = {w.person: w.place.channel for w in who if w.place}
    some = list(islice(channels, SAMPLES))
    names = await names_of(tx, {*some, *(w.person for w in who if w.place is None)})
    participants = await participants_at(tx, before.id) if who else {}
    return Plan(
        before=before,
        after=after,
        changed=changed,
        notices=len(who),
        attending=sum(participants.get(w.registration, 0) for w in who),
        people=Counter(channels.values()),
        named=tuple((names.get(person, ""), channels[person]) for person in some),
        unreached=tuple(sorted((person, name) for person, name in names.items() if person not in channels)),
        due=due if who else None,
        reminders_void=void + (await count_reminders(tx, before.id) if changed else 0),
        reminders_new=await _reminders(tx, desk, after, promoted, changed=bool(changed)),
        promoted=tuple(r.id for r in promoted),
        samples=await _samples(tx, desk, after, who, due) if due else (),
        version=before.version,
        digest=_digest(after, who, promoted),
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
    kinds = {(w.place and w.place.channel, w.changed): w for w in reversed(reached)}
    first = sorted(kinds.values(), key=lambda w: w.registration)
    chosen = [*first, *islice((w for w in reached if w not in first), SAMPLES)][:SAMPLES]
    written = await write(
        tx,
        [as_claimed(after, w, due) for w in chosen],
        library=desk.library,
        schedule=desk.schedule,
        mailbox=desk.office.mailbox,
        now=due,
    )
    results = zip(chosen, (w.result for w in written), strict=True)
    return tuple(Sample(w.person, result) for w, result in results if isinstance(result, Outgoing))


def _digest(after: Meeting, who: Sequence[Hearer], promoted: Sequence[Registration]) -> str:
    said = [after.as_told(), after.title, after.capacity]
    told = "\n".join(f"{w.registration} {w.revision} {w.changed}" for w in who)
    return sha256(json.dumps([said, told, sorted(r.id for r in promoted)]).encode()).hexdigest()
