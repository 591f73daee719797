"""What is said to many: staff's words, or the news of meetings that were added. Who gets it stands in the outbox."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from json import dumps
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from db.broadcast_rows import stop_rows
from db.engine import insert_into
from db.models import audit, broadcasts
from db.segments import Segment


class BroadcastState(StrEnum):
    """Where a broadcast stands."""

    DRAFT = "draft"
    #: For a second person's approval.
    WAITING = "waiting"
    #: In the outbox: leaving, or gone.
    QUEUED = "queued"
    PAUSED = "paused"
    STOPPED = "stopped"
    #: A draft that was thrown away: its number is given to no other, and nothing else is left of it.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """``title`` and ``text``: staff's words, or none when it ``announces`` meetings (ids).

    For everybody at meeting ``meeting_id``, or in the ``segment``; neither: for those who asked for news.
    """

    title: str = ""
    text: str = ""
    meeting_id: int | None = None
    announces: tuple[int, ...] = ()
    segment: Segment | None = None

    @property
    def is_for_those_present(self) -> bool:
        """Whether it is for those alone who were there."""
        return self.segment is not None and self.segment.present is True

    @property
    def key(self) -> str:
        """The same words for the same people are the same broadcast."""
        said = "\0".join((self.title, self.text, str(self.meeting_id), repr(self.announces)))
        whom = dumps(self.segment.to_json(), sort_keys=True) if self.segment else ""
        return sha256((f"{said}\0{whom}" if whom else said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Stored:
    """A broadcast that staff work on."""

    number: int
    said: Broadcast
    state: BroadcastState
    #: Grows with every change: whoever changes it says which one they saw.
    version: int
    #: Operators, by number.
    author: int | None
    approver: int | None
    #: Not before then (UTC); ``None``: as soon as it may.
    send_at: datetime | None
    created_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether nothing of it is in the outbox yet: a draft, perhaps for approval."""
        return self.state in {BroadcastState.DRAFT, BroadcastState.WAITING}


def _said(row: Any) -> Broadcast:
    segment = Segment.from_json(row["segment"]) if row["segment"] is not None else None
    return Broadcast(row["title"], row["text"], row["meeting_id"], tuple(row["announces"] or ()), segment)


def _values(said: Broadcast) -> dict[str, Any]:
    return {
        "title": said.title,
        "text": said.text,
        "meeting_id": said.meeting_id,
        "announces": list(said.announces) or None,
        "segment": said.segment.to_json() if said.segment else None,
    }


async def add_broadcast(tx: AsyncConnection, broadcast: Broadcast, now: datetime) -> int | None:
    """Its number; ``None`` when the same was said to the same people before."""
    values = _values(broadcast) | {"key": broadcast.key, "created_at": now}
    statement = insert_into(tx.dialect.name, broadcasts).values(values).on_conflict_do_nothing()
    number: int | None = (await tx.execute(statement.returning(broadcasts.c.id))).scalar()
    return number


async def is_said(tx: AsyncConnection, broadcast: Broadcast) -> bool:
    """Whether the same was said to the same people."""
    return (await tx.execute(select(broadcasts.c.id).where(broadcasts.c.key == broadcast.key))).first() is not None


async def add_draft(tx: AsyncConnection, broadcast: Broadcast, author: int | None, now: datetime) -> int:
    """The number of a draft."""
    values = _values(broadcast) | {"key": _draft_key(), "state": BroadcastState.DRAFT.value}
    values |= {"author": author, "created_at": now}
    return int((await tx.execute(insert(broadcasts).values(values).returning(broadcasts.c.id))).scalar_one())


def _draft_key() -> str:
    """Words that may still change, or that nobody got, are nobody's double."""
    return f"draft:{secrets.token_hex(16)}"


_IS_THERE: ColumnElement[bool] = broadcasts.c.state != BroadcastState.GONE.value


async def lock_broadcast(tx: AsyncConnection, number: int) -> Stored | None:
    """One broadcast, held until the transaction ends."""
    query = select(broadcasts).where(broadcasts.c.id == number, _IS_THERE).with_for_update()
    row = (await tx.execute(query)).mappings().first()
    return _stored(row) if row else None


