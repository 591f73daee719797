"""Domande: who waits for an answer.

Answered on the channel they wrote on, passed on, closed with a reason, taken back.
"""

from datetime import timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.office import say_actor
from conversation.outcome import HandOverReason
from db.engine import Transaction
from db.meetings import sector_names
from db.operators import get_operator, names_of_operators
from db.questions import answered_besides, passed_on_by, settled_by, waiting_beside
from db.registered import RegistrationStatus, know, told_unasked
from office.correcting import given_the_same, why_not
from office.equal_questions import count_equal, equal_to
from office.errors import RefusedError
from office.kinds import say_kind
from office.questions import (
    GRACE,
    Closing,
    GivenAnswer,
    LeavingAnswer,
    Question,
    QuestionMovedError,
    QuestionState,
    Side,
    answer,
    answers_leaving,
    close,
    get_question,
    hold,
    is_correction,
    leaving,
    lines_of,
    pass_on,
    undo_answer,
    waiting_questions,
)
from office.today import is_late
from web.console.document_facts import address_of
from web.console.meeting_form import say_told
from web.console.registered import STATUS
from web.console.routes import ROOT
from web.console.understood import say_threshold, say_understood
from web.console.visit import Visit
from web.console.words import say_at, say_channel, sentence, whole

_PAGE = f"{ROOT}/domande"
#: Answers given longer ago that have still not left are found in In uscita.
_LATELY = timedelta(hours=1)
_CLOSINGS = [
    (Closing.ANSWERED_ELSEWHERE.value, "ho già risposto, per telefono o altrove"),
    (Closing.NO_QUESTION.value, "non chiede niente"),
    (Closing.NOT_FOR_US.value, "non è per noi"),
    (Closing.SPAM.value, "è pubblicità"),
]
_REASONS = {
    "question": "il bot non trova la risposta nei documenti",
    "person": "ha chiesto di parlare con una persona",
    "complaint": "si lamenta",
    "unclear": "il bot non ha capito il messaggio",
    "encrypted": "l'e-mail è cifrata: si legge nella casella",
    "several": "parla di più associazioni",
    "changes": "cambia più iscrizioni insieme",
    "other_office": "la lettera sembra per un altro ufficio",
    "elsewhere": "scrive da un indirizzo diverso da quello iscritto",
    "adhesion": "vuole aderire al Patto",
    "trust": "non è sicuro chi scriva",
    "loop": "scrive sempre le stesse parole: forse è un programma",
    "brake": "ha scritto troppe volte in un giorno",
}

#: Where what it knows was not near enough to answer with.
_WEIGHED = frozenset({HandOverReason.QUESTION, HandOverReason.UNCLEAR})

#: From which probability on a fact is said to be so like a question.
_LIKENESS = ((0.75, "molto somigliante"), (0.5, "abbastanza somigliante"), (-1.0, "poco somigliante"))


def say_likeness(score: float) -> str:
    """How near a fact is to a question, in words and out of a hundred."""
    said = next(words for least, words in _LIKENESS if score >= least)
    return f"{said}: {round(100 * score)} su 100"


def say_reason(name: str) -> str:
    """Why the bot passed it on, in words."""
    return _REASONS.get(name, "il bot la lascia a una persona")


async def show(visit: Visit) -> Response:
    """Those that wait, oldest first; and the answers that have not left."""
    async with visit.look() as tx:
        waiting = await waiting_questions(tx)
        going = await answers_leaving(tx, visit.times.now - _LATELY)
        passed = await _passed(visit, tx, waiting)
    return await visit.show(
        "questions.html",
        title="Domande",
        waiting=waiting,
        leaving=[(asked, said, say_at(due, visit.times.now)) for asked, said, due in going],
        is_correction=is_correction,
        say_channel=say_channel,
        say_reason=say_reason,
        late=_late(visit, waiting),
        passed=passed,
        equal=count_equal(waiting),
    )


async def _passed(visit: Visit, tx: Transaction, questions: list[Question]) -> dict[int, str]:
    """By number, those that were passed on: to whom, and by whom."""
    by = await passed_on_by(tx, questions)
    operators = await names_of_operators(tx) if by else {}
    return {
        q.id: f"passata a {'te' if q.taken_by == visit.operator.id else operators[q.taken_by]} da {by[q.id]}"
        for q in questions
        if q.id in by and q.taken_by in operators
    }


def _late(visit: Visit, waiting: list[Question]) -> set[int]:
    """Those that are older than a working day."""
    return {q.id for q in waiting if is_late(q.created_at, visit.world.office, visit.times.now)}


