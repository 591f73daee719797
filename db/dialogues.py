"""The open thread of each address.

It expires; of it only an unfinished registration begun in a chat is kept for a few days.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    and_,
    bindparam,
    case,
    delete,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import CHANNELS
from conversation.dialogue import Dialogue
from conversation.message import Address
from conversation.open_questions import Registering
from db.engine import insert_into, save
from db.message_counts import Counted, forget_count
from db.models import dialogues, message_counts
from db.people import PERSON, Person, read_person

#: Over a weekend: so long a registration can be taken up again after its question has expired.
KEPT = timedelta(days=3)


def _of(table: Table) -> ColumnElement[bool]:
    return and_(table.c.channel == bindparam("channel"), table.c.value == bindparam("value"))


_STATE = select(dialogues.c.state, dialogues.c.expires_at).where(_of(dialogues))
_OF_WHOM = (
    "addresses JOIN people ON people.id = addresses.person_id LEFT JOIN organisations ON organisations.id = "
    "people.organisation_id"
)


def _beside(column: ColumnElement[Any], source: str) -> ColumnElement[Any]:
    """``column`` of ``source`` at the address that is being counted.

    As text: SQLAlchemy names no tables inside RETURNING.
    """
    table = source.partition(" ")[0]
    here = f"{table}.channel = message_counts.channel AND {table}.value = message_counts.value"
    return literal_column(f"(SELECT {column} FROM {source} WHERE {here})", column.type)  # noqa: S608 - only our own names


@cache
def _opening(dialect: str) -> Executable:
    """Count the message and find the dialogue: one statement, because every message needs both."""
    new, old = insert_into(dialect, message_counts), message_counts.c
    same = old.ends_at == new.excluded.ends_at
    kept: dict[str, Any] = {
        "ends_at": new.excluded.ends_at,
        "number": case((same, old.number + new.excluded.number), else_=new.excluded.number),
        "vouched": case((same, old.vouched), else_=0),
        "last_words": case((same, old.last_words), else_=""),
    }
    counted = new.on_conflict_do_update(index_elements=[old.channel, old.value], set_=kept)
    talk = [_beside(column, "dialogues") for column in (dialogues.c.state, dialogues.c.expires_at)]
    who = [_beside(column, _OF_WHOM) for column in PERSON]
    statement: Executable = counted.returning(old.number, old.vouched, old.last_words, *talk, *who)
    return statement


async def open_dialogue(
    tx: AsyncConnection, address: Address, now: datetime, ends_at: datetime
) -> tuple[Dialogue, Person | None, Counted]:
    """The address's dialogue, a fresh one when there is none or it has expired; who speaks, if they are known.

    What came from there.

    A message of a chat is counted by this, a letter by ``count_letter``; ``ends_at``: when the period ends in which it
    is.
    """
    number = 0 if address.channel.answers_a_day is not None else 1
    here = {"channel": address.channel.value, "value": address.value, "ends_at": ends_at, "number": number}
    count, vouched, last_words, state, expires_at, *person = (await tx.execute(_opening(tx.dialect.name), here)).one()
    known = read_person(person) if person[0] is not None else None
    return _still(address, state, expires_at, now), known, Counted(count, vouched, last_words)


def _still(address: Address, state: Any, expires_at: datetime | None, now: datetime) -> Dialogue:
    if expires_at is None:
        return Dialogue()
    if expires_at > now:
        return Dialogue.from_json(state)
    kept = address.channel.takes_up_again and expires_at + KEPT > now
    return Dialogue.from_json(state).left() if kept else Dialogue()


async def load_dialogue(tx: AsyncConnection, address: Address, now: datetime) -> Dialogue:
    """The address's dialogue, whoever speaks; nothing is counted."""
    found = (await tx.execute(_STATE, {"channel": address.channel.value, "value": address.value})).first()
    return _still(address, *found, now) if found else Dialogue()


def _is_unfinished(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """SQL: of the threads that have expired those of whose registration something may be left."""
    keeping = [c.value for c in CHANNELS.values() if c.takes_up_again]
    registering = dialogues.c.state["open", "action"].as_string() == Registering.action
    lately = dialogues.c.expires_at <= now, dialogues.c.expires_at > now - KEPT
    return *lately, dialogues.c.channel.in_(keeping), registering


_THREAD = dialogues.c.channel, dialogues.c.value, dialogues.c.state, dialogues.c.expires_at


async def unfinished_threads(tx: AsyncConnection, now: datetime) -> list[tuple[str, str]]:
    """The threads that have expired within a registration: channel and value of each."""
    query = select(dialogues.c.channel, dialogues.c.value).where(*_is_unfinished(now))
    return [(row[0], row[1]) for row in (await tx.execute(query)).all()]


_LEAVE = (
    update(dialogues)
    .where(dialogues.c.channel == bindparam("over"), dialogues.c.value == bindparam("whose"))
    .values(state=bindparam("left", type_=dialogues.c.state.type), expires_at=bindparam("until"))
)


async def keep_unfinished(tx: AsyncConnection, threads: Sequence[tuple[str, str]], now: datetime) -> None:
    """Keep what is left of a registration, unless they have gone on; the threads' other words are forgotten."""
    these = tuple_(dialogues.c.channel, dialogues.c.value).in_(threads), *_is_unfinished(now)
    rows = (await tx.execute(select(*_THREAD).where(*these).with_for_update())).all()
    left = [
        {
            "over": channel,
            "whose": value,
            "left": Dialogue.from_json(state).left().to_json(),
            "until": expired + KEPT,
        }
        for channel, value, state, expired in rows
    ]
    if left:
        await tx.execute(_LEAVE, left)


_CLOSE = delete(dialogues).where(_of(dialogues))


async def save_dialogue(tx: AsyncConnection, address: Address, dialogue: Dialogue, expires_at: datetime) -> None:
    """Keep the dialogue until ``expires_at``; one with nothing in it is deleted."""
    here = {"channel": address.channel.value, "value": address.value}
    if dialogue == Dialogue():
        await tx.execute(_CLOSE, here)
    else:
        await save(tx, dialogues, [here | {"state": dialogue.to_json(), "expires_at": expires_at}])


async def forget_dialogue(tx: AsyncConnection, address: Address) -> None:
    """Keep nothing of what was said there, not even that something was."""
    await tx.execute(_CLOSE, {"channel": address.channel.value, "value": address.value})
    await forget_count(tx, address)
