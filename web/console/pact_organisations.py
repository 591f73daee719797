"""Associations of which nobody is known, as they stand to the Patto: noted by their name, put right, taken away."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from db.pact import PactState
from db.pact_organisations import PACT_ORGANISATIONS, noted_organisation
from office.errors import RefusedError
from office.pact import StandingMovedError, add_organisation, note_organisation, remove_organisation
from web.console.frame import say_day
from web.console.lists import Column, Filter, ListPage, show_list
from web.console.meeting_form import read_fields
from web.console.pact import ORGANISATIONS, PAGE, read_state
from web.console.visit import Visit
from web.console.words import sentence

#: How one may stand, in words.
STATES = {
    PactState.INVITED: "invitata",
    PactState.INTERESTED: "interessata",
    PactState.SIGNED: "ha firmato",
    PactState.ENDED: "non più",
}
_LIST = ListPage(
    PACT_ORGANISATIONS,
    (
        Column("name", "Associazione", href=lambda r: f"{ORGANISATIONS}/{r['id']}"),
        Column("state", "Stato", lambda r: STATES[PactState(r["state"])]),
        Column("signed_on", "Firma", lambda r: say_day(r["signed_on"])),
        Column("note", "Nota", sorts=False),
    ),
    caption="Associazioni e Patto",
    one="associazione",
    many="associazioni",
    filters=(Filter("stato", "Stato", [("", "tutti"), *((str(state), said) for state, said in STATES.items())]),),
    nothing="Nessuna associazione.",
    file="patto-associazioni",
)


async def show(visit: Visit) -> Response:
    """All of them, by name."""
    return await show_list(visit, _LIST, "pact_organisations.html", title="Associazioni e Patto")


async def show_new(visit: Visit) -> Response:
    """The form for another."""
    return await _new(visit, {"nome": "", "stato": "", "day": "", "nota": ""})


async def _new(visit: Visit, form: Mapping[str, str], *, fault: str = "", status: int = 200) -> Response:
    return await visit.show(
        "pact_organisation.html",
        title="Patto: un'associazione senza persone",
        status=status,
        noted=None,
        form={**form, "visto": ""},
        states=STATES,
        fault=fault,
    )


async def add(visit: Visit) -> Response:
    """Note one by its name."""
    given = _given(visit, "nome")
    try:
        state, day = read_state(given["stato"]), read_fields(visit.text, ("day",))["day"]
        async with visit.begin() as tx:
            await add_organisation(tx, visit.desk, given["nome"], state, signed_on=day, words=given["nota"])
    except RefusedError as refused:
        return await _new(visit, given, fault=sentence(refused), status=422)
    return await visit.redirect(ORGANISATIONS, f"Salvato: {given['nome']}, {STATES[state]}.")


async def show_one(visit: Visit) -> Response:
    """How it stands, and the forms that note something else, or nothing any more."""
    return await _one(visit)


async def _one(visit: Visit, *, given: Mapping[str, str] | None = None, fault: str = "", status: int = 200) -> Response:
    async with visit.look() as tx:
        noted = await noted_organisation(tx, _number(visit))
    if noted is None:
        raise HTTPException(404)
    day = noted.signed_on.isoformat() if noted.signed_on else ""
    held = {"stato": str(noted.state), "day": day, "nota": noted.note, "visto": noted.version}
    return await visit.show(
        "pact_organisation.html",
        title=noted.name,
        status=status,
        noted=noted,
        people=f"{PAGE}?{urlencode({'q': noted.name})}",
        form=held | dict(given or {}),
        states=STATES,
        fault=fault,
    )


async def save(visit: Visit) -> Response:
    """Note how it stands now. Who had something older before them sees what is noted, and keeps what they wrote."""
    given = _given(visit)
    try:
        state, day = read_state(given["stato"]), read_fields(visit.text, ("day",))["day"]
        async with visit.begin() as tx:
            seen, words = visit.text("visto"), given["nota"]
            await note_organisation(tx, visit.desk, _number(visit), state, seen=seen, signed_on=day, words=words)
    except StandingMovedError as moved:
        return await _one(visit, given=given, fault=sentence(moved), status=409)
    except RefusedError as refused:
        return await _one(visit, given=given | {"visto": visit.text("visto")}, fault=sentence(refused), status=422)
    return await visit.redirect(ORGANISATIONS, f"Salvato: {STATES[state]}.")


async def remove(visit: Visit) -> Response:
    """It does not stand there any more."""
    try:
        async with visit.begin() as tx:
            await remove_organisation(tx, visit.desk, _number(visit), seen=visit.text("visto"))
    except StandingMovedError as moved:
        return await _one(visit, fault=sentence(moved), status=409)
    return await visit.redirect(ORGANISATIONS, "Tolta dall'elenco.")


def _given(visit: Visit, *more: str) -> dict[str, str]:
    return {name: visit.text(name) for name in ("stato", "day", "nota", *more)}


def _number(visit: Visit) -> int:
    return int(visit.path["organisation"])