async def show_one(visit: Visit) -> Response:
    """One, with what was said before it. Whoever opens it has it in hand for some minutes."""
    try:
        async with visit.begin() as tx:
            asked, other = await hold(tx, visit.desk, _number(visit))
    except RefusedError as refused:
        raise HTTPException(404) from refused
    return await show_question(visit, asked, other=other, given=visit.given)


async def _again(visit: Visit, *, fault: str, status: int) -> Response:
    """The page once more, with what was written and why it was not done."""
    async with visit.look() as tx:
        asked = await get_question(tx, _number(visit))
    if asked is None:
        raise HTTPException(404)
    return await show_question(visit, asked, given=visit.text("risposta"), fault=fault, status=status)


async def show_question(
    visit: Visit,
    asked: Question,
    *,
    other: int | None = None,
    given: str = "",
    fault: str = "",
    status: int = 200,
    correcting: bool = False,
) -> Response:
    """Its page.

    ``other``: who has it in hand. ``given``: what the form begins with. ``correcting``: with the form that corrects.
    """
    is_open = asked.state is QuestionState.OPEN
    async with visit.look() as tx:
        lines = await lines_of(tx, asked.id)
        operators = await names_of_operators(tx)
        equal = await equal_to(tx, asked) if is_open else []
        by = "" if is_open else say_actor(await settled_by(tx, asked))
        left = await leaving(tx, asked)
        corrigible = not await why_not(tx, asked)
        alike = await given_the_same(tx, asked) if correcting and corrigible else []
        passed = await _passed(visit, tx, [asked])
        before, after = await waiting_beside(tx, asked)
        asker = await _asker(tx, asked)
        earlier = await answered_besides(tx, asked)
        sectors = await sector_names(tx)
    likely = [*alike, *(e.question for e in equal if e.surely)]
    return await visit.show(
        "question.html",
        title=f"Domanda n. {asked.id}",
        status=status,
        asked=asked,
        sectors=sectors,
        statuses=STATUS,
        earlier=earlier,
        say_kind=say_kind,
        say_told=say_told,
        before=[line for line in lines if line.side is not Side.OFFICE],
        answers=[line for line in lines if line.side is Side.OFFICE],
        by=by,
        equal=equal,
        ticked=set(ticked(visit)) if "vista" in visit.form else {q.id for q in likely},
        operators=operators,
        colleagues=[(str(k), v) for k, v in operators.items() if k != visit.operator.id],
        closings=_CLOSINGS,
        other=operators.get(other, "") if other and not asked.is_passed_on else "",
        passed=passed.get(asked.id, ""),
        say_channel=say_channel,
        say_reason=say_reason,
        given=given,
        fault=fault,
        beside=(("k", "La domanda prima", before), ("j", "La domanda dopo", after)),
        is_open=is_open,
        corrigible=corrigible,
        correcting=correcting and corrigible,
        alike=alike,
        is_correction=is_correction,
        **asker,
        **_evidence(visit, asked),
        **_waiting(visit, left),
    )


async def _asker(tx: Transaction, asked: Question) -> dict[str, Any]:
    """Who asks, as far as anybody is known."""
    known = await know(tx, asked.person_id, messages=0) if asked.person_id is not None else None
    if known is None:
        return {"known": None, "seats": [], "told": ()}
    seats = [seat for seat in known.seats if seat.status is not RegistrationStatus.WITHDRAWN]
    return {"known": known, "seats": seats, "told": await told_unasked(tx, known.id)}


def _evidence(visit: Visit, asked: Question) -> dict[str, Any]:
    """What the bot understood, and what it knows that is nearest."""
    library = visit.world.library.facts
    facts = [f for f in asked.evidence.get("facts", []) if isinstance(f, (list, tuple)) and len(f) > 1]
    near = [(library[f[0]], say_likeness(f[1])) for f in facts if f[0] in library]
    weighed = near or asked.reason in _WEIGHED
    return {
        "nearest": [(fact.title["it"], address_of(fact.id), likeness) for fact, likeness in near],
        "understood": say_understood(asked.evidence) if asked.reason != HandOverReason.ENCRYPTED else "",
        "threshold": say_threshold(asked.evidence, facts) if weighed else "",
    }


def _waiting(visit: Visit, left: LeavingAnswer | None) -> dict[str, Any]:
    """The answer that has not left yet, if there is one."""
    if left is None:
        return {"due": "", "waits": None, "until": 0, "also": ()}
    return {
        "due": say_at(left.due, visit.times.now),
        "waits": left.said,
        "until": visit.counts_down(left.due),
        "also": left.also,
    }


