"""What goes out: every message is a row with a unique key before it is sent, and settled after.

A row is claimed (the intent to send is committed), sent, and settled with the claim's token. A process that dies in
between leaves it ``sending``: after its lease it is *in doubt*, and the policy of its channel decides (``recover``).
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import channel_named
from conversation.meeting import LOST, Told
from conversation.message import Address, Button, File, Highlight, Reply, Thread, split_reply
from db.addresses import is_reached
from db.engine import LONG, given, has_come, insert_new, real
from db.heartbeats import HOLD
from db.models import IN_DOUBT, NOT_ARRIVED, WRITTEN_LATE, Kind, Lane, OutboxState, heartbeats, outbox, registrations
from db.registrations import UNPLANNED, Registration, note_all_told, note_told
from db.tells_of import note_several
from db.wakeups import Queue, put_in

# As a literal: a bound parameter cannot prove a partial index to the planner of a prepared statement.
_PENDING: ColumnElement[str] = literal_column("'pending'")
_SENDING: ColumnElement[str] = literal_column("'sending'")
_UNFINISHED: ColumnElement[tuple[str, str]] = literal_column("('pending', 'sending')")

#: SQL: it goes, or went, to an address; or there is one, which is chosen when it leaves.
IS_REACHED: ColumnElement[bool] = or_(outbox.c.channel != "", is_reached(outbox.c.person_id))
#: SQL: written when it leaves, of what is so then, and only if there is something to say.
IS_WRITTEN_LATE: ColumnElement[bool] = outbox.c.kind.in_([kind.value for kind in WRITTEN_LATE])
#: SQL: of what is still to go, that it will: it is written to an address, or there is one that works when it leaves.
LEAVES: ColumnElement[bool] = or_(~IS_WRITTEN_LATE, is_reached(outbox.c.person_id))

#: A recipient's messages keep their order while the first of them is to be tried again within this time.
_IN_LINE = timedelta(seconds=30)
#: The ``detail`` of the answer that confirms a registration.
CONFIRMATION = "confirmation"
#: The ``detail`` of what reminds of a registration that was begun and left half-way.
UNFINISHED = "unfinished"
#: The ``detail`` of the notice that a waiting person got a seat.
SEAT = "seat"
#: Stands before the fields in the ``detail`` of the notice that what was told is taken back.
_CORRECTION = "correction"
#: Stands there for the fields where the meeting is cancelled: of those nothing else is news.
_CALLED_OFF = "called_off"
#: SQL: of a notice of changed fields, that it takes back what was told.
IS_CORRECTION: ColumnElement[bool] = or_(
    outbox.c.detail == _CORRECTION, outbox.c.detail.startswith(f"{_CORRECTION},", autoescape=True)
)

#: SQL: notices of a meeting's changes that did not arrive, or perhaps did.
_CHANGES_LOST = and_(text(NOT_ARRIVED), outbox.c.kind == Kind.NOTICE.value, outbox.c.detail != SEAT)


def notice_detail(fields: Collection[str], *, cancelled: bool, corrects: bool) -> str:
    """The ``detail`` of the notice that these fields of a meeting, ``cancelled`` or not, are not as they were told."""
    news = [_CALLED_OFF] if cancelled else sorted(fields)
    return ",".join([*[_CORRECTION] * corrects, *news])


def is_correction(detail: str) -> bool:
    """Whether the notice with this ``detail`` takes back what was told."""
    return detail.partition(",")[0] == _CORRECTION


def is_called_off(detail: str) -> bool:
    """Whether the notice with this ``detail`` says that the meeting is cancelled."""
    return detail.rpartition(",")[2] == _CALLED_OFF


@dataclass(frozen=True, slots=True)
class Row:
    """A claimed message. ``payload`` is empty for those written when they are sent (reminders, notices).

    ``told``: what the written message says of its meeting. ``followed``: another message waits for its recipient.
    """

    id: int
    key: str
    kind: Kind
    detail: str
    person_id: int | None
    registration_id: int | None
    address: Address | None
    payload: dict[str, Any] | None
    due_at: datetime
    expires_at: datetime | None
    attempts: int
    token: str
    uncertain_attempts: int
    told: Told | None = None
    followed: bool = False

    @classmethod
    def foretold(
        cls,
        key: str,
        kind: Kind,
        *,
        detail: str,
        person: int,
        registration: int | None,
        address: Address | None,
        due: datetime,
    ) -> "Row":
        """One that is not queued: as the outbox worker would have it in hand, to be written as a sample."""
        return cls(
            0,
            key,
            kind,
            detail,
            person,
            registration,
            address,
            None,
            due,
            None,
            attempts=0,
            token="",
            uncertain_attempts=0,
        )


def pack(
    reply: Reply, *, subject: str = "", thread: Thread | None = None, automatic: bool = False, language: str = "it"
) -> dict[str, Any]:
    """A reply and its mail headers as JSON."""
    return {
        "title": reply.title,
        "text": reply.text,
        "buttons": [[_button(b) for b in row] for row in reply.buttons],
        "files": [[f.name, f.content, f.method] for f in reply.files],
        "highlights": [[h.day, h.hour, h.topic, h.way_in and _button(h.way_in)] for h in reply.highlights],
        "links": list(reply.links),
        "subject": subject,
        "thread": thread.to_json() if thread else None,
        "automatic": automatic,
        "language": language,
    }


def _button(button: Button) -> list[str]:
    return [button.label, button.data, button.url]


def unpack(payload: dict[str, Any]) -> tuple[Reply, Thread | None]:
    """What ``pack`` wrote: the reply and its thread."""
    reply = Reply(
        payload["text"],
        payload["title"],
        tuple(tuple(Button(*b) for b in row) for row in payload["buttons"]),
        tuple(File(name, partial(str, content), method) for name, content, method in payload["files"]),
        tuple(
            Highlight(day, hour, topic, Button(*way_in) if way_in else None)
            for day, hour, topic, way_in in payload.get("highlights", ())
        ),
        tuple(payload.get("links", ())),
    )
    thread = payload["thread"]
    return reply, Thread.from_json(thread) if thread else None


async def queue(tx: AsyncConnection, rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows whose keys are not there yet; how many were new."""
    if not rows:
        return 0
    only_answers = all(row["lane"] == Lane.REPLY.value for row in rows)
    put_in(tx, Queue.OUTBOX if only_answers else Queue.PLAN)
    return await insert_new(tx, outbox, rows)


