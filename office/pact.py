"""Who was invited to the Patto, is interested, has signed on which day, is no longer in it.

Only a person marks a signature.
"""

from datetime import date

from conversation.times import to_local
from db.engine import Transaction
from db.pact import PactState, hold_standing, note_standing, noting
from db.people import is_known
from db.requests import record
from office.desk import Desk
from office.errors import RefusedError

__all__ = ["PactState", "StandingMovedError", "note"]
_NOTE = 500


class StandingMovedError(RefusedError):
    """Somebody else, or the person, was quicker."""

    def __init__(self) -> None:
        super().__init__("nel frattempo qui qualcosa è cambiato: guarda com'è adesso, poi segna di nuovo")


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
    if len(words) > _NOTE:
        msg = f"la nota può avere {_NOTE} caratteri"
        raise RefusedError(msg)
    before = await hold_standing(tx, person_id)
    if seen != (before.version if before else ""):
        raise StandingMovedError
    day = signed_on or (before.signed_on if before and state is PactState.ENDED else None)
    if state is PactState.SIGNED and day is None:
        msg = "manca il giorno della firma"
        raise RefusedError(msg)
    if state is PactState.SIGNED and day is not None and day > to_local(desk.now).date():
        msg = "il giorno della firma è nel futuro"
        raise RefusedError(msg)
    if state not in {PactState.SIGNED, PactState.ENDED} and signed_on is not None:
        msg = "il giorno della firma si scrive a chi ha firmato"
        raise RefusedError(msg)
    await note_standing(
        tx, person_id, state, signed_on=day, note=words.strip(), noted_by=desk.by.staff_id, now=desk.now
    )
    await record(tx, noting(state), now=desk.now, person_id=person_id, by=desk.by)
