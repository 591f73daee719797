"""How people are reached: their addresses on each channel, whether they work, and the links that were sent to them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, delete, exists, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import CHANNELS, Channel, channel_named
from conversation.message import Address
from db.engine import gathered
from db.models import ADDRESSED, Kind, addresses, dialogues, hand_over_turns, hand_overs, link_tokens, outbox
from db.proofs import spend_all

_IDS = 500


@dataclass(frozen=True, slots=True)
class AddressState:
    """How an address stands: when somebody last wrote from it, whether mail for it arrives."""

    used_at: datetime
    reachable: bool


async def add_address(tx: AsyncConnection, person_id: int, address: Address, now: datetime) -> None:
    """One more way to reach a person, or what stands for one where nothing can be sent."""
    # Links are good from now on (real time): those of somebody who was erased are not revived.
    since = datetime.now(UTC) - timedelta(seconds=2)
    await tx.execute(
        insert(addresses).values(
            person_id=person_id,
            channel=address.channel.value,
            value=address.value,
            used_at=now,
            links_since=since,
            reachable=address.channel.written,
        )
    )
    await _claim_questions(tx, person_id, address)


async def _claim_questions(tx: AsyncConnection, person_id: int, address: Address) -> None:
    """What was asked from an address before it was known whose it is, and the answers to it, are the person's."""
    here = (hand_overs.c.channel == address.channel.value, hand_overs.c.value == address.value)
    theirs = update(hand_overs).where(*here, hand_overs.c.person_id.is_(None))
    await tx.execute(theirs.values(person_id=person_id))
    answers = update(outbox).where(outbox.c.kind == Kind.REPLY.value, outbox.c.person_id.is_(None))
    there = (text(ADDRESSED), outbox.c.channel == address.channel.value, outbox.c.value == address.value)
    await tx.execute(answers.where(*there).values(person_id=person_id))
    # One that has gone has no address any more: it is found by its question.
    said = select(hand_over_turns.c.outbox_key).join(hand_overs).where(*here, hand_over_turns.c.outbox_key != "")
    keys = (await tx.execute(said)).scalars().all()
    if keys:
        await tx.execute(answers.where(outbox.c.key.in_(keys)).values(person_id=person_id))


async def addresses_of(tx: AsyncConnection, person_id: int) -> list[Address]:
    """Where the person can be reached now, the channel used last first."""
    query = (
        select(addresses.c.channel, addresses.c.value)
        .where(addresses.c.person_id == person_id, addresses.c.reachable)
        .order_by(addresses.c.used_at.desc(), addresses.c.id)
    )
    return [Address(channel_named(channel), value) for channel, value in (await tx.execute(query)).all()]


_THEIR_ADDRESSES = (
    select(addresses.c.person_id, addresses.c.channel, addresses.c.value)
    .where(addresses.c.person_id.in_(bindparam("ids", expanding=True)), addresses.c.reachable)
    .order_by(addresses.c.used_at.desc(), addresses.c.id)
)


async def reachable_addresses(tx: AsyncConnection, people_ids: Collection[int]) -> dict[int, list[Address]]:
    """For each person the reachable addresses, the one used last first.

    However many: a statement has room for so many ids.
    """
    ids = list(people_ids)
    reachable: dict[int, list[Address]] = {}
    for start in range(0, len(ids), _IDS):
        found = await tx.execute(_THEIR_ADDRESSES, {"ids": ids[start : start + _IDS]})
        for person_id, channel, value in found.all():
            reachable.setdefault(person_id, []).append(Address(channel_named(channel), value))
    return reachable


async def first_channels(tx: AsyncConnection, whose: Select[int]) -> dict[int, Channel]:
    """For all these people (a query of their ids) the channel of their first of ``reachable_addresses``, at once."""
    there = addresses.c
    query = select(there.channel, gathered(tx.dialect.name, there.person_id)).group_by(there.channel)
    query = query.where(there.person_id.in_(whose), there.id == first_address(there.person_id))
    return {person: CHANNELS[row[0]] for row in (await tx.execute(query)).all() for person in row[1]}


def is_reached(person: ColumnElement[int]) -> ColumnElement[bool]:
    """SQL: an address of a person of the statement around it works."""
    mine = addresses.alias()
    return exists().where(mine.c.person_id == person, mine.c.reachable)


def first_address(person: ColumnElement[int]) -> ScalarSelect[int]:
    """SQL: the number of the address at which a person of the statement around it is reached: the one used last."""
    mine = addresses.alias()
    query = select(mine.c.id).where(mine.c.person_id == person, mine.c.reachable)
    return query.order_by(mine.c.used_at.desc(), mine.c.id).limit(1).scalar_subquery()


def last_address(person: ColumnElement[int]) -> ScalarSelect[int]:
    """SQL: the same, or else the number of the address at which the person was reached last."""
    mine = addresses.alias()
    query = select(mine.c.id).where(mine.c.person_id == person)
    return query.order_by(mine.c.reachable.desc(), mine.c.used_at.desc(), mine.c.id).limit(1).scalar_subquery()


async def told_by_voice(tx: AsyncConnection, people_ids: Collection[int]) -> set[int]:
    """Those of these people who have said that they can be written to nowhere."""
    voices = [channel.value for channel in CHANNELS.values() if not channel.written]
    query = select(addresses.c.person_id).where(addresses.c.person_id.in_(people_ids), addresses.c.channel.in_(voices))
    return set((await tx.execute(query)).scalars().all())


async def unreachable(tx: AsyncConnection) -> list[dict[str, Any]]:
    """Addresses that no longer work, with the reason."""
    stopped = (
        addresses.c.reachable.is_(False),
        addresses.c.channel.in_(c.value for c in CHANNELS.values() if c.written),
    )
    query = select(addresses.c.channel, addresses.c.value, addresses.c.reason).where(*stopped)
    rows = (await tx.execute(query.order_by(addresses.c.id.desc()))).all()
    return [{"channel": r[0], "address": r[1], "reason": r[2]} for r in rows]


async def lock_address(tx: AsyncConnection, address: Address) -> AddressState | None:
    """How a known address stands, held until the transaction ends."""
    query = select(addresses.c.used_at, addresses.c.reachable).where(
        addresses.c.channel == address.channel.value, addresses.c.value == address.value
    )
    row = (await tx.execute(query.with_for_update())).first()
    return AddressState(row[0], bool(row[1])) if row else None


async def set_reachable(
    tx: AsyncConnection, address: Address, *, reachable: bool, reason: str = "", now: datetime
) -> None:
    """Note that an address works again or no longer (a blocked bot, a mailbox that does not exist), from ``now`` on."""
    await tx.execute(
        update(addresses)
        .where(addresses.c.channel == address.channel.value, addresses.c.value == address.value)
        .values(reachable=reachable, reason=reason[:200], stopped_at=None if reachable else now)
    )


async def touch_address(tx: AsyncConnection, address: Address, now: datetime) -> None:
    """The person used this address just now: it is where the next message goes, and it works."""
    await tx.execute(
        update(addresses)
        .where(addresses.c.channel == address.channel.value, addresses.c.value == address.value)
        .values(used_at=now, reachable=True, reason="", stopped_at=None)
    )


async def revoke_links(tx: AsyncConnection, value: str) -> None:
    """What was sent to this mail address until now is worth nothing.

    Links open nothing nor join a chat, answers prove nothing.
    """
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


async def remove_address(tx: AsyncConnection, address: Address) -> None:
    """It is nobody's any more."""
    await tx.execute(
        delete(addresses).where(addresses.c.channel == address.channel.value, addresses.c.value == address.value)
    )
