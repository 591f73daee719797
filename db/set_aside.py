"""Messages that were set aside, whole, for a person to look at; and what that person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, cast, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel, channel_named
from db.models import SET_ASIDE, InboxState, OutboxState, inbox, outbox
from db.wakeups import Queue, put_in

_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
#: The ``kind`` of a letter that a person has answered. Its words stay for as long as the answer may be taken back.
_ANSWERED = "answered_by_hand"
_KEPT = timedelta(hours=1)
#: What begins the key of a message that answers a letter.
LETTER = "letter"
#: The words are looked for in so many days: they are forgotten every night, and what was missed goes with its row.
_LOOKED_AT = timedelta(days=14)
_ASIDE = text(SET_ASIDE)
#: Answered by hand, and the words are there.
_WITH_WORDS = (
    inbox.c.channel == Channel.EMAIL.value,
    inbox.c.kind == _ANSWERED,
    inbox.c.payload.is_not(None),
)


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


async def count_letters(tx: AsyncConnection, since: datetime) -> dict[str, int]:
    """How many letters of each kind were settled since then."""
    settled = (inbox.c.channel == Channel.EMAIL.value, inbox.c.handled_at > since)
    query = select(inbox.c.kind, func.count()).where(*settled, inbox.c.state == InboxState.DONE.value)
    return {row[0]: int(row[1]) for row in (await tx.execute(query.group_by(inbox.c.kind))).all()}


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


async def settle_answered(tx: AsyncConnection, number: int, answer: str, now: datetime) -> bool:
    """A person has answered it, so; ``False`` when it does not wait."""
    values = {"state": InboxState.DONE.value, "kind": _ANSWERED, "handled_at": now, "evidence": {"answer": answer}}
    return await _set(tx, number, values)


async def unsettle_answered(tx: AsyncConnection, number: int) -> str | None:
    """It waits again after all: what was answered; ``None`` when it was not, or its words are gone."""
    answered = and_(inbox.c.id == number, *_WITH_WORDS)
    said = (await tx.execute(select(inbox.c.evidence).where(answered).with_for_update())).scalar()
    if said is None:
        return None
    await tx.execute(update(inbox).where(answered).values(state=InboxState.SET_ASIDE.value, kind="", evidence=None))
    return str(said["answer"])


def answer_key(letter: Any) -> Any:
    """Under which key the outbox holds the answer to a letter: to that number, or to the column of all of them."""
    return f"{LETTER}:" + letter


@dataclass(frozen=True, slots=True)
class LeavingReply:
    """An answer to a letter, by its number, that can still be taken back. ``due``: when it leaves (UTC)."""

    number: int
    sender: str
    text: str
    due: datetime


async def answers_leaving(tx: AsyncConnection, now: datetime) -> list[LeavingReply]:
    """The answers that have not left, in the order in which they were written. Their first piece leaves first."""
    query = (
        select(inbox.c.id, inbox.c.sender, inbox.c.evidence, outbox.c.due_at)
        .join(outbox, outbox.c.key == answer_key(cast(inbox.c.id, String)))
        .where(inbox.c.handled_at > now - _KEPT, *_WITH_WORDS, outbox.c.state == OutboxState.PENDING.value)
        .order_by(inbox.c.handled_at)
    )
    rows = (await tx.execute(query)).all()
    return [LeavingReply(row.id, row.sender, str(row.evidence["answer"]), row.due_at) for row in rows]


async def answered_letters(tx: AsyncConnection, now: datetime) -> list[int]:
    """Those whose answer has left, and whose words are there."""
    lately = inbox.c.handled_at.between(now - _LOOKED_AT, now - _KEPT)
    return list((await tx.execute(select(inbox.c.id).where(lately, *_WITH_WORDS))).scalars().all())


async def forget_answered(tx: AsyncConnection, numbers: Sequence[int]) -> None:
    """Forget the words of these letters, which were answered."""
    these = update(inbox).where(inbox.c.id.in_(numbers), *_WITH_WORDS)
    await tx.execute(these.values(payload=None, sender="", error="", evidence=None))


async def _set(tx: AsyncConnection, number: int, values: dict[str, object]) -> bool:
    done = await tx.execute(update(inbox).where(and_(_ASIDE, inbox.c.id == number)).values(**values))
    return bool(done.rowcount)
