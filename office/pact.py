"""Who was invited to the Patto, is interested, has signed on which day, is no longer in it.

Only a person marks a signature. An association of which nobody is known stands there by its name.
"""

from datetime import date

from conversation.times import to_local
from db.engine import Transaction
from db.pact import PactStanding, PactState, hold_standing, note_standing, noting
from db.pact_organisations import NotedOrganisation, drop_organisation, has_people, hold_organisation
from db.pact_organisations import note_organisation as write_organisation
from db.people import is_known, organisation_id
from db.requests import record
from office.desk import Desk
from office.errors import RefusedError

__all__ = ["PactState", "StandingMovedError", "add_organisation", "note", "note_organisation", "remove_organisation"]
_NOTE, _NAME = 500, 200


class StandingMovedError(RefusedError):
    """Somebody else, or the person, was quicker."""

    def __init__(self) -> None:
        super().__init__("nel frattempo qui qualcosa è cambiato: guarda com'è adesso, poi salva di nuovo")


async def note(
    tx: Transaction,
    desk: Desk,
    person_id: int,
    state: PactState,
    *,
    seen: str,
    signed_on: date | None = None,
    words: str = "",
) -> None:
    """Write down how a person, and the association they named, stands.

    ``signed_on``: needed for ``SIGNED``, kept for ``ENDED``.

    ``seen``: the version that whoever notes it has before them, empty where nothing was noted. Raises ``RefusedError``,
    ``StandingMovedError`` when it is another by now.
    """
    if not await is_known(tx, person_id):
        msg = f"non c'è una persona n. {person_id}"
        raise RefusedError(msg)
    before = await hold_standing(tx, person_id)
    if seen != (before.version if before else ""):
        raise StandingMovedError
    noted = _noted(desk, state, signed_on, before.signed_on if before else None, words)
    await note_standing(tx, person_id, noted, desk.now)
    await record(tx, noting(state), now=desk.now, person_id=person_id, by=desk.by)


async def add_organisation(
    tx: Transaction, desk: Desk, name: str, state: PactState, *, signed_on: date | None = None, words: str = ""
) -> int:
    """Write down how an association stands of which nobody is known; its number. Raises ``RefusedError``."""
    name = " ".join(name.split())
    if not name or len(name) > _NAME:
        msg = f"il nome può avere {_NAME} caratteri" if name else "manca il nome dell'associazione"
        raise RefusedError(msg)
    number = await organisation_id(tx, name, desk.now)
    if await hold_organisation(tx, number) is not None:
        msg = f"«{name}» è già in elenco"
        raise RefusedError(msg)
    if await has_people(tx, number):
        msg = f"di «{name}» si conosce già qualcuno: cercalo in Patto e segna accanto al suo nome"
        raise RefusedError(msg)
    await _write(tx, desk, number, _noted(desk, state, signed_on, None, words))
    return number


async def note_organisation(
    tx: Transaction,
    desk: Desk,
    number: int,
    state: PactState,
    *,
    seen: str,
    signed_on: date | None = None,
    words: str = "",
) -> None:
    """As ``note``, of an association that was added. Raises ``RefusedError``, ``StandingMovedError``."""
    before = await _as_seen(tx, number, seen)
    await _write(tx, desk, number, _noted(desk, state, signed_on, before.signed_on, words))


async def remove_organisation(tx: Transaction, desk: Desk, number: int, *, seen: str) -> None:
    """It was noted by mistake, or somebody of it is known by now. Raises ``StandingMovedError``."""
    await _as_seen(tx, number, seen)
    await drop_organisation(tx, number)
    await record(tx, "pact_removed", now=desk.now, subject=f"organisation:{number}", by=desk.by)


async def _as_seen(tx: Transaction, number: int, seen: str) -> NotedOrganisation:
    before = await hold_organisation(tx, number)
    if before is None or seen != before.version:
        raise StandingMovedError
    return before


async def _write(tx: Transaction, desk: Desk, number: int, noted: PactStanding) -> None:
    await write_organisation(tx, number, noted, desk.now)
    await record(tx, noting(noted.state), now=desk.now, subject=f"organisation:{number}", by=desk.by)


def _noted(
    desk: Desk, state: PactState, signed_on: date | None, signed_before: date | None, words: str
) -> PactStanding:
    """What is written down. Raises ``RefusedError``."""
    if len(words) > _NOTE:
        msg = f"la nota può avere {_NOTE} caratteri"
        raise RefusedError(msg)
    day = signed_on or (signed_before if state is PactState.ENDED else None)
    if state is PactState.SIGNED and day is None:
        msg = "manca il giorno della firma"
        raise RefusedError(msg)
    if state is PactState.SIGNED and day is not None and day > to_local(desk.now).date():
        msg = "il giorno della firma è nel futuro"
        raise RefusedError(msg)
    if state not in {PactState.SIGNED, PactState.ENDED} and signed_on is not None:
        msg = "il giorno della firma va indicato solo per chi ha firmato"
        raise RefusedError(msg)
    return PactStanding(state, day, words.strip(), desk.by.staff_id)
