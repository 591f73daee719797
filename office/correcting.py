"""An answer of the office that has left is put right: who had it reads that what they had is corrected."""

from collections.abc import Mapping
from datetime import timedelta

from db.engine import Transaction
from db.questions import answered_with, waiting_answer
from office.desk import Desk
from office.errors import RefusedError
from office.questions import (
    GRACE,
    GivenAnswer,
    Question,
    QuestionMovedError,
    QuestionState,
    get_question,
    give,
    held_in_order,
    read_answer,
    said_last,
    token_of,
)

_NOTHING = "non c'è una risposta da correggere"
_WAITS = "la risposta non è ancora partita: si può ritirare e scrivere di nuovo"


async def why_not(tx: Transaction, asked: Question) -> RefusedError | None:
    """Why its answer cannot be corrected; ``None`` when it can: it has left."""
    if asked.state is not QuestionState.ANSWERED or not asked.answer:
        return RefusedError(_NOTHING)
    return RefusedError(_WAITS) if await waiting_answer(tx, asked.id) else None


async def given_the_same(tx: Transaction, asked: Question) -> list[Question]:
    """The other questions that had the answer which this one had last, and none since."""
    said = await said_last(tx, asked.id)
    given = await answered_with(tx, f":{token_of(asked.id, said)}") if said else {}
    return [q for n, key in given.items() if n != asked.id and (q := await _with_last(tx, n, key))]


async def _with_last(tx: Transaction, number: int, key: str) -> Question | None:
    """The question, if its answer can be corrected and went out under this key."""
    asked, said = await get_question(tx, number), await said_last(tx, number)
    if asked is None or said is None or said.outbox_key != key or await why_not(tx, asked):
        return None
    return asked


async def correct(
    tx: Transaction,
    desk: Desk,
    number: int,
    text: str,
    *,
    seen: int,
    others: Mapping[int, int] | None = None,
    grace: timedelta = GRACE,
) -> GivenAnswer:
    """Put right the answer of this question, and of ``others`` that had the same one, each on its own channel.

    ``office.questions.undo_answer`` takes it back. ``seen``, and the numbers in ``others``: the version that each was
    seen in. Raises ``QuestionMovedError`` when the first is not as it was seen, and ``RefusedError``; of the others
    those that are not are left out.
    """
    text = read_answer(text)
    versions = {**(others or {}), number: seen}
    found = await held_in_order(tx, versions)
    asked = found.get(number)
    if asked is None:
        raise RefusedError(_NOTHING)
    if asked.version != seen:
        raise QuestionMovedError(asked)
    if why := await why_not(tx, asked):
        raise why
    left_out = tuple(q for n, q in found.items() if q.version != versions[n])
    also = [q for q in await given_the_same(tx, asked) if q.id in found and q.version == versions[q.id]]
    due = desk.now + grace
    return GivenAnswer(due, await give(tx, desk, text, [asked, *also], due, corrects=True), left_out)
