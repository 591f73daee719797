"""The programme as a TOML file, loaded into the database.

Changes to known meetings are told to who is registered, new ones announced to those who asked for news.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from conversation.meeting import Meeting
from db.engine import Transaction
from db.meetings import all_meetings, programme, save_sector
from db.requests import Actor
from delivery.broadcasts import Queued, announce_meetings
from delivery.reminders import Schedule
from office.meetings import add
from office.moving import Change, change_meeting
from office.programme_file import label, paired, read

_SPOKEN = {
    "title": "titolo",
    "day": "giorno",
    "hour": "ora",
    "duration": "durata",
    "link": "collegamento",
    "passcode": "codice",
    "capacity": "posti",
    "cancelled": "annullamento",
}


class Compared(NamedTuple):
    """A file beside the programme."""

    #: The names of the file's sectors: key → language → name.
    sectors: dict[str, dict[str, str]]
    #: The columns of each meeting of the file, and the meeting that it is about; ``None``: a new one.
    pairs: list[tuple[dict[str, Any], Meeting | None]]
    #: Coming meetings that the file does not name; they stay as they are.
    missing: list[Meeting]


@dataclass(slots=True)
class Loaded:
    """What loading did, meeting by meeting.

    ``missing``: coming meetings that the file does not name; they stay as they are.

    ``told``: the changes that people will hear of.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    told: list[Change] = field(default_factory=list)
    unchanged: int = 0
    announced: Queued | None = None


async def compared(tx: Transaction, path: Path, now: datetime) -> Compared:
    """Raises ``ProgrammeError``, also when it cannot be told which of several meetings moved."""
    sectors, rows = read(path)
    known = await all_meetings(tx)
    pairs = paired(rows, known, now, path.name)
    named = {meeting.id for _, meeting in pairs if meeting is not None}
    missing = [m for m in known if m.is_upcoming(now) and m.id not in named]
    return Compared({key: {k: str(v) for k, v in names.items()} for key, names in sectors.items()}, pairs, missing)


async def load_programme(
    tx: Transaction, path: Path, schedule: Schedule, now: datetime, *, by: Actor | None = None
) -> Loaded:
    """Load ``path`` into the database. Raises as ``compared``."""
    sectors, pairs, missing = await compared(tx, path, now)
    for key, names in sectors.items():
        await save_sector(tx, key, names)
    loaded, added = Loaded(missing=[label(m.sector, m.day) for m in missing]), []
    for values, meeting in pairs:
        called = label(values["sector"], values["day"])
        if meeting is None:
            added.append(await add(tx, now, values, by=by))
            loaded.added.append(called)
            continue
        change = await change_meeting(tx, meeting.id, schedule, now, by=by, **values)
        if fields := [name for name, value in values.items() if value != getattr(meeting, name)]:
            loaded.changed.append(f"{called}: {speak_fields(fields)}")
            loaded.told += [change] if change.people else []
        else:
            loaded.unchanged += 1
    coming = {m.id for m in await all_meetings(tx) if m.is_upcoming(now)} if added else set()
    loaded.announced = await announce_meetings(tx, [n for n in added if n in coming], schedule, now)
    return loaded


async def show_programme(tx: Transaction) -> tuple[list[Meeting], dict[str, dict[str, str]]]:
    """Every meeting, by day, those without a day first; every sector's names: key → language → name."""
    return await programme(tx)


def speak_fields(changed: Sequence[str]) -> str:
    """``giorno, ora``."""
    return ", ".join(_SPOKEN.get(name, name) for name in changed)
