"""``person export``, ``person erase``, ``person revoke``, ``staff add``."""

import json
import sys

from email_validator import EmailNotValidError, validate_email

from bot.commands.opening import opened
from bot.faults import UsageError
from conversation.message import Address, Channel
from db.addresses import revoke_links
from db.people import find_person
from db.personal_data import erase_person, export_person
from db.requests import record
from db.staff import add_operator


def _addresses(text: str) -> list[Address]:
    value = text.strip().lower()
    if "@" in value:
        return [Address(Channel.EMAIL, value)]
    return [Address(Channel.TELEGRAM, value), Address(Channel.TERMINAL, text.strip())]


async def export(address: str) -> int:
    """Print everything stored about the person at ``address``; 1 when nothing is."""
    async with opened() as work:
        for place in _addresses(address):
            data = await export_person(work.tx, place)
            if data is not None:
                sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n")
                return 0
    sys.stderr.write("nessun dato per questo indirizzo\n")
    return 1


async def erase(address: str) -> int:
    """Delete everything about the person at ``address``; 1 when nothing was there."""
    found = False
    async with opened() as work:
        for place in _addresses(address):
            found = await erase_person(work.tx, place, work.now) or found
        if found:
            await record(work.tx, "erased", now=work.now)
    sys.stdout.write("dati cancellati\n" if found else "nessun dato per questo indirizzo\n")
    return 0 if found else 1


async def revoke(address: str) -> int:
    """The links in letters sent to this mail address until now open nothing any more."""
    value = address.strip().lower()
    async with opened() as work:
        known = await find_person(work.tx, Address(Channel.EMAIL, value))
        await revoke_links(work.tx, value)
    sys.stdout.write("collegamenti annullati\n" if known else "nessun dato per questo indirizzo\n")
    return 0 if known else 1


async def add_staff(email: str) -> int:
    """Add an operator."""
    try:
        value = validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        msg = f"«{email}» non è un indirizzo e-mail"
        raise UsageError(msg) from error
    async with opened() as work:
        added = await add_operator(work.tx, value, work.now)
    sys.stdout.write("operatore aggiunto\n" if added else "l'operatore c'era già\n")
    return 0
