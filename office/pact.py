"""Who was invited to the Patto, is interested, has signed on which day, is no longer in it. Only a person marks a signature."""

from dataclasses import dataclass, field
from datetime import date

from conversation.times import to_local
from db.engine import Transaction
from db.meetings import sector_names
from db.pact import PactState, Standing, by_sector, came_by_sector, note_standing, standing_of, standings
from db.people import is_known
from db.requests import record
from office.desk import Desk
from office.errors import RefusedError
from office.tables import Table

__all__ = ["PactState", "SectorPact", "Standing", "export_pact", "note", "sectors", "standing_of", "standings"]
_NOTE = 500
_COLUMNS = ("name", "organisation", "state", "signed_on", "note", "since")


@dataclass(frozen=True, slots=True)
class SectorPact:
    """How far one sector has come."""

    #: Its key.
    sector: str
    #: People who came to one of its meetings.
    came: int
    #: Of who is registered at its meetings, how many stand where; who stands nowhere is not counted.
    people: dict[PactState, int] = field(default_factory=dict)


async def note(
    tx: Transaction,
    desk: Desk,
    person_id: int,
    state: PactState,
    *,
    signed_on: date | None = None,
    words: str = "",
) -> None:
    """Write down how a person, and the association they named, stands. ``signed_on``: needed for ``SIGNED``, kept for ``ENDED``.

    Raises ``RefusedError``.
    """
    if not await is_known(tx, person_id):
        msg = f"non c'è una persona n. {person_id}"
        raise RefusedError(msg)
    if len(words) > _NOTE:
        msg = f"la nota può avere {_NOTE} caratteri"
        raise RefusedError(msg)
    before = await standing_of(tx, person_id)
    day = signed_on or (before.signed_on if before and state is PactState.ENDED else None)
    if state is PactState.SIGNED and (day is None or day > to_local(desk.now).date()):
        msg = "manca il giorno della firma, oppure non è ancora venuto"
        raise RefusedError(msg)
    if state not in {PactState.SIGNED, PactState.ENDED} and signed_on is not None:
        msg = "il giorno della firma si scrive a chi ha firmato"
        raise RefusedError(msg)
    await note_standing(
        tx, person_id, state, signed_on=day, note=words.strip(), noted_by=desk.by.staff_id, now=desk.now
    )
    await record(tx, f"pact_{state.value}", now=desk.now, person_id=person_id, by=desk.by)


async def sectors(tx: Transaction) -> list[SectorPact]:
    """Every sector, those in which nobody stands anywhere included, by key."""
    came, people = await came_by_sector(tx), await by_sector(tx)
    return [SectorPact(key, came.get(key, 0), people.get(key, {})) for key in sorted(await sector_names(tx))]


async def export_pact(tx: Transaction) -> Table:
    """Everybody of whom something is noted, newest first."""
    rows = [
        {
            "name": s.name,
            "organisation": s.organisation,
            "state": s.state.value,
            "signed_on": s.signed_on.isoformat() if s.signed_on else "",
            "note": s.note,
            "since": s.since.isoformat(),
        }
        for s in await standings(tx)
    ]
    return Table("Patto", _COLUMNS, rows)
