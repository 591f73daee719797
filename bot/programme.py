"""The programme as a TOML file: loaded into the database, and changes to known meetings told to who is registered."""

import tomllib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from db.engine import Transaction
from db.meetings import add_meeting, all_meetings, as_day, as_hour, save_sector
from delivery.broadcasts import Queued, announce_meetings
from delivery.changes import change_meeting
from delivery.reminders import Schedule

_FIELDS = {"sector", "title", "day", "hour", "duration", "link", "passcode", "capacity", "cancelled", "past"}


class ProgrammeError(ValueError):
    """The file is wrong; the message names the meeting and what to do."""


@dataclass(slots=True)
class Loaded:
    """What loading did, meeting by meeting."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    announced: Queued | None = None


async def load_programme(tx: Transaction, path: Path, schedule: Schedule, now: datetime) -> Loaded:
    """Load ``path`` into the database; changes to meetings that are there already are told to who is registered.

    New ones are announced to those who asked for news.

    A meeting is known by sector and day or, failing that, by sector alone when the file and the coming meetings each have
    one for it: then its day has moved. One that is over does not move: the next of its sector is another. Raises
    ``ProgrammeError``.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        msg = f"{path.name}: non si può leggere: {error}"
        raise ProgrammeError(msg) from error
    for key, names in data.get("sectors", {}).items():
        if not isinstance(names, dict) or "it" not in names:
            msg = f'{path.name}: al settore {key} manca il nome italiano, es. {key} = {{ it = "…" }}'
            raise ProgrammeError(msg)
        await save_sector(tx, key, {k: str(v) for k, v in names.items()})
    known = await all_meetings(tx)
    loaded = Loaded()
    taken: set[int] = set()
    added: list[int] = []
    for number, row in enumerate(data.get("meetings", []), 1):
        values = _values(row, data.get("sectors", {}), f"{path.name}, incontro n. {number}")
        label = f"{values['sector']} {values['day'] or ''}".strip()
        same_day = [m for m in known if m.sector == values["sector"] and m.day == values["day"] and m.id not in taken]
        rows_of_sector = [r for r in data["meetings"] if r.get("sector") == values["sector"]]
        of_sector = [m for m in known if m.sector == values["sector"] and m.id not in taken and not m.is_over(now)]
        match = same_day or (of_sector if len(rows_of_sector) == len(of_sector) == 1 else [])
        if not match:
            added.append(await add_meeting(tx, now, **values))
            loaded.added.append(label)
            continue
        taken.add(match[0].id)
        changed = await change_meeting(tx, match[0].id, schedule, now, **values)
        if changed:
            loaded.changed.append(f"{label}: {', '.join(changed)}")
        else:
            loaded.unchanged += 1
    coming = {m.id for m in await all_meetings(tx) if m.is_upcoming(now)}
    loaded.announced = await announce_meetings(tx, [m for m in added if m in coming], schedule, now)
    return loaded


def _values(row: dict[str, Any], sectors: dict[str, Any], where: str) -> dict[str, Any]:
    unknown = row.keys() - _FIELDS
    if unknown:
        msg = f"{where}: non conosco {', '.join(sorted(unknown))}; si può scrivere {', '.join(sorted(_FIELDS))}"
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
        msg = f"{where}: giorno o ora non leggibili; scrivere day = 2021-01-19 e hour = 17:30:00"
        raise ProgrammeError(msg) from error
    capacity = row.get("capacity")
    if capacity is not None and (not isinstance(capacity, int) or capacity < 1):
        msg = f"{where}: i posti (capacity) sono un numero da 1 in su"
        raise ProgrammeError(msg)
    return {
        "sector": row["sector"],
        "title": str(row.get("title", ""))[:200],
        "day": day,
        "hour": hour,
        "duration": int(row.get("duration", 90)),
        "link": str(row.get("link", ""))[:500],
        "passcode": str(row.get("passcode", ""))[:64],
        "capacity": capacity,
        "cancelled": bool(row.get("cancelled", False)),
    }
