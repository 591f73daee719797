"""What came in: stored before it is acknowledged, handled once, set aside for a person when it cannot be.

``store`` is idempotent (unique keys). ``claim`` takes the oldest waiting message of each sender, so one person's
messages are handled in order while others go on; SKIP LOCKED lets several workers share the queue. ``settle`` is
part of the transaction that handles the message and is fenced by the claim's token: an effect and its "done" are
committed together or not at all.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel, channel_named
from conversation.pressing import PRESSED
from db.engine import has_come, insert_new, real
from db.models import InboxState, inbox
from db.wakeups import Queue, put_in

#: Before any clock, the sandbox's moved one included: back-off is counted in real time.
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
_NEW: ColumnElement[str] = literal_column("'new'")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something to store. ``key`` names it at its source; ``message_id`` is a mail's own, a second guard.

    ``kind``: what it is known to be by the way it came; empty for what strangers send.
    """

    key: str
    channel: Channel
    sender: str
    payload: bytes
    message_id: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A stored message handed to this worker. ``attempts`` counts this one too.

    ``key``: names it and what follows from it for ever; SQLite gives the ids of deleted rows out again. ``kind``: the
    arrival's. ``followed``: its sender's next message waits already.
    """

    id: int
    key: str
    channel: Channel
    sender: str
    payload: bytes
    received_at: datetime
    attempts: int
    token: str
    kind: str = ""
    followed: bool = False


async def store(tx: AsyncConnection, arrivals: Sequence[Arrival], now: datetime) -> int:
    """Insert what is not there yet; how many were new."""
    if not arrivals:
        return 0
    rows = [
        {
            "source_key": a.key,
            "message_id": digest(a.message_id),
            "channel": a.channel.value,
            "sender": a.sender,
            "payload": a.payload,
            "kind": a.kind,
            "received_at": now,
            "next_at": _AT_ONCE,
        }
        for a in arrivals
    ]
    put_in(tx, Queue.INBOX)
    added = await insert_new(tx, inbox, rows)
    if added < len(rows):
        await _meet_again(tx, arrivals)
    return added


def digest(message_id: str | None) -> str | None:
    """What is kept of a Message-ID, to know the mail again: its domain is often the sender's own."""
    return hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest() if message_id else None


async def _meet_again(tx: AsyncConnection, arrivals: Sequence[Arrival]) -> None:
    """A mail that is known by its Message-ID lies at a new place (UIDVALIDITY changed, or a second copy).

    File it too.
    """
    for arrival in arrivals:
        if arrival.message_id:
            await tx.execute(
                update(inbox)
                .where(inbox.c.message_id == digest(arrival.message_id), inbox.c.source_key != arrival.key)
                .values(source_key=arrival.key, filed=False)
            )


