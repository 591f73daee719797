"""The programme's TOML file: what stands in it, and which meetings it is about."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import rtoml

from conversation.meeting import Meeting
from db.meetings import as_day, as_hour
from office.errors import RefusedError, reason

_FIELDS = ("sector", "title", "day", "hour", "duration", "link", "passcode", "capacity", "cancelled")
_KNOWN = {*_FIELDS, "past"}
#: Above a file that is written, for who changes it by hand.
_HEAD = """\
# Gli incontri in programma. Un incontro si riconosce da settore (sector) e giorno (day).
# Quel che non c'è scritto viene tolto: l'ora (hour), il collegamento (link), il codice (passcode), i posti (capacity).
# Un incontro che non c'è resta com'è. Annullato: cancelled = true.
"""
#: An hour as people write it, and TOML wants two digits and seconds.
_HOUR_ALONE = re.compile(r"^(\s*hour\s*=\s*)(\d\d?):(\d\d)(?=\s*(?:#.*)?$)", re.MULTILINE)


class ProgrammeError(RefusedError):
    """The file is wrong; the message names the meeting and what to do."""


def _unreadable(name: str, text: str, found: str) -> str:
    """What to do about a line that is not TOML. ``found``: the parser's words, whose line number is of use."""
    number = re.search(r"line (\d+)", found)
    lines = text.splitlines()
    where = f"riga {number[1]}, «{lines[int(number[1]) - 1].strip()[:80]}»" if number else "alla fine del file"
    return f'{name}: {where}: non si capisce; si scrive day = 2021-01-19, hour = 17:30, link = "https://…"'


def label(sector: str, day: date | None) -> str:
    """How a meeting is called in what is said of the file."""
    return f"{sector} {day or ''}".strip()


