"""What lines of the registry are about ("meeting:2"), while it is still there to be looked at."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, String, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import InboxState, broadcasts, hand_overs, inbox, meetings, pact_organisations, taught

#: Digits of a number that the database can hold.
_DIGITS = 9
_NUMBERS: dict[str, Column[int]] = {
    "meeting": meetings.c.id,
    "question": hand_overs.c.id,
    "inbox": inbox.c.id,
    "broadcast": broadcasts.c.id,
    "organisation": pact_organisations.c.organisation_id,
}
_FACT = "fact"


class Subject(NamedTuple):
    """``number``: of its page; ``title``: of a fact that the office taught, empty for what is called by its number."""

    number: int
    title: str


async def subjects_there(tx: AsyncConnection, subjects: Collection[str]) -> dict[str, Subject]:
    """Those of these subjects that have a page."""
    named: dict[str, list[str]] = {}
    for subject in subjects:
        kind, _, name = subject.partition(":")
        named.setdefault(kind, []).append(name)
    rows = (await tx.execute(union_all(*_queries(named)))).all()
    return {f"{kind}:{name}": Subject(number, title) for kind, name, number, title in rows}


def _queries(named: dict[str, list[str]]) -> Iterator[Select[Any]]:
    for kind, number in _NUMBERS.items():
        found: ColumnElement[bool] = number.in_(_numbers(named.get(kind, ())))
        if number is inbox.c.id:  # a letter that was seen to has no page any more
            found &= inbox.c.state == InboxState.SET_ASIDE.value
        called: tuple[Any, ...] = (literal(kind), cast(number, String), number, literal(""))
        yield select(*called).where(found)
    newest = select(func.max(taught.c.id)).where(taught.c.fact_id.in_(named.get(_FACT, ()))).group_by(taught.c.fact_id)
    called = (literal(_FACT), taught.c.fact_id, taught.c.id, taught.c.title["it"].as_string())
    yield select(*called).where(taught.c.id.in_(newest))


def _numbers(names: Iterable[str]) -> list[int]:
    return [int(name) for name in names if name.isdecimal() and len(name) <= _DIGITS]
