"""What a broadcast would be, before it leaves: who gets it, who cannot be reached, how it reads.

Nothing of it has happened.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from operator import attrgetter

from conversation.channel import CHANNELS, Channel
from conversation.meeting import Meeting
from conversation.message import Address, Reply
from conversation.wording import Voice, staff_message
from db.addresses import reachable_addresses
from db.broadcast_rows import addressed
from db.broadcasts import Broadcast, Stored
from db.engine import Transaction
from db.meetings import get_meeting, sector_names
from db.models import Kind
from db.outbox import Row
from db.people import names_of
from db.recipients import Recipient
from db.registrations import get_registrations
from db.segments import is_reached, meetings_of
from delivery.broadcasts import meant, members, segment_of
from delivery.composing import Foretold
from office.desk import Desk
from office.samples import Sample, chosen, written

#: As many as one reads through; who else gets it is a number.
NAMED = 30
#: No broadcast has this number.
_NOT_STORED = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go out. Nothing of it has happened."""

    #: How many people would get it on each channel, each person once.
    people: Counter[Channel]
    #: The first of them, by name: number, name and channel.
    named: tuple[tuple[int, str, Channel], ...]
    #: People who are meant and cannot be reached, by number.
    unreached: tuple[int, ...]
    #: Subject, and how it reads to the first of them, in Italian.
    subject: str
    reply: Reply
    #: As some of them would get it.
    samples: tuple[Sample, ...]
    #: The same digest: the same people would get it on the same channels, for the same registration.
    digest: str


async def preview(tx: Transaction, desk: Desk, broadcast: Broadcast) -> Preview:
    """To whom it would go now, and how it reads.

    It only reads.
    """
    found = _went_through(await meant(tx, broadcast))
    voice = Voice(desk.library, "it", desk.now, await sector_names(tx), desk.office.mailbox)
    meeting, attended = await _meeting(tx, broadcast, found.first), broadcast.is_for_those_present
    subject, reply = staff_message(voice, broadcast.title, broadcast.text, meeting, attended=attended)
    people = Counter({CHANNELS[name]: number for name, number in found.channels.items()})
    some = found.first[:NAMED]
    names = await names_of(tx, {who.person for who in some})
    named = sorted(((who.person, names[who.person], CHANNELS[who.channel]) for who in some), key=lambda one: one[1])
    samples = await _samples(tx, desk, broadcast, found.first)
    return Preview(people, tuple(named), tuple(found.unreached), subject, reply, samples, found.digest)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is kept of all whom it means; thousands are gone through one by one."""

    #: How many are reached on each.
    channels: Counter[str]
    #: The first who are reached, then whoever is the first on a channel of which none is among them.
    first: list[Recipient]
    unreached: list[int]
    digest: str


def _went_through(meant: Iterable[Recipient]) -> _Found:
    channels, digest = Counter[str](), sha256()
    first: list[Recipient] = []
    unreached: list[int] = []
    for who in meant:
        if not who.channel:
            unreached.append(who.person)
            continue
        if len(first) < NAMED or who.channel not in channels:
            first.append(who)
        channels[who.channel] += 1
        digest.update(_mark(who))
    return _Found(channels, first, unreached, digest.hexdigest())


async def _meeting(tx: Transaction, broadcast: Broadcast, reached: Sequence[Recipient]) -> Meeting | None:
    """That the first of them hear it for."""
    number, first = broadcast.meeting_id, next((w.registration for w in reached if w.registration is not None), None)
    if number is None and first is not None:
        number = (await get_registrations(tx, [first]))[first].meeting_id
    return None if number is None else await get_meeting(tx, number)


def digest_of(people: Iterable[Recipient]) -> str:
    """Who gets it, as a fingerprint: each person once."""
    digest = sha256()
    for who in sorted(people, key=attrgetter("person")):  # thousands: no second list of them is made
        digest.update(_mark(who))
    return digest.hexdigest()


def _mark(who: Recipient) -> bytes:
    return f"{who.person} {who.registration or 0} {who.channel},".encode()


async def _samples(tx: Transaction, desk: Desk, broadcast: Broadcast, reached: list[Recipient]) -> tuple[Sample, ...]:
    """Real messages, first one for each channel."""
    at = desk.schedule.outside_quiet(desk.now)
    some = chosen(reached, lambda who: who.channel)
    addresses = await reachable_addresses(tx, {who.person for who in some})
    rows = [_as_claimed(who, addresses[who.person][0], at) for who in some]
    return await written(tx, desk, rows, at, Foretold(said={_NOT_STORED: broadcast}))


def _as_claimed(who: Recipient, address: Address, at: datetime) -> Row:
    """The message as the outbox worker would have it in hand."""
    return Row.foretold(
        f"broadcast:{_NOT_STORED}:{who.person}",
        Kind.BROADCAST,
        detail=str(_NOT_STORED),
        person=who.person,
        registration=who.registration,
        address=address,
        due=at,
    )


async def begun_before(tx: Transaction, held: Stored, due: datetime) -> list[Meeting]:
    """The meetings it names that begin after it was written and before it leaves at ``due`` (UTC).

    One whose hour is not known begins with the end of its day. None where it is for who was there, or was not: what
    such people are told is told afterwards.
    """
    segment = segment_of(held.said)
    if segment is None or segment.present is not None:
        return []
    named = [await get_meeting(tx, number) for number in sorted(await meetings_of(tx, segment))]
    begins = [(m, m.starts_at() if m.hour else m.ends_at()) for m in named if m is not None and not m.cancelled]
    return [m for m, at in begins if at is not None and held.created_at < at <= due]


async def newcomers(tx: Transaction, held: Stored) -> int:
    """How many people would get it now for whom it was not queued."""
    new = (await members(tx, held.said)).keys() - await addressed(tx, held.number)
    reached = await reachable_addresses(tx, new)
    return sum(is_reached(held.said.segment, found[0].channel) for found in reached.values())
