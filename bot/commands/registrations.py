"""``registrations import`` and ``export``."""

import json
import sys
from pathlib import Path

from bot.commands.opening import opened
from bot.errors import UsageError
from office.desk import TERMINAL
from office.errors import reason
from office.registrations import export_registrations, import_registrations
from office.tables import FORMATS


async def export(form: str, meeting: int | None, output: Path | None) -> int:
    """Write all registrations (or one meeting's) to ``output`` or standard output."""
    if form not in FORMATS:
        msg = f"--format {form}: scegliere json, csv o xlsx"
        raise UsageError(msg)
    if form == "xlsx" and output is None:
        msg = "per xlsx serve --output FILE.xlsx"
        raise UsageError(msg)
    async with opened() as work:
        table = await export_registrations(work.tx, meeting)
    if output is None:
        sys.stdout.write(table.as_json() if form == "json" else table.as_csv())
        return 0
    try:
        output.touch()
    except OSError as error:
        msg = f"non si può scrivere {output}: {reason(error)}"
        raise UsageError(msg) from error
    output.write_bytes(table.write(form))
    sys.stdout.write(f"iscrizioni scritte: {len(table.rows)}\n")
    return 0


async def import_file(file: Path) -> int:
    """Read what ``export --format json`` writes; a registration that is there already is updated."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        msg = f"{file.name}: non si può leggere come JSON: {error}"
        raise UsageError(msg) from error
    async with opened() as work:
        new, updated = await import_registrations(work.tx, rows, file.name, work.now, by=TERMINAL)
    sys.stdout.write(f"iscrizioni nuove: {new}, aggiornate: {updated}\n")
    return 0
