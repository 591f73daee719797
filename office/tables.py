"""Tables that leave the house, for spreadsheets and programs. No cell is a formula, whoever wrote what stands in it."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from office.errors import RefusedError

FORMATS = ("json", "csv", "xlsx")
#: Where a cell may begin, and what makes a formula of it (OWASP, CSV injection); quotes before it are taken away on opening.
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
        if form == "xlsx":
            return self.as_xlsx()
        # Excel takes a CSV for UTF-8 only by the mark at its beginning.
        return self.as_json().encode() if form == "json" else self.as_csv().encode("utf-8-sig")

    def as_json(self) -> str:
        """A list of objects."""
        return json.dumps(self.rows, ensure_ascii=False, indent=1) + "\n"

    def as_csv(self) -> str:
        """Comma-separated, a head and a line for each row: a spreadsheet would run what a stranger wrote as his association's name."""
        target = io.StringIO()
        writer = csv.DictWriter(target, self.columns)
        writer.writeheader()
        for row in self.rows:
            writer.writerow({name: _harmless(row[name]) for name in self.columns})
        return target.getvalue()

    def as_xlsx(self) -> bytes:
        """A workbook with one sheet; texts are never formulas nor links."""
        import xlsxwriter

        target = io.BytesIO()
        with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet(self.name)
            bold = book.add_format({"bold": True})
            for column, name in enumerate(self.columns):
                sheet.write_string(0, column, name, bold)
            for number, row in enumerate(self.rows, 1):
                for column, name in enumerate(self.columns):
                    if isinstance(row[name], int):
                        sheet.write_number(number, column, row[name])
                    else:
                        sheet.write_string(number, column, str(row[name] or ""))
            sheet.autofilter(0, 0, max(len(self.rows), 1), len(self.columns) - 1)
        return target.getvalue()


def _harmless(value: Any) -> Any:
    """Not a formula, neither whole nor cut at the separators that spreadsheets of other languages use."""
    return _FORMULA.sub(r"\1'", value) if isinstance(value, str) else value
