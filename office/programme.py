"""The programme as a TOML file: what loading it would do, and loaded into the database.

Changes to known meetings are told to who is registered, new ones announced to those who asked for news.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from conversation.meeting import Meeting
from db.engine import Transaction
from db.meetings import add_meeting, all_meetings, as_changed, get_meeting, programme, save_sector
from db.requests import Actor
from db.seats import Moves
from delivery.broadcasts import Queued, announce_meetings, foretell_announcement
from delivery.reminders import Schedule
from office.consequences import consequences, heard_by
from office.moving import Change, change_meeting
from office.notices import hearers
from office.programme_file import label, paired, read

_SPOKEN = {
    "day": "giorno",
    "hour": "ora",
    "duration": "durata",
    "link": "collegamento",
    "passcode": "codice",
    "cancelled": "annullamento",
}


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


class _Doing(Protocol):
    """What becomes of what stands in a file."""

    async def save_sectors(self, sectors: Mapping[str, Mapping[str, Any]]) -> None: ...

    async def add(self, values: Mapping[str, Any]) -> None: ...

    async def change(self, meeting: Meeting, values: Mapping[str, Any]) -> Change: ...

    async def announce(self) -> Queued | None: ...


async def load_programme(
    tx: Transaction, path: Path, schedule: Schedule, now: datetime, *, by: Actor | None = None
) -> Loaded:
    """Load ``path`` into the database.

    Raises ``ProgrammeError``, also when it cannot be told which of several meetings moved.
    """
    return await _go_through(tx, path, now, _Done(tx, schedule, now, by))


async def plan_programme(tx: Transaction, path: Path, schedule: Schedule, now: datetime) -> Loaded:
    """What ``load_programme`` would do. It only reads. Raises ``ProgrammeError``."""
    return await _go_through(tx, path, now, _Foreseen(tx, schedule, now))


async def _go_through(tx: Transaction, path: Path, now: datetime, doing: _Doing) -> Loaded:
    sectors, rows = read(path)
    known = await all_meetings(tx)
    pairs = paired(rows, known, now, path.name)
    await doing.save_sectors(sectors)
    loaded = Loaded()
    for values, meeting in pairs:
        called = label(values["sector"], values["day"])
        if meeting is None:
            await doing.add(values)
            loaded.added.append(called)
            continue
        change = await doing.change(meeting, values)
        if change.changed:
            loaded.changed.append(f"{called}: {speak_fields(change.changed)}")
            loaded.told += [change] if change.people else []
        else:
            loaded.unchanged += 1
    named = {meeting.id for _, meeting in pairs if meeting is not None}
    loaded.missing = [label(m.sector, m.day) for m in known if m.is_upcoming(now) and m.id not in named]
    loaded.announced = await doing.announce()
    return loaded


class _Done:
    """It is written."""

    def __init__(self, tx: Transaction, schedule: Schedule, now: datetime, by: Actor | None) -> None:
        self._tx, self._schedule, self._now, self._by = tx, schedule, now, by
        self._added: list[int] = []

    async def save_sectors(self, sectors: Mapping[str, Mapping[str, Any]]) -> None:
        for key, names in sectors.items():
            await save_sector(self._tx, key, {k: str(v) for k, v in names.items()})

    async def add(self, values: Mapping[str, Any]) -> None:
        self._added.append(await add_meeting(self._tx, self._now, **values))

    async def change(self, meeting: Meeting, values: Mapping[str, Any]) -> Change:
        return await change_meeting(self._tx, meeting.id, self._schedule, self._now, by=self._by, **values)

    async def announce(self) -> Queued | None:
        if not self._added:
            return None
        coming = {m.id for m in await all_meetings(self._tx) if m.is_upcoming(self._now)}
        return await announce_meetings(
            self._tx, [number for number in self._added if number in coming], self._schedule, self._now
        )


class _Foreseen:
    """It is only found what would come of it, of each meeting with what the ones before it in the file come to."""

    def __init__(self, tx: Transaction, schedule: Schedule, now: datetime) -> None:
        self._tx, self._schedule, self._now = tx, schedule, now
        self._changed: dict[int, Meeting] = {}
        self._moves = Moves()
        self._announces = False

    async def save_sectors(self, sectors: Mapping[str, Mapping[str, Any]]) -> None:
        """Nothing comes of it."""

    async def add(self, values: Mapping[str, Any]) -> None:
        self._announces |= Meeting(0, **values).is_upcoming(self._now)

    async def change(self, meeting: Meeting, values: Mapping[str, Any]) -> Change:
        after, changed = as_changed(meeting, self._now, values)
        comes = await consequences(
            self._tx, meeting, after, changed, self._schedule, self._now, find=self._find, moved=self._moves
        )
        self._changed[after.id], self._moves = after, comes.moves
        who = await hearers(self._tx, after, await heard_by(self._tx, comes))
        return Change(after.id, changed, len(who), sum(w.channel is not None for w in who), comes.due)

    async def _find(self, number: int) -> Meeting | None:
        return self._changed.get(number) or await get_meeting(self._tx, number)

    async def announce(self) -> Queued | None:
        return await foretell_announcement(self._tx, self._schedule, self._now) if self._announces else None


async def show_programme(tx: Transaction) -> tuple[list[Meeting], dict[str, dict[str, str]]]:
    """Every meeting, by day, those without a day first; every sector's names: key → language → name."""
    return await programme(tx)


def speak_fields(changed: Sequence[str]) -> str:
    """``giorno, ora``."""
    return ", ".join(_SPOKEN.get(name, name) for name in changed)