def read(path: Path) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """The names of its sectors, by key, and the columns of each meeting. Raises ``ProgrammeError``."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "le lettere non sono in UTF-8"
        msg = f"{path.name}: non si può leggere: {why}"
        raise ProgrammeError(msg) from error
    try:
        data = rtoml.loads(_HOUR_ALONE.sub(lambda m: f"{m[1]}{m[2]:0>2}:{m[3]}:00", text))
    except rtoml.TomlParsingError as error:
        raise ProgrammeError(_unreadable(path.name, text, str(error))) from error
    unknown = data.keys() - {"sectors", "meetings"}
    sectors, rows = data.get("sectors", {}), data.get("meetings", [])
    if unknown or not isinstance(sectors, dict) or not isinstance(rows, list) or not (sectors or rows):
        msg = f"{path.name}: servono una tabella [sectors] e, per ogni incontro, un blocco [[meetings]]"
        raise ProgrammeError(msg)
    for key, names in sectors.items():
        if not isinstance(names, dict) or "it" not in names:
            msg = f'{path.name}: al settore {key} manca il nome italiano, es. {key} = {{ it = "…" }}'
            raise ProgrammeError(msg)
    values = [_values(row, sectors, f"{path.name}, incontro n. {number}") for number, row in enumerate(rows, 1)]
    twice = [
        label(*key) for key, number in Counter((v["sector"], v["day"]) for v in values).items() if key[1] and number > 1
    ]
    if twice:
        msg = f"{path.name}: due incontri dello stesso settore nello stesso giorno: {', '.join(twice)}"
        raise ProgrammeError(msg)
    return sectors, values


def written(meetings: Iterable[Meeting], sectors: Mapping[str, Mapping[str, str]]) -> str:
    """The file that leaves these as they are."""
    rows = [_row(meeting) for meeting in meetings]
    head = rtoml.dumps({"sectors": {key: dict(names) for key, names in sectors.items()}})
    return f"{_HEAD}\n{head}\n{rtoml.dumps({'meetings': rows}) if rows else ''}"


def _row(meeting: Meeting) -> dict[str, Any]:
    """What of it is set."""
    return {name: value for name in _FIELDS if (value := getattr(meeting, name)) not in {"", None, False}}


def paired(
    rows: Sequence[dict[str, Any]], known: Sequence[Meeting], now: datetime, name: str
) -> list[tuple[dict[str, Any], Meeting | None]]:
    """Each row with the meeting that it is about; ``None`` for a new one. Raises ``ProgrammeError``.

    A meeting is known by sector and day. Where the days leave exactly one meeting of a sector over in the file and one
    coming meeting in the database, its day has moved; one that is over does not move, the next of its sector is
    another.
    """
    by_day = {(m.sector, m.day): m for m in known}
    matched = [(row, by_day.get((row["sector"], row["day"]))) for row in rows]
    taken = {m.id for _, m in matched if m is not None}
    pairs: list[tuple[dict[str, Any], Meeting | None]] = []
    for row, match in matched:
        if match is not None:
            pairs.append((row, match))
            continue
        others = [m for m in known if m.sector == row["sector"] and m.id not in taken and not m.is_over(now)]
        new = [r for r, m in matched if m is None and r["sector"] == row["sector"]]
        if others and (len(others) > 1 or len(new) > 1):
            days = ", ".join(str(m.day) for m in others)
            msg = (
                f"{name}: settore {row['sector']}: non si capisce quale incontro è spostato ({days} nel "
                f"programma, non più nel file). "
            )
            msg += (
                "Spostarne uno per volta, oppure lasciare nel file quelli che restano (cancelled = true se annullati)."
            )
            raise ProgrammeError(msg)
        pairs.append((row, others[0] if others else None))
    return pairs


def _values(row: object, sectors: dict[str, Any], where: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        msg = f"{where}: ogni incontro è un blocco [[meetings]]"
        raise ProgrammeError(msg)
    unknown = row.keys() - _KNOWN
    if unknown:
        msg = f"{where}: non conosco {', '.join(sorted(unknown))}; si può scrivere {', '.join(sorted(_KNOWN))}"
        raise ProgrammeError(msg)
    if row.get("sector") not in sectors:
        msg = f"{where}: il settore «{row.get('sector')}» non è in [sectors]"
        raise ProgrammeError(msg)
    if "day" not in row and not row.get("past"):
        msg = f"{where}: manca il giorno (day = 2021-01-19), oppure past = true per un incontro già svolto senza data"
        raise ProgrammeError(msg)
    try:
        day, hour = as_day(row.get("day")), as_hour(row.get("hour"))
    except ValueError as error:
        msg = f"{where}: giorno o ora non leggibili; scrivere day = 2021-01-19 e hour = 17:30"
        raise ProgrammeError(msg) from error
    _check(row, where)
    return {
        "sector": row["sector"],
        "title": row.get("title", "")[:200],
        "day": day,
        "hour": hour,
        "duration": row.get("duration", 90),
        "link": row.get("link", "")[:500],
        "passcode": str(row.get("passcode", ""))[:64],
        "capacity": row.get("capacity"),
        "cancelled": row.get("cancelled", False),
    }


def _check(row: dict[str, Any], where: str) -> None:
    """Values that nobody means; the message says what to write instead."""
    capacity, duration, link = row.get("capacity"), row.get("duration", 90), row.get("link", "")
    wrong = ""
    if not isinstance(row.get("title", ""), str):
        wrong = 'il titolo (title) è un testo fra virgolette: title = "…"'
    elif type(duration) is not int or not 1 <= duration <= 24 * 60:
        wrong = "la durata (duration) è in minuti: duration = 90"
    elif capacity is not None and (type(capacity) is not int or capacity < 1):
        wrong = "i posti (capacity) sono un numero da 1 in su"
    elif not isinstance(link, str) or (link and not link.startswith(("https://", "http://"))):
        wrong = 'il collegamento (link) comincia con https://: link = "https://…"'
    elif any(type(row.get(name, False)) is not bool for name in ("cancelled", "past")):
        wrong = "cancelled e past valgono true oppure false, senza virgolette"
    if wrong:
        msg = f"{where}: {wrong}"
        raise ProgrammeError(msg)
