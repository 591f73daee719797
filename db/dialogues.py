"""The open thread of each address. It expires; of it only an unfinished registration begun in a chat is kept for a few days."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.dialogue import REGISTER, Dialogue
from conversation.message import Address, Channel
from db.models import dialogues

#: Over a weekend: so long a registration can be taken up again after its question has expired.
KEPT = timedelta(days=3)
#: More than that are not begun in a day; the rest are forgotten as the others.
_AT_ONCE = 1000


async def load_dialogue(tx: AsyncConnection, address: Address, now: datetime) -> Dialogue:
    """The address's dialogue; a fresh one when there is none or it has expired."""
    query = select(dialogues.c.state, dialogues.c.expires_at).where(
        dialogues.c.channel == address.channel, dialogues.c.value == address.value
    )
    row = (await tx.execute(query)).first()
    if row is None:
        return Dialogue()
    if row[1] > now:
        return Dialogue.from_json(row[0])
    kept = address.channel is not Channel.EMAIL and row[1] + KEPT > now
    return Dialogue.from_json(row[0]).left() if kept else Dialogue()


async def keep_unfinished(tx: AsyncConnection, now: datetime) -> None:
    """Of the threads that have expired keep what is left of a registration; their other words are forgotten."""
    query = (
        select(dialogues.c.channel, dialogues.c.value, dialogues.c.state, dialogues.c.expires_at)
        .where(dialogues.c.expires_at <= now, dialogues.c.expires_at > now - KEPT)
        .where(dialogues.c.channel == Channel.TELEGRAM.value, dialogues.c.state["action"].as_string() == REGISTER)
        .limit(_AT_ONCE)
    )
    for channel, value, state, expired in (await tx.execute(query)).all():
        left = Dialogue.from_json(state).left().to_json()
        here = (dialogues.c.channel == channel, dialogues.c.value == value)
        await tx.execute(update(dialogues).where(*here).values(state=left, expires_at=expired + KEPT))


async def save_dialogue(tx: AsyncConnection, address: Address, dialogue: Dialogue, expires_at: datetime) -> None:
    """Keep the dialogue until ``expires_at``; one with nothing in it is deleted."""
    where = (dialogues.c.channel == address.channel, dialogues.c.value == address.value)
    if dialogue == Dialogue():
        await tx.execute(delete(dialogues).where(*where))
        return
    state = dialogue.to_json()
    done = await tx.execute(update(dialogues).where(*where).values(state=state, expires_at=expires_at))
    if done.rowcount == 0:
        await tx.execute(
            insert(dialogues).values(channel=address.channel, value=address.value, state=state, expires_at=expires_at)
        )
