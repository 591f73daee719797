"""A list as a page: what is shown of it, the form above it, its pages, its files. The SQL stands in ``db.lists``.

The address says it all: ``q`` words, the filters by their names, ``ordine``, ``pagina``, ``formato`` (csv, xlsx),
``stampa`` (the sheet, whose pages are longer).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from conversation.times import to_local
from db.engine import Transaction
from db.lists import Listing, ListQuery, count_different, count_rows, read_rows, stream_rows
from office.tables import MANY_NAMES, note_export, sheet_as
from web.console.frame import say_moment, speak_number
from web.console.visit import Visit
from web.console.words import count_people, whole
from web.headers import CONSOLE

_ROWS = 30
#: Rows on a page that is printed: whoever fills a hall, in no more time than a slow page takes.
_ROWS_ON_PAPER = 500
#: Rows in a file; a town has fewer registrations in all its years.
_MOST = 100_000
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

Row = Mapping[str, Any]
#: Puts something into each row of a page.
Adding = Callable[[Transaction, list[dict[str, Any]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Column:
    """``name``: of the listing's column; ``say``: how a row's cell reads (default: as it is); ``href``: where it leads.

    ``on_page``: stands on the page; ``in_file``: in files, which know no links. ``off_paper``: what follows it there,
    and is not printed; not of what leads somewhere.
    """

    name: str
    title: str
    say: Callable[[Row], object] | None = None
    href: Callable[[Row], str] | None = None
    sorts: bool = True
    number: bool = False
    on_page: bool = True
    in_file: bool = True
    off_paper: Callable[[Row], str] | None = None

    def cell(self, row: Row) -> "Cell":
        """On the page."""
        said, further = self._said(row), self.off_paper(row) if self.off_paper else ""
        return Cell(self.title, said, further, self.href(row) if self.href else "", self.number)

    def text(self, row: Row) -> object:
        """In a file."""
        said = self._said(row)
        return f"{said}{self.off_paper(row)}" if self.off_paper else said

    def _said(self, row: Row) -> object:
        return self.say(row) if self.say else row[self.name]


@dataclass(frozen=True, slots=True)
class Filter:
    """``options``: pairs of value and words, an empty value for all; without them a field of that ``type``."""

    name: str
    label: str
    options: Sequence[tuple[str, str]] = ()
    type: str = "text"


@dataclass(frozen=True, slots=True)
class ListPage:
    """``one``, ``many``: what a row is ("riga", "righe"); ``file``: the name of its files, empty for none.

    ``about``: what their name says they are of; without it, as of which day. ``names``: holds people's names.
    ``people``: the column with the person's number, where people are counted beside rows; empty where they are not.
    ``sheet``: the template in which it is printed, by ``name`` if not asked otherwise; empty for none;
    ``on_sheet``: its columns; ``off_paper``: which rows are not printed.
    """

    listing: Listing
    columns: Sequence[Column]
    caption: str
    one: str
    many: str
    filters: Sequence[Filter] = ()
    nothing: str = "Nessuna riga."
    file: str = ""
    about: str = ""
    names: bool = False
    people: str = ""
    sheet: str = ""
    on_sheet: Sequence[Column] = ()
    off_paper: Callable[[Row], bool] | None = None
    key: str = "id"


@dataclass(frozen=True, slots=True)
class Head:
    """A column's title; ``href``: sorts by it; ``sorted``: for ``aria-sort``, empty when it is not."""

    title: str
    href: str
    sorted: str
    number: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands there; ``off_paper``: after it, but not when it is printed."""

    title: str
    text: object
    off_paper: str
    href: str
    number: bool


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row. ``key``: what it is chosen by; ``off_paper``: it is not printed."""

    key: object
    cells: Sequence[Cell]
    off_paper: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter with what was chosen."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What the template ``list.html`` shows. ``print``: leads to the sheet; ``close``: from there to the list."""

    path: str
    caption: str
    said: str
    nothing: str
    query: str
    sort: str
    searches: bool
    is_filtered: bool
    exports: bool
    filters: Sequence[Chosen]
    heads: Sequence[Head]
    rows: Sequence[TableRow]
    page: int
    pages: int
    before: str = ""
    after: str = ""
    csv: str = ""
    xlsx: str = ""
    print: str = ""
    close: str = ""
    total: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """The address, read. ``fixed``: filters that the page itself sets."""

    query: Mapping[str, str]
    path: str
    fixed: Mapping[str, str] = field(default_factory=dict)

    def wanted(self, spec: ListPage, **more: Any) -> ListQuery:
        known = [f.name for f in spec.filters]
        chosen = {name: self.query[name] for name in known if self.query.get(name)} | dict(self.fixed)
        return ListQuery(self.query.get("q", "")[:100], chosen, self.query.get("ordine", ""), **more)

    def prints(self, spec: ListPage) -> bool:
        """Whether the sheet is asked for."""
        return bool(spec.sheet and self.query.get("stampa"))

    def href(self, **changed: object) -> str:
        """The same list, with this changed; empty takes a part away."""
        parts = {k: v for k, v in {**self.query, **changed}.items() if v not in ("", None)}
        return f"{self.path}?{urlencode(parts)}" if parts else self.path


