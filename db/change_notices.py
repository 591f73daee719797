"""Who had the update of a meeting: what became of the notices of its last change, and who had what was taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, and_, case, cast, desc, exists, func, not_, or_, select

from db.engine import Transaction
from db.models import Kind, OutboxState, outbox, people, registrations
from db.not_arrived import IS_SEEN_TO, LAST_ADDRESS, STOPPED, Stopped, seen_to_by
from db.outbox import IS_CORRECTION, IS_REACHED, SEAT
from db.single_messages import IS_STOPPED, stopped_by

__all__ = ["ChangeNotices", "NoticeTo", "notices_at"]


@dataclass(frozen=True, slots=True)
class NoticeTo:
    """The notice of a meeting's last change to one person: what became of it.

    ``stopped_by``, ``seen_to_by``: who of the staff stopped it, or saw to it when it did not arrive; else empty.
    ``is_reached``: it goes, or went, to an address. ``phone``: by which they are told by voice; empty where
    none is kept.
    """

    person: int
    name: str
    state: str
    stopped_by: str
    seen_to_by: str
    is_reached: bool
    phone: str
    #: What is kept with it of one that failed; channel, reason and since when of an address that works no more.
    error: str
    stopped: Stopped


@dataclass(frozen=True, slots=True)
class ChangeNotices:
    """Of the notices of a meeting's last change: how many there are, and what became of so many.

    ``corrections``: so many of them say that a change was taken back. ``open``: the first of those who have not had it,
    by registration.

    ``before``: so many had had what the corrections take back; ``had``: the first of them, by registration.
    """

    notices: int = 0
    sent: int = 0
    stopped: int = 0
    seen_to: int = 0
    corrections: int = 0
    open: Sequence[NoticeTo] = ()
    before: int = 0
    had: Sequence[NoticeTo] = ()


#: SQL: "notice:REGISTRATION:", which the meeting's revision follows (``db.listeners.notice_key``).
_STEM: ColumnElement[str] = "notice:" + cast(registrations.c.id, String) + ":"
_REVISION = cast(func.substr(outbox.c.key, func.length(_STEM) + 1), Integer)
#: SQL: a notice of a change of a meeting that people hear of. One that was needless is none: they know.
_OF_CHANGE = and_(
    outbox.c.kind == Kind.NOTICE.value,
    outbox.c.detail != SEAT,
    or_(outbox.c.state != OutboxState.VOID.value, IS_STOPPED, IS_SEEN_TO),
)
_IS_SENT = outbox.c.state == OutboxState.SENT.value
_THEIRS = registrations.join(outbox, outbox.c.registration_id == registrations.c.id)


_NUMBERS = (
    func.count().label("notices"),
    *(
        func.count(case((one, 1))).label(name)
        for name, one in {
            "sent": _IS_SENT,
            "stopped": IS_STOPPED,
            "seen_to": IS_SEEN_TO,
            "corrections": IS_CORRECTION,
        }.items()
    ),
)


async def notices_at(tx: Transaction, meeting_id: int, most: int) -> ChangeNotices:
    """What became of the notices of the last change that people were to hear of. ``most``: to name.

    One that was taken back before anybody heard of it has none: the one before it counts, which is so again. Where the
    taking back was taken back, those who had had the change count with those who are to hear of it now.
    """
    at_it = registrations.c.meeting_id == meeting_id
    query = select(_REVISION.label("change"), *_NUMBERS).select_from(_THEIRS).where(_OF_CHANGE, at_it)
    changes = (await tx.execute(query.group_by("change").order_by(desc("change")))).all()
    if not changes:
        return ChangeNotices()
    last, *older = changes
    these = and_(at_it, _of(last.change))
    if older and not last.corrections and await _is_so_again(tx, at_it, older[0].change, last.change):
        these = and_(at_it, or_(_of(last.change), and_(_of(older[0].change), ~_has_notice(last.change))))
        last = (await tx.execute(select(*_NUMBERS).select_from(_THEIRS).where(_OF_CHANGE, these))).one()
    left = await _named(tx, and_(these, not_(_IS_SENT)), most)
    heard = ChangeNotices(last.notices, last.sent, last.stopped, last.seen_to, last.corrections, left)
    # What was taken back last is no correction itself; that of which nothing was sent was heard by nobody.
    told = next((change for change in older if last.corrections and change.sent and not change.corrections), None)
    if told is None:
        return heard
    return replace(heard, before=told.sent, had=await _named(tx, and_(at_it, _of(told.change), _IS_SENT), most))


def _of(revision: int) -> ColumnElement[bool]:
    """SQL: the notice of this change."""
    return outbox.c.key == _STEM + str(revision)


def _has_notice(revision: int) -> ColumnElement[bool]:
    """SQL: the registration has a notice of this change, too."""
    other = outbox.alias()
    return exists().where(other.c.key == _STEM + str(revision)).correlate(registrations)


async def _is_so_again(tx: Transaction, at_it: ColumnElement[bool], before: int, last: int) -> bool:
    """Whether a correction of the change ``before`` was given up for the ``last``: who is not told again knows it."""
    given_up = outbox.c.state == OutboxState.VOID.value, IS_CORRECTION, outbox.c.kind == Kind.NOTICE.value
    # Compared here: of other messages, which a condition may be asked of first, that is no number.
    found = await tx.execute(select(_REVISION).distinct().select_from(_THEIRS).where(at_it, *given_up))
    return any(before < revision < last for revision in found.scalars())


async def _named(tx: Transaction, which: ColumnElement[bool], most: int) -> list[NoticeTo]:
    # Which they are first: of thousands the last address would be looked for before they are put in order.
    first = select(outbox.c.id).select_from(_THEIRS).where(_OF_CHANGE, which).order_by(registrations.c.id).limit(most)
    query = (
        select(outbox.c.person_id, people.c.name, outbox.c.state, outbox.c.error, IS_REACHED, people.c.phone, *STOPPED)
        .select_from(outbox.join(people, people.c.id == outbox.c.person_id).outerjoin(*LAST_ADDRESS))
        .where(outbox.c.id.in_(first))
        .order_by(outbox.c.registration_id)
    )
    return [_hearing(*row) for row in (await tx.execute(query)).all()]


def _hearing(person: int, name: str, state: str, error: str, is_reached: Any, phone: str, *stopped: Any) -> NoticeTo:
    by = stopped_by(state, error), seen_to_by(state, error)
    return NoticeTo(person, name, state, *by, bool(is_reached), phone, error, Stopped(*stopped))
