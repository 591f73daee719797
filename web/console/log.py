"""Il registro: who did what, when. Numbers, never anybody's words; nothing here is changed."""

from dataclasses import replace

from starlette.responses import Response

from db.lists import AUDIT, actions
from db.operators import all_operators
from office.desk import TERMINAL
from web.console.lists import Column, Filter, ListPage, Row, moment_of, show_list
from web.console.log_words import ACTIONS, KINDS, say_detail
from web.console.routes import ROOT
from web.console.visit import Visit


def _action(row: Row) -> str:
    action: str = row["action"]
    return ACTIONS.get(action, action)


def _who(row: Row) -> str:
    if row["by"] == TERMINAL.name:
        return "chi lavora al terminale"
    return row["by"] or "il bot o un cittadino"


def _person(row: Row) -> str:
    return f"{ROOT}/persone/{row['person_id']}" if row["person_id"] else ""


def _about(row: Row) -> str:
    """What it was done to, as a person would read it out."""
    kind, _, number = row["subject"].partition(":")
    parts = [f"{KINDS.get(kind, kind)} n. {number}" if number else kind] if kind else []
    if row["person_id"]:
        parts.append(f"persona n. {row['person_id']}")
    if isinstance(row["data"], dict):
        parts += [say_detail(name, value) for name, value in row["data"].items()]
    return ", ".join(parts)


_PAGE = ListPage(
    AUDIT,
    (
        Column("at", "Quando", moment_of("at")),
        Column("by", "Chi", _who),
        Column("action", "Che cosa", _action),
        Column("subject", "Su che cosa", _about, _person, sorts=False),
    ),
    caption="Registro",
    one="riga",
    many="righe",
    file="registro",
)


async def show(visit: Visit) -> Response:
    """The lines, newest first."""
    async with visit.look() as tx:
        people = [(str(o.id), o.name or o.email) for o in await all_operators(tx)]
        kinds = sorted((ACTIONS.get(action, action), action) for action in await actions(tx))
    filters = (
        Filter("by", "Chi", [("", "tutti"), *people]),
        Filter("action", "Che cosa", [("", "tutto"), *((action, said) for said, action in kinds)]),
        Filter("since", "Dal", type="date"),
        Filter("until", "Al", type="date"),
    )
    return await show_list(visit, replace(_PAGE, filters=filters), "log.html", title="Registro")
