"""Whether anything is left of somebody: every table is looked through for their addresses and their number."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, LargeBinary, String, Table, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.message import Address
from db.models import metadata, people, purges, staff

#: ``staff``: who works at the office is known there by that; ``purges``: whose letters are still to leave the mailbox.
_APART = {staff, purges}
#: A number with fewer digits stands by chance in anything.
_TELLING = 6


@dataclass(frozen=True, slots=True)
class Traces:
    """``tables``: looked through; ``rows``: that hold something of them.

    ``letters``: of theirs are still to leave the mailbox.
    """

    tables: int
    rows: int
    letters: bool


async def traces_of(tx: AsyncConnection, person_id: int | None, at: Sequence[Address]) -> Traces:
    """What is left of whoever had that number and those addresses."""
    values = [each.value for each in at]
    looked = [table for table in metadata.sorted_tables if table not in _APART]
    rows = 0
    for table in looked:
        rows += await _rows_holding(tx, table, person_id, values)
    waiting = select(func.count()).select_from(purges).where(purges.c.value.in_(values))
    return Traces(len(looked), rows, letters=bool((await tx.execute(waiting)).scalar_one()))


async def _rows_holding(tx: AsyncConnection, table: Table, person_id: int | None, values: Sequence[str]) -> int:
    number = table.c.id if table is people else table.c.get("person_id")
    texts = [_as_text(c) for c in table.c if isinstance(c.type, String | JSON)]
    likely = [condition for text in texts for value in values for condition in _may_hold(text, value)]
    if number is not None and person_id is not None:
        likely.append(number == person_id)
    query = select(literal(None) if number is None else number, *texts).where(or_(False, *likely))
    rows = (await tx.execute(query)).all()
    found: int = sum(_holds(row[1:], values) or (row[0] is not None and row[0] == person_id) for row in rows)
    for column in (c for c in table.c if isinstance(c.type, LargeBinary)):
        found += await _bytes_holding(tx, table, column, values)
    return found


def _as_text(column: Column[Any]) -> ColumnElement[str]:
    return cast(column, String) if isinstance(column.type, JSON) else column


def _may_hold(column: ColumnElement[str], value: str) -> list[ColumnElement[bool]]:
    """What the database can tell; ``_holds`` looks more closely."""
    within = [func.lower(column).contains(value, autoescape=True)] if len(value) >= _TELLING else []
    return [column == value, *within]


def _holds(cells: Iterable[object], values: Sequence[str]) -> bool:
    """Whether a value stands there by itself: ada@posta.example is not in nada@posta.example."""
    said = [str(cell).lower() for cell in cells if cell is not None]
    if any(text in values for text in said):
        return True
    telling = [re.escape(value) for value in values if len(value) >= _TELLING]
    alone = re.compile(rf"(?<![\w.+-])(?:{'|'.join(telling)})(?![\w-])") if telling else None
    return alone is not None and any(alone.search(text) for text in said)


async def _bytes_holding(tx: AsyncConnection, table: Table, column: Column[Any], values: Sequence[str]) -> int:
    """Bytes are read here, one row at a time: databases look into them each in their own way."""
    key, found = next(iter(table.primary_key)), 0
    for number in (await tx.execute(select(key).where(column.is_not(None)))).scalars().all():
        content = (await tx.execute(select(column).where(key == number))).scalar_one_or_none()
        found += _holds([(content or b"").decode("utf-8", "replace")], values)
    return found
