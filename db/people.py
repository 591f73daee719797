"""People, their addresses on each channel, their associations.

A row in ``people`` exists only for those who said yes to the privacy notice or wrote to register: whoever only asks
questions stays unknown.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, exists, insert, or_, select, text, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.message import Address, Channel
from conversation.words import fold
from db.models import (
    ADDRESSED,
    FOR_OFFICE,
    HANDLED,
    Kind,
    OutboxState,
    addresses,
    adhesions,
    audit,
    dialogues,
    hand_overs,
    inbox,
    link_tokens,
    organisations,
    outbox,
    people,
    registrations,
    returns,
)
from db.office_alerts import address_digest
from db.proofs import spend_all
from db.purges import ask_purge
from db.seats import free_seats

_IDS = 500


@dataclass(frozen=True, slots=True)
class Person:
    """A known person. ``organisation`` is the one named last.

    ``notice_at``: when the privacy notice was accepted; ``notice_version``: the newest that they have seen, 0 for who was imported.
    """

    id: int
    name: str
    language: str
    organisation: str
    notice_at: datetime | None
    updates: bool
    notice_version: int


#: The columns that ``read_person`` reads, of people joined with their association.
PERSON = (
    people.c.id,
    people.c.name,
    people.c.language,
    organisations.c.name,
    people.c.notice_at,
    people.c.updates,
    people.c.notice_version,
)
_PERSON = (
    select(*PERSON)
    .select_from(people.outerjoin(organisations, people.c.organisation_id == organisations.c.id))
    .join(addresses, addresses.c.person_id == people.c.id)
    .where(addresses.c.channel == bindparam("channel"), addresses.c.value == bindparam("value"))
)


def read_person(row: Sequence[Any]) -> Person:
    """The person in a row of the columns ``PERSON``."""
    return Person(row[0], row[1], row[2], row[3] or "", row[4], bool(row[5]), row[6])


async def find_person(tx: AsyncConnection, address: Address) -> Person | None:
    """The person with this address."""
    row = (await tx.execute(_PERSON, {"channel": address.channel.value, "value": address.value})).first()
    return read_person(row) if row else None


async def add_person(
    tx: AsyncConnection, address: Address, *, name: str, language: str, notice_version: int, now: datetime
) -> Person:
    """A new person reached at ``address``, who has seen version ``notice_version`` of the privacy notice."""
    statement = insert(people).values(
        name=name[:200], language=language, notice_at=now, notice_version=notice_version, created_at=now
    )
    person_id = int((await tx.execute(statement.returning(people.c.id))).scalar_one())
    await add_address(tx, person_id, address, now)
    return Person(person_id, name, language, "", now, updates=False, notice_version=notice_version)


async def update_person(tx: AsyncConnection, person_id: int, **values: Any) -> None:
    """Set columns of one person."""
    await tx.execute(update(people).where(people.c.id == person_id).values(**values))


async def organisation_id(tx: AsyncConnection, name: str, now: datetime) -> int:
    """The id of the association called ``name``, created when nobody named it before (compared without capitals)."""
    folded = " ".join(fold(name).split())[:200]
    found = (await tx.execute(select(organisations.c.id).where(organisations.c.folded == folded))).scalar()
    if found is not None:
        return int(found)
    statement = insert(organisations).values(name=name[:200], folded=folded, created_at=now)
    return int((await tx.execute(statement.returning(organisations.c.id))).scalar_one())


async def addresses_of(tx: AsyncConnection, person_id: int) -> list[Address]:
    """Where the person can be reached now, the channel used last first."""
    query = (
        select(addresses.c.channel, addresses.c.value)
        .where(addresses.c.person_id == person_id, addresses.c.reachable)
        .order_by(addresses.c.used_at.desc(), addresses.c.id)
    )
    return [Address(Channel(channel), value) for channel, value in (await tx.execute(query)).all()]


@dataclass(frozen=True, slots=True)
class Place:
    """How an address stands: when somebody last wrote from it, whether mail for it arrives."""

    used_at: datetime
    reachable: bool


async def lock_address(tx: AsyncConnection, address: Address) -> Place | None:
    """How a known address stands, held until the transaction ends."""
    query = select(addresses.c.used_at, addresses.c.reachable).where(
        addresses.c.channel == address.channel, addresses.c.value == address.value
    )
    row = (await tx.execute(query.with_for_update())).first()
    return Place(row[0], bool(row[1])) if row else None


async def set_reachable(tx: AsyncConnection, address: Address, *, reachable: bool, reason: str = "") -> None:
    """Note that an address works again or no longer (a blocked bot, a mailbox that does not exist)."""
    await tx.execute(
        update(addresses)
        .where(addresses.c.channel == address.channel, addresses.c.value == address.value)
        .values(reachable=reachable, reason=reason[:200])
    )


async def unreachable(tx: AsyncConnection) -> list[dict[str, Any]]:
    """Addresses that no longer work, with the reason."""
    query = select(addresses.c.channel, addresses.c.value, addresses.c.reason).where(addresses.c.reachable.is_(False))
    rows = (await tx.execute(query.order_by(addresses.c.id.desc()))).all()
    return [{"channel": r[0], "address": r[1], "reason": r[2]} for r in rows]


async def stop_writing(tx: AsyncConnection, place: Address) -> None:
    """No more reminders, notices and news to this address, until somebody writes from it; registrations stay."""
    person = await find_person(tx, place)
    await set_reachable(tx, place, reachable=False, reason="unsubscribed")
    if person is not None:
        await update_person(tx, person.id, updates=False)


async def revoke_links(tx: AsyncConnection, value: str) -> None:
    """What was sent to this mail address until now is worth nothing: links open nothing nor join a chat, answers prove nothing."""
    whose = select(addresses.c.person_id).where(addresses.c.channel == Channel.EMAIL.value, addresses.c.value == value)
    await tx.execute(delete(link_tokens).where(link_tokens.c.person_id.in_(whose)))
    await tx.execute(
        update(addresses)
        .where(addresses.c.channel == Channel.EMAIL.value, addresses.c.value == value)
        .values(links_since=datetime.now(UTC))
    )
    await spend_all(tx, value)
    await tx.execute(delete(dialogues).where(dialogues.c.channel == Channel.EMAIL.value, dialogues.c.value == value))


async def are_revoked(tx: AsyncConnection, value: str, made_at: datetime) -> bool:
    """Whether links made then (real time) for this mail address were revoked."""
    query = select(addresses.c.links_since).where(
        addresses.c.channel == Channel.EMAIL.value, addresses.c.value == value
    )
    since: datetime | None = (await tx.execute(query)).scalar()
    return since is not None and made_at <= since


async def touch_address(tx: AsyncConnection, address: Address, now: datetime) -> None:
    """The person used this address just now: it is where the next message goes, and it works."""
    await tx.execute(
        update(addresses)
        .where(addresses.c.channel == address.channel, addresses.c.value == address.value)
        .values(used_at=now, reachable=True, reason="")
    )


_RANK = {"withdrawn": 0, "waitlisted": 1, "confirmed": 2}


async def join_people(tx: AsyncConnection, kept: int, joined: int, now: datetime) -> None:
    """Make two rows one person, when the same hand has proved to hold both addresses.

    Of two registrations for one meeting the active one stays, unless each is another association's; everything else moves.
    """
    held = (await tx.execute(select(registrations).where(registrations.c.person_id == kept))).all()
    doubled: list[int] = []
    for row in (await tx.execute(select(registrations).where(registrations.c.person_id == joined))).all():
        mine = next((r for r in held if _is_double(r, row)), None)
        loser = None if mine is None else row.id if _RANK[row.status] <= _RANK[mine.status] else mine.id
        if loser is not None:
            await tx.execute(delete(registrations).where(registrations.c.id == loser))
            doubled.append(row.meeting_id)
        if loser != row.id:
            await tx.execute(update(registrations).where(registrations.c.id == row.id).values(person_id=kept))
    await _join_news(tx, kept, joined)
    for table in (addresses, outbox, hand_overs, link_tokens):
        await tx.execute(update(table).where(table.c.person_id == joined).values(person_id=kept))
    signed = (await tx.execute(select(adhesions.c.id).where(adhesions.c.person_id == kept))).first()
    if signed is None:
        await tx.execute(update(adhesions).where(adhesions.c.person_id == joined).values(person_id=kept))
    await tx.execute(update(audit).where(audit.c.person_id == joined).values(person_id=kept))
    await tx.execute(delete(people).where(people.c.id == joined))
    for meeting_id in sorted(doubled):
        await free_seats(tx, meeting_id, now)


def _is_double(one: Any, other: Any) -> bool:
    """Whether they are for one meeting and one association, or one of them names none."""
    named = {one.organisation_id, other.organisation_id} - {None}
    return bool(one.meeting_id == other.meeting_id) and len(named) < 2


async def _join_news(tx: AsyncConnection, kept: int, joined: int) -> None:
    """Who asked for news on either address gets them, and what goes to many only once."""
    asked = select(people.c.updates).where(people.c.id == joined)
    if (await tx.execute(asked)).scalar():
        await update_person(tx, kept, updates=True)
    broadcast = outbox.c.kind == Kind.BROADCAST.value
    doubled = select(outbox.c.detail).where(outbox.c.person_id == kept, broadcast)
    await tx.execute(
        update(outbox)
        .where(outbox.c.person_id == joined, broadcast, outbox.c.detail.in_(doubled))
        .where(outbox.c.state == OutboxState.PENDING.value)
        .values(state=OutboxState.VOID.value)
    )


async def make_link_token(tx: AsyncConnection, person_id: int, token: str, expires_at: datetime) -> None:
    """A one-time token with which this person can bring another channel along."""
    await tx.execute(insert(link_tokens).values(token=token, person_id=person_id, expires_at=expires_at))


async def owner_of_token(tx: AsyncConnection, token: str, now: datetime) -> int | None:
    """The person id behind ``token``, which stays good; ``None`` when it is unknown, used or too old."""
    query = select(link_tokens.c.person_id).where(link_tokens.c.token == token, link_tokens.c.expires_at > now)
    found = (await tx.execute(query)).scalar()
    return None if found is None else int(found)


async def use_link_token(tx: AsyncConnection, token: str, now: datetime) -> int | None:
    """The person id behind ``token``, which is spent by this; ``None`` when it is unknown, used or too old."""
    statement = (
        delete(link_tokens)
        .where(link_tokens.c.token == token, link_tokens.c.expires_at > now)
        .returning(link_tokens.c.person_id)
    )
    found = (await tx.execute(statement)).scalar()
    return None if found is None else int(found)


async def add_address(tx: AsyncConnection, person_id: int, address: Address, now: datetime) -> None:
    """One more way to reach a person."""
    # Links are good from now on (real time): those of somebody who was erased are not revived.
    since = datetime.now(UTC) - timedelta(seconds=2)
    await tx.execute(
        insert(addresses).values(
            person_id=person_id, channel=address.channel, value=address.value, used_at=now, links_since=since
        )
    )


async def export_person(tx: AsyncConnection, address: Address) -> dict[str, Any] | None:
    """Everything stored about the person at ``address``, as plain data; ``None`` when nothing is."""
    person = await find_person(tx, address)
    said_here = (hand_overs.c.channel == address.channel.value) & (hand_overs.c.value == address.value)
    if person is None:
        questions = await _questions(tx, said_here)
        if not questions:
            return None
        lines = await _conversation(tx, [address])
        return {"addresses": [_place(address)], "hand_overs": questions, "conversation": lines}
    places = (await tx.execute(select(addresses).where(addresses.c.person_id == person.id))).mappings().all()
    rows = (
        await tx.execute(
            select(registrations, organisations.c.name.label("organisation"))
            .select_from(
                registrations.outerjoin(organisations, registrations.c.organisation_id == organisations.c.id)
            )
            .where(registrations.c.person_id == person.id)
        )
    ).mappings().all()  # fmt: skip
    joined = (await tx.execute(select(adhesions.c.created_at).where(adhesions.c.person_id == person.id))).scalar()
    done = (await tx.execute(select(audit).where(audit.c.person_id == person.id).order_by(audit.c.id))).mappings().all()
    return {
        "name": person.name,
        "language": person.language,
        "organisation": person.organisation,
        "notice_accepted_at": person.notice_at,
        "updates": person.updates,
        "addresses": [{"channel": a["channel"], "address": a["value"], "reachable": a["reachable"]} for a in places],
        "registrations": [
            {k: r[k] for k in ("meeting_id", "organisation", "participants", "status", "source", "registered_at")}
            for r in rows
        ],
        "pact_interest_at": joined,
        "log": [{"at": a["at"], "action": a["action"], "about": a["subject"], "data": a["data"]} for a in done],
        "hand_overs": await _questions(tx, (hand_overs.c.person_id == person.id) | said_here),
        "conversation": await _conversation(tx, [Address(Channel(a["channel"]), a["value"]) for a in places]),
    }


async def _conversation(tx: AsyncConnection, places: Sequence[Address]) -> list[dict[str, str]]:
    """The last lines of the talk that is open at each of ``places``."""
    lines: list[dict[str, str]] = []
    for place in places:
        where = (dialogues.c.channel == place.channel, dialogues.c.value == place.value)
        state = (await tx.execute(select(dialogues.c.state).where(*where))).scalar()
        lines += [{"from": who, "words": words} for who, words in (state or {}).get("lines", [])]
    return lines


async def _questions(tx: AsyncConnection, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    """What was passed on to the office."""
    rows = (await tx.execute(select(hand_overs).where(which).order_by(hand_overs.c.id))).mappings().all()
    return [
        {"question": row["question"], "at": row["created_at"], "state": row["state"], "answer": row["answer"]}
        for row in rows
    ]


def _place(address: Address) -> dict[str, Any]:
    return {"channel": address.channel.value, "address": address.value}


async def erase_person(tx: AsyncConnection, address: Address, now: datetime) -> bool:
    """Delete the person at ``address`` and all that hangs on them; whether anything was there.

    Their letters leave our mail folders when the mailbox is next looked into (``db.purges``).
    """
    person = await find_person(tx, address)
    places = [address]
    if person is not None:
        query = select(addresses.c.channel, addresses.c.value).where(addresses.c.person_id == person.id)
        places = [Address(Channel(c), v) for c, v in (await tx.execute(query)).all()]
    found = person is not None
    for place in places:
        for table in (dialogues, hand_overs, returns):
            done = await tx.execute(delete(table).where(table.c.channel == place.channel, table.c.value == place.value))
            found = found or done.rowcount > 0
        to_them = and_(text(ADDRESSED), outbox.c.channel == place.channel, outbox.c.value == place.value)
        found = bool((await tx.execute(delete(outbox).where(to_them))).rowcount) or found
        await tx.execute(delete(outbox).where(text(FOR_OFFICE), outbox.c.detail == address_digest(place)))
        if place.channel is Channel.EMAIL and found:
            await ask_purge(tx, place.value, now)
        await tx.execute(
            update(inbox)
            .where(text(HANDLED), inbox.c.channel == place.channel, inbox.c.sender == place.value)
            .values(payload=None, sender="", evidence=None, error="", state="done")
        )
        if place.channel is Channel.EMAIL:
            await _forget_letters_naming(tx, place.value)
    if person is not None:
        held = select(registrations.c.meeting_id).where(registrations.c.person_id == person.id)
        attended = [int(row[0]) for row in (await tx.execute(held)).all()]
        named = await _organisations_of(tx, person.id)
        await tx.execute(update(audit).where(audit.c.person_id == person.id).values(person_id=None, data=None))
        await tx.execute(delete(people).where(people.c.id == person.id))
        still = (exists().where(t.c.organisation_id == organisations.c.id) for t in _NAMING)
        await tx.execute(delete(organisations).where(organisations.c.id.in_(named), ~or_(*still)))
        for meeting_id in sorted(attended):
            await free_seats(tx, meeting_id, now)
    return found


#: The tables that name associations, and the column that says whose row it is.
_NAMING = {people: people.c.id, registrations: registrations.c.person_id, adhesions: adhesions.c.person_id}


async def _organisations_of(tx: AsyncConnection, person_id: int) -> list[int]:
    """The associations that a person named anywhere."""
    named = union(*(select(t.c.organisation_id).where(whose == person_id) for t, whose in _NAMING.items()))
    return [int(row[0]) for row in (await tx.execute(named)).all() if row[0] is not None]


async def _forget_letters_naming(tx: AsyncConnection, address: str) -> None:
    """Letters that were set aside because nobody could read whose they are, and that hold ``address``: they may be its owner's."""
    nobodys = (inbox.c.channel == Channel.EMAIL.value, inbox.c.sender == "", inbox.c.payload.is_not(None))
    set_aside = inbox.c.state == "set_aside"
    for number in (await tx.execute(select(inbox.c.id).where(*nobodys, set_aside))).scalars().all():
        payload = (await tx.execute(select(inbox.c.payload).where(inbox.c.id == number))).scalar_one()
        if address.encode() in payload.lower():
            await tx.execute(
                update(inbox).where(inbox.c.id == number).values(payload=None, evidence=None, state="done")
            )


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as the office looks for them: every address, those that are not reached included."""

    name: str
    addresses: tuple[Address, ...]


async def contact_of(tx: AsyncConnection, person_id: int) -> Contact:
    """Name and addresses of a person, the address used last first."""
    name = (await tx.execute(select(people.c.name).where(people.c.id == person_id))).scalar_one()
    query = (
        select(addresses.c.channel, addresses.c.value)
        .where(addresses.c.person_id == person_id)
        .order_by(addresses.c.used_at.desc(), addresses.c.id)
    )
    return Contact(name, tuple(Address(Channel(c), v) for c, v in (await tx.execute(query)).all()))


async def places_of(tx: AsyncConnection, people_ids: Collection[int]) -> dict[int, list[Address]]:
    """For each person the reachable addresses, the one used last first. However many: a statement has room for so many ids."""
    ids = list(people_ids)
    places: dict[int, list[Address]] = {}
    for start in range(0, len(ids), _IDS):
        query = (
            select(addresses.c.person_id, addresses.c.channel, addresses.c.value)
            .where(addresses.c.person_id.in_(ids[start : start + _IDS]), addresses.c.reachable)
            .order_by(addresses.c.used_at.desc(), addresses.c.id)
        )
        for person_id, channel, value in (await tx.execute(query)).all():
            places.setdefault(person_id, []).append(Address(Channel(channel), value))
    return places


async def languages_of(tx: AsyncConnection, people_ids: Collection[int]) -> dict[int, str]:
    """For each person the language."""
    query = select(people.c.id, people.c.language).where(people.c.id.in_(people_ids))
    return {r[0]: r[1] for r in (await tx.execute(query)).all()}
