"""Persona: what the office knows of somebody, what they were sent, and what can be done for them."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from db.meetings import programme, sector_names
from db.notes import note_of
from db.pact import standing_of
from db.people import is_known
from db.registered import Known, RegistrationStatus, know
from db.registrations import Registration, get_registrations
from office.errors import RefusedError
from office.kinds import say_kind
from office.people import NOTE, NoteMovedError, add_contact, join, read_address, set_note, set_phone
from office.withdrawing import look_at
from web.console.meeting_form import say_told
from web.console.outgoing import say_state
from web.console.pact import STATES, form_of
from web.console.registered import STATUS, UNHEARD, read_meeting, read_unheard, say_presence, say_registered, to_choose
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import count_people, say_channel, say_heard, say_unreached, sentence, whole

#: What the form for one more meeting asks.
_WISH = ("meeting", "participants", "organisation", "avvisare")
#: As for who is registered by hand; what they receive is no confirmation.
_UNHEARD = [("", "sì, riceve un messaggio"), *UNHEARD[1:]]


async def show(visit: Visit) -> Response:
    """The person."""
    return await _page(visit, int(visit.path["person"]))


async def _page(visit: Visit, number: int, *, fault: str = "", written: str = "", status: int = 200) -> Response:
    """``written``: a note that was not saved."""
    async with visit.look() as tx:
        known = await know(tx, number)
        if known is None:
            raise HTTPException(404)
        meetings, sectors = await programme(tx)
        standing = await standing_of(tx, number)
        note = await note_of(tx, number)
    return await visit.show(
        "person.html",
        title=known.name or "Senza nome",
        status=status,
        known=known,
        sectors=sectors,
        options=to_choose(meetings, sectors, visit.times.now),
        wish={name: visit.text(name) for name in _WISH},
        wishes="meeting" in visit.form,
        coming={m.id for m in meetings if m.is_upcoming(visit.times.now)},
        linked={m.id for m in meetings if m.link},
        statuses=STATUS,
        unheard=_UNHEARD,
        withdrawn=RegistrationStatus.WITHDRAWN,
        waiting=RegistrationStatus.WAITLISTED,
        channel=say_channel,
        kind=say_kind,
        state=say_state,
        say_told=say_told,
        say_presence=say_presence,
        why=_why(known),
        standing=standing,
        note=note,
        note_longest=NOTE,
        written=written,
        pact=form_of(standing),
        pact_states=STATES,
        fault=fault,
    )


def _why(known: Known) -> dict[str, str]:
    """For each address that is not reached why, in words."""
    stopped = [c for c in known.contacts if not c.reachable]
    return {c.value: say_unreached(c.channel.value, c.reason, c.stopped_at) for c in stopped}


async def register(visit: Visit) -> Response:
    """They come to one more meeting; whoever has no e-mail, too."""
    from office.on_behalf import register_known

    person = int(visit.path["person"])
    people = whole(visit.text("participants"), digits=4) or 0
    try:
        unheard, meeting = read_unheard(visit.text("avvisare")), read_meeting(visit)
        async with visit.begin() as tx:
            if not await is_known(tx, person):
                raise HTTPException(404)
            made, hearing = await register_known(
                tx, visit.desk, person, meeting, visit.text("organisation"), people, unheard=unheard
            )
    except RefusedError as refused:
        return await _page(visit, person, fault=sentence(refused), status=422)
    return await visit.redirect(f"{ROOT}/persone/{person}", say_registered(made, hearing))


async def _registration(visit: Visit) -> tuple[int, int]:
    """The registration (id) that a form is about, and whose it is."""
    number = int(visit.path["registration"])
    async with visit.look() as tx:
        held = (await get_registrations(tx, [number])).get(number)
    if held is None:
        raise HTTPException(404)
    return number, held.person_id


async def set_seats(visit: Visit) -> Response:
    """So many come."""
    from office.on_behalf import change_seats

    number, person = await _registration(visit)
    people = whole(visit.text("persone"), digits=4) or 0
    try:
        async with visit.begin() as tx:
            after, hearing = await change_seats(
                tx, visit.desk, number, people, unheard=read_unheard(visit.text("avvisare"))
            )
    except RefusedError as refused:
        return await _page(visit, person, fault=sentence(refused), status=422)
    return await visit.redirect(f"{ROOT}/persone/{person}", say_heard(_say_seats(after), hearing))


def _say_seats(after: Registration) -> str:
    """«Ora sono 3 persone»."""
    waits = ", in lista d'attesa" if after.status is RegistrationStatus.WAITLISTED else ""
    return f"{'Ora è' if after.participants == 1 else 'Ora sono'} {count_people(after.participants)}{waits}"


async def show_end(visit: Visit) -> Response:
    """The second look, before a registration is withdrawn."""
    number, person = await _registration(visit)
    unheard = read_unheard(visit.query.get("avvisare", ""))
    try:
        async with visit.look() as tx:
            seen = await look_at(tx, visit.desk, number, unheard=unheard)
            sectors = await sector_names(tx)
    except RefusedError as refused:
        return await visit.redirect(f"{ROOT}/persone/{person}", sentence(refused), bad=True)
    return await visit.show("withdraw.html", title="Ritira l'iscrizione", seen=seen, sectors=sectors)


async def end_seats(visit: Visit) -> Response:
    """They do not come."""
    from office.on_behalf import withdraw

    number, person = await _registration(visit)
    try:
        async with visit.begin() as tx:
            done = await withdraw(tx, visit.desk, number, unheard=read_unheard(visit.text("avvisare")))
    except RefusedError as refused:
        return await _page(visit, person, fault=sentence(refused), status=422)
    return await visit.redirect(f"{ROOT}/persone/{person}", say_heard("Iscrizione ritirata", done.hearing))


async def resend(visit: Visit) -> Response:
    """The link once more."""
    from office.on_behalf import send_link

    number, person = await _registration(visit)
    try:
        async with visit.begin() as tx:
            await send_link(tx, visit.desk, number)
    except RefusedError as refused:
        return await _page(visit, person, fault=sentence(refused), status=422)
    return await visit.redirect(f"{ROOT}/persone/{person}", "Il collegamento parte adesso.")


async def add_address(visit: Visit) -> Response:
    """Another address, or one instead of another."""
    person = int(visit.path["person"])
    async with visit.look() as tx:
        known = await know(tx, person)
    if known is None:
        raise HTTPException(404)
    try:
        address = read_address(visit.text("email"))
        old = next((read_address(c.value) for c in known.contacts if c.value == visit.text("invece")), None)
        async with visit.begin() as tx:
            await add_contact(tx, person, address, visit.times.now, by=visit.by, instead_of=old)
    except RefusedError as refused:
        return await _page(visit, person, fault=sentence(refused), status=422)
    return await visit.redirect(f"{ROOT}/persone/{person}", "Recapito salvato.")


async def write_phone(visit: Visit) -> Response:
    """By which number they are told what cannot be written to them."""
    person, phone = int(visit.path["person"]), visit.text("telefono")
    try:
        async with visit.begin() as tx:
            await set_phone(tx, person, phone, visit.times.now, by=visit.by)
    except RefusedError as refused:
        return await _page(visit, person, fault=sentence(refused), status=422)
    return await visit.redirect(f"{ROOT}/persone/{person}", "Telefono salvato." if phone else "Telefono tolto.")


async def write_note(visit: Visit) -> Response:
    """What a colleague has to know of them."""
    person, text, seen = int(visit.path["person"]), visit.text("nota"), whole(visit.text("vista"))
    if seen is None:
        raise HTTPException(400)
    try:
        async with visit.begin() as tx:
            await set_note(tx, person, text, visit.times.now, seen=seen, by=visit.by)
    except NoteMovedError as moved:
        return await _page(visit, person, fault=sentence(moved), written=text, status=409)
    except RefusedError as refused:
        return await _page(visit, person, fault=sentence(refused), written=text, status=422)
    said = "Nota salvata." if text else "Nota tolta."
    return await visit.redirect(f"{ROOT}/persone/{person}", said, accepted=f"nota-{person}")


async def show_join(visit: Visit) -> Response:
    """The second look, before two rows become one person."""
    return await _join(visit, visit.query.get("altra", "").strip())


async def _join(visit: Visit, typed: str) -> Response:
    """``typed``: the other's number, as it was written."""
    person, number = int(visit.path["person"]), whole(typed)
    async with visit.look() as tx:
        kept = await know(tx, person)
        joined = await know(tx, number) if number is not None else None
        sectors = await sector_names(tx)
    if kept is None:
        raise HTTPException(404)
    fault = _why_not_joined(kept, typed, joined) if typed else ""
    return await visit.show(
        "join.html",
        title="Unisci due schede",
        status=422 if fault else 200,
        kept=kept,
        joined=None if fault else joined,
        typed=typed,
        fault=fault,
        sectors=sectors,
        statuses=STATUS,
    )


def _why_not_joined(kept: Known, typed: str, other: Known | None) -> str:
    """Why there is nothing to join; empty where there is."""
    where = "Il numero sta in alto nella pagina dell'altra persona: «Persona n. 12»."
    if whole(typed) is None:
        return f"«{typed[:120]}» non è un numero. {where}"
    if other is None:
        return f"Non c'è una persona n. {typed}. {where}"
    return "È già una persona sola: serve il numero dell'altra." if other.id == kept.id else ""


async def join_with(visit: Visit) -> Response:
    """Two rows that are one person."""
    person, other = int(visit.path["person"]), whole(visit.text("altra"))
    if other is None:
        return await _join(visit, visit.text("altra") or "(vuoto)")
    try:
        async with visit.begin() as tx:
            await join(tx, person, other, visit.times.now, by=visit.by)
    except RefusedError as refused:
        return await _page(visit, person, fault=sentence(refused), status=422)
    return await visit.redirect(f"{ROOT}/persone/{person}", "Le due sono una persona sola.")
