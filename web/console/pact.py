"""Patto: who came, who is interested, who signed, which sectors are missing; marked by hand.

Readers see numbers, no names.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from db.meetings import sector_names
from db.operators import Role
from db.pact import PACT, PactState, Reached, Standing, reached, standing_of
from db.pact_organisations import count_organisations
from db.people import contact_of, is_known
from office.errors import RefusedError
from office.pact import StandingMovedError, note
from web.console.frame import say_day, speak_number
from web.console.guard import own_path
from web.console.lists import Column, Filter, ListPage, Row, show_list
from web.console.meeting_form import read_fields
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import LEAST, sentence

PAGE = f"{ROOT}/patto"
#: Of which nobody is known.
ORGANISATIONS = f"{PAGE}/associazioni"
STATES = {
    PactState.INVITED: "invitato",
    PactState.INTERESTED: "interessato",
    PactState.SIGNED: "ha firmato",
    PactState.ENDED: "non più",
}
_STEPS = ("Invitati", "Venuti", "Interessati", "Hanno firmato")
_STATE = Filter(
    "stato",
    "Stato",
    [
        ("", "tutti"),
        ("new", "interessati, da segnare"),
        *((str(state), said) for state, said in STATES.items()),
        ("none", "ancora niente"),
    ],
)
_CAME = Filter("venuti", "Incontri", [("", "tutti"), ("1", "è venuto"), ("0", "non è venuto")])


def _say_state(row: Row) -> str:
    """Where somebody stands; of who has signed, or had, the day."""
    if not row["state"]:
        return ""
    said = STATES[PactState(row["state"])]
    day = f" ({say_day(row['signed_on'])})" if row["signed_on"] else ""
    return said + (" · nuovo" if row["new"] else day)


def _say_came(row: Row) -> str:
    """Whether they came; for which association, when it is not the one beside their name."""
    if not row["came"]:
        return ""
    return "sì" if row["came_for"] in {"", row["organisation"]} else f"sì, per {row['came_for']}"


_LIST = ListPage(
    PACT,
    (
        Column("name", "Nome", lambda r: r["name"], lambda r: f"{ROOT}/persone/{r['id']}"),
        Column("organisation", "Associazione", lambda r: r["organisation"] or "privato cittadino"),
        Column("came", "Venuto", _say_came),
        Column("rank", "Stato", _say_state),
        Column("note", "Nota", sorts=False),
    ),
    caption="Patto",
    one="persona",
    many="persone",
    nothing="Nessuna persona.",
    file="patto",
    names=True,
)


async def show(visit: Visit) -> Response:
    """The numbers by sector; for those who may, the people."""
    async with visit.look() as tx:
        whole, found = await reached(tx)
        alone = await count_organisations(tx)
        names = {key: said["it"] for key, said in sorted((await sector_names(tx)).items())}
    by_name = visit.may(Role.OPERATOR)
    numbers = [(names[key].capitalize(), _steps(found.get(key, Reached()))) for key in names]
    missing = [said for said, steps in numbers if sum(steps[2:]) < (1 if by_name else LEAST)]
    values: dict[str, Any] = {
        "steps": _STEPS,
        "rows": [(said, _cells(steps, by_name=by_name)) for said, steps in numbers],
        "whole": ("Tutti i settori, ogni persona una volta", _cells(_steps(whole), by_name=by_name, whole=True)),
        "missing": missing,
        "least": 1 if by_name else LEAST,
        "organisations": (sum(alone.values()), alone.get(PactState.SIGNED, 0)),
    }
    if not by_name:
        return await visit.show("pact.html", title="Patto", listed=None, **values)
    back = quote(visit.request.url.path + (f"?{visit.query}" if visit.query else ""), safe="")
    mark = Column(
        "id", "Azioni", lambda _: "Cambia stato", lambda r: f"{PAGE}/{r['id']}?torna={back}", sorts=False, in_file=False
    )
    sectors = Filter("settore", "Settore", [("", "tutti"), *names.items()])
    spec = replace(_LIST, columns=(*_LIST.columns, mark), filters=(_STATE, _CAME, sectors))
    return await show_list(visit, spec, "pact.html", title="Patto", **values)


def _steps(far: Reached) -> list[int]:
    people = far.people
    stands = [people.get(state, 0) for state in (PactState.INVITED, PactState.INTERESTED, PactState.SIGNED)]
    return [stands[0], far.came, *stands[1:]]


def _cells(steps: list[int], *, by_name: bool, whole: bool = False) -> list[tuple[str, float]]:
    """What is said of each number, and how long its bar is; without names nothing tells how few a few are.

    ``whole``: the sum of rows. Taken exactly, what is missing from the other rows would stand in the difference.
    """
    if by_name:
        said = [speak_number(n) for n in steps]
    else:
        steps = [0 if n < LEAST else n - n % LEAST if whole else n for n in steps]
        said = [("almeno " if whole else "") + speak_number(n) if n else f"meno di {LEAST}" for n in steps]
    most = max(*steps, 1)
    return [(text, round(100 * n / most, 1)) for text, n in zip(said, steps, strict=True)]


# One person


async def show_one(visit: Visit) -> Response:
    """Where somebody stands, and the form that notes it."""
    return await _page(visit)


async def _page(
    visit: Visit, *, given: Mapping[str, str] | None = None, fault: str = "", status: int = 200
) -> Response:
    person = int(visit.path["person"])
    async with visit.look() as tx:
        standing = await standing_of(tx, person)
        if not await is_known(tx, person):
            raise HTTPException(404)
        who = await contact_of(tx, person)
    back = visit.text("torna") or visit.query.get("torna", "") or PAGE
    return await visit.show(
        "pact_person.html",
        title=f"Patto: {who.name or 'senza nome'}",
        status=status,
        person=person,
        who=who,
        standing=standing,
        form=form_of(standing) | dict(given or {}),
        states=STATES,
        back=own_path(back),
        fault=fault,
    )


def form_of(standing: Standing | None) -> dict[str, str]:
    """What the form shows: what is noted; where nothing is, no state is chosen."""
    if standing is None:
        return {"stato": "", "day": "", "nota": "", "visto": ""}
    day = standing.signed_on.isoformat() if standing.signed_on else ""
    return {"stato": str(standing.state), "day": day, "nota": standing.note, "visto": standing.version}


def read_state(given: str) -> PactState:
    """The state that a form sends. Raises ``RefusedError`` when none was chosen, ``HTTPException`` (400)."""
    if not given:
        msg = "manca lo stato: sceglilo"
        raise RefusedError(msg)
    try:
        return PactState(given)
    except ValueError:
        raise HTTPException(400) from None


async def save(visit: Visit) -> Response:
    """Note it. Who had something older before them sees what is noted now, and keeps what they wrote."""
    person = int(visit.path["person"])
    given = {name: visit.text(name) for name in ("stato", "day", "nota")}
    try:
        state = read_state(given["stato"])
        day = read_fields(visit.text, ("day",))["day"]
        async with visit.begin() as tx:
            if not await is_known(tx, person):
                raise HTTPException(404)
            seen = visit.text("visto")
            await note(tx, visit.desk, person, state, seen=seen, signed_on=day, words=given["nota"])
    except StandingMovedError as moved:
        return await _page(visit, given=given, fault=sentence(moved), status=409)
    except RefusedError as refused:
        return await _page(visit, given=given | {"visto": visit.text("visto")}, fault=sentence(refused), status=422)
    return await visit.redirect(own_path(visit.text("torna") or PAGE), f"Salvato: {STATES[state]}.")
