"""Lists of the console: columns by name, search, filters, order, pages. Pages choose names; the SQL stands here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select

from conversation.times import local_zone
from db.engine import Transaction
from db.models import audit, staff

#: A filter: from what was chosen to a condition; ``None`` for what says nothing.
Condition = Callable[[str], ColumnElement[bool] | None]


@dataclass(frozen=True, slots=True)
class Listing:
    """``columns``: what rows hold, by name; ``key``: the name of the one that tells rows apart.

    ``searched``: the names of columns in which words are looked for; ``conditions``: filters by name; ``order``: the name of a
    column, with ``-`` for the greatest first.
    """

    source: FromClause
    columns: Mapping[str, ColumnElement[Any]]
    key: str
    order: str
    searched: tuple[str, ...] = ()
    conditions: Mapping[str, Condition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a page asks of a list. Names that the list does not know count for nothing. ``limit``: rows at most, ``None`` for all."""

    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    offset: int = 0
    limit: int | None = None


async def count_rows(tx: Transaction, listing: Listing, wanted: Wanted) -> int:
    """How many rows there are in all pages."""
    query = select(func.count()).select_from(listing.source).where(_where(listing, wanted))
    return int((await tx.execute(query)).scalar_one())


async def read_rows(tx: Transaction, listing: Listing, wanted: Wanted) -> list[dict[str, Any]]:
    """The rows of one page, each by the names of its columns."""
    query = select(*(c.label(name) for name, c in listing.columns.items())).select_from(listing.source)
    query = query.where(_where(listing, wanted)).order_by(*_order(listing, wanted)).offset(wanted.offset)
    if wanted.limit is not None:
        query = query.limit(wanted.limit)
    return [dict(row) for row in (await tx.execute(query)).mappings().all()]


def _where(listing: Listing, wanted: Wanted) -> ColumnElement[bool]:
    parts = []
    for word in wanted.search.lower().split():
        found = (func.lower(listing.columns[name]).contains(word, autoescape=True) for name in listing.searched)
        parts.append(or_(*found))
    for name, value in wanted.filters.items():
        condition = listing.conditions[name](value) if value and name in listing.conditions else None
        if condition is not None:
            parts.append(condition)
    return and_(True, *parts)


def _order(listing: Listing, wanted: Wanted) -> list[ColumnElement[Any]]:
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


def equal(column: ColumnElement[Any]) -> Condition:
    """One value of several, as text."""
    return lambda value: column == value


def numbered(column: ColumnElement[Any]) -> Condition:
    """A number; what is none finds nothing."""
    return lambda value: column == (int(value) if value.isdecimal() and len(value) < 10 else -1)


def _start(value: str, days: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(value) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime.combine(day, time(), local_zone())


#: Who did what. ``by``: the operator's name, empty for citizens and the bot itself.
AUDIT = Listing(
    audit.outerjoin(staff, staff.c.id == audit.c.staff_id),
    {
        "id": audit.c.id,
        "at": audit.c.at,
        "action": audit.c.action,
        "person_id": audit.c.person_id,
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
