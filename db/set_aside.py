"""Messages that were set aside, whole, for a person to look at; and what that person decides."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel, channel_named
from db.models import SET_ASIDE, InboxState, inbox
from db.wakeups import Queue, put_in

_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_ASIDE = text(SET_ASIDE)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that the bot did not handle."""

    id: int
    channel: Channel
    #: A mail address or the number of a chat; empty when it could not be read.
    sender: str
    received_at: datetime
    #: When it was set aside.
    at: datetime | None
    #: Why: what is unusual about it, or what failed.
    reason: str


_COLUMNS = (inbox.c.id, inbox.c.channel, inbox.c.sender, inbox.c.received_at, inbox.c.handled_at, inbox.c.error)


async def all_set_aside(tx: AsyncConnection, *, most: int = 100) -> list[SetAside]:
    """Those that wait for a person, oldest first."""
    query = select(*_COLUMNS).where(_ASIDE).order_by(inbox.c.id).limit(most)
    return [SetAside(row[0], channel_named(row[1]), *row[2:]) for row in (await tx.execute(query)).all()]


async def payload_of(tx: AsyncConnection, number: int) -> tuple[Channel, bytes] | None:
    """What was stored of one that waits: a raw mail, or an update in JSON."""
    query = select(inbox.c.channel, inbox.c.payload).where(_ASIDE, inbox.c.id == number)
    row = (await tx.execute(query)).first()
    return (channel_named(row[0]), bytes(row[1] or b"")) if row else None


async def put_back_in(tx: AsyncConnection, number: int) -> bool:
    """Let it be handled once more, as if it had just come; ``False`` when it does not wait."""
    put_in(tx, Queue.INBOX)
    values = {"state": InboxState.NEW.value, "attempts": 0, "next_at": _AT_ONCE, "handled_at": None}
    return await _set(tx, number, values | {"token": "", "lease_until": None, "error": ""})


async def dismiss(tx: AsyncConnection, number: int, kind: str, now: datetime) -> bool:
    """Nothing is to be done: the words are forgotten, ``kind`` stays; ``False`` when it does not wait."""
    values = {"state": InboxState.DONE.value, "kind": kind, "handled_at": now, "payload": None}
    return await _set(tx, number, values | {"sender": "", "error": ""})


async def _set(tx: AsyncConnection, number: int, values: dict[str, object]) -> bool:
    done = await tx.execute(update(inbox).where(and_(_ASIDE, inbox.c.id == number)).values(**values))
    return bool(done.rowcount)
