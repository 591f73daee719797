"""``registrations import`` and ``export``."""

import csv
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

from bot.commands.opening import Opened, opened
from bot.faults import UsageError
from bot.reasons import reason
from conversation.message import Address, Channel
from conversation.times import speak_day
from conversation.understanding.headcount import MAX_PEOPLE
from db.meetings import all_meetings, as_day
from db.models import RegistrationStatus
from db.people import add_person, find_person, organisation_id
from db.registrations import export_rows, save_registration
from db.requests import record

_COLUMNS = (
    "meeting",
    "sector",
    "name",
    "organisation",
    "participants",
    "status",
    "channel",
    "address",
    "registered_at",
)


async def export(form: str, meeting: int | None, output: Path | None) -> int:
    """Write all registrations (or one meeting's) to ``output`` or standard output."""
    if form not in {"json", "csv", "xlsx"}:
        msg = f"--format {form}: scegliere json, csv o xlsx"
        raise UsageError(msg)
    if form == "xlsx" and output is None:
        msg = "per xlsx serve --output FILE.xlsx"
        raise UsageError(msg)
    async with opened() as work:
        rows = await export_rows(work.tx, meeting)
    if output is None:
        sys.stdout.write(_as_text(rows, form))
        return 0
    try:
        output.touch()
    except OSError as error:
        msg = f"non si può scrivere {output}: {reason(error)}"
        raise UsageError(msg) from error
    if form == "xlsx":
        write_xlsx(rows, output)
    else:
        # Excel takes a CSV for UTF-8 only by the mark at its beginning; what goes to another program has none.
        output.write_text(_as_text(rows, form), encoding="utf-8-sig" if form == "csv" else "utf-8")
    sys.stdout.write(f"iscrizioni scritte: {len(rows)}\n")
    return 0


def _as_text(rows: list[dict[str, Any]], form: str) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n" if form == "json" else as_csv(rows)


def as_csv(rows: list[dict[str, Any]]) -> str:
    """CSV in which no cell is a formula: a spreadsheet would run what a stranger wrote as his association's name."""
    target = io.StringIO()
    writer = csv.DictWriter(target, _COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({k: _harmless(v) if isinstance(v, str) else v for k, v in row.items()})
    return target.getvalue()


#: Where a cell may begin, and what makes a formula of it (OWASP, CSV injection); quotes before it are taken away on opening.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\"']*[=+\-@＝＋－＠\t\r\n])")


def _harmless(value: str) -> str:
    """Not a formula, neither whole nor cut at the separators that spreadsheets of other languages use."""
    return _FORMULA.sub(r"\1'", value)


def write_xlsx(rows: list[dict[str, Any]], output: Path) -> None:
    """A workbook with one sheet; texts are never formulas nor links."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(output), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Iscrizioni")
        bold = book.add_format({"bold": True})
        for column, name in enumerate(_COLUMNS):
            sheet.write_string(0, column, name, bold)
        for number, row in enumerate(rows, 1):
            for column, name in enumerate(_COLUMNS):
                value = row[name]
                if isinstance(value, int):
                    sheet.write_number(number, column, value)
                else:
                    sheet.write_string(number, column, str(value or ""))
        sheet.autofilter(0, 0, max(len(rows), 1), len(_COLUMNS) - 1)


async def import_file(file: Path) -> int:
    """Read what ``export --format json`` writes; a registration that is there already is updated."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        msg = f"{file.name}: non si può leggere come JSON: {error}"
        raise UsageError(msg) from error
    if not isinstance(rows, list):
        msg = f"{file.name}: serve un elenco di iscrizioni, come lo scrive registrations export --format json"
        raise UsageError(msg)
    new = 0
    async with opened() as work:
        for number, row in enumerate(rows, 1):
            new += await _import_row(work, row, f"{file.name}, iscrizione n. {number}")
    sys.stdout.write(f"iscrizioni nuove: {new}, aggiornate: {len(rows) - new}\n")
    return 0


async def _import_row(work: Opened, row: dict[str, Any], where: str) -> bool:
    tx, now = work.tx, work.now
    try:
        address = Address(Channel(row["channel"]), str(row["address"]).strip().lower())
        status = RegistrationStatus(row.get("status", "confirmed"))
        day, number = as_day(row["meeting"]), int(row.get("participants", 1))
        sector = str(row["sector"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        msg = f"{where}: manca o non è leggibile {error}"
        raise UsageError(msg) from error
    whole = type(row.get("participants", 1)) is int
    if not whole or not 1 <= number <= MAX_PEOPLE:
        msg = f"{where}: participants è un numero intero da 1 a {MAX_PEOPLE}"
        raise UsageError(msg)
    right = "@" in address.value if address.channel is Channel.EMAIL else address.value and "@" not in address.value
    if not right:
        msg = f"{where}: address non è un indirizzo per il canale {address.channel.value}"
        raise UsageError(msg)
    meeting = next((m for m in await all_meetings(tx) if m.sector == sector and m.day == day), None)
    if meeting is None:
        msg = f"{where}: nel programma non c'è l'incontro {sector} {speak_day(day, 'it') if day else ''}"
        raise UsageError(msg)
    person = await find_person(tx, address) or await add_person(
        tx, address, name=str(row.get("name", "")), language="it", notice_version=0, now=now
    )
    name = str(row.get("organisation") or "")
    place = await organisation_id(tx, name, now) if name else None
    registration, new = await save_registration(
        tx,
        person_id=person.id,
        meeting_id=meeting.id,
        organisation_id=place,
        participants=number,
        status=status,
        source=address.channel,
        notice_version=0,
        now=now,
    )
    await record(tx, "imported", now=now, person_id=person.id, subject=f"registration:{registration}")
    return new
