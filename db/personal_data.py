"""What a person may ask for: a copy of all that is stored, its erasure; and two rows made one person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, text, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel, channel_named
from conversation.dialogue import Dialogue
from conversation.message import Address
from db.message_counts import forget_count
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
    hand_over_turns,
    hand_overs,
    inbox,
    link_tokens,
    meetings,
    organisations,
    outbox,
    people,
    registrations,
    returns,
)
from db.notes import join_notes, note_of
from db.office_alerts import address_digest
from db.people import find_person, forget_unnamed, phone_of, update_person
from db.purges import ask_purge
from db.seats import free_seats
from db.tells_of import tell_instead

_OF_REGISTRATION = (
    "meeting_id",
    "sector",
    "day",
    "organisation",
    "participants",
    "status",
    "source",
    "registered_at",
    "told",
)
#: Of who came.
_OF_ATTENDANCE = ("attended_at", "attended_people")


async def export_person(tx: AsyncConnection, address: Address) -> dict[str, Any] | None:
    """Everything stored about the person at ``address``, as plain data; ``None`` when nothing is."""
    person = await find_person(tx, address)
    if person is None:
        questions = await _questions(tx, _asked_from(address))
        if not questions:
            return None
        lines, sent = await _conversation(tx, [address]), await _messages(tx, _went_to(address))
        return {"addresses": [_as_data(address)], "hand_overs": questions, "conversation": lines, "messages": sent}
    kept = (await tx.execute(select(addresses).where(addresses.c.person_id == person.id))).mappings().all()
    own = [Address(channel_named(a["channel"]), a["value"]) for a in kept]
    rows = (
        await tx.execute(
            select(registrations, organisations.c.name.label("organisation"), meetings.c.sector, meetings.c.day)
            .select_from(
                registrations.outerjoin(organisations, registrations.c.organisation_id == organisations.c.id).join(
                    meetings, meetings.c.id == registrations.c.meeting_id
                )
            )
            .where(registrations.c.person_id == person.id)
        )
    ).mappings().all()  # fmt: skip
    note = await note_of(tx, person.id)
    pact = (await tx.execute(select(adhesions).where(adhesions.c.person_id == person.id))).mappings().first()
    done = (await tx.execute(select(audit).where(audit.c.person_id == person.id).order_by(audit.c.id))).mappings().all()
    return {
        "name": person.name,
        "language": person.language,
        "organisation": person.organisation,
        "notice_accepted_at": person.notice_at,
        "updates": person.updates,
        "phone": await phone_of(tx, person.id),
        "addresses": [_as_kept(a) for a in kept],
        "registrations": [
            {k: r[k] for k in _OF_REGISTRATION} | {k: r[k] for k in _OF_ATTENDANCE if r[k]} for r in rows
        ],
        "pact_interest_at": pact["created_at"] if pact and pact["state"] != "invited" else None,
        **({"pact": {k: pact[k] for k in ("state", "signed_on", "note")}} if pact and _is_noted(pact) else {}),
        **({"office_note": {"text": note.text, "at": note.at}} if note and note.text else {}),
        "log": [{"at": a["at"], "action": a["action"], "about": a["subject"], "data": a["data"]} for a in done],
        "hand_overs": await _questions(tx, or_(hand_overs.c.person_id == person.id, *map(_asked_from, own))),
        "conversation": await _conversation(tx, own),
        "messages": await _messages(tx, or_(outbox.c.person_id == person.id, *map(_went_to, own))),
    }


def _as_kept(row: Mapping[Any, Any]) -> dict[str, Any]:
    """One of their addresses; of one that is not reached since when."""
    kept = {"channel": row["channel"], "address": row["value"], "reachable": row["reachable"]}
    return kept if row["stopped_at"] is None else kept | {"stopped_at": row["stopped_at"]}


def _asked_from(address: Address) -> ColumnElement[bool]:
    """Also before it was known whose the address is."""
    return (hand_overs.c.channel == address.channel.value) & (hand_overs.c.value == address.value)


def _went_to(address: Address) -> ColumnElement[bool]:
    """Also before it was known whose the address is."""
    return and_(text(ADDRESSED), outbox.c.channel == address.channel.value, outbox.c.value == address.value)


async def _messages(tx: AsyncConnection, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    """What was sent, or is to be: the words only while they are kept."""
    columns = outbox.c.kind, outbox.c.channel, outbox.c.state, outbox.c.due_at, outbox.c.sent_at, outbox.c.payload
    rows = (await tx.execute(select(*columns).where(which).order_by(outbox.c.id))).all()
    return [
        {"kind": kind, "channel": channel, "state": state, "at": sent_at or due_at}
        | ({"words": payload["text"]} if payload else {})
        for kind, channel, state, due_at, sent_at, payload in rows
    ]


async def _conversation(tx: AsyncConnection, own: Sequence[Address]) -> list[dict[str, Any]]:
    """The last lines of the talk that is open at each of ``own``."""
    lines: list[dict[str, Any]] = []
    for address in own:
        where = (dialogues.c.channel == address.channel.value, dialogues.c.value == address.value)
        state = (await tx.execute(select(dialogues.c.state).where(*where))).scalar()
        for who, words, at in Dialogue.from_json(state or {}).lines:
            lines.append({"from": who, "words": words} | ({"at": datetime.fromisoformat(at)} if at else {}))
    return lines


async def _questions(tx: AsyncConnection, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    """What was passed on to the office, and what was said around it."""
    rows = (await tx.execute(select(hand_overs).where(which).order_by(hand_overs.c.id))).mappings().all()
    ids = select(hand_overs.c.id).where(which)
    said = select(hand_over_turns).where(hand_over_turns.c.hand_over_id.in_(ids)).order_by(hand_over_turns.c.id)
    turns: dict[int, list[dict[str, Any]]] = {}
    for turn in (await tx.execute(said)).mappings().all():
        words = {"from": turn["side"], "words": turn["text"], "at": turn["at"]}
        turns.setdefault(turn["hand_over_id"], []).append(words)
    return [
        {"question": row["question"], "at": row["created_at"], "state": row["state"], "answer": row["answer"]}
        | ({"conversation": turns[row["id"]]} if row["id"] in turns else {})
        for row in rows
    ]


def _is_noted(pact: Any) -> bool:
    """Whether the office noted more about the Patto than the person's own interest."""
    return bool(pact["state"] != "interested" or pact["signed_on"] or pact["note"])


