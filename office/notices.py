"""Who hears of a changed meeting, and the notices that tell them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from conversation.meeting import Meeting, Told
from conversation.message import Address
from conversation.wording import news_for
from db.engine import Transaction
from db.models import Kind, Lane
from db.outbox import Row, notice_detail, queue
from db.registrations import listeners_at, listening_places
from delivery.reminders import Schedule

#: How near a meeting is when what changes about it is told at once, and cannot be taken back any more.
_PRESSING = timedelta(minutes=30)


class Hearer(NamedTuple):  # made by the thousand
    """A registration whose person was told something else last."""

    registration: int
    #: Of the registration.
    revision: int
    person: int
    #: Where the notice goes; ``None``: they cannot be reached.
    place: Address | None
    #: The fields that are news to them.
    changed: tuple[str, ...]
    #: How many come.
    participants: int
    #: Whether they know, or perhaps know, what is taken back.
    corrected: bool

    @property
    def detail(self) -> str:
        """Of their notice, in the outbox."""
        return notice_detail(self.changed, corrects=self.corrected)


def knows(told: Told, news: Collection[str], taken_back: Told) -> bool:
    """Whether who was ``told`` that of a meeting knows, or perhaps knows, what is taken back.

    ``news``: the fields that are not as they were told; ``taken_back``: the fields that were taken back, as they were.
    """
    return any(told.get(name, taken_back[name]) == taken_back[name] for name in {*news} & {*taken_back})


async def hearers(tx: Transaction, meeting: Meeting, taken_back: Told) -> list[Hearer]:
    """Who does not know the meeting as it is now, by registration. ``taken_back``: as ``knows``; empty for nothing."""
    groups = await listeners_at(tx, meeting.id)
    news = [(group, news_for(meeting, group.told, waiting=group.waiting)) for group in groups]
    if not any(changed for _, changed in news):
        return []
    places = await listening_places(tx, meeting.id)
    return sorted(
        Hearer(registration, revision, person, places.get(person), changed, participants, corrected)
        for group, changed in news
        if changed
        for corrected in [knows(group.told, changed, taken_back)]
        for registration, revision, person, participants in group.who
    )


def due_from(states: Sequence[Meeting], schedule: Schedule, now: datetime) -> datetime:
    """After the grace; but who was about to come must hear of it before they would have come."""
    starts = [start for m in states if (start := m.starts_at()) is not None and start > now]
    soonest = min(starts, default=None)
    pressing = soonest is not None and soonest - now < _PRESSING + schedule.grace
    return schedule.disturbs_from(now if pressing else now + schedule.grace, soonest)


async def queue_notices(tx: Transaction, meeting: Meeting, to: Sequence[Hearer], due: datetime) -> None:
    """Tell them, from ``due`` on."""
    await queue(tx, [_row(meeting, who, due) for who in to])


def _row(meeting: Meeting, who: Hearer, due: datetime) -> dict[str, Any]:
    return {
        "key": _key(meeting, who),
        "lane": Lane.BULK.value,
        "kind": Kind.NOTICE.value,
        "detail": who.detail,
        "person_id": who.person,
        "registration_id": who.registration,
        "channel": who.place.channel.value if who.place else "",
        "value": who.place.value if who.place else "",
        "due_at": due,
    }


def as_claimed(meeting: Meeting, who: Hearer, due: datetime) -> Row:
    """The notice as the sender would have it in hand, to be written as a sample."""
    return Row.foretold(
        _key(meeting, who),
        Kind.NOTICE,
        detail=who.detail,
        person=who.person,
        registration=who.registration,
        place=who.place,
        due=due,
    )


def _key(meeting: Meeting, who: Hearer) -> str:
    return f"notice:{who.registration}:{meeting.revision}"
