"""Privacy: who asked for their data.

What is kept of somebody, copied, erased for ever, with the proof that nothing is left.
"""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.intents import Intent
from conversation.own_data import as_json
from db.finding import FoundPerson, find_people, words_of
from db.operators import Role, all_operators
from db.people import contact_of, is_known
from db.questions import QuestionState, data_requests
from db.traces import traces_of
from office.errors import RefusedError
from office.personal_data import addresses_in, erase_confirmed, export, find, in_words, is_known_by_name, kept, revoke
from web.console.pact import STATES
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import say_channel, sentence
from web.headers import CONSOLE

_PAGE = f"{ROOT}/privacy"
#: People of one name on the page; who finds more looks by the address.
_NAMESAKES = 20
_ASKED = {Intent.PRIVACY_EXPORT: "copia dei dati", Intent.PRIVACY_ERASE: "cancellazione"}


async def show(visit: Visit) -> Response:
    """Whom to look for, and which requests wait for a person."""
    return await _start(visit)


async def _start(visit: Visit, *, looked_for: str = "", people: list[FoundPerson] | None = None) -> Response:
    async with visit.look() as tx:
        requests = await data_requests(tx)
    return await visit.show(
        "privacy.html",
        title="Privacy",
        looked_for=looked_for,
        people=people,
        most=_NAMESAKES,
        requests=requests,
        asked=_ASKED,
        channel=say_channel,
    )


async def look_up(visit: Visit) -> Response:
    """By an address whoever has it, or had only asked from it; by a name those who are called so.

    Nothing of it stands in an address.
    """
    text = visit.text("chi")
    async with visit.look() as tx:
        found = await find(tx, text)
        if found is None and await kept(tx, text) is None:
            words = words_of(text)
            named = await find_people(tx, words, most=_NAMESAKES) if words else []
            return await _start(visit, looked_for=text, people=named)
    return await visit.redirect(f"{_PAGE}/{found[0]}") if found else await _about(visit, text)


async def show_one(visit: Visit) -> Response:
    """What is kept of a known person."""
    person = int(visit.path["person"])
    async with visit.look() as tx:
        addresses = (await contact_of(tx, person)).addresses if await is_known(tx, person) else ()
    if not addresses:
        raise HTTPException(404)
    return await _about(visit, addresses[0].value)


async def _about(visit: Visit, address: str, *, typed: str = "", fault: str = "", status: int = 200) -> Response:
    async with visit.look() as tx:
        data, found = await kept(tx, address), await find(tx, address)
        managers = [o.called for o in await all_operators(tx) if o.active and o.role is Role.MANAGER]
    if data is None:
        return await visit.redirect(_PAGE, "A questo indirizzo non c'è niente.", bad=True)
    addresses = found[1].addresses if found else tuple(addresses_in(address))
    return await visit.show(
        "privacy_person.html",
        title=f"Privacy: {data.get('name') or 'chi ha solo chiesto'}",
        status=status,
        person=found[0] if found else None,
        address=address,
        mailboxes=[each.value for each in addresses if each.channel.has_mailboxes],
        data=data,
        attended=[r for r in data.get("registrations", ()) if "attended_at" in r],
        waiting=[q for q in data["hand_overs"] if q["state"] == QuestionState.OPEN.value],
        by_name=found is not None and is_known_by_name(found[1]),
        states=STATES,
        channel=say_channel,
        decides=visit.may(Role.MANAGER),
        deciders=" o ".join(managers) or "chi è responsabile",
        typed=typed,
        fault=fault,
    )


async def copy(visit: Visit) -> Response:
    """All of it as a file, to be given to whom it is about: in words, or as JSON."""
    reads = visit.text("forma") == "parole"
    async with visit.begin() as tx:
        data = await export(tx, visit.text("indirizzo"), visit.times.now, by=visit.by)
        words = await in_words(tx, visit.desk, data) if data is not None and reads else ""
    if data is None:
        return await visit.redirect(_PAGE, "A questo indirizzo non c'è niente.", bad=True)
    name, content, media = (
        ("dati.txt", words, "text/plain") if reads else ("dati.json", as_json(data), "application/json")
    )
    headers = {**CONSOLE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=media)


async def end_links(visit: Visit) -> Response:
    """What was sent to a mail address opens nothing any more."""
    address = visit.text("indirizzo")
    async with visit.begin() as tx:
        known = await revoke(tx, address, visit.times.now, by=visit.by)
        found = await find(tx, address)
    to = f"{_PAGE}/{found[0]}" if found else _PAGE
    said = "I collegamenti mandati fin qui non aprono più niente." if known else "Questo indirizzo non è di nessuno."
    return await visit.redirect(to, said, bad=not known)


async def erase(visit: Visit) -> Response:
    """For ever; then every table is looked through."""
    address, typed = visit.text("indirizzo"), visit.text("ripeti")
    try:
        async with visit.begin() as tx:
            gone = await erase_confirmed(tx, address, typed, visit.times.now, by=visit.by)
    except RefusedError as refused:
        return await _about(visit, address, typed=typed, fault=sentence(refused), status=422)
    async with visit.look() as tx:
        left = await traces_of(tx, gone.person, gone.addresses)
    whose = gone.name or gone.addresses[0].value
    return await visit.show("privacy_erased.html", title=f"Dati cancellati: {whose}", left=left)
