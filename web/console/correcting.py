"""A correction of an answer that has left, on its question's page."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from office.correcting import correct, why_not
from office.errors import RefusedError
from office.questions import Question, QuestionMovedError, get_question
from web.console.questions import say_given, say_left_out, show_question, ticked, version_seen
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import sentence


async def show(visit: Visit) -> Response:
    """The question's page with the form; without it, and why, where there is nothing to correct."""
    asked, why = await _asked(visit)
    return await show_question(visit, asked, given=visit.given, correcting=True, fault=sentence(why) if why else "")


async def send(visit: Visit) -> Response:
    """The correction leaves in two minutes, to who asked and to those with the same answer that are ticked."""
    number, text = int(visit.path["question"]), visit.text("risposta")
    try:
        async with visit.begin() as tx:
            given = await correct(tx, visit.desk, number, text, seen=version_seen(visit), others=ticked(visit))
            others = await say_left_out(tx, given)
    except RefusedError as refused:
        asked, _ = await _asked(visit)
        status = 409 if isinstance(refused, QuestionMovedError) else 422
        return await show_question(visit, asked, given=text, correcting=True, fault=sentence(refused), status=status)
    said = say_given("Correzione pronta", given) + others
    return await visit.redirect(f"{ROOT}/domande/{number}", said, accepted=f"correzione-{number}")


async def _asked(visit: Visit) -> tuple[Question, RefusedError | None]:
    """The question that the address names, and why it cannot be corrected. Raises ``HTTPException`` (404)."""
    async with visit.look() as tx:
        asked = await get_question(tx, int(visit.path["question"]))
        if asked is None:
            raise HTTPException(404)
        return asked, await why_not(tx, asked)
