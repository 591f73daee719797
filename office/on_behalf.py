"""Staff do for a person what the person could do: register, change the seats, withdraw, have the link again.

It is the same work as when the person writes: a turn of theirs is opened without words, done by the same handlers, and
its answer goes to their address, unless staff say that they are not to hear of it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from conversation.channel import Channel
from conversation.dialogue import Dialogue
from conversation.message import Address, Incoming, Trust
from conversation.open_questions import Draft
from conversation.outcome import TurnOutcome
from conversation.understanding import Understanding
from conversation.understanding.details import Details
from conversation.understanding.headcount import MAX_PEOPLE
from conversation.understanding.meetings import Choice
from conversation.understanding.organisations import same_organisation
from db.engine import Transaction
from db.finding import FoundPerson, all_words, find_people, words_of
from db.meetings import programme
from db.models import RegistrationStatus
from db.outbox import CONFIRMATION
from db.people import Person, add_person, find_person, update_person
from db.registrations import Registration, get_registrations, is_added_by_office, note_added_by, note_told
from db.requests import record
from handlers.answer import Answer
from handlers.queueing import queue_answer
from handlers.registration.confirmation import Enrolled, confirmation
from handlers.registration.enrol import amend, changed_of, enrol, registrations_at
from handlers.registration.mine import resend_link
from handlers.registration.withdraw import withdraw_from
from handlers.turn import Booking, Turn, clean
from office.desk import Desk
from office.errors import RefusedError
from office.hearing import Hearing, others_waiting, with_seated
from office.newcomers import AddressKnownError, NamesakeError, Newcomer, Unheard
from office.people import read_phone
from office.withdrawing import OVER, Withdrawal, active, address_of, look_at

#: People of a name that are compared with who is new.
_NAMESAKES = 300


async def register(
    tx: Transaction,
    desk: Desk,
    who: Newcomer,
    *,
    unheard: Unheard | None = None,
    another: bool = False,
    same: int | None = None,
) -> tuple[Registration, Hearing]:
    """Register somebody; on the waiting list when there is no seat. The registration, and who hears of it.

    Who is registered already gets the new number of people; who is known at that address keeps the name they have.

    ``unheard``: why the person is not to hear of it; ``None``: they get the confirmation. ``another``: they are not
    who is known by that name and association. ``same``: they are this person, who has that address and another name.
    Raises ``RefusedError``, of which ``NamesakeError`` and ``AddressKnownError``.
    """
    address = who.address or Address(Channel.VOICE, f"voce-{secrets.token_hex(3)}")
    name, organisation = clean(who.name), clean(who.organisation)
    _check_newcomer(who, name, unheard)
    phone = read_phone(who.phone)
    known = await find_person(tx, address)
    if known is not None:
        name = _name_kept(known, name, same)
    else:
        if not another:
            await _check_namesakes(tx, name, organisation)
        # Who is registered by others has accepted no notice: it stands in the confirmation.
        made = await add_person(tx, address, name=name, language=who.language, notice_version=0, now=desk.now)
        if phone:
            await update_person(tx, made.id, phone=phone)
    turn = await _open(tx, desk, address, name=name)
    draft = Draft(meetings=[who.meeting], name=name, organisation=organisation, participants=who.participants)
    return await _enrol(desk, turn, draft, unheard)


async def register_known(
    tx: Transaction,
    desk: Desk,
    person_id: int,
    meeting: int,
    organisation: str,
    participants: int,
    *,
    unheard: Unheard | None = None,
) -> tuple[Registration, Hearing]:
    """The same of somebody whom the office knows, wherever they are reached; as a registration of its own.

    Raises ``RefusedError``, also when they have one for that association.
    """
    turn, organisation = await _open(tx, desk, await address_of(tx, person_id)), clean(organisation)
    if _held_for(await registrations_at(turn, meeting), organisation):
        msg = "a questo incontro, per questa associazione, ha già un'iscrizione: per il numero di persone c'è «Cambia»"
        raise RefusedError(msg)
    draft = Draft(meetings=[meeting], organisation=organisation, participants=participants, adds=True)
    return await _enrol(desk, turn, draft, unheard)


async def _enrol(desk: Desk, turn: Turn, draft: Draft, unheard: Unheard | None) -> tuple[Registration, Hearing]:
    """Write down what ``draft`` says of one meeting and one association."""
    tx, (meeting,), wanted = turn.tx, draft.meetings, draft.participants or 0
    _check_people(wanted)
    turn.draft = draft
    if turn.meeting(meeting) is None:
        msg = f"non c'è un incontro n. {meeting}"
        raise RefusedError(msg)
    before = {held.id: held for held in await registrations_at(turn, meeting)}
    answer = await enrol(turn, draft)
    made = _held_for(await registrations_at(turn, meeting), draft.organisation or "")
    if answer is None or made is None:
        raise RefusedError(OVER)
    if made.participants != wanted:
        raise RefusedError(_full(made))
    if unheard is Unheard.OWN_MISTAKE and answer.outcome is TurnOutcome.REGISTERED:
        await note_told(tx, made.id, {})  # nobody has told them anything
    if desk.by.staff_id is not None:
        await note_added_by(tx, made.id, desk.by.staff_id)
    action = "registered_by_hand" if answer.outcome is TurnOutcome.REGISTERED else "changed_by_hand"
    return made, await _tell(desk, turn, answer, made, action, unheard, before=before.get(made.id))


def _held_for(held: Sequence[Registration], organisation: str) -> Registration | None:
    return next((r for r in held if same_organisation(r.organisation, organisation)), None)


async def change_seats(
    tx: Transaction, desk: Desk, registration_id: int, participants: int, *, unheard: Unheard | None = None
) -> tuple[Registration, Hearing]:
    """So many people come instead; the registration as it is now, and who hears of it.

    Raises ``RefusedError``, also when there is no seat for them.
    """
    _check_people(participants)
    turn, booking = await _opened(tx, desk, registration_id)
    waited = await others_waiting(tx, booking[0])
    answer = await amend(turn, booking, Draft(organisation=booking[0].organisation, participants=participants))
    if answer is None:
        raise RefusedError(OVER)
    after = (await get_registrations(tx, [registration_id]))[registration_id]
    if after.participants != participants:
        raise RefusedError(_full(after))
    hearing = await _tell(desk, turn, answer, after, "changed_by_hand", unheard, before=booking[0])
    return after, await with_seated(tx, hearing, booking[0], waited)


async def withdraw(tx: Transaction, desk: Desk, registration_id: int, *, unheard: Unheard | None = None) -> Withdrawal:
    """The person does not come; the seats go to who waits. What they read of it, and who else hears of it.

    Raises ``RefusedError``.
    """
    turn, booking = await _opened(tx, desk, registration_id)
    waited = await others_waiting(tx, booking[0])
    seen = await look_at(tx, desk, registration_id, unheard=unheard)
    answer = await withdraw_from(turn, [booking])
    hearing = await _tell(desk, turn, answer, booking[0], "withdrawn_by_hand", unheard)
    return replace(seen, hearing=await with_seated(tx, hearing, booking[0], waited))


async def confirm_again(tx: Transaction, desk: Desk, registration_id: int) -> None:
    """The confirmation, of what is so now, to who did not get it. Raises ``RefusedError``."""
    turn, booking = await _opened(tx, desk, registration_id)
    if not await is_added_by_office(tx, registration_id):
        turn.by = None  # it reads as it did: they registered themselves
    has_seat = booking[0].status is RegistrationStatus.CONFIRMED
    done = Enrolled(confirmed=[booking], new=True) if has_seat else Enrolled(waiting=[booking], new=True)
    await note_told(tx, registration_id, booking[1].as_told())
    answer = Answer(await confirmation(turn, done), TurnOutcome.REGISTERED)
    await _tell(desk, turn, answer, booking[0], "sent_again", None)


async def send_link(tx: Transaction, desk: Desk, registration_id: int) -> None:
    """The link and the calendar entry once more. Raises ``RefusedError``."""
    turn, booking = await _opened(tx, desk, registration_id)
    if booking[0].status is not RegistrationStatus.CONFIRMED:
        msg = "è in lista d'attesa: il collegamento va a chi ha un posto"
        raise RefusedError(msg)
    if not booking[1].link:
        msg = "l'incontro non ha ancora un collegamento: quando c'è, chi è iscritto lo riceve"
        raise RefusedError(msg)
    if not turn.incoming.address.channel.written:
        msg = "non ha un recapito a cui mandarlo: va detto a voce"
        raise RefusedError(msg)
    await _tell(desk, turn, await resend_link(turn), booking[0], "link_sent_by_hand", None)


def _full(held: Registration) -> str:
    return f"non ci sono posti: restano iscritte {held.participants} persone"


def _check_newcomer(who: Newcomer, name: str, unheard: Unheard | None) -> None:
    if not name:
        msg = "manca il nome di chi si iscrive"
        raise RefusedError(msg)
    if who.address is None and unheard is None:
        msg = "senza un'e-mail nessuna conferma può partire: scrivi l'indirizzo, oppure scegli «no, glielo dico io»"
        raise RefusedError(msg)
    if who.address is not None and who.phone:
        msg = "il telefono serve solo per chi non ha altri recapiti: con un'e-mail lascialo vuoto"
        raise RefusedError(msg)


def _name_kept(known: Person, name: str, same: int | None) -> str:
    """What the person at the address is called. Raises ``AddressKnownError`` for another ``name``, unless ``same``."""
    if known.name and not _same_name(known.name, name) and same != known.id:
        raise AddressKnownError(FoundPerson(known.id, known.name, known.organisation))
    return known.name or name


def _same_name(name: str, other: str) -> bool:
    return sorted(all_words(name)) == sorted(all_words(other))


async def _check_namesakes(tx: Transaction, name: str, organisation: str) -> None:
    """Raises ``NamesakeError`` when somebody is known by that name, in any order of its words, and association."""
    found = await find_people(tx, words_of(name), most=_NAMESAKES)
    same = [p for p in found if _same_name(p.name, name) and same_organisation(p.organisation, organisation)]
    if same:
        raise NamesakeError(same)


def _check_people(number: int) -> None:
    if not 1 <= number <= MAX_PEOPLE:
        msg = f"le persone sono un numero da 1 a {MAX_PEOPLE}"
        raise RefusedError(msg)


async def _open(tx: Transaction, desk: Desk, address: Address, *, name: str = "", meeting: int | None = None) -> Turn:
    """The turn of a person at ``address``, about ``meeting``, in which nothing was said."""
    person = await find_person(tx, address)
    about = Choice(chosen=(meeting,)) if meeting is not None else Choice()
    heard = Understanding((), (), None, about, Details(), person.language if person else "it", ())
    meetings, sectors = await programme(tx)
    incoming = Incoming(address, name=name, trust=Trust.PASS, at=desk.now)
    key = f"hand:{secrets.token_hex(12)}"
    at_hand = (desk.library, desk.office, meetings, sectors, desk.now, person, desk.links)
    return Turn(tx, key, incoming, heard, Dialogue(), *at_hand, by=desk.by)


async def _opened(tx: Transaction, desk: Desk, registration_id: int) -> tuple[Turn, Booking]:
    """The turn of whoever holds an active registration at a coming meeting, and that booking."""
    held = await active(tx, registration_id)
    address = await address_of(tx, held.person_id)
    turn = await _open(tx, desk, address, meeting=held.meeting_id)
    booking = next((p for p in await turn.active_registrations() if p[0].id == registration_id), None)
    if booking is None:
        raise RefusedError(OVER)
    return turn, booking


async def _tell(
    desk: Desk,
    turn: Turn,
    answer: Answer,
    about: Registration,
    action: str,
    unheard: Unheard | None,
    *,
    before: Registration | None = None,
) -> Hearing:
    """Write down who did it, and send the answer unless it is not to be heard. Who hears of it.

    ``before``: the registration as it was, where it was changed.
    """
    if not turn.incoming.address.channel.written:
        unheard = unheard or Unheard.NO_ADDRESS
    subject, data = f"registration:{about.id}", changed_of(before, about) or {}
    data |= {"unheard": unheard.value} if unheard else {}
    await record(
        turn.tx, action, now=turn.now, person_id=about.person_id, subject=subject, data=data or None, by=desk.by
    )
    if unheard is None:
        detail = CONFIRMATION if answer.outcome is TurnOutcome.REGISTERED else action
        await queue_answer(turn, answer.reply, detail=detail, about=[about.id])
    name = turn.person.name if turn.person else ""
    return Hearing(name, turn.incoming.address if unheard is None else None, unheard)