async def queue_reply(
    tx: AsyncConnection,
    key: str,
    address: Address,
    reply: Reply,
    *,
    now: datetime,
    kind: Kind = Kind.REPLY,
    detail: str = "",
    person_id: int | None = None,
    about: Sequence[int] = (),
    subject: str = "",
    thread: Thread | None = None,
    automatic: bool = False,
    language: str = "it",
    expires_at: datetime | None = None,
) -> None:
    """Queue a written message, in as many pieces as the channel needs, due now.

    ``about``: the registrations that it tells of, by number.
    """
    pieces = split_reply(reply, address.channel)
    keys = [key if number == 0 else f"{key}#{number}" for number in range(len(pieces))]
    await queue(
        tx,
        [
            {
                "key": own,
                "lane": Lane.REPLY.value,
                "kind": kind.value,
                "detail": detail,
                "person_id": person_id,
                "registration_id": about[0] if len(about) == 1 else None,
                "channel": address.channel.value,
                "value": address.value,
                "payload": pack(piece, subject=subject, thread=thread, automatic=automatic, language=language),
                "due_at": now,
                "expires_at": expires_at,
            }
            for own, piece in zip(keys, pieces, strict=True)
        ],
    )
    if len(about) > 1:
        await note_several(tx, keys, about)


async def queue_needless(tx: AsyncConnection, key: str, kind: Kind, now: datetime) -> None:
    """Note that there is nothing to say under this key: it is settled, and not looked at again."""
    row = {"key": key, "lane": Lane.REPLY.value, "kind": kind.value, "due_at": now, "state": OutboxState.VOID.value}
    await insert_new(tx, outbox, [row])


