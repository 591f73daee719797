"""What loading a programme file would do, before it is done; and done as it was seen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from conversation.meeting import Meeting
from db.engine import Transaction
from db.meetings import as_changed, get_meeting, lock_meetings, sector_names
from db.seats import Moves
from delivery.broadcasts import Queued, foretell_announcement
from office.consequences import Consequences, consequences, digest_of, heard_by
from office.desk import Desk
from office.hearing import Seated, seated_by
from office.notices import News
from office.plan import Plan, PlanChangedError, told_of
from office.programme import Compared, Loaded, compared, load_programme

__all__ = ["Loaded", "PlanChangedError", "ProgrammePlan", "confirm_programme", "plan_programme"]


@dataclass(frozen=True, slots=True)
class ProgrammePlan:
    """Nothing of it has happened."""

    #: Meetings that would be new, without a number, as they stand in the file.
    added: tuple[Meeting, ...]
    #: Of each meeting that the file changes, what would follow, but for seats: they stand in ``promoted``.
    changed: tuple[Plan, ...]
    #: How many the file leaves as they are.
    unchanged: int
    #: Coming meetings that it does not name; they stay.
    missing: tuple[Meeting, ...]
    #: How many registrations would get a seat, at any meeting, and whose they are.
    promoted: int
    seated: tuple[Seated, ...]
    #: The news of those that are new; ``None``: nobody hears of them.
    announced: Queued | None
    #: Every sector's names as they would be: key → language → name.
    sectors: Mapping[str, Mapping[str, str]]
    #: The keys of those that would be new, or named otherwise.
    renamed: tuple[str, ...]
    #: The same digest: the same meetings would become the same, and the same registrations would hear of it.
    digest: str


@dataclass(slots=True)
class _Foreseen:
    """What it comes to, of each meeting with what the ones before it in the file come to."""

    of: Compared
    sectors: dict[str, dict[str, str]]
    renamed: tuple[str, ...]
    added: list[Meeting] = field(default_factory=list)
    changed: list[tuple[Consequences, list[News]]] = field(default_factory=list)
    moves: Moves = field(default_factory=Moves)
    announced: Queued | None = None

    @property
    def digest(self) -> str:
        """As ``ProgrammePlan`` has it."""
        said = [
            [(self.sectors[key], key) for key in self.renamed],
            [[m.sector, m.title, m.capacity, m.as_told()] for m in self.added],
            [[comes.before.id, comes.before.version, digest_of(comes, news)] for comes, news in self.changed],
            sorted(self.moves.promoted),
            [m.id for m in self.of.missing],
            self.announced.people if self.announced else 0,
        ]
        return sha256(json.dumps(said).encode()).hexdigest()


async def plan_programme(tx: Transaction, desk: Desk, path: Path) -> ProgrammePlan:
    """What ``confirm_programme`` would do. It only reads. Raises ``ProgrammeError``."""
    foreseen = await _foresee(tx, desk, path)
    plans = [await told_of(tx, desk, comes, news) for comes, news in foreseen.changed]
    changed = tuple(replace(planned, promoted=(), seated=()) for planned in plans)
    return ProgrammePlan(
        added=tuple(foreseen.added),
        changed=changed,
        unchanged=len(foreseen.of.pairs) - len(foreseen.added) - len(changed),
        missing=tuple(foreseen.of.missing),
        promoted=len(foreseen.moves.promoted),
        seated=await seated_by(tx, foreseen.moves.promoted.values()),
        announced=foreseen.announced,
        sectors=foreseen.sectors,
        renamed=foreseen.renamed,
        digest=foreseen.digest,
    )


async def confirm_programme(tx: Transaction, desk: Desk, path: Path, digest: str) -> Loaded:
    """Load the file as it was planned. ``digest``: the plan's.

    Raises ``ProgrammeError``; ``PlanChangedError`` when a meeting or who hears of it is not as it was seen. Nothing is
    written then.
    """
    await lock_meetings(tx)
    if (await _foresee(tx, desk, path)).digest != digest:
        raise PlanChangedError
    return await load_programme(tx, path, desk.schedule, desk.now, by=desk.by)


async def _foresee(tx: Transaction, desk: Desk, path: Path) -> _Foreseen:
    file, names = await compared(tx, path, desk.now), await sector_names(tx)
    renamed = tuple(key for key, said in file.sectors.items() if names.get(key) != said)
    found, after = _Foreseen(file, names | file.sectors, renamed), dict[int, Meeting]()

    async def find(number: int) -> Meeting | None:
        return after.get(number) or await get_meeting(tx, number)

    for values, before in file.pairs:
        if before is None:
            found.added.append(Meeting(0, **values))
            continue
        becomes, changed = as_changed(before, desk.now, values)
        comes = await consequences(tx, before, becomes, changed, desk.schedule, desk.now, find=find, moved=found.moves)
        after[before.id], found.moves = becomes, comes.moves
        if becomes != before:
            found.changed.append((comes, await heard_by(tx, comes)))
    if any(m.is_upcoming(desk.now) for m in found.added):
        found.announced = await foretell_announcement(tx, desk.schedule, desk.now)
    return found
