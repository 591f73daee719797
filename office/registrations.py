"""Registrations as staff have them: exported, imported."""

from datetime import datetime
from typing import Any

from conversation.channel import channel_named
from conversation.message import Address
from conversation.times import speak_day
from conversation.understanding.headcount import MAX_PEOPLE
from db.engine import Transaction
from db.meetings import all_meetings, as_day
from db.models import RegistrationStatus
from db.people import add_person, find_person, organisation_id
from db.registrations import export_rows, save_registration
from db.requests import Actor, record
from office.errors import RefusedError
from office.tables import Table

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


async def export_registrations(tx: Transaction, meeting_id: int | None = None) -> Table:
    """All registrations, or one meeting's: the columns of the contract."""
    return Table("Iscrizioni", _COLUMNS, await export_rows(tx, meeting_id))


async def import_registrations(
    tx: Transaction, rows: object, source: str, now: datetime, *, by: Actor
) -> tuple[int, int]:
    """Read what the JSON export holds, parsed; how many are new, how many were there and are updated.

    ``source``: what the file is called where something is wrong with it. Raises ``RefusedError``.
    """
    if not isinstance(rows, list):
        msg = f"{source}: serve un elenco di iscrizioni, come lo scrive registrations export --format json"
        raise RefusedError(msg)
    new = 0
    for number, row in enumerate(rows, 1):
        new += await _import_row(tx, row, f"{source}, iscrizione n. {number}", now, by)
    return new, len(rows) - new


async def _import_row(tx: Transaction, row: dict[str, Any], where: str, now: datetime, by: Actor) -> bool:
    try:
        address = Address(channel_named(row["channel"]), str(row["address"]).strip().lower())
        status = RegistrationStatus(row.get("status", "confirmed"))
        day, number = as_day(row["meeting"]), int(row.get("participants", 1))
        sector = str(row["sector"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        msg = f"{where}: manca o non è leggibile {error}"
        raise RefusedError(msg) from error
    _check(row, address, number, where)
    meeting = next((m for m in await all_meetings(tx) if m.sector == sector and m.day == day), None)
    if meeting is None:
        msg = f"{where}: nel programma non c'è l'incontro {sector} {speak_day(day, 'it') if day else ''}"
        raise RefusedError(msg)
    person = await find_person(tx, address) or await add_person(
        tx, address, name=str(row.get("name", "")), language="it", notice_version=0, now=now
    )
    name = str(row.get("organisation") or "")
    registration, new = await save_registration(
        tx,
        person_id=person.id,
        meeting_id=meeting.id,
        organisation_id=await organisation_id(tx, name, now) if name else None,
        participants=number,
        status=status,
        source=address.channel,
        notice_version=0,
        now=now,
    )
    await record(tx, "imported", now=now, person_id=person.id, subject=f"registration:{registration}", by=by)
    return new


def _check(row: dict[str, Any], address: Address, number: int, where: str) -> None:
    """Values that nobody means. Raises ``RefusedError``."""
    whole = type(row.get("participants", 1)) is int
    if not whole or not 1 <= number <= MAX_PEOPLE:
        msg = f"{where}: participants è un numero intero da 1 a {MAX_PEOPLE}"
        raise RefusedError(msg)
    right = "@" in address.value if address.channel.has_mailboxes else address.value and "@" not in address.value
    if not right:
        msg = f"{where}: address non è un indirizzo per il canale {address.channel.value}"
        raise RefusedError(msg)
