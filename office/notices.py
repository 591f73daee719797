"""Who hears of a changed meeting, and the notices that tell them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from conversation.channel import Channel
from conversation.meeting import LOST, Meeting, Told
from conversation.message import Address
from conversation.wording import news_for
from db import listeners
from db.engine import Transaction
from db.listeners import ToldGroup, groups_at, listeners_at, listening_channels, notice_key
from db.models import Kind
from db.outbox import Row, notice_detail
from db.seats import Moves
from delivery.reminders import Schedule

#: How near a meeting is when what changes about it is told at once, and cannot be taken back any more.
_PRESSING = timedelta(minutes=30)


class News(NamedTuple):
    """What is news to some of those who come."""

    #: The fields.
    changed: tuple[str, ...]
    #: Of their notices, in the outbox.
    detail: str
    #: Each registration, in their order, with its revision, its person and how many come.
    who: list[tuple[int, int, int, int]]


class Hearer(NamedTuple):  # made by the thousand
    """A registration whose person was told something else last."""

    registration: int
    person: int
    #: On which the notice goes; ``None``: they cannot be reached.
    channel: Channel | None
    #: How many come.
    attending: int
    #: Of their notice, in the outbox.
    detail: str


def knows(told: Told, news: Collection[str], taken_back: Told) -> bool:
    """Whether who was ``told`` that of a meeting knows, or perhaps knows, what is taken back.

    ``news``: the fields that are not as they were told; ``taken_back``: the fields that were taken back, as they were.
    """
    if told == LOST:
        return False
    return any(told.get(name, taken_back[name]) == taken_back[name] for name in {*news} & {*taken_back})


async def news_of(tx: Transaction, meeting: Meeting, moves: Moves, taken_back: Told) -> list[News]:
    """Who does not know the meeting as it is now.

    ``moves``: seats that are still to be given; ``taken_back``: as ``knows``, empty for nothing.
    """
    found = [
        News(*_news_to(group, meeting, taken_back), who) for group, who in await listeners_at(tx, meeting.id, moves)
    ]
    return [news for news in found if news.changed]


def _news_to(group: ToldGroup, meeting: Meeting, taken_back: Told) -> tuple[tuple[str, ...], str]:
    """The fields that are news to a group, and the detail of its notices."""
    told = group.told
    changed = news_for(meeting, told, waiting=group.waiting)
    return changed, notice_detail(changed, cancelled=meeting.cancelled, corrects=knows(told, changed, taken_back))


async def reached(tx: Transaction, meeting: Meeting, news: Sequence[News]) -> list[News]:
    """The same, without those who cannot be reached."""
    channels = await listening_channels(tx, meeting.id)
    left = [n._replace(who=[one for one in n.who if one[2] in channels]) for n in news]
    return [n for n in left if n.who]


async def hearers(tx: Transaction, meeting: Meeting, news: Sequence[News]) -> list[Hearer]:
    """Each of them with the channel on which they are reached, by registration."""
    if not news:
        return []
    channels = await listening_channels(tx, meeting.id)
    return sorted(
        Hearer(registration, person, channels.get(person), attending, detail)
        for _, detail, who in news
        for registration, _, person, attending in who
    )


def due_from(states: Sequence[Meeting], schedule: Schedule, now: datetime) -> datetime:
    """After the grace; but who was about to come must hear of it before they would have come."""
    starts = [start for m in states if (start := m.starts_at()) is not None and start > now]
    soonest = min(starts, default=None)
    pressing = soonest is not None and soonest - now < _PRESSING + schedule.grace
    return schedule.disturbs_from(now if pressing else now + schedule.grace, soonest)


async def queue_notices(
    tx: Transaction, meeting: Meeting, taken_back: Told, due: datetime, *, only_reached: bool
) -> int:
    """Tell everybody who does not know the meeting as it is now, from ``due`` on; how many registrations.

    ``only_reached``: nobody for whom no address works.
    """
    told = 0
    for group in await groups_at(tx, meeting.id):
        changed, detail = _news_to(group, meeting, taken_back)
        if changed:
            told += await listeners.queue_notices(tx, meeting, group, detail=detail, due=due, only_reached=only_reached)
    return told


async def forget_lost(tx: Transaction, meeting: Meeting) -> None:
    """Nobody need see to what did not arrive, of those who know the meeting as it is now: it was taken back."""
    for group in await groups_at(tx, meeting.id):
        if not news_for(meeting, group.told, waiting=group.waiting):
            await listeners.void_lost(tx, meeting, group)


def as_claimed(meeting: Meeting, who: Hearer, address: Address, due: datetime) -> Row:
    """The notice as the outbox worker would have it in hand, to be written as a sample."""
    return Row.foretold(
        notice_key(str(who.registration), meeting),
        Kind.NOTICE,
        detail=who.detail,
        person=who.person,
        registration=who.registration,
        address=address,
        due=due,
    )
