"""Lists of the console: columns by name, search, filters, order, pages. Pages choose names; the SQL stands here."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, FromClause, Select, Table, and_, func, or_, select

from conversation.times import local_zone
from db.engine import Transaction
from db.models import audit, people, staff

#: Rows that are fetched at once of a list that is read whole: some milliseconds.
_AT_ONCE = 500
#: A filter: from what was chosen to a condition; ``None`` for what says nothing.
Condition = Callable[[str], ColumnElement[bool] | None]


@dataclass(frozen=True, slots=True)
class Listing:
    """``base``: the table that has a row for each.

    ``source``: it with those that say more of each, joined, none more than once.

    ``columns``: what rows hold, by name; ``key``: the name of the one that tells rows apart, a column of ``base``.
    ``searched``: the columns in which words are looked for, each with what leads to its table;
    ``conditions``: filters by name; ``order``: the name of a column, with ``-`` for the greatest first.
    """

    base: Table
    source: FromClause
    columns: Mapping[str, ColumnElement[Any]]
    key: str
    order: str
    searched: Mapping[Column[Any], ColumnElement[Any]] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a page asks of a list.

    Names that the list does not know count for nothing. ``limit``: rows at most, ``None`` for all.
    """

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    offset: int = 0
    limit: int | None = None


async def count_rows(tx: Transaction, listing: Listing, wanted: ListQuery) -> int:
    """How many rows there are in all pages."""
    where = _where(listing, wanted)
    query = select(func.count()).select_from(_needed(listing, [where])).where(where)
    return int((await tx.execute(query)).scalar_one())


async def count_different(tx: Transaction, listing: Listing, wanted: ListQuery, column: str) -> int:
    """How many different values of a column there are in all pages: people, of their registrations."""
    where, counted = _where(listing, wanted), listing.columns[column]
    query = select(func.count(counted.distinct())).select_from(_needed(listing, [counted, where])).where(where)
    return int((await tx.execute(query)).scalar_one())


async def read_rows(tx: Transaction, listing: Listing, wanted: ListQuery) -> list[dict[str, Any]]:
    """The rows of one page, each by the names of its columns."""
    return [dict(row) for row in (await tx.execute(_rows(listing, wanted))).mappings().all()]


async def stream_rows(tx: Transaction, listing: Listing, wanted: ListQuery) -> AsyncIterator[list[dict[str, Any]]]:
    """As ``read_rows``, a few hundred at a time: for all rows of a long list, while others have their turn."""
    found = await tx.stream(_rows(listing, wanted), execution_options={"yield_per": _AT_ONCE})
    async for rows in found.mappings().partitions():
        yield [dict(row) for row in rows]


def _rows(listing: Listing, wanted: ListQuery) -> Select[Any]:
    """Which rows is decided first, by as few tables as can decide it: what else is shown is read only of these."""
    where, order = _where(listing, wanted), _order(listing, wanted)
    key = listing.columns[listing.key]
    chosen = select(key).select_from(_needed(listing, [where, *order])).where(where).order_by(*order)
    chosen = chosen.correlate(None).offset(wanted.offset).limit(wanted.limit)
    query = select(*(c.label(name) for name, c in listing.columns.items())).select_from(listing.source)
    if wanted.limit is None:
        return query.where(where).order_by(*order)
    return query.where(key.in_(chosen)).order_by(*order)


def _needed(listing: Listing, clauses: Sequence[ColumnElement[Any]]) -> FromClause:
    """The base alone, where these clauses ask for nothing else."""
    return listing.base if set(select(*clauses).get_final_froms()) <= {listing.base} else listing.source


def _where(listing: Listing, wanted: ListQuery) -> ColumnElement[bool]:
    words = wanted.search.lower().split()
    parts = [or_(*(_found(word, column, via) for column, via in listing.searched.items())) for word in words]
    for name, value in wanted.filters.items():
        condition = listing.conditions[name](value) if value and name in listing.conditions else None
        if condition is not None:
            parts.append(condition)
    return and_(True, *parts)


def _found(word: str, column: Column[Any], via: ColumnElement[Any]) -> ColumnElement[bool]:
    """Looked for once in the table where it stands, not once for each row that leads there."""
    there: Any = column.table
    return via.in_(select(there.c.id).where(func.lower(column).contains(word, autoescape=True)))


def _order(listing: Listing, wanted: ListQuery) -> list[ColumnElement[Any]]:
    name = wanted.order if wanted.order.removeprefix("-") in listing.columns else listing.order
    key = listing.columns[listing.key]
    column = listing.columns[name.removeprefix("-")]
    return [column.desc(), key.desc()] if name.startswith("-") else [column, key]


def since(column: ColumnElement[Any]) -> Condition:
    """From a day on (2026-01-31), local time."""
    return lambda value: None if (at := _start(value)) is None else column >= at


def until(column: ColumnElement[Any]) -> Condition:
    """To the end of a day, local time."""
    return lambda value: None if (at := _start(value, 1)) is None else column < at


def from_day(column: ColumnElement[Any]) -> Condition:
    """Of a column of days: from one on (2026-01-31)."""
    return lambda value: None if (day := _day(value)) is None else column >= day


def equal(column: ColumnElement[Any]) -> Condition:
    """One value of several, as text."""
    return lambda value: column == value


def numbered(column: ColumnElement[Any]) -> Condition:
    """A number; what is none finds nothing."""
    return lambda value: column == (int(value) if value.isdecimal() and len(value) < 10 else -1)


def among(column: ColumnElement[Any]) -> Condition:
    """Some numbers, between commas; without any nothing is found."""
    return lambda value: column.in_([int(n) for n in value.split(",") if n.isdecimal() and len(n) < 10])


def _start(value: str, days: int = 0) -> datetime | None:
    return None if (day := _day(value, days)) is None else datetime.combine(day, time(), local_zone())


def _day(value: str, days: int = 0) -> date | None:
    try:
        return date.fromisoformat(value) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None


#: Who did what. ``by``: the operator's name, empty for citizens and the bot itself; ``person``: the name of whom it is
#: about, where they are still known by one.
AUDIT = Listing(
    audit,
    audit.outerjoin(staff, staff.c.id == audit.c.staff_id).outerjoin(people, people.c.id == audit.c.person_id),
    {
        "id": audit.c.id,
        "at": audit.c.at,
        "action": audit.c.action,
        "person_id": audit.c.person_id,
        "person": func.coalesce(people.c.name, ""),
        "subject": audit.c.subject,
        "data": audit.c.data,
        "by": func.coalesce(func.nullif(staff.c.name, ""), staff.c.email, audit.c.staff_name),
    },
    key="id",
    order="-at",
    conditions={
        "action": equal(audit.c.action),
        "by": numbered(audit.c.staff_id),
        "since": since(audit.c.at),
        "until": until(audit.c.at),
    },
)


async def actions(tx: Transaction) -> list[str]:
    """The kinds of lines that the registry holds."""
    return list((await tx.execute(select(audit.c.action).distinct().order_by(audit.c.action))).scalars().all())
