"""People as staff put them right: a new contact, two rows that are one person."""

import re
from datetime import datetime

from conversation.channel import Channel
from conversation.message import Address
from db.addresses import add_address, addresses_of, remove_address, revoke_links
from db.engine import Transaction
from db.notes import Note, hold_note, save_note
from db.people import contact_of, find_person, is_known, update_person
from db.personal_data import join_people
from db.requests import Actor, record
from office.errors import RefusedError

#: Characters of a note: what a colleague has to know, no file on somebody.
NOTE = 500
#: A number, abroad too (ITU-T E.164: fifteen digits), with what people write between the digits.
_PHONE = re.compile(r"\+?[\d(][\d ()./-]{4,28}")
#: Italy's shortest numbers that a person may have.
_FEWEST_DIGITS = 5


class NoteMovedError(RefusedError):
    """A colleague was quicker; ``note``: as it is now."""

    def __init__(self, note: Note | None) -> None:
        super().__init__("nel frattempo un'altra persona ha cambiato la nota")
        self.note = note


async def set_note(tx: Transaction, person_id: int, text: str, now: datetime, *, seen: int, by: Actor) -> None:
    """Note something on a person, or nothing any more. ``seen``: the version that was seen, 0 where there was none.

    Raises ``NoteMovedError`` when it is another by now, and ``RefusedError``.
    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(text) > NOTE:
        msg = f"la nota può avere {NOTE} caratteri; qui sono {len(text)}"
        raise RefusedError(msg)
    if not await is_known(tx, person_id):
        msg = f"non c'è una persona n. {person_id}"
        raise RefusedError(msg)
    note = await hold_note(tx, person_id)
    if seen != (note.version if note else 0):
        raise NoteMovedError(note)
    await save_note(tx, person_id, Note(text, now, by.name, seen + 1))
    await record(tx, "note_written" if text else "note_removed", now=now, person_id=person_id, by=by)


async def set_phone(tx: Transaction, person_id: int, text: str, now: datetime, *, by: Actor) -> None:
    """By which number they are told what cannot be written to them; empty: by none. Raises ``RefusedError``."""
    phone = read_phone(text)
    if not await is_known(tx, person_id):
        msg = f"non c'è una persona n. {person_id}"
        raise RefusedError(msg)
    await update_person(tx, person_id, phone=phone)
    await record(tx, "phone_written" if phone else "phone_removed", now=now, person_id=person_id, by=by)


def read_phone(text: str) -> str:
    """A telephone number as somebody typed it; empty for none. Raises ``RefusedError``."""
    phone = " ".join(text.split())
    if phone and not (_PHONE.fullmatch(phone) and len(re.findall(r"\d", phone)) >= _FEWEST_DIGITS):
        msg = f"«{phone[:40]}» non è un numero di telefono"
        raise RefusedError(msg)
    return phone


def read_address(text: str) -> Address:
    """An e-mail address as somebody typed it. Raises ``RefusedError``."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        msg = f"«{text}» non è un indirizzo e-mail" if text else "manca l'indirizzo e-mail"
        raise RefusedError(msg) from error
    return Address(Channel.EMAIL, found.normalized.lower())


async def add_contact(
    tx: Transaction, person_id: int, address: Address, now: datetime, *, by: Actor, instead_of: Address | None = None
) -> None:
    """From now on the person is written to there, also who was told by voice until now.

    ``instead_of``: an address of theirs that is given up, with the links sent to it.

    Raises ``RefusedError`` when somebody else is known by the address.
    """
    owner = await find_person(tx, address)
    if owner is not None and owner.id != person_id:
        msg = "questo recapito è di un'altra persona: se è la stessa, unire le due"
        raise RefusedError(msg)
    before = (await contact_of(tx, person_id)).addresses
    if instead_of is not None and instead_of not in before:
        msg = "il recapito da sostituire non è di questa persona"
        raise RefusedError(msg)
    if owner is None:
        await add_address(tx, person_id, address, now)
    await _give_up_voice(tx, person_id)
    if instead_of is not None and instead_of != address:
        if instead_of.channel.has_mailboxes:
            await revoke_links(tx, instead_of.value)
        await remove_address(tx, instead_of)
    await record(tx, "contact_changed", now=now, person_id=person_id, data={"channel": address.channel.value}, by=by)


async def _give_up_voice(tx: Transaction, person_id: int) -> None:
    """They are written to now: what stood for an address of who was told by voice goes."""
    for place in (await contact_of(tx, person_id)).addresses:
        if not place.channel.written:
            await remove_address(tx, place)


async def join(tx: Transaction, kept: int, joined: int, now: datetime, *, by: Actor) -> None:
    """Make two rows one person, ``kept``.

    Of two registrations for one meeting and association the better one stays. For ever.
    """
    if kept == joined:
        msg = "è già una persona sola"
        raise RefusedError(msg)
    for number in (kept, joined):
        if not await is_known(tx, number):
            msg = f"non c'è una persona n. {number}"
            raise RefusedError(msg)
    await join_people(tx, kept, joined, now)
    if await addresses_of(tx, kept):
        await _give_up_voice(tx, kept)
    await record(tx, "joined", now=now, person_id=kept, by=by)
