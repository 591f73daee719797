"""Requests about one's own data, made to the office: a copy, the erasure, the end of links sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversation.channel import CHANNELS, Channel
from conversation.message import Address
from conversation.own_data import readable
from conversation.wording import Voice
from conversation.words import fold
from db.addresses import revoke_links
from db.engine import Transaction
from db.meetings import sector_names
from db.people import Contact, contact_of, find_person
from db.personal_data import erase_person, export_person
from db.requests import Actor, record
from office.desk import Desk
from office.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Erased:
    """Who was erased: their number, ``None`` for who had only asked; their name, where it was known; every address."""

    person: int | None
    name: str
    addresses: tuple[Address, ...]


def addresses_in(text: str) -> list[Address]:
    """What somebody may mean by an address: an e-mail's, or the number of a chat."""
    text = text.strip()
    written = [c for c in CHANNELS.values() if c.has_mailboxes == ("@" in text)]
    return [Address(c, text.lower() if c.has_mailboxes else text) for c in written]


async def find(tx: Transaction, address: str) -> tuple[int, Contact] | None:
    """Whose an address is: their number, name and every address; ``None`` when nobody is known by it."""
    for each in addresses_in(address):
        person = await find_person(tx, each)
        if person is not None:
            return person.id, await contact_of(tx, person.id)
    return None


async def kept(tx: Transaction, address: str) -> dict[str, Any] | None:
    """Everything stored about the person at ``address``, as plain data; ``None`` when nothing is."""
    for each in addresses_in(address):
        data = await export_person(tx, each)
        if data is not None:
            return data
    return None


async def export(tx: Transaction, address: str, now: datetime, *, by: Actor) -> dict[str, Any] | None:
    """The same, to be given to them: the registry says so."""
    data = await kept(tx, address)
    if data is not None:
        found = await find(tx, address)
        await record(tx, "data_copied", now=now, person_id=found[0] if found else None, by=by)
    return data


async def in_words(tx: Transaction, desk: Desk, data: dict[str, Any]) -> str:
    """It in words, in the language of whom it is about; of who had only asked none is known: in Italian."""
    voice = Voice(desk.library, data.get("language", "it"), desk.now, await sector_names(tx), desk.office.mailbox)
    return readable(voice, data)


async def erase(tx: Transaction, address: str, now: datetime, *, by: Actor) -> bool:
    """Delete everything about the person at ``address``, for ever; ``False`` when nothing was there."""
    found = False
    for each in addresses_in(address):
        found = await erase_person(tx, each, now) or found
    if found:
        await record(tx, "erased", now=now, by=by)
    return found


def is_known_by_name(contact: Contact) -> bool:
    """Whether they have a name and no address: what stands for one says nothing to a person."""
    return bool(contact.name) and not any(each.channel.written for each in contact.addresses)


async def erase_confirmed(tx: Transaction, address: str, typed: str, now: datetime, *, by: Actor) -> Erased:
    """The same, when one of their addresses was typed again, also as pages show it: "Telegram: 2001".

    Of who is known by name alone: their name. Raises ``RefusedError``.
    """
    found = await find(tx, address)
    addresses = found[1].addresses if found else tuple(addresses_in(address))
    said = {*addresses_in(typed), *addresses_in(typed.rpartition(":")[2])}
    by_name = found is not None and is_known_by_name(found[1])
    named = found is not None and by_name and fold(typed).split() == fold(found[1].name).split()
    if not named and not said & set(addresses):
        what = "il suo nome" if by_name else "un suo indirizzo"
        msg = f"quel che hai scritto non è {what}: niente è stato cancellato"
        raise RefusedError(msg)
    if not await erase(tx, address, now, by=by):
        msg = "a questo indirizzo non c'è più niente"
        raise RefusedError(msg)
    person, name = (found[0], found[1].name) if found else (None, "")
    return Erased(person, name, addresses)


async def revoke(tx: Transaction, address: str, now: datetime, *, by: Actor) -> bool:
    """The links in letters sent to this mail address until now open nothing any more.

    ``False`` when nobody has that address.
    """
    value = address.strip().lower()
    known = await find_person(tx, Address(Channel.EMAIL, value))
    await revoke_links(tx, value)
    if known is not None:
        await record(tx, "links_revoked", now=now, person_id=known.id, by=by)
    return known is not None
