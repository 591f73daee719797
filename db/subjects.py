"""What lines of the registry are about ("meeting:2"), while it is still there to be looked at."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from db.broadcasts import BroadcastState
from db.models import (
    InboxState,
    Instant,
    broadcasts,
    hand_overs,
    inbox,
    meetings,
    organisations,
    outbox,
    pact_organisations,
    registrations,
    sectors,
    taught,
)

#: Digits of a number that the database can hold.
_DIGITS = 9
_FACT = "fact"
_SECTOR = sectors.c.names["it"].as_string()
_NOTHING: ColumnElement[str] = literal("")


class Subject(NamedTuple):
    """What it is called, as far as is known.

    ``number``: of its page, which of a registration or a message is its meeting's; ``None``: there is none. ``title``:
    its own, or its meeting's sector; ``day``: the meeting's. ``person``: whose registration it is, or to whom the
    message goes; ``kind``, ``detail``: of the message, in the outbox.

    ``since``: when it was asked, written, stored; ``None`` where that is not known, or its number is never given again.
    """

    number: int | None
    title: str
    day: date | None
    person: int | None
    kind: str
    detail: str
    since: datetime | None

    def began_after(self, moment: datetime) -> bool:
        """It cannot be what was meant then: that one is gone, and its number was given again (SQLite does so)."""
        return self.since is not None and self.since > moment


async def subjects_there(tx: AsyncConnection, subjects: Collection[str]) -> dict[str, Subject]:
    """Those of these subjects that are still there."""
    named: dict[str, list[str]] = {}
    for subject in subjects:
        kind, _, name = subject.partition(":")
        named.setdefault(kind, []).append(name)
    rows = (await tx.execute(union_all(*_queries(named)))).all()
    return {f"{kind}:{name}": Subject(*found) for kind, name, *found in rows}


def _called(
    kind: str,
    name: ColumnElement[Any],
    number: ColumnElement[Any],
    title: ColumnElement[Any] = _NOTHING,
    *,
    day: Column[Any] | None = None,
    person: Column[Any] | None = None,
    message: tuple[ColumnElement[Any], ColumnElement[Any]] = (_NOTHING, _NOTHING),
    since: Column[Any] | None = None,
) -> Select[Any]:
    return select(
        literal(kind),
        cast(name, String),
        number,
        func.coalesce(title, ""),
        cast(null(), Date) if day is None else day,
        cast(null(), Integer) if person is None else person,
        *message,
        cast(null(), Instant) if since is None else since,
    )


def _queries(named: dict[str, list[str]]) -> Iterator[Select[Any]]:
    numbers = {kind: _numbers(names) for kind, names in named.items()}
    yield from _of_meetings(numbers)
    asked = _called("question", hand_overs.c.id, hand_overs.c.id, since=hand_overs.c.created_at)
    yield asked.where(_these(numbers, "question", hand_overs.c.id))
    # A letter that was seen to has no page any more.
    set_aside = inbox.c.state == InboxState.SET_ASIDE.value
    letter = _called("inbox", inbox.c.id, inbox.c.id, since=inbox.c.received_at)
    yield letter.where(_these(numbers, "inbox", inbox.c.id), set_aside)
    said = _called("broadcast", broadcasts.c.id, broadcasts.c.id, broadcasts.c.title, since=broadcasts.c.created_at)
    yield said.where(_these(numbers, "broadcast", broadcasts.c.id), broadcasts.c.state != BroadcastState.GONE.value)
    noted = pact_organisations.c.organisation_id
    called = _called("organisation", noted, noted, organisations.c.name, since=organisations.c.created_at)
    called = called.select_from(pact_organisations.join(organisations, organisations.c.id == noted))
    yield called.where(_these(numbers, "organisation", noted))
    newest = select(func.max(taught.c.id)).where(taught.c.fact_id.in_(named.get(_FACT, ()))).group_by(taught.c.fact_id)
    yield _called(_FACT, taught.c.fact_id, taught.c.id, taught.c.title["it"].as_string()).where(taught.c.id.in_(newest))


def _of_meetings(numbers: dict[str, list[int]]) -> Iterator[Select[Any]]:
    """What is called by its meeting."""
    of_sector = meetings.outerjoin(sectors, sectors.c.key == meetings.c.sector)
    theirs = outbox.outerjoin(registrations, registrations.c.id == outbox.c.registration_id)
    at_meeting = meetings.c.id == registrations.c.meeting_id
    called = partial(_called, number=meetings.c.id, title=_SECTOR, day=meetings.c.day)
    it = called("meeting", meetings.c.id)
    yield it.select_from(of_sector).where(_these(numbers, "meeting", meetings.c.id))
    of_whom, since = registrations.c.person_id, registrations.c.registered_at
    held = called("registration", registrations.c.id, person=of_whom, since=since)
    held = held.select_from(registrations.join(of_sector, at_meeting))
    yield held.where(_these(numbers, "registration", registrations.c.id))
    sent = called("outbox", outbox.c.id, person=outbox.c.person_id, message=(outbox.c.kind, outbox.c.detail))
    yield sent.select_from(theirs.outerjoin(of_sector, at_meeting)).where(_these(numbers, "outbox", outbox.c.id))


def _these(numbers: dict[str, list[int]], kind: str, number: Column[int]) -> ColumnElement[bool]:
    return number.in_(numbers.get(kind, ()))


def _numbers(names: Iterable[str]) -> list[int]:
    return [int(name) for name in names if name.isdecimal() and len(name) <= _DIGITS]
