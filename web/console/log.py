"""Il registro: who did what, when. Never anybody's words; nothing here is changed.

It holds people's numbers; the page says the names of those who are still known, its files do not.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from db.engine import Transaction
from db.lists import AUDIT, actions
from db.operators import names_of_operators
from db.subjects import Subject, subjects_there
from office.desk import TERMINAL
from office.kinds import say_kind
from web.console.frame import say_day
from web.console.lists import Column, Filter, ListPage, Row, moment_of, show_list
from web.console.log_words import ACTIONS, KINDS, say_details
from web.console.routes import ROOT
from web.console.visit import Visit

#: Where there is a page of what a line is about, or of its meeting; its number follows.
_PAGES = {
    "meeting": "incontri",
    "question": "domande",
    "inbox": "posta",
    "broadcast": "avvisi",
    "organisation": "patto/associazioni",
    "fact": "voci",
    "registration": "incontri",
    "outbox": "incontri",
}
#: What is said of one that is gone while another has its number.
_GONE = {
    "question": "cancellata",
    "registration": "cancellata",
    "organisation": "cancellata",
    "inbox": "cancellato",
    "broadcast": "cancellato",
}
#: What is called by its meeting.
_OF_MEETING = frozenset(("meeting", "registration", "outbox"))


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
    there = _there(row)
    if kind == "fact":
        return f"voce «{there.title}»" if there else "una voce di «Che cosa sa»"
    if there and there.title:
        return _say_there(kind, there)
    if there and there.kind:
        return say_kind(there.kind, there.detail)
    name = operators.get(int(number), "") if kind == "operator" and number.isdecimal() else ""
    gone = [_GONE[kind]] if _is_gone(row) else []
    return ", ".join([f"{KINDS.get(kind, kind)} {name or f'n. {number}'}", *gone]) if number else kind


def _say_there(kind: str, there: Subject) -> str:
    """«avviso «Le slide sono pronte»», «iscrizione: Associazioni sportive, giovedì 21 gennaio 2021»."""
    if kind not in _OF_MEETING:
        return f"{KINDS[kind]} «{there.title}»"
    called = say_kind(there.kind, there.detail) if there.kind else KINDS[kind]
    return ", ".join(filter(None, [f"{called}: {there.title.capitalize()}", say_day(there.day)]))


def _there(row: Row) -> Subject | None:
    """It, where it is still there; a row of a file does not know.

    A number may be given again: it is the one that was meant if it was there by then and, of a registration or a
    message, is that person's.
    """
    there: Subject | None = row.get("there")
    return there if there and not _is_gone(row) and there.person in {None, row["person_id"]} else None


def _is_gone(row: Row) -> bool:
    there: Subject | None = row.get("there")
    return there is not None and there.began_after(row["at"])


def _subject_at(row: Row) -> str:
    there = _there(row)
    kind = row["subject"].partition(":")[0]
    return f"{ROOT}/{_PAGES[kind]}/{there.number}" if there and there.number else ""


async def _look_up(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Of each row what it is about, where that is still there."""
    there = await subjects_there(tx, {row["subject"] for row in rows})
    for row in rows:
        row["there"] = there.get(row["subject"])


def _in_file(operators: Mapping[int, str]) -> Callable[[Row], str]:
    """What it was done to, to whom, by number, and the details."""
    return lambda row: ", ".join(
        filter(None, [_subject(row, operators), _number(row), *say_details(row["data"], operators)])
    )


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
        operators = await names_of_operators(tx)
        kinds = sorted((ACTIONS.get(action, action), action) for action in await actions(tx))
    columns = (
        *_PAGE.columns,
        Column("person", "A chi", _person, _page_of, sorts=False, in_file=False),
        Column("subject", "Su che cosa", lambda row: _subject(row, operators), _subject_at, sorts=False, in_file=False),
        Column("data", "Come", lambda row: ", ".join(say_details(row["data"], operators)), sorts=False, in_file=False),
        Column("subject", "Su che cosa", _in_file(operators), on_page=False),
    )
    filters = (
        Filter("by", "Chi", [("", "tutti"), *((str(number), name) for number, name in operators.items())]),
        Filter("action", "Che cosa", [("", "tutto"), *((action, said) for said, action in kinds)]),
        Filter("since", "Dal", type="date"),
        Filter("until", "Al", type="date"),
    )
    spec = replace(_PAGE, columns=columns, filters=filters)
    return await show_list(visit, spec, "log.html", title="Registro", add=_look_up)
