"""The open thread of each address. It expires; of it only an unfinished registration begun in a chat is kept for a few days."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import CHANNELS
from conversation.dialogue import REGISTER, Dialogue
from conversation.message import Address
from db.engine import save
from db.models import addresses, dialogues, organisations, people
from db.people import PERSON, Person, read_person

#: Over a weekend: so long a registration can be taken up again after its question has expired.
KEPT = timedelta(days=3)
#: More than that are not begun in a day; the rest are forgotten as the others.
_AT_ONCE = 1000
_KEEPING = [c.value for c in CHANNELS.values() if c.takes_up_again]


def _of(table: Table) -> ColumnElement[bool]:
    return and_(table.c.channel == bindparam("channel"), table.c.value == bindparam("value"))


_OPENED = select(dialogues.c.state, dialogues.c.expires_at, *PERSON).select_from(
    select(literal_column("1").label("one"))
    .subquery()
    .outerjoin(dialogues, _of(dialogues))
    .outerjoin(addresses, _of(addresses))
    .outerjoin(people, people.c.id == addresses.c.person_id)
    .outerjoin(organisations, organisations.c.id == people.c.organisation_id)
)


async def open_dialogue(tx: AsyncConnection, address: Address, now: datetime) -> tuple[Dialogue, Person | None]:
    """The address's dialogue, a fresh one when there is none or it has expired; and who speaks, if they are known."""
    state, expires_at, *person = (
        await tx.execute(_OPENED, {"channel": address.channel.value, "value": address.value})
    ).one()
    known = read_person(person) if person[0] is not None else None
    if expires_at is None:
        return Dialogue(), known
    if expires_at > now:
        return Dialogue.from_json(state), known
    kept = address.channel.takes_up_again and expires_at + KEPT > now
    return Dialogue.from_json(state).left() if kept else Dialogue(), known


async def load_dialogue(tx: AsyncConnection, address: Address, now: datetime) -> Dialogue:
    """The address's dialogue, whoever speaks."""
    return (await open_dialogue(tx, address, now))[0]


async def keep_unfinished(tx: AsyncConnection, now: datetime) -> None:
    """Of the threads that have expired keep what is left of a registration; their other words are forgotten."""
    keeping = [c.value for c in CHANNELS.values() if c.takes_up_again]
    query = (
        select(dialogues.c.channel, dialogues.c.value, dialogues.c.state, dialogues.c.expires_at)
        .where(dialogues.c.expires_at <= now, dialogues.c.expires_at > now - KEPT)
        .where(dialogues.c.channel.in_(keeping), dialogues.c.state["action"].as_string() == REGISTER)
        .limit(_AT_ONCE)
    )
    for channel, value, state, expired in (await tx.execute(query)).all():
        left = Dialogue.from_json(state).left().to_json()
        here = (dialogues.c.channel == channel, dialogues.c.value == value)
        await tx.execute(update(dialogues).where(*here).values(state=left, expires_at=expired + KEPT))


_CLOSE = delete(dialogues).where(_of(dialogues))


async def save_dialogue(tx: AsyncConnection, address: Address, dialogue: Dialogue, expires_at: datetime) -> None:
    """Keep the dialogue until ``expires_at``; one with nothing in it is deleted."""
    here = {"channel": address.channel.value, "value": address.value}
    if dialogue == Dialogue():
        await tx.execute(_CLOSE, here)
    else:
        await save(tx, dialogues, [here | {"state": dialogue.to_json(), "expires_at": expires_at}])
