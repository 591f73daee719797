"""Il registro: who did what, when. Never anybody's words; nothing here is changed.

It holds people's numbers; the page says the names of those who are still known, its files do not.
"""

from collections.abc import Callable, Mapping
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
    return row["person"] or _number(row)


def _number(row: Row) -> str:
    return f"persona n. {row['person_id']}" if row["person_id"] else ""


def _page_of(row: Row) -> str:
    return f"{ROOT}/persone/{row['person_id']}" if row["person_id"] else ""


def _subject(row: Row, operators: Mapping[int, str]) -> str:
    """What it was done to, as a person would read it out."""
    kind, _, number = row["subject"].partition(":")
    name = operators.get(int(number), "") if kind == "operator" and number.isdecimal() else ""
    return f"{KINDS.get(kind, kind)} {name or f'n. {number}'}" if number else kind


def _about(operators: Mapping[int, str], *, person: bool) -> Callable[[Row], str]:
    """That and its details; ``person``: and whom, by number."""

    def say(row: Row) -> str:
        details = row["data"].items() if isinstance(row["data"], dict) else ()
        said = [say_detail(name, value, operators) for name, value in details]
        return ", ".join(filter(None, [_subject(row, operators), _number(row) if person else "", *said]))

    return say


_PAGE = ListPage(
    AUDIT,
    (
        Column("at", "Quando", moment_of("at")),
        Column("by", "Chi", _who),
        Column("action", "Che cosa", _action),
    ),
    caption="Registro",
    one="riga",
    many="righe",
    file="registro",
)


async def show(visit: Visit) -> Response:
    """The lines, newest first."""
    async with visit.look() as tx:
        operators = {o.id: o.name or o.email for o in await all_operators(tx)}
        kinds = sorted((ACTIONS.get(action, action), action) for action in await actions(tx))
    columns = (
        *_PAGE.columns,
        Column("person", "A chi", _person, _page_of, sorts=False, in_file=False),
        Column("subject", "Su che cosa", _about(operators, person=False), sorts=False, in_file=False),
        Column("subject", "Su che cosa", _about(operators, person=True), on_page=False),
    )
    filters = (
        Filter("by", "Chi", [("", "tutti"), *((str(number), name) for number, name in operators.items())]),
        Filter("action", "Che cosa", [("", "tutto"), *((action, said) for said, action in kinds)]),
        Filter("since", "Dal", type="date"),
        Filter("until", "Al", type="date"),
    )
    return await show_list(visit, replace(_PAGE, columns=columns, filters=filters), "log.html", title="Registro")
