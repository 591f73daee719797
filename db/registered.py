"""Who is registered, as the office's lists show it; and what was sent to one of them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select, text

from conversation.channel import Channel, channel_named
from conversation.meeting import Told
from db.addresses import last_address
from db.attendance import CAME
from db.engine import Transaction
from db.lists import Listing, among, equal, from_day, numbered
from db.models import (
    UNREACHED,
    Kind,
    OutboxState,
    RegistrationStatus,
    addresses,
    broadcasts,
    meetings,
    organisations,
    outbox,
    people,
    registrations,
)
from db.not_arrived import IS_SEEN_TO, seen_to_by
from db.outbox import IS_WRITTEN_LATE, LEAVES
from db.single_messages import IS_STOPPED, stopped_by
from db.tells_of import About, read_several, several

__all__ = [
    "NOBODY_REACHES",
    "REGISTERED",
    "ContactAddress",
    "Known",
    "RegistrationStatus",
    "Seat",
    "SentMessage",
    "know",
    "told_unasked",
]

_KNOWN = addresses.alias("known")
_HAS_VOICE = exists().where(
    addresses.c.person_id == registrations.c.person_id, addresses.c.channel == Channel.VOICE.value
)
_REACHED = exists().where(_KNOWN.c.person_id == registrations.c.person_id, _KNOWN.c.reachable)
#: Registrations with a place, or waiting for one, of people on whom no address reaches. From the few addresses that do
#: not work, which have an index of their own, to registrations; not from all of these.
NOBODY_REACHES = and_(
    registrations.c.person_id.in_(select(addresses.c.person_id).where(text(UNREACHED))),
    ~_REACHED,
    registrations.c.status != RegistrationStatus.WITHDRAWN.value,
)
#: Where they are reached, or else where they were last.
_LAST_ADDRESS = addresses.alias("last_address")
#: One row for each registration.
REGISTERED = Listing(
    registrations,
    registrations.join(people, people.c.id == registrations.c.person_id)
    .join(meetings, meetings.c.id == registrations.c.meeting_id)
    .outerjoin(_LAST_ADDRESS, _LAST_ADDRESS.c.id == last_address(registrations.c.person_id))
    .outerjoin(organisations, organisations.c.id == registrations.c.organisation_id),
    {
        "id": registrations.c.id,
        "person_id": registrations.c.person_id,
        "meeting_id": registrations.c.meeting_id,
        "name": people.c.name,
        "phone": people.c.phone,
        "organisation": func.coalesce(organisations.c.name, ""),
        "participants": registrations.c.participants,
        "status": registrations.c.status,
        "source": registrations.c.source,
        "registered_at": registrations.c.registered_at,
        "attended_how": registrations.c.attended_how,
        "came": CAME,
        "by_voice": and_(
            exists().where(
                addresses.c.person_id == registrations.c.person_id, addresses.c.channel == Channel.VOICE.value
            ),
            ~_REACHED,
        ).label("by_voice"),
        "reached": _LAST_ADDRESS.c.reachable,
        "channel": func.coalesce(_LAST_ADDRESS.c.channel, ""),
        "reason": func.coalesce(_LAST_ADDRESS.c.reason, ""),
        "stopped_at": _LAST_ADDRESS.c.stopped_at,
        "day": meetings.c.day,
        "sector": meetings.c.sector,
        "title": meetings.c.title,
        "cancelled": meetings.c.cancelled,
    },
    key="id",
    order="-registered_at",
    searched={people.c.name: registrations.c.person_id, organisations.c.name: registrations.c.organisation_id},
    conditions={
        "meeting": numbered(registrations.c.meeting_id),
        "stato": equal(registrations.c.status),
        "canale": equal(registrations.c.source),
        "recapito": lambda value: NOBODY_REACHES if value == "no" else None,
        "incontri": among(registrations.c.meeting_id),
        "dal": from_day(meetings.c.day),
        "settore": equal(meetings.c.sector),
        "presenza": equal(registrations.c.attended_how),
    },
)


@dataclass(frozen=True, slots=True)
class ContactAddress:
    """Where somebody is reached."""

    channel: Channel
    value: str
    reachable: bool
    #: Why not: "bounced", "unsubscribed"…; empty where they are reached.
    reason: str
    #: Since when not (UTC); ``None`` where they are reached, or nobody knows.
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Seat:
    """One registration of theirs."""

    id: int
    meeting_id: int
    day: date | None
    sector: str
    #: Whether its meeting is cancelled.
    cancelled: bool
    organisation: str
    participants: int
    status: RegistrationStatus
    #: What they were told of the meeting last.
    told: Told
    #: How it is known whether they came, empty where nobody knows; how many did, if they did.
    attended_how: str
    came: int


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message to them: no words."""

    kind: str
    detail: str
    channel: str
    state: str
    at: datetime
    #: Who of the staff stopped it, or saw to it when it did not arrive; empty where nobody did.
    stopped_by: str
    seen_to_by: str
    #: The meeting that it is about; ``None`` and empty where it is about none, or none that is known.
    meeting: int | None
    sector: str
    day: date | None
    #: The broadcast that it brought, by number and title: its words are kept there.
    broadcast: int | None
    title: str
    #: The meetings that it tells of, where it tells of several registrations.
    several: tuple[About, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that the office knows of one person."""

    id: int
    name: str
    #: The association that they named last; empty for a private citizen.
    organisation: str
    language: str
    #: By which they are told what cannot be written to them; empty where the office keeps none.
    phone: str
    #: Whether they asked for news.
    updates: bool
    contacts: tuple[ContactAddress, ...]
    seats: tuple[Seat, ...]
    #: The newest messages first: what went, failed or is in doubt, what staff stopped or saw to; nothing given up.
    sent: tuple[SentMessage, ...]
    #: Those that are still to go, the nearest first.
    coming: tuple[SentMessage, ...]

    @property
    def contact(self) -> ContactAddress | None:
        """Where they are answered: what they used last and are reached by, else what they have at all."""
        return next((c for c in self.contacts if c.reachable), next(iter(self.contacts), None))


#: What turned out needless, or came too late, nobody was sent; what staff stopped or saw to is told.
_NOT_GIVEN_UP = or_(outbox.c.state.not_in([OutboxState.VOID.value, OutboxState.EXPIRED.value]), IS_STOPPED, IS_SEEN_TO)
#: When it left, or was to.
_AT = func.coalesce(outbox.c.sent_at, outbox.c.due_at)


async def know(tx: Transaction, person_id: int, *, messages: int = 20) -> Known | None:
    """One person; ``messages``: so many at most, that went and that are to go."""
    named = select(people, func.coalesce(organisations.c.name, "").label("organisation"))
    found = named.outerjoin_from(people, organisations).where(people.c.id == person_id)
    row = (await tx.execute(found)).first()
    if row is None:
        return None
    found = (
        select(addresses).where(addresses.c.person_id == person_id).order_by(addresses.c.used_at.desc(), addresses.c.id)
    )
    seats = (
        select(
            registrations,
            CAME.label("came"),
            meetings.c.day,
            meetings.c.sector,
            meetings.c.cancelled,
            organisations.c.name,
        )
        .join(meetings, meetings.c.id == registrations.c.meeting_id)
        .outerjoin(organisations, organisations.c.id == registrations.c.organisation_id)
        .where(registrations.c.person_id == person_id)
        .order_by(meetings.c.day.desc(), registrations.c.id)
    )
    pending = outbox.c.state == OutboxState.PENDING.value
    return Known(
        row.id,
        row.name,
        row.organisation,
        row.language,
        row.phone,
        bool(row.updates),
        tuple(
            ContactAddress(channel_named(p.channel), p.value, bool(p.reachable), p.reason, p.stopped_at)
            for p in (await tx.execute(found)).all()
        ),
        tuple(
            Seat(
                s.id,
                s.meeting_id,
                s.day,
                s.sector,
                bool(s.cancelled),
                s.name or "",
                s.participants,
                RegistrationStatus(s.status),
                s.told,
                s.attended_how,
                s.came,
            )
            for s in (await tx.execute(seats)).all()
        ),
        await _messages(tx, person_id, ~pending & _NOT_GIVEN_UP, _AT.desc(), outbox.c.id.desc(), most=messages),
        await _messages(tx, person_id, pending & LEAVES, _AT, outbox.c.id, most=messages),
    )


async def told_unasked(tx: Transaction, person_id: int, *, most: int = 3) -> tuple[SentMessage, ...]:
    """The newest messages that they were sent without having asked anything, the newest first."""
    sent = outbox.c.state == OutboxState.SENT.value
    return await _messages(tx, person_id, IS_WRITTEN_LATE & sent, _AT.desc(), outbox.c.id.desc(), most=most)


_SENT = select(
    outbox.c.kind,
    outbox.c.detail,
    outbox.c.channel,
    outbox.c.state,
    _AT.label("at"),
    outbox.c.error,
    meetings.c.id,
    func.coalesce(meetings.c.sector, ""),
    meetings.c.day,
    broadcasts.c.id,
    func.coalesce(broadcasts.c.title, ""),
).select_from(
    outbox.outerjoin(registrations, registrations.c.id == outbox.c.registration_id)
    .outerjoin(meetings, meetings.c.id == registrations.c.meeting_id)
    .outerjoin(
        broadcasts,
        and_(outbox.c.kind == Kind.BROADCAST.value, cast(broadcasts.c.id, String) == outbox.c.detail),
    )
)


async def _messages(
    tx: Transaction, person_id: int, which: ColumnElement[bool], *order: ColumnElement[Any], most: int
) -> tuple[SentMessage, ...]:
    query = _SENT.add_columns(several(tx.dialect.name)).where(outbox.c.person_id == person_id, which)
    found = await tx.execute(query.order_by(*order).limit(most))
    return tuple(
        SentMessage(
            *(kind, detail, channel, state, at, stopped_by(state, error), seen_to_by(state, error)),
            *(*about, read_several(told)),
        )
        for kind, detail, channel, state, at, error, *about, told in found.all()
    )
