"""What is said to many: staff's words, or the news of meetings that were added. Who gets it stands in the outbox."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, delete, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import Kind, OutboxState, addresses, broadcasts, outbox, people


@dataclass(frozen=True, slots=True)
class Broadcast:
    """``title`` and ``text``: staff's words, or none when it ``announces`` meetings (ids).

    For everybody at meeting ``meeting_id``; ``None``: for those who asked for news.
    """

    title: str = ""
    text: str = ""
    meeting_id: int | None = None
    announces: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """The same words for the same people are the same broadcast."""
        said = "\0".join((self.title, self.text, str(self.meeting_id), repr(self.announces)))
        return sha256(said.encode()).hexdigest()


async def add_broadcast(tx: AsyncConnection, broadcast: Broadcast, now: datetime) -> int | None:
    """Its number; ``None`` when the same was said to the same people before."""
    if (await tx.execute(select(broadcasts.c.id).where(broadcasts.c.key == broadcast.key))).first():
        return None
    values: dict[str, Any] = {
        "key": broadcast.key,
        "title": broadcast.title,
        "text": broadcast.text,
        "meeting_id": broadcast.meeting_id,
        "announces": list(broadcast.announces) or None,
        "created_at": now,
    }
    return int((await tx.execute(insert(broadcasts).values(values).returning(broadcasts.c.id))).scalar_one())


async def get_broadcasts(tx: AsyncConnection, ids: Collection[int]) -> dict[int, Broadcast]:
    """Broadcasts by number."""
    query = select(broadcasts).where(broadcasts.c.id.in_(ids))
    return {
        row["id"]: Broadcast(row["title"], row["text"], row["meeting_id"], tuple(row["announces"] or ()))
        for row in (await tx.execute(query)).mappings().all()
    }


async def wanting_news(tx: AsyncConnection, among: Sequence[int] | None = None) -> list[int]:
    """Who asked for news and can be reached, by id; of ``among`` when it is given."""
    reached = select(addresses.c.id).where(addresses.c.person_id == people.c.id, addresses.c.reachable).exists()
    query = select(people.c.id).where(people.c.updates == true(), reached).order_by(people.c.id)
    if among is not None:
        query = query.where(people.c.id.in_(among))
    return [int(row[0]) for row in (await tx.execute(query)).all()]


async def stop_broadcast(tx: AsyncConnection, number: int) -> int | None:
    """Void what has not left yet; how many messages. ``None``: there is no such broadcast.

    When nothing has left, it was never said: the same words may be sent later.
    """
    if (await tx.execute(select(broadcasts.c.id).where(broadcasts.c.id == number))).first() is None:
        return None
    its_rows = and_(outbox.c.kind == Kind.BROADCAST.value, outbox.c.detail == str(number))
    pending = outbox.c.state == OutboxState.PENDING.value
    stopped = (await tx.execute(update(outbox).where(its_rows, pending).values(state=OutboxState.VOID.value))).rowcount
    left = select(outbox.c.id).where(its_rows, outbox.c.state != OutboxState.VOID.value)
    if (await tx.execute(left)).first() is None:
        await tx.execute(delete(outbox).where(its_rows))
        await tx.execute(delete(broadcasts).where(broadcasts.c.id == number))
    return stopped