def _as_data(address: Address) -> dict[str, Any]:
    return {"channel": address.channel.value, "address": address.value}


async def erase_person(tx: AsyncConnection, address: Address, now: datetime) -> bool:
    """Delete the person at ``address`` and all that hangs on them; whether anything was there.

    Their letters leave our mail folders when the mailbox is next looked into (``db.purges``).
    """
    found, theirs = await erase_but_letters(tx, address, now)
    await forget_letters(tx, await letters_naming(tx, theirs))
    return found


async def erase_but_letters(tx: AsyncConnection, address: Address, now: datetime) -> tuple[bool, list[Address]]:
    """The same but for letters of which nobody could read whose they are; and what all their addresses were."""
    person = await find_person(tx, address)
    theirs = [address]
    if person is not None:
        query = select(addresses.c.channel, addresses.c.value).where(addresses.c.person_id == person.id)
        theirs = [Address(channel_named(c), v) for c, v in (await tx.execute(query)).all()]
    found = person is not None
    for each in theirs:
        found = await _erase_at(tx, each, now, found=found)
    if person is not None:
        held = select(registrations.c.meeting_id).where(registrations.c.person_id == person.id)
        attended = [int(row[0]) for row in (await tx.execute(held)).all()]
        named = await _organisations_of(tx, person.id)
        await tx.execute(update(audit).where(audit.c.person_id == person.id).values(person_id=None, data=None))
        await tx.execute(delete(people).where(people.c.id == person.id))
        await forget_unnamed(tx, named)
        for meeting_id in sorted(attended):
            await free_seats(tx, meeting_id, now)
    return found, theirs


async def _erase_at(tx: AsyncConnection, address: Address, now: datetime, *, found: bool) -> bool:
    """Delete what was said at an address and is kept by it; ``found``, or whether there was any."""
    for table in (dialogues, hand_overs, returns):
        done = await tx.execute(
            delete(table).where(table.c.channel == address.channel.value, table.c.value == address.value)
        )
        found = found or done.rowcount > 0
    await forget_count(tx, address)
    to_them = and_(text(ADDRESSED), outbox.c.channel == address.channel.value, outbox.c.value == address.value)
    found = bool((await tx.execute(delete(outbox).where(to_them))).rowcount) or found
    await tx.execute(delete(outbox).where(text(FOR_OFFICE), outbox.c.detail == address_digest(address)))
    if address.channel.has_mailboxes and found:
        await ask_purge(tx, address.value, now)
    await tx.execute(
        update(inbox)
        .where(text(HANDLED), inbox.c.channel == address.channel.value, inbox.c.sender == address.value)
        .values(payload=None, sender="", evidence=None, error="", state="done")
    )
    return found