async def known_keys(tx: AsyncConnection, keys: Collection[str]) -> set[str]:
    """Those of these keys under which a message was queued, or settled as needless."""
    return (
        set((await tx.execute(select(outbox.c.key).where(outbox.c.key.in_(keys)))).scalars().all()) if keys else set()
    )


async def take_back(tx: AsyncConnection, key: str) -> None:
    """Forget a message that has not gone yet, as if it had never been queued."""
    await tx.execute(delete(outbox).where(outbox.c.key == key, outbox.c.state == _PENDING))


async def take_back_pieces(tx: AsyncConnection, key: str) -> bool:
    """As ``take_back``, of a message that may be in pieces.

    ``False``, and nothing is forgotten, when any piece has gone.
    """
    mine = _pieces(key)
    states = (await tx.execute(select(outbox.c.state).where(mine).with_for_update())).scalars().all()
    if not states or set(states) != {OutboxState.PENDING.value}:
        return False
    await tx.execute(delete(outbox).where(mine))
    return True


async def pieces_due(tx: AsyncConnection, key: str) -> datetime | None:
    """When it leaves (UTC), a message that may be in pieces; ``None`` when any has gone, or there is none."""
    rows = (await tx.execute(select(outbox.c.state, outbox.c.due_at).where(_pieces(key)))).all()
    due: list[datetime] = [row.due_at for row in rows]
    return min(due) if {row.state for row in rows} == {OutboxState.PENDING.value} else None


def _pieces(key: str) -> ColumnElement[bool]:
    return or_(outbox.c.key == key, outbox.c.key.startswith(f"{key}#", autoescape=True))


async def queue_seats(tx: AsyncConnection, promoted: Sequence[Registration], now: datetime) -> None:
    """Tell those who moved up from the waiting list; ``promoted`` as they were before."""
    await queue(
        tx,
        [
            {
                "key": f"seat:{r.id}:{r.revision + 1}",
                "lane": Lane.BULK.value,
                "kind": Kind.NOTICE.value,
                "detail": SEAT,
                "person_id": r.person_id,
                "registration_id": r.id,
                "due_at": now,
            }
            for r in promoted
        ],
    )


_ROW = (
    outbox.c.id,
    outbox.c.key,
    outbox.c.kind,
    outbox.c.detail,
    outbox.c.person_id,
    outbox.c.registration_id,
    outbox.c.channel,
    outbox.c.value,
    outbox.c.payload,
    outbox.c.due_at,
    outbox.c.expires_at,
    outbox.c.attempts,
    outbox.c.token,
    outbox.c.doubts,
)


def _row(r: Any, *, followed: bool = False) -> Row:
    address = Address(channel_named(r[6]), r[7]) if r[6] else None
    mine = r[0], r[1], Kind(r[2]), r[3], r[4], r[5], address, r[8], r[9], r[10], r[11], r[12], r[13]
    return Row(*mine, followed=followed)