async def get_broadcast(tx: AsyncConnection, number: int) -> Stored | None:
    """One broadcast, to be looked at."""
    row = (await tx.execute(select(broadcasts).where(broadcasts.c.id == number, _IS_THERE))).mappings().first()
    return _stored(row) if row else None


async def was_thrown_away(tx: AsyncConnection, number: int) -> bool:
    """Whether it was a draft that is gone."""
    return (await tx.execute(select(broadcasts.c.id).where(broadcasts.c.id == number, ~_IS_THERE))).first() is not None


async def last_step(tx: AsyncConnection, held: Stored) -> tuple[str, str] | None:
    """Who did what to it last, as the audit trail says it; an own copy is no step. ``None`` where it does not say."""
    query = select(audit.c.staff_name, audit.c.action).where(
        audit.c.at >= held.created_at,  # what the audit trail has an index for
        audit.c.subject == f"broadcast:{held.number}",
        audit.c.action != "broadcast_tried",
    )
    row = (await tx.execute(query.order_by(audit.c.id.desc()).limit(1))).first()
    return (row[0], row[1]) if row else None


async def all_broadcasts(tx: AsyncConnection, *, most: int = 100) -> list[Stored]:
    """The newest, newest first."""
    query = select(broadcasts).where(_IS_THERE).order_by(broadcasts.c.id.desc()).limit(most)
    return [_stored(row) for row in (await tx.execute(query)).mappings().all()]


def _stored(row: Any) -> Stored:
    state, whose = BroadcastState(row["state"]), (row["author"], row["approver"])
    return Stored(row["id"], _said(row), state, row["version"], *whose, row["send_at"], row["created_at"])


async def change_draft(tx: AsyncConnection, number: int, said: Broadcast) -> None:
    """Other words, or for others."""
    values = _values(said) | {"version": broadcasts.c.version + 1}
    await tx.execute(update(broadcasts).where(broadcasts.c.id == number).values(values))


async def set_queued(tx: AsyncConnection, held: Stored, **values: Any) -> bool:
    """From now until it is a draft again nobody else may say the same; ``False``: somebody has, perhaps just now."""
    try:
        async with tx.begin_nested():
            await set_state(tx, held, BroadcastState.QUEUED, key=held.said.key, **values)
    except IntegrityError:
        return False
    return True


async def set_state(tx: AsyncConnection, held: Stored, state: BroadcastState, **values: Any) -> None:
    """Move it on. Who leaves a draft for the outbox goes by ``set_queued``."""
    if state is BroadcastState.DRAFT:
        values["key"] = _draft_key()
    values |= {"state": state.value, "version": held.version + 1}
    await tx.execute(update(broadcasts).where(broadcasts.c.id == held.number).values(values))


async def get_broadcasts(tx: AsyncConnection, ids: Collection[int]) -> dict[int, Broadcast]:
    """Broadcasts by number."""
    query = select(broadcasts).where(broadcasts.c.id.in_(ids))
    return {row["id"]: _said(row) for row in (await tx.execute(query)).mappings().all()}


async def announcing(tx: AsyncConnection, meeting_id: int) -> list[int]:
    """The broadcasts, by number, that announced a meeting when it was new."""
    query = select(broadcasts.c.id, broadcasts.c.announces).where(broadcasts.c.announces.is_not(None))
    return [number for number, meetings in (await tx.execute(query)).all() if meeting_id in (meetings or ())]


async def stop_broadcast(tx: AsyncConnection, number: int) -> int | None:
    """Void what has not left yet; how many messages. ``None``: there is no such broadcast.

    When nothing has left, it was never said: the same words may be sent later. A draft is thrown away with its words.
    """
    held = await lock_broadcast(tx, number)
    if held is None:
        return None
    if held.is_open:
        nothing = _values(Broadcast()) | {"send_at": None}
        await set_state(tx, held, BroadcastState.GONE, key=_draft_key(), **nothing)
        return 0
    stopped, some_left = await stop_rows(tx, number)
    await set_state(tx, held, BroadcastState.STOPPED, **({} if some_left else {"key": _draft_key()}))
    return stopped