#: Letters that were set aside and name no sender.
_NOBODYS = (
    inbox.c.channel == Channel.EMAIL.value,
    inbox.c.sender == "",
    inbox.c.payload.is_not(None),
    inbox.c.state == "set_aside",
)
#: The tables that name associations, and the column that says whose row it is.
_NAMING = {people: people.c.id, registrations: registrations.c.person_id, adhesions: adhesions.c.person_id}


async def _organisations_of(tx: AsyncConnection, person_id: int) -> list[int]:
    """The associations that a person named anywhere."""
    named = union(*(select(t.c.organisation_id).where(whose == person_id) for t, whose in _NAMING.items()))
    return [int(row[0]) for row in (await tx.execute(named)).all() if row[0] is not None]


async def letters_naming(tx: AsyncConnection, theirs: Sequence[Address]) -> list[int]:
    """Letters that were set aside because nobody could read whose they are, and that hold one of these addresses.

    They may be its owner's. All such letters are read, one after the other.
    """
    values = [address.value.encode() for address in theirs if address.channel.has_mailboxes]
    if not values:
        return []
    found = []
    for number in (await tx.execute(select(inbox.c.id).where(*_NOBODYS))).scalars().all():
        payload = (await tx.execute(select(inbox.c.payload).where(inbox.c.id == number, *_NOBODYS))).scalar()
        lowered = payload.lower() if payload else b""
        if any(value in lowered for value in values):
            found.append(number)
    return found


async def forget_letters(tx: AsyncConnection, numbers: Sequence[int]) -> None:
    """Forget the words of these letters, which ``letters_naming`` found."""
    these = update(inbox).where(inbox.c.id.in_(numbers), *_NOBODYS)
    await tx.execute(these.values(payload=None, evidence=None, state="done"))


_RANK = {"withdrawn": 0, "waitlisted": 1, "confirmed": 2}


async def join_people(tx: AsyncConnection, kept: int, joined: int, now: datetime) -> None:
    """Make two rows one person, when the same hand has proved to hold both addresses.

    Of two registrations for one meeting the active one stays, unless each is another association's; everything else
    moves.
    """
    held = (await tx.execute(select(registrations).where(registrations.c.person_id == kept))).all()
    doubled: list[int] = []
    for row in (await tx.execute(select(registrations).where(registrations.c.person_id == joined))).all():
        mine = next((r for r in held if _is_double(r, row)), None)
        loser = None if mine is None else row.id if _RANK[row.status] <= _RANK[mine.status] else mine.id
        if mine is not None and loser is not None:
            winner = mine.id if loser == row.id else row.id
            answers = (outbox.c.registration_id == loser, outbox.c.kind == Kind.REPLY.value)
            await tx.execute(update(outbox).where(*answers).values(registration_id=winner))
            await tell_instead(tx, loser, winner)
            await tx.execute(delete(registrations).where(registrations.c.id == loser))
            doubled.append(row.meeting_id)
        if loser != row.id:
            await tx.execute(update(registrations).where(registrations.c.id == row.id).values(person_id=kept))
    await _join_notice(tx, kept, joined)
    await _join_news(tx, kept, joined)
    await _join_phone(tx, kept, joined)
    await join_notes(tx, kept, joined)
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


async def _join_notice(tx: AsyncConnection, kept: int, joined: int) -> None:
    """Who was registered by the office has accepted what they accepted under their other row."""
    accepted = select(people.c.notice_at, people.c.notice_version).where(people.c.id == joined)
    at, version = (await tx.execute(accepted)).one()
    none_yet = (people.c.id == kept, people.c.notice_version == 0)
    await tx.execute(update(people).where(*none_yet).values(notice_at=at, notice_version=version))


async def _join_phone(tx: AsyncConnection, kept: int, joined: int) -> None:
    """The number of the other row, where this one has none."""
    if not await phone_of(tx, kept):
        await update_person(tx, kept, phone=await phone_of(tx, joined))


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
