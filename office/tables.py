"""Tables that leave the house, for spreadsheets and programs. No cell is a formula, whoever wrote what stands in it."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from db.engine import Transaction
from db.requests import record
from office.desk import Desk
from office.errors import RefusedError

FORMATS = ("json", "csv", "xlsx")
#: People's names in one file, or on one sheet of paper, above which the password is asked again.
MANY_NAMES = 200
#: Where a cell may begin, and what makes a formula of it (OWASP, CSV injection); quotes before it are taken away on
#: opening.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\"']*[=+\-@＝＋－＠\t\r\n])")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to be exported."""

    #: What the sheet of a workbook is called.
    name: str
    #: Each is a key of every row, and the head of its column.
    columns: tuple[str, ...]
    #: Texts, whole numbers and ``None``.
    rows: Sequence[dict[str, Any]]

    def write(self, form: str) -> bytes:
        """The whole file in one of ``FORMATS``. Raises ``RefusedError`` for another."""
        if form not in FORMATS:
            msg = f"--format {form}: scegliere json, csv o xlsx"
            raise RefusedError(msg)
        return self.as_json().encode() if form == "json" else self._as_sheet(form)

    def as_json(self) -> str:
        """A list of objects."""
        return json.dumps(self.rows, ensure_ascii=False, indent=1) + "\n"

    def as_csv(self) -> str:
        """Comma-separated, a head and a line for each row.

        A spreadsheet would run what a stranger wrote as his association's name.
        """
        return self._as_sheet("csv").decode("utf-8-sig")

    def as_xlsx(self) -> bytes:
        """A workbook with one sheet; texts are never formulas nor links."""
        return self._as_sheet("xlsx")

    def _as_sheet(self, form: str) -> bytes:
        sheet = sheet_as(form, self.name, self.columns)
        sheet.add([[row[name] for name in self.columns] for row in self.rows])
        return sheet.end()


class Sheet(Protocol):
    """A file that is written a few rows at a time."""

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """More rows: for each column a text, a whole number or ``None``."""

    def end(self) -> bytes:
        """The whole file."""


def sheet_as(form: str, name: str, columns: Sequence[str]) -> Sheet:
    """An empty one, ``csv`` or ``xlsx``, with its head."""
    return CsvSheet(columns) if form == "csv" else XlsxSheet(name, columns)


class CsvSheet:
    """Comma-separated; Excel takes it for UTF-8 only by the mark at its beginning."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._target = io.StringIO()
        self._writer = csv.writer(self._target)
        self._writer.writerow(columns)

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """More rows."""
        self._writer.writerows([_harmless(cell) for cell in row] for row in rows)

    def end(self) -> bytes:
        """The whole file."""
        return self._target.getvalue().encode("utf-8-sig")


class XlsxSheet:
    """A workbook with one sheet."""

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        import xlsxwriter

        self._target = io.BytesIO()
        how = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}
        self._book = xlsxwriter.Workbook(self._target, how)
        self._sheet = self._book.add_worksheet(name)
        self._sheet.write_row(0, 0, columns, self._book.add_format({"bold": True}))
        self._columns, self._rows = len(columns), 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """More rows."""
        for row in rows:
            self._rows += 1
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    self._sheet.write_number(self._rows, column, cell)
                else:
                    self._sheet.write_string(self._rows, column, str(cell or ""))

    def end(self) -> bytes:
        """The whole file."""
        self._sheet.autofilter(0, 0, max(self._rows, 1), self._columns - 1)
        self._book.close()
        return self._target.getvalue()


def _harmless(value: Any) -> Any:
    """Not a formula, neither whole nor cut at the separators that spreadsheets of other languages use."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value


async def note_export(tx: Transaction, desk: Desk, name: str, rows: int, form: str) -> None:
    """Who took so many rows of which list out of the house, for the audit trail. ``form``: of the file."""
    await record(tx, "exported", now=desk.now, data={"list": name, "rows": rows, "format": form}, by=desk.by)
