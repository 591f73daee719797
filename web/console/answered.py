"""Risposte già date: what the office has answered, who and when; the answer itself stands on the question's page."""

from textwrap import shorten

from starlette.responses import Response

from conversation.office import say_actor
from db.answered import ANSWERED, QuestionState
from web.console.frame import say_moment
from web.console.lists import Column, ListPage, Row, show_list
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import say_channel

#: Characters of a question in the list.
_WORDS = 120


def _question(row: Row) -> str:
    words = shorten(row["question"], _WORDS, placeholder="…") or "(senza parole)"
    return f"n. {row['id']}: {words}"


def _asked_by(row: Row) -> str:
    return row["name"] or ("" if row["person_id"] else f"persona non iscritta, {say_channel(row['channel'])}")


def _when(row: Row) -> str:
    return say_moment(row["answered_at"]) + (", non ancora partita" if row["waits"] else "")


_PAGE = ListPage(
    ANSWERED,
    (
        Column("answered_at", "Quando", _when),
        Column("question", "Domanda", _question, lambda row: f"{ROOT}/domande/{row['id']}", sorts=False),
        Column(
            "name",
            "Chi ha chiesto",
            _asked_by,
            lambda row: f"{ROOT}/persone/{row['person_id']}" if row["person_id"] else "",
        ),
        Column("by", "Chi ha risposto", lambda row: say_actor(row["by"]), sorts=False),
    ),
    caption="Risposte già date",
    one="risposta",
    many="risposte",
    nothing="Nessuna risposta.",
)


async def show(visit: Visit) -> Response:
    """The answers, the latest first."""
    fixed = {"stato": QuestionState.ANSWERED.value}
    return await show_list(visit, _PAGE, "answered.html", title="Risposte già date", fixed=fixed)