_NOW = bindparam("now", type_=outbox.c.due_at.type)
#: What was due before then waits for staff (``db.heartbeats``).
_HELD = func.coalesce(
    select(heartbeats.c.at).where(heartbeats.c.name == HOLD).scalar_subquery(),
    bindparam("ever", datetime(1970, 1, 1, tzinfo=UTC), type_=outbox.c.due_at.type),
    type_=outbox.c.due_at.type,
)
_EARLIER = outbox.alias()
# Written out: among what an UPDATE returns, SQLAlchemy leaves the tables' names away, and both would be one. What is
# returned has no type in SQLite, which takes the index only for text, and not instead of it the table's own order.
_FOLLOWED: ColumnElement[bool] = literal_column(
    "EXISTS (SELECT 1 FROM outbox AS later WHERE later.state IN ('pending', 'sending')"
    " AND later.channel = CAST(outbox.channel AS TEXT) AND later.value = CAST(outbox.value AS TEXT)"
    " AND +later.id > outbox.id AND outbox.value <> '')"
)
_DUE = (
    select(outbox.c.id)
    .where(
        outbox.c.state == _PENDING,
        # One at a time for each recipient, in their order: a hundred messages for one chat keep nobody else waiting.
        ~exists().where(
            _EARLIER.c.state.op("IN")(_UNFINISHED),
            _EARLIER.c.lane == bindparam("queue"),
            _EARLIER.c.channel == outbox.c.channel,
            _EARLIER.c.value == outbox.c.value,
            _EARLIER.c.due_at.between(_HELD, _NOW),
            or_(_EARLIER.c.expires_at.is_(None), _EARLIER.c.expires_at > _NOW),
            # What was put off for long does not hold up what came after it.
            or_(
                _EARLIER.c.next_at.is_(None),
                _EARLIER.c.next_at <= bindparam("in_line", type_=outbox.c.next_at.type),
            ),
            _EARLIER.c.id < outbox.c.id,
            outbox.c.value != "",
        ),
        outbox.c.lane == bindparam("queue"),
        outbox.c.due_at.between(_HELD, _NOW),
        or_(outbox.c.next_at.is_(None), has_come(outbox.c.next_at)),
        or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > _NOW),
        outbox.c.channel.not_in(bindparam("without", expanding=True)),
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
# Built once: that takes longer than running it.
_CLAIM = (
    update(outbox)
    .where(outbox.c.id.in_(_DUE.scalar_subquery()))
    .values(
        state=OutboxState.SENDING.value,
        token=bindparam("claim"),
        lease_until=bindparam("until"),
        attempts=outbox.c.attempts + 1,
    )
    .returning(
        *_ROW,
        _FOLLOWED,
    )
)


@dataclass(frozen=True, slots=True)
class Look:
    """The lanes in which something is ``due``; whether there are reminders to plan.

    When the next message is due after now.
    """

    due: tuple[Lane, ...]
    unplanned: bool
    next_due: datetime | None


def _in(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    return (outbox.c.state == _PENDING, outbox.c.lane == lane.value)


_LOOK = select(
    exists().where(UNPLANNED),
    *(exists().where(*_in(lane), outbox.c.due_at.between(_HELD, _NOW)) for lane in Lane),
    *(
        select(outbox.c.due_at)
        .where(*_in(lane), outbox.c.due_at > _NOW)
        .order_by(outbox.c.due_at)
        .limit(1)
        .scalar_subquery()
        for lane in Lane
    ),
)


async def look(tx: AsyncConnection, now: datetime) -> Look:
    """What there is to do now, and when there will be more; held by nobody."""
    unplanned, *found = (await tx.execute(_LOOK, {"now": now})).one()
    due, later = found[: len(Lane)], [at for at in found[len(Lane) :] if at is not None]
    return Look(
        tuple(lane for lane, is_due in zip(Lane, due, strict=True) if is_due), bool(unplanned), min(later, default=None)
    )


async def next_try(tx: AsyncConnection, now: datetime, real_now: datetime) -> datetime | None:
    """When the first of those that are due and were put off is tried again (real time)."""
    query = select(func.min(outbox.c.next_at)).where(
        outbox.c.state == _PENDING,
        outbox.c.lane.in_([lane.value for lane in Lane]),
        outbox.c.due_at.between(_HELD, _NOW),
        outbox.c.next_at > real_now,
    )
    found: datetime | None = (await tx.execute(query, {"now": now})).scalar()
    return found


async def claim(
    tx: AsyncConnection,
    *,
    lane: Lane,
    now: datetime,
    real_now: datetime,
    lease: timedelta,
    limit: int,
    without: Sequence[str] = (),
) -> list[Row]:
    """Up to ``limit`` due messages of a lane, the earliest of each recipient, marked ``sending`` with one token.

    ``without``: channels that have enough in flight; a slow mail server must not keep chats waiting.

    ``now``: the clock that meetings follow. ``real_now``: real time, for leases and back-off, which no moved clock may
    touch. What expired meanwhile is not claimed, nor what is held for staff.
    """
    given = real(real_now) | {
        "now": now,
        "in_line": real_now + _IN_LINE,
        "queue": lane.value,
        "without": list(without),
        "most": limit,
        "claim": secrets.token_hex(8),
        "until": real_now + lease,
    }
    rows = [_row(r, followed=bool(r[-1])) for r in (await tx.execute(_CLAIM, given)).all()]
    return sorted(rows, key=lambda r: (r.due_at, r.id))


async def held_rows(tx: AsyncConnection, before: datetime, *, most: int) -> list[Row]:
    """The first of those that ``db.heartbeats.past_due`` counts, as the outbox worker would have them in hand."""
    query = (
        select(*_ROW)
        .where(outbox.c.state == _PENDING, outbox.c.due_at < before)
        .where(outbox.c.expires_at.is_(None) | (outbox.c.expires_at > before))
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(most)
    )
    return [_row(r) for r in (await tx.execute(query)).all()]


async def expire(tx: AsyncConnection, now: datetime) -> int:
    """Close what is too late to send: a reminder of a meeting that has begun."""
    done = await tx.execute(
        update(outbox)
        .where(outbox.c.state == _PENDING, outbox.c.expires_at <= now)
        .values(state=OutboxState.EXPIRED.value, payload=None)
    )
    return done.rowcount


def _settling(number: ColumnElement[int], claim: ColumnElement[str], peer: ColumnElement[str]) -> Update:
    return (
        update(outbox)
        .where(outbox.c.id == number, outbox.c.token == claim, outbox.c.state == _SENDING)
        .values(
            state=OutboxState.SENT.value,
            sent_at=bindparam("at"),
            payload=None,
            lease_until=None,
            reference=peer,
            error="",
            value=case(
                (and_(outbox.c.person_id.is_(None), outbox.c.kind == Kind.REPLY.value), ""), else_=outbox.c.value
            ),
        )
    )


_SENT = _settling(bindparam("number"), bindparam("claim"), bindparam("peer"))


@cache
def _all_sent(dialect: str) -> Update:
    arrived = given(dialect, number=outbox.c.id, claim=outbox.c.token, peer=outbox.c.reference)
    return _settling(arrived.c.number, arrived.c.claim, arrived.c.peer)


async def settle_sent(tx: AsyncConnection, row: Row, *, reference: str, now: datetime) -> bool:
    """The peer accepted it: the person knows.

    The words are forgotten; the address too when the person is not a known one.
    """
    if row.told is not None and row.registration_id is not None:
        await note_told(tx, row.registration_id, row.told)
    await _outdate(tx, [row])
    return bool((await tx.execute(_SENT, {**_sent(row, reference), "at": now})).rowcount)


async def settle_all_sent(tx: AsyncConnection, arrived: Sequence[tuple[Row, str]], now: datetime) -> None:
    """As ``settle_sent``, for many in one go; each with its reference."""
    told = {r.registration_id: r.told for r, _ in arrived if r.told is not None and r.registration_id is not None}
    if told:
        await note_all_told(tx, told)
    await _outdate(tx, [row for row, _ in arrived])
    rows = [_sent(row, reference) for row, reference in arrived]
    await tx.execute(_all_sent(tx.dialect.name), {"given": rows, "at": now})


def _sent(row: Row, reference: str) -> dict[str, Any]:
    return {"number": row.id, "claim": row.token, "peer": reference[:400]}


async def settle_later(tx: AsyncConnection, row: Row, *, error: str, next_at: datetime) -> bool:
    """Not now: try again at ``next_at`` (real time)."""
    return await _settle(
        tx,
        row,
        {"state": OutboxState.PENDING.value, "next_at": next_at, "error": error[:300], "lease_until": None},
    )


async def put_off(tx: AsyncConnection, row: Row, due_at: datetime) -> bool:
    """Due later (on the meetings' clock) after all, as if it had not been claimed."""
    values = {"state": OutboxState.PENDING.value, "due_at": due_at, "lease_until": None, "attempts": row.attempts - 1}
    return await _settle(tx, row, values)


async def note_address(tx: AsyncConnection, row: Row, address: Address) -> None:
    """It goes to the address that was used last, not to the one that was known when it was planned."""
    mine = and_(outbox.c.id == row.id, outbox.c.token == row.token)
    await tx.execute(update(outbox).where(mine).values(channel=address.channel.value, value=address.value))


async def note_uncertain(tx: AsyncConnection, row: Row) -> None:
    """Count that nobody knows whether this attempt arrived."""
    await tx.execute(
        update(outbox).where(outbox.c.id == row.id, outbox.c.token == row.token).values(doubts=outbox.c.doubts + 1)
    )


async def move_row(tx: AsyncConnection, row: Row, value: str) -> bool:
    """The address has a new value (a group became a supergroup): send there."""
    return await _settle(tx, row, {"state": OutboxState.PENDING.value, "value": value, "lease_until": None})


async def settle_as(tx: AsyncConnection, row: Row, state: OutboxState, *, error: str) -> bool:
    """Closed for good (failed, void) or parked (unsure)."""
    keep = state is OutboxState.UNSURE
    if keep and row.kind is Kind.NOTICE and row.registration_id is not None:
        await note_told(tx, row.registration_id, {})  # it may have arrived: the next notice says all there is
    if state is OutboxState.FAILED:
        await _outdate(tx, [row])
        await note_lost(tx, row.id)
    values: dict[str, Any] = {"state": state.value, "error": error[:300], "lease_until": None}
    return await _settle(tx, row, values if keep else values | {"payload": None})


async def note_lost(tx: AsyncConnection, number: int) -> None:
    """The message with this number did not arrive. Who had only this confirmation was told nothing of the meeting."""
    newer = outbox.alias()
    follows = newer.c.registration_id == outbox.c.registration_id, newer.c.id > outbox.c.id
    whose = select(outbox.c.registration_id).where(
        outbox.c.id == number,
        outbox.c.kind == Kind.REPLY.value,
        outbox.c.detail == CONFIRMATION,
        ~exists().where(*follows, newer.c.state == OutboxState.SENT.value),
    )
    await tx.execute(update(registrations).where(registrations.c.id.in_(whose)).values(told=LOST))


async def _outdate(tx: AsyncConnection, rows: Sequence[Row]) -> None:
    """What did not arrive before of a meeting's changes is needless: these notices say all that is not known."""
    told = {row.id: row.registration_id for row in rows if row.kind is Kind.NOTICE and row.detail != SEAT}
    if not told:
        return
    newer = outbox.alias()
    follows = newer.c.registration_id == outbox.c.registration_id, newer.c.id > outbox.c.id
    older = _CHANGES_LOST, outbox.c.registration_id.in_(told.values()), exists().where(newer.c.id.in_(told), *follows)
    await tx.execute(update(outbox).where(*older).values(state=OutboxState.VOID.value, payload=None))


async def _settle(tx: AsyncConnection, row: Row, values: dict[str, Any]) -> bool:
    done = await tx.execute(
        update(outbox)
        .where(outbox.c.id == row.id, outbox.c.token == row.token, outbox.c.state == _SENDING)
        .values(**values)
    )
    return bool(done.rowcount)


async def claim_uncertain(tx: AsyncConnection, real_now: datetime, *, without: Collection[int] = ()) -> list[Row]:
    """Rows whose worker died or hung: ``sending`` past their lease. They get a new token, so the old claim is void.

    ``without``: rows that this process still has in hand.
    """
    statement = (
        update(outbox)
        .where(outbox.c.state == _SENDING, has_come(outbox.c.lease_until), outbox.c.id.not_in(without))
        .values(token=secrets.token_hex(8), lease_until=real_now + timedelta(minutes=1), doubts=outbox.c.doubts + 1)
        .returning(*_ROW)
    )
    return [_row(r) for r in (await tx.execute(statement, real(real_now))).all()]


async def next_due(tx: AsyncConnection, now: datetime) -> tuple[datetime, Kind] | None:
    """When the next message after ``now`` leaves, and what it is."""
    query = select(outbox.c.due_at, outbox.c.kind).where(outbox.c.state == _PENDING, outbox.c.due_at > now, LEAVES)
    found = (await tx.execute(query.order_by(outbox.c.due_at).limit(1))).first()
    return (found[0], Kind(found[1])) if found else None


async def send_again(tx: AsyncConnection, numbers: Collection[int]) -> int:
    """Let these parked messages go once more, as if they had never been tried; how many of them were parked."""
    done = await tx.execute(
        update(outbox)
        .where(outbox.c.id.in_(numbers), outbox.c.state == OutboxState.UNSURE.value)
        .values(state=OutboxState.PENDING.value, attempts=0, next_at=None)
    )
    put_in(tx, Queue.PLAN)
    return done.rowcount


async def uncertain_rows(tx: AsyncConnection) -> list[dict[str, Any]]:
    """The rows that were ever in doubt, and what became of them; without anybody's words or address."""
    columns = (
        outbox.c.id,
        outbox.c.key,
        outbox.c.kind,
        outbox.c.channel,
        outbox.c.due_at,
        outbox.c.state,
        outbox.c.doubts,
    )
    query = select(*columns).where(text(IN_DOUBT)).order_by(outbox.c.id)
    return [dict(r) for r in (await tx.execute(query)).mappings().all()]


async def void_of_meeting(tx: AsyncConnection, meeting_id: int) -> None:
    """Void the reminders and notices still to go out for a meeting.

    The word that a seat became free stays: it is true whatever the meeting's hour.
    """
    of_meeting = select(registrations.c.id).where(registrations.c.meeting_id == meeting_id)
    await tx.execute(
        update(outbox)
        .where(
            outbox.c.registration_id.in_(of_meeting),
            outbox.c.state == _PENDING,
            outbox.c.kind.in_([Kind.REMINDER.value, Kind.NOTICE.value]),
            outbox.c.detail != SEAT,
        )
        .values(state=OutboxState.VOID.value)
        .execution_options(**LONG)
    )


async def void_lost_changes(tx: AsyncConnection, of: ColumnElement[bool]) -> None:
    """Void the notices of changes that did not arrive for these registrations: the meeting is as they know it."""
    lost = _CHANGES_LOST, outbox.c.registration_id.in_(select(registrations.c.id).where(of))
    await tx.execute(update(outbox).where(*lost).values(state=OutboxState.VOID.value, payload=None))


async def count_reminders(tx: AsyncConnection, *, meeting_id: int | None, besides: Collection[int]) -> int:
    """How many reminders will still go out of a meeting (``None``: of none), and of these registrations besides."""
    of_meeting = select(registrations.c.id).where(registrations.c.meeting_id == meeting_id)
    theirs = or_(outbox.c.registration_id.in_(of_meeting), outbox.c.registration_id.in_(besides))
    query = select(func.count()).where(outbox.c.state == _PENDING, outbox.c.kind == Kind.REMINDER.value, theirs)
    query = query.where(is_reached(outbox.c.person_id))
    return int((await tx.execute(query)).scalar_one())


async def count_notices(tx: AsyncConnection, meeting_id: int) -> int:
    """How many messages are still to leave about what changed of a meeting; none for whom it reaches nowhere."""
    of_meeting = select(registrations.c.id).where(registrations.c.meeting_id == meeting_id)
    notice = (outbox.c.state == _PENDING, outbox.c.kind == Kind.NOTICE.value, outbox.c.detail != SEAT)
    query = select(func.count()).where(*notice, outbox.c.registration_id.in_(of_meeting), IS_REACHED)
    return int((await tx.execute(query)).scalar_one())


async def reminded(tx: AsyncConnection, ids: Collection[int]) -> set[tuple[int, str]]:
    """``(registration, offset)`` of the reminders of these registrations that went out, or perhaps did."""
    tried = [OutboxState.SENDING.value, OutboxState.SENT.value, OutboxState.UNSURE.value]
    query = select(outbox.c.registration_id, outbox.c.detail).where(
        outbox.c.registration_id.in_(ids), outbox.c.kind == Kind.REMINDER.value, outbox.c.state.in_(tried)
    )
    return {(r[0], r[1]) for r in (await tx.execute(query)).all()}
