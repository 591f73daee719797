"""What changing a meeting would do, before it is done: who hears of it, what they read, which reminders go."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from conversation.channel import Channel
from conversation.meeting import Meeting, Told
from db.addresses import reachable_addresses
from db.broadcast_rows import progress_of
from db.broadcasts import announcing
from db.engine import Transaction
from db.meetings import as_changed, get_meeting
from db.models import RegistrationStatus
from db.outbox import count_reminders
from db.people import names_of
from db.registrations import Unplanned
from db.seats import Moves
from delivery.composing import Foretold
from delivery.reminders import count_anew, reminders_due
from office.consequences import Consequences, consequences, digest_of, heard_by
from office.desk import Desk
from office.errors import RefusedError
from office.fields import check_fields
from office.hearing import Seated, seated_by
from office.notices import Hearer, News, as_claimed, hearers
from office.samples import SAMPLES, Sample, chosen, written

Read = Callable[[Transaction, int], Awaitable[Meeting | None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would follow from a change. Nothing of it has happened."""

    before: Meeting
    after: Meeting
    #: The fields people hear of that would change.
    changed: tuple[str, ...]
    #: Registrations that do not know it; whoever comes for two associations counts twice.
    notices: int
    #: Of these, those that a message tells: for the others nobody knows an address that works.
    leaving: int
    #: How many come for those: an association may bring several.
    attending: int
    #: People who hear of it, each once, by the channel on which they do.
    people: Counter[Channel]
    #: Some of them: name and channel.
    named: tuple[tuple[str, Channel], ...]
    #: Who would have to hear of it and cannot be reached: number and name.
    unreached: tuple[tuple[int, str], ...]
    #: When the notices leave (UTC), the grace and the quiet hours counted; ``None``: there are none.
    due: datetime | None
    #: Reminders that would not go any more, and those that would go instead. Those to nobody are none.
    reminders_void: int
    reminders_new: int
    #: Registrations that would get a seat, at this meeting or where somebody gives theirs up; they are told at once.
    promoted: tuple[int, ...]
    #: Whose these are.
    seated: tuple[Seated, ...]
    samples: tuple[Sample, ...]
    #: People whom the news of the meeting reached when it was new: of a change only who is registered hears.
    announced: int
    #: The meeting's version that was seen.
    version: int
    #: The same digest: the same registrations would hear of the same fields.
    digest: str


class PlanChangedError(RefusedError):
    """Something happened since the plan was looked at: it has to be looked at again."""

    def __init__(self) -> None:
        super().__init__("nel frattempo qualcosa è cambiato: guardare di nuovo prima di confermare")


async def plan(
    tx: Transaction, desk: Desk, meeting_id: int, values: Mapping[str, Any], *, taken_back: Told | None = None
) -> Plan:
    """What setting these fields would do. It only reads. Raises ``RefusedError``, also when they are set already.

    ``taken_back``: as ``office.notices.knows`` takes it, when a change is taken back.
    """
    comes = await foresee(tx, desk, meeting_id, values, get_meeting, taken_back)
    return await told_of(tx, desk, comes, await heard_by(tx, comes))


async def foresee(
    tx: Transaction,
    desk: Desk,
    meeting_id: int,
    values: Mapping[str, Any],
    read: Read,
    taken_back: Told | None = None,
) -> Consequences:
    """What setting these fields of the meeting comes to. Raises ``RefusedError``, also when they are set already.

    ``read``: gives meetings, held for who is about to do it.
    """
    before = await read(tx, meeting_id)
    if before is None:
        msg = f"non c'è un incontro n. {meeting_id}"
        raise RefusedError(msg)
    check_fields(desk, before, values)
    after, changed = as_changed(before, desk.now, values)
    if after == before:
        msg = "non cambia niente: è già così"
        raise RefusedError(msg)
    find, moved = partial(read, tx), Moves() if "capacity" in values else None
    return await consequences(
        tx, before, after, changed, desk.schedule, desk.now, find=find, moved=moved, taken_back=taken_back
    )


async def told_of(tx: Transaction, desk: Desk, comes: Consequences, news: Sequence[News]) -> Plan:
    """What a change comes to, of which those ``news`` are, for who is to decide on it. It only reads."""
    after, changed, moves = comes.after, comes.changed, comes.moves
    who = await hearers(tx, after, news)
    due = comes.due if who else None
    channels = {w.person: w.channel for w in who if w.channel}
    some = list(islice(channels, SAMPLES))
    names = await names_of(tx, {*some, *(w.person for w in who if w.channel is None)})
    seated = await seated_by(tx, moves.promoted.values())
    return Plan(
        before=comes.before,
        after=after,
        changed=changed,
        notices=len(who),
        leaving=sum(w.channel is not None for w in who),
        attending=sum(w.attending for w in who if w.channel is not None),
        people=Counter(channels.values()),
        named=tuple((names.get(person, ""), channels[person]) for person in some),
        unreached=tuple(sorted((person, name) for person, name in names.items() if person not in channels)),
        due=due,
        reminders_void=await count_reminders(tx, meeting_id=after.id if changed else None, besides=moves.left),
        reminders_new=await _reminders(tx, desk, comes, {s.person for s in seated if s.channel is not None}),
        promoted=tuple(moves.promoted),
        seated=seated,
        samples=await _samples(tx, desk, comes, who, due) if due else (),
        announced=await _announced(tx, after.id) if changed else 0,
        version=comes.before.version,
        digest=digest_of(comes, news),
    )


async def _announced(tx: Transaction, meeting_id: int) -> int:
    """How many messages with the news of the meeting have gone out."""
    numbers = await announcing(tx, meeting_id)
    return sum(one.sent for one in (await progress_of(tx, numbers)).values()) if numbers else 0


async def _reminders(tx: Transaction, desk: Desk, comes: Consequences, reached: Collection[int]) -> int:
    """How many would be planned and leave: for all at a meeting that changed, for who gets a seat.

    ``reached``: the people among these last whom something reaches.
    """
    after, moves, now = comes.after, comes.moves, desk.now
    count = await count_anew(tx, after, desk.schedule, now, without=moves.left) if comes.changed else 0
    moved_up = [r for r in moves.promoted.values() if r.id not in moves.left and r.person_id in reached]
    others = {r.meeting_id for r in moved_up} - {after.id}
    by_id = {m.id: m for m in [after, *[await get_meeting(tx, number) for number in others]] if m is not None}
    todo = [
        Unplanned(r.id, r.revision + 1, r.person_id, r.meeting_id, now, by_id[r.meeting_id].changed_at or now)
        for r in moved_up
    ]
    return count + len(await reminders_due(tx, todo, by_id, desk.schedule, now))


async def _samples(
    tx: Transaction, desk: Desk, comes: Consequences, who: Sequence[Hearer], due: datetime
) -> tuple[Sample, ...]:
    """Real notices, as different as there are: first one for each channel and kind of news."""
    some = chosen([w for w in who if w.channel], lambda w: (w.channel, w.detail))
    reached = await reachable_addresses(tx, {w.person for w in some})
    promoted = comes.moves.promoted
    seated = {w.registration: promoted[w.registration] for w in some if w.registration in promoted}
    foretold = Foretold(
        {comes.after.id: comes.after},
        {number: replace(r, status=RegistrationStatus.CONFIRMED) for number, r in seated.items()},
    )
    rows = [as_claimed(comes.after, w, reached[w.person][0], due) for w in some]
    return await written(tx, desk, rows, due, foretold)