async def send(visit: Visit) -> Response:
    """The answer leaves in two minutes, on the channel of the question and of those like it that are ticked."""
    number, text = _number(visit), visit.text("risposta")
    try:
        async with visit.begin() as tx:
            given = await answer(tx, visit.desk, number, text, seen=version_seen(visit), others=ticked(visit))
            others = await say_left_out(tx, given)
    except QuestionMovedError as moved:
        return await _again(visit, fault=sentence(moved), status=409)
    except RefusedError as refused:
        return await _again(visit, fault=sentence(refused), status=422)
    wait = (given.due - visit.times.now).total_seconds()
    until = (visit.times.real + timedelta(seconds=wait)).timestamp()
    said, undo = say_given("Risposta pronta", given) + others, f"{_PAGE}/{given.numbers[0]}/ritira"
    return await visit.redirect(_PAGE, said, undo=undo, until=until, accepted=f"domanda-{number}")


def say_given(what: str, given: GivenAnswer) -> str:
    """«Risposta pronta a 2 domande: parte fra 2 minuti.»."""
    many = f" a {len(given.numbers)} domande" if len(given.numbers) > 1 else ""
    return f"{what}{many}: parte fra {round(GRACE.total_seconds() / 60)} minuti."


async def say_left_out(tx: Transaction, given: GivenAnswer) -> str:
    """Those that did not get it, and who was quicker; empty where there are none."""
    left_out = [(q.id, say_actor(await settled_by(tx, q))) for q in given.left_out]
    others = [
        f" La n. {number} no: se ne è già occupata un'altra persona{f' ({by})' if by else ''}."
        for number, by in left_out
    ]
    return "".join(others)


async def take_back(visit: Visit) -> Response:
    """The answer does not leave; its words stand in the form again."""
    try:
        async with visit.begin() as tx:
            undone = await undo_answer(tx, visit.desk, _number(visit))
    except RefusedError as refused:
        return await visit.redirect(f"{_PAGE}/{_number(visit)}", sentence(refused), bad=True)
    gone = f" Era già partita per la n. {', '.join(map(str, undone.gone))}." if undone.gone else ""
    to = f"{_PAGE}/{undone.numbers[0]}"
    if undone.corrected:
        said = f"Correzione ritirata: non parte, vale la risposta di prima.{gone}"
        return await visit.redirect(f"{to}/correggi", said, given=undone.text)
    count = len(undone.numbers) - len(undone.settled)
    said = "la domanda aspetta ancora" if count == 1 else f"{count} domande aspettano ancora"
    said = f"{said}." if count else "non parte."
    if undone.settled:
        said += f" Ha già un'altra risposta la n. {', '.join(map(str, undone.settled))}."
    return await visit.redirect(to, f"Risposta ritirata: {said}{gone}", given=undone.text)


async def end(visit: Visit) -> Response:
    """Nobody writes to who asked."""
    number = _number(visit)
    try:
        why = Closing(visit.text("motivo"))
    except ValueError:
        raise HTTPException(400) from None
    try:
        async with visit.begin() as tx:
            await close(tx, visit.desk, number, why, seen=version_seen(visit))
    except RefusedError as refused:
        return await _again(visit, fault=sentence(refused), status=409)
    return await visit.redirect(_PAGE, f"La domanda n. {number} è chiusa.", accepted=f"domanda-{number}")


async def hand_on(visit: Visit) -> Response:
    """A colleague has it in hand."""
    number, to = _number(visit), whole(visit.text("a")) or 0
    try:
        async with visit.begin() as tx:
            await pass_on(tx, visit.desk, number, to, seen=version_seen(visit))
            colleague = await get_operator(tx, to)
    except RefusedError as refused:
        return await _again(visit, fault=sentence(refused), status=409)
    name = colleague.called if colleague else ""
    said = f"La domanda n. {number} è passata a {name}: lo dicono l'elenco e la sua pagina."
    return await visit.redirect(_PAGE, f"{said} Non parte nessun messaggio: se ha fretta, avvisa {name}.")


def _number(visit: Visit) -> int:
    return int(visit.path["question"])


def ticked(visit: Visit) -> dict[int, int]:
    """The questions that are to have the same answer, each with the version that was seen: "13:2"."""
    given = [str(one).partition(":") for one in visit.form.getlist("uguali")]
    pairs = [(whole(number), whole(version)) for number, _, version in given]
    return {number: version for number, version in pairs if number is not None and version is not None}


def version_seen(visit: Visit) -> int:
    """The question's version that the form was opened on. Raises ``HTTPException`` (400)."""
    seen = whole(visit.text("vista"))
    if seen is None:
        raise HTTPException(400)
    return seen
