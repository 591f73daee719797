"""A registration as the office would withdraw it: whose it is, what they will read, and where."""

from dataclasses import dataclass

from conversation.meeting import Meeting
from conversation.message import Address
from conversation.wording import Voice, form_for, withdrawn_by_office
from db.addresses import addresses_of
from db.engine import Transaction
from db.meetings import programme
from db.models import RegistrationStatus
from db.people import contact_of, languages_of
from db.registrations import Registration, get_registrations
from office.desk import Desk
from office.errors import RefusedError
from office.hearing import Hearing
from office.newcomers import Unheard

OVER = "l'incontro è già cominciato, finito o annullato: non si cambia più chi viene"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """``text``: what whoever holds it reads, if they hear of it."""

    registration: Registration
    meeting: Meeting
    hearing: Hearing
    text: str


async def address_of(tx: Transaction, person_id: int) -> Address:
    """Where somebody is answered: what they used last and are reached by, else what they have at all."""
    address, *_ = [*await addresses_of(tx, person_id), *(await contact_of(tx, person_id)).addresses]
    return address


async def active(tx: Transaction, registration_id: int) -> Registration:
    """One that can be changed. Raises ``RefusedError``."""
    held = (await get_registrations(tx, [registration_id])).get(registration_id)
    if held is None or held.status is RegistrationStatus.WITHDRAWN:
        msg = f"non c'è un'iscrizione n. {registration_id}, oppure è già stata annullata"
        raise RefusedError(msg)
    return held


async def look_at(tx: Transaction, desk: Desk, registration_id: int, *, unheard: Unheard | None) -> Withdrawal:
    """As it would be withdrawn. It only reads. Raises ``RefusedError``."""
    held = await active(tx, registration_id)
    meetings, sectors = await programme(tx)
    meeting = next((m for m in meetings if m.id == held.meeting_id and m.is_upcoming(desk.now)), None)
    if meeting is None:
        raise RefusedError(OVER)
    address, person = await address_of(tx, held.person_id), await contact_of(tx, held.person_id)
    if not address.channel.written:
        unheard = unheard or Unheard.NO_ADDRESS
    language = (await languages_of(tx, [held.person_id])).get(held.person_id, "it")
    form = form_for(address.channel, private=not person.organisation)
    spoken = language if language in desk.library.texts else "en"
    voice = Voice(desk.library, spoken, desk.now, sectors, desk.office.mailbox, form)
    text = withdrawn_by_office(voice, held, meeting)
    return Withdrawal(held, meeting, Hearing(person.name, address if unheard is None else None, unheard), text)
