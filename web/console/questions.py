"""Domande: who waits for an answer; answered on the channel they wrote on, passed on, closed with a reason, taken back."""

from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.responses import Response

from db.meetings import sector_names
from db.operators import all_operators
from office.errors import RefusedError
from office.questions import (
    GRACE,
    Closing,
    Question,
    QuestionMovedError,
    QuestionState,
    answer,
    close,
    get_question,
    hold,
    lines_of,
    pass_on,
    undo_answer,
    waiting_questions,
)
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import say_channel, sentence, whole

_PAGE = f"{ROOT}/domande"
_CLOSINGS = [
    (Closing.ANSWERED_ELSEWHERE.value, "ho già risposto, per telefono o altrove"),
    (Closing.NO_QUESTION.value, "non chiede niente"),
    (Closing.NOT_FOR_US.value, "non è per noi"),
    (Closing.SPAM.value, "è pubblicità"),
]
_REASONS = {
    "question": "il bot non trova la risposta nei documenti",
    "asked": "ha chiesto di parlare con una persona",
    "human": "ha chiesto di parlare con una persona",
    "complaint": "si lamenta",
    "wrong": "dice che la risposta del bot era sbagliata",
    "trust": "non è sicuro chi scriva",
    "loop": "scrive sempre le stesse parole: forse è un programma",
    "brake": "ha scritto troppe volte in un giorno",
}


def say_reason(name: str) -> str:
    """Why the bot passed it on, in words."""
    return _REASONS.get(name, "il bot la lascia a una persona")


async def show(visit: Visit) -> Response:
    """Those that wait, oldest first."""
    async with visit.look() as tx:
        waiting = await waiting_questions(tx)
    return await visit.show(
        "questions.html",
        title="Domande",
        waiting=waiting,
        say_channel=say_channel,
        say_reason=say_reason,
        office=visit.world.office,
        late=_late(visit, waiting),
    )


def _late(visit: Visit, waiting: list[Question]) -> set[int]:
    """Those that are older than a working day."""
    return {q.id for q in waiting if visit.times.now - q.created_at > timedelta(days=1)}


async def show_one(visit: Visit) -> Response:
    """One, with what was said before it. Whoever opens it has it in hand for some minutes."""
    async with visit.begin() as tx:
        asked = await get_question(tx, _number(visit))
        if asked is None:
            raise HTTPException(404)
        other = await hold(tx, visit.desk, asked.id) if asked.state is QuestionState.OPEN else None
    return await _one(visit, other=other)


async def _one(
    visit: Visit, *, other: int | None = None, fault: str = "", theirs: str = "", status: int = 200
) -> Response:
    async with visit.look() as tx:
        asked = await get_question(tx, _number(visit))
        if asked is None:
            raise HTTPException(404)
        lines = await lines_of(tx, asked.id)
        operators = {o.id: o.name or o.email for o in await all_operators(tx)}
        sectors = await sector_names(tx)
    facts = [f for f in asked.evidence.get("facts", []) if isinstance(f, (list, tuple)) and len(f) > 1]
    return await visit.show(
        "question.html",
        title=f"Domanda n. {asked.id}",
        status=status,
        asked=asked,
        lines=lines,
        operators=operators,
        colleagues=[(str(k), v) for k, v in operators.items() if k != visit.operator.id],
        sectors=sectors,
        closings=_CLOSINGS,
        other=operators.get(other, "") if other else "",
        nearest=[
            (visit.world.library.facts[f[0]].title["it"], f[1]) for f in facts if f[0] in visit.world.library.facts
        ],
        say_channel=say_channel,
        say_reason=say_reason,
        given=visit.text("risposta"),
        theirs=theirs,
        fault=fault,
        is_open=asked.state is QuestionState.OPEN,
    )


async def send(visit: Visit) -> Response:
    """The answer leaves in two minutes, on the channel of the question."""
    number = _number(visit)
    try:
        async with visit.begin() as tx:
            due = await answer(tx, visit.desk, number, visit.text("risposta"), seen=_seen(visit))
    except QuestionMovedError as moved:
        return await _one(visit, fault=sentence(moved), theirs=moved.question.answer, status=409)
    except RefusedError as refused:
        return await _one(visit, fault=sentence(refused), status=422)
    wait = (due - visit.times.now).total_seconds()
    until = (visit.times.real + timedelta(seconds=wait)).timestamp()
    said = f"Risposta pronta: parte fra {round(GRACE.total_seconds() / 60)} minuti."
    return await visit.redirect(_PAGE, said, undo=f"{_PAGE}/{number}/ritira", until=until)


async def take_back(visit: Visit) -> Response:
    """The answer does not leave; its words stand in the form again."""
    number = _number(visit)
    try:
        async with visit.begin() as tx:
            await undo_answer(tx, visit.desk, number)
    except RefusedError as refused:
        return await visit.redirect(f"{_PAGE}/{number}", sentence(refused), bad=True)
    return await visit.redirect(f"{_PAGE}/{number}", "Risposta ritirata: la domanda aspetta ancora.")


async def end(visit: Visit) -> Response:
    """Nobody writes to who asked."""
    number = _number(visit)
    try:
        why = Closing(visit.text("motivo"))
    except ValueError:
        raise HTTPException(400) from None
    try:
        async with visit.begin() as tx:
            await close(tx, visit.desk, number, why, seen=_seen(visit))
    except RefusedError as refused:
        return await _one(visit, fault=sentence(refused), status=409)
    return await visit.redirect(_PAGE, f"La domanda n. {number} è chiusa.")


async def hand_on(visit: Visit) -> Response:
    """A colleague has it in hand."""
    number, to = _number(visit), whole(visit.text("a")) or 0
    try:
        async with visit.begin() as tx:
            await pass_on(tx, visit.desk, number, to, seen=_seen(visit))
    except RefusedError as refused:
        return await _one(visit, fault=sentence(refused), status=409)
    return await visit.redirect(_PAGE, f"La domanda n. {number} è passata.")


def _number(visit: Visit) -> int:
    return int(visit.path["question"])


def _seen(visit: Visit) -> int:
    seen = whole(visit.text("vista"))
    if seen is None:
        raise HTTPException(400)
    return seen