async def show_list(
    visit: Visit,
    spec: ListPage,
    template: str,
    *,
    title: str,
    fixed: Mapping[str, str] | None = None,
    add: Adding | None = None,
    **values: Any,
) -> Response:
    """The page, or the file or the sheet when the address asks for one.

    ``fixed``: filters that this page itself sets; ``add``: reads what else the rows of a page need, files do without;
    ``values``: for the template.
    """
    asked = _Asked(dict(visit.query), visit.request.url.path, fixed or {})
    if spec.file and asked.query.get("formato") in _TYPES:
        return await _file(visit, spec, asked, asked.query["formato"])
    listed = await _listed(visit, spec, asked, add)
    return await visit.show(spec.sheet if asked.prints(spec) else template, title=title, listed=listed, **values)


async def _listed(visit: Visit, spec: ListPage, asked: _Asked, add: Adding | None) -> Listed:
    page = max(1, whole(asked.query.get("pagina", ""), digits=6) or 1)
    most = _ROWS_ON_PAPER if asked.prints(spec) else _ROWS
    async with visit.look() as tx:
        total = await count_rows(tx, spec.listing, asked.wanted(spec))
        people = await count_different(tx, spec.listing, asked.wanted(spec), spec.people) if spec.people else 0
        pages = max(1, -(-total // most))
        page = min(page, pages)
        rows = await read_rows(tx, spec.listing, asked.wanted(spec, offset=(page - 1) * most, limit=most))
        if asked.prints(spec) and spec.names and len(rows) > MANY_NAMES:
            visit.require_fresh()
        if add is not None:
            await add(tx, rows)
    order = asked.query.get("ordine", "") or spec.listing.order
    columns = spec.on_sheet if asked.prints(spec) else [c for c in spec.columns if c.on_page]
    wanted = asked.wanted(spec)
    return Listed(
        path=asked.path,
        caption=spec.caption,
        said=(f"1 {spec.one}" if total == 1 else f"{speak_number(total)} {spec.many}")
        + (f" di {count_people(people)}" if people else ""),
        nothing=spec.nothing,
        query=wanted.search,
        sort=asked.query.get("ordine", ""),
        searches=bool(spec.listing.searched),
        is_filtered=bool(wanted.search or any(asked.query.get(f.name) for f in spec.filters)),
        exports=bool(spec.file),
        filters=[Chosen(f.name, f.label, f.options, f.type, asked.query.get(f.name, "")) for f in spec.filters],
        heads=[_head(c, order, asked) for c in columns],
        rows=[_line(row, spec, columns) for row in rows],
        page=page,
        pages=pages,
        before=asked.href(pagina=page - 1) if page > 1 else "",
        after=asked.href(pagina=page + 1) if page < pages else "",
        csv=asked.href(pagina="", formato="csv"),
        xlsx=asked.href(pagina="", formato="xlsx"),
        print=asked.href(pagina="", stampa=1, ordine=asked.query.get("ordine") or "name") if spec.sheet else "",
        close=asked.href(pagina="", stampa=""),
        total=total,
    )


def _head(column: Column, order: str, asked: _Asked) -> Head:
    up, down = order == column.name, order == f"-{column.name}"
    href = asked.href(pagina="", ordine=f"-{column.name}" if up else column.name) if column.sorts else ""
    return Head(column.title, href, "ascending" if up else "descending" if down else "", column.number)


def _line(row: Row, spec: ListPage, columns: Sequence[Column]) -> TableRow:
    return TableRow(
        row[spec.key],
        [c.cell(row) for c in columns],
        off_paper=spec.off_paper is not None and spec.off_paper(row),
    )


async def _file(visit: Visit, spec: ListPage, asked: _Asked, form: str) -> Response:
    """All rows as a file; written to the registry. Raises ``PasswordNeededError`` for many people's names."""
    columns = [c for c in spec.columns if c.in_file]
    async with visit.world.files, visit.look() as tx:
        count = min(_MOST, await count_rows(tx, spec.listing, asked.wanted(spec)))
        if spec.names and count > MANY_NAMES:
            visit.require_fresh()
        sheet = sheet_as(form, spec.caption[:31], [c.title for c in columns])
        async for rows in stream_rows(tx, spec.listing, asked.wanted(spec, limit=_MOST)):
            # In a thread: a hundred thousand take seconds, in which others have their turn.
            await asyncio.to_thread(sheet.add, ([c.text(row) for c in columns] for row in rows))
    content = await asyncio.to_thread(sheet.end)
    async with visit.begin() as tx:
        await note_export(tx, visit.desk, spec.file, count, form)
    name = f"{spec.file}-{spec.about or f'al-{to_local(visit.times.now):%Y-%m-%d}'}.{form}"
    headers = {**CONSOLE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=_TYPES[form])


def moment_of(name: str) -> Callable[[Row], str]:
    """How a column with an instant reads."""
    return lambda row: say_moment(row[name])
