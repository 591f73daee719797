"""The open thread of each address. It expires: an unfinished registration is forgotten, not kept."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.dialogue import Dialogue
from conversation.message import Address
from db.models import dialogues


async def load_dialogue(tx: AsyncConnection, address: Address, now: datetime) -> Dialogue:
    """The address's dialogue; a fresh one when there is none or it has expired."""
    query = select(dialogues.c.state, dialogues.c.expires_at).where(
        dialogues.c.channel == address.channel, dialogues.c.value == address.value
    )
    row = (await tx.execute(query)).first()
    return Dialogue.from_json(row[0]) if row and row[1] > now else Dialogue()


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