async def unfiled(tx: AsyncConnection, prefix: str, limit: int = 500) -> list[tuple[str, str, str]]:
    """Handled mails that still lie in the folder they came to: ``(source_key, state, kind)``."""
    query = (
        select(inbox.c.source_key, inbox.c.state, inbox.c.kind)
        .where(
            inbox.c.channel == Channel.EMAIL.value,
            inbox.c.filed.is_(False),
            inbox.c.state != _NEW,
            inbox.c.source_key.startswith(prefix, autoescape=True),
        )
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return [(r[0], r[1], r[2]) for r in (await tx.execute(query)).all()]


async def mark_filed(tx: AsyncConnection, keys: Sequence[str]) -> None:
    """These mails have been moved to their folder."""
    await tx.execute(update(inbox).where(inbox.c.source_key.in_(keys)).values(filed=True))


_EARLIER = inbox.alias()
# As in ``db.outbox``.
_FOLLOWED: ColumnElement[bool] = literal_column(
    "EXISTS (SELECT 1 FROM inbox AS later WHERE later.state = 'new'"
    " AND later.channel = CAST(inbox.channel AS TEXT) AND later.sender = CAST(inbox.sender AS TEXT)"
    " AND +later.id > inbox.id AND inbox.sender <> '')"
)
_WAITING = (
    select(inbox.c.id)
    .where(
        inbox.c.state == _NEW,
        has_come(inbox.c.next_at),
        or_(inbox.c.lease_until.is_(None), has_come(inbox.c.lease_until)),
        ~exists().where(
            and_(
                _EARLIER.c.state == _NEW,
                _EARLIER.c.channel == inbox.c.channel,
                _EARLIER.c.sender == inbox.c.sender,
                _EARLIER.c.id < inbox.c.id,
                inbox.c.sender != "",
            )
        ),
    )
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
# Built once: that takes longer than running it.
_CLAIM = (
    update(inbox)
    .where(inbox.c.id.in_(_WAITING.scalar_subquery()))
    .values(token=bindparam("claim"), lease_until=bindparam("until"), attempts=inbox.c.attempts + 1)
    .returning(
        inbox.c.id,
        inbox.c.source_key,
        inbox.c.channel,
        inbox.c.sender,
        inbox.c.payload,
        inbox.c.received_at,
        inbox.c.attempts,
        inbox.c.kind,
        _FOLLOWED,
    )
)


async def claim(tx: AsyncConnection, *, real_now: datetime, lease: timedelta, limit: int) -> list[Claimed]:
    """Up to ``limit`` waiting messages, of different senders, oldest first. ``real_now``: real time, for the lease."""
    token = secrets.token_hex(8)
    given = real(real_now) | {"most": limit, "claim": token, "until": real_now + lease}
    rows = (await tx.execute(_CLAIM, given)).all()
    claimed = [
        Claimed(
            r[0], _key(r[1], r[5]), channel_named(r[2]), r[3], bytes(r[4] or b""), r[5], r[6], token, r[7], bool(r[8])
        )
        for r in rows
    ]
    return sorted(claimed, key=lambda c: c.id)


def _key(source_key: str, received_at: datetime) -> str:
    return "in:" + hashlib.sha256(f"{source_key} {received_at.isoformat()}".encode("utf-8", "replace")).hexdigest()[:24]


_SETTLE = (
    update(inbox)
    .where(inbox.c.id == bindparam("row"), inbox.c.token == bindparam("claim"), inbox.c.state == _NEW)
    .values(
        state=InboxState.DONE.value,
        payload=None,
        sender="",
        kind=bindparam("what"),
        handled_at=bindparam("at"),
        lease_until=None,
        evidence=bindparam("why", type_=inbox.c.evidence.type),
    )
)


async def settle(
    tx: AsyncConnection, claimed: Claimed, *, kind: str, now: datetime, evidence: dict[str, Any] | None = None
) -> bool:
    """Mark as handled and forget the words; ``False`` when the claim was lost, and the caller must roll back."""
    given = {"row": claimed.id, "claim": claimed.token, "what": kind, "at": now, "why": evidence}
    return bool((await tx.execute(_SETTLE, given)).rowcount)


async def next_waiting(tx: AsyncConnection, real_now: datetime) -> datetime | None:
    """When the next message that is put off, or held by another worker, can be claimed (real time)."""
    at = case((inbox.c.lease_until > inbox.c.next_at, inbox.c.lease_until), else_=inbox.c.next_at)
    query = select(func.min(at)).where(inbox.c.state == _NEW, at > real_now)
    found: datetime | None = (await tx.execute(query)).scalar()
    return found


async def put_back(tx: AsyncConnection, claimed: Claimed, *, error: str, next_at: datetime) -> None:
    """Handling failed: let it be tried again at ``next_at``."""
    await tx.execute(
        update(inbox)
        .where(inbox.c.id == claimed.id, inbox.c.token == claimed.token)
        .values(error=error[:500], next_at=next_at, lease_until=None, token="")
    )


async def postpone(tx: AsyncConnection, claimed: Claimed, *, next_at: datetime) -> None:
    """Not now, though nothing is wrong with it: this claim does not count."""
    await tx.execute(
        update(inbox)
        .where(inbox.c.id == claimed.id, inbox.c.token == claimed.token)
        .values(next_at=next_at, lease_until=None, token="", attempts=inbox.c.attempts - 1)
    )


async def letters_handled(tx: AsyncConnection, since: datetime) -> int:
    """How many letters of people were handled since then."""
    query = select(func.count()).where(
        inbox.c.handled_at >= since,
        inbox.c.channel == Channel.EMAIL.value,
        inbox.c.kind.in_(["human", "handed_over"]),
    )
    return int((await tx.execute(query)).scalar_one())


async def set_aside(tx: AsyncConnection, claimed: Claimed, *, error: str, now: datetime) -> None:
    """Handling failed for good: keep the message, whole, for a person to look at."""
    await tx.execute(
        update(inbox)
        .where(inbox.c.id == claimed.id, inbox.c.token == claimed.token)
        .values(state=InboxState.SET_ASIDE.value, error=error[:500], handled_at=now, lease_until=None)
    )


async def unanswered(tx: AsyncConnection, *, most: int = 500) -> list[dict[str, Any]]:
    """Mails that no person wrote, newest first: what they were, and the rule that said so.

    The mails lie in the mailbox.
    """
    query = (
        select(inbox.c.received_at, inbox.c.kind, inbox.c.evidence)
        .where(inbox.c.channel == Channel.EMAIL.value, inbox.c.state == InboxState.DONE.value)
        .where(inbox.c.kind.not_in(["human", "handed_over", PRESSED]))
        .order_by(inbox.c.id.desc())
        .limit(most)
    )
    rows = (await tx.execute(query)).all()
    return [{"at": r[0], "kind": r[1], "reason": (r[2] or {}).get("reason", "")} for r in rows]
