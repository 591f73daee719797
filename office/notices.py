"""Who hears of a changed meeting, and the notices that tell them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from conversation.meeting import Meeting
from conversation.message import Address
from conversation.wording import news_for
from db.engine import Transaction
from db.models import Kind, Lane
from db.outbox import Row, queue
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


async def hearers(tx: Transaction, meeting: Meeting) -> list[Hearer]:
    """Who does not know the meeting as it is now, by registration."""
    groups = await listeners_at(tx, meeting.id)
    news = [(group.who, news_for(meeting, group.told, waiting=group.waiting)) for group in groups]
    if not any(changed for _, changed in news):
        return []
    places = await listening_places(tx, meeting.id)
    return sorted(
        Hearer(registration, revision, person, places.get(person), changed, participants)
        for who, changed in news
        if changed
        for registration, revision, person, participants in who
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
        "detail": ",".join(sorted(who.changed)),
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
        detail=",".join(sorted(who.changed)),
        person=who.person,
        registration=who.registration,
        place=who.place,
        due=due,
    )


def _key(meeting: Meeting, who: Hearer) -> str:
    return f"notice:{who.registration}:{meeting.revision}"
