"""Questions that the bot passed on: answered, closed with a reason, passed on to a colleague, taken back."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.engine import Transaction
from db.office_alerts import tell_colleagues, untell_colleagues
from db.outbox import pieces_due, take_back_pieces
from db.questions import (
    Closing,
    Line,
    Question,
    QuestionState,
    Side,
    answered_with,
    answers_leaving,
    find_question,
    get_question,
    lines_of,
    may_take,
    remove_line,
    set_question,
    take_question,
    waiting_answer,
    waiting_questions,
)
from db.requests import record
from handlers.answer_delivery import deliver_answer
from office.desk import Desk
from office.equal_questions import are_equal
from office.errors import RefusedError

__all__ = [
    "Closing",
    "GivenAnswer",
    "LeavingAnswer",
    "Line",
    "Question",
    "QuestionMovedError",
    "QuestionState",
    "Side",
    "answer",
    "answer_of",
    "answers_leaving",
    "close",
    "find_question",
    "get_question",
    "give",
    "hold",
    "is_correction",
    "leaving",
    "lines_of",
    "pass_on",
    "said_last",
    "token_of",
    "undo_answer",
    "waiting_questions",
]
#: How long an answer can be taken back: enough to see the wrong name in it, short for who waits in a chat.
GRACE = timedelta(minutes=2)
#: What begins the key of a message that answers a question.
_ANSWER = "office"
#: What then begins the part that all questions share, in the key of what puts right an answer that had left.
_CORRECTS = "corrects-"
#: Whoever has a question open holds it so long; their page says so again and again.
_HOLD = timedelta(minutes=3)
#: One Telegram message (4,096 characters) less what stands around it.
LONGEST = 3_500


class QuestionMovedError(RefusedError):
    """Somebody else was quicker; ``question``: as it is now, with their answer."""

    def __init__(self, question: Question) -> None:
        super().__init__("nel frattempo un'altra persona se ne è occupata")
        self.question = question


async def hold(tx: Transaction, desk: Desk, number: int) -> tuple[Question, int | None]:
    """Say that this operator has the question open: the question, and who else has it in hand (their number).

    It binds nobody.

    Raises ``RefusedError`` when there is none.
    """
    asked = await _asked(tx, number)
    if asked.state is not QuestionState.OPEN:
        return asked, None
    held = asked.taken_by is not None and (asked.taken_until is None or asked.taken_until > desk.now)
    if held and asked.taken_by != desk.by.staff_id:
        return asked, asked.taken_by
    if desk.by.staff_id is not None and not (held and asked.taken_until is None):
        await take_question(tx, number, desk.by.staff_id, desk.now + _HOLD)
    return asked, None


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer that was given.

    When it leaves (UTC), to which questions, and those that were settled meanwhile, as they are now.
    """

    due: datetime
    numbers: tuple[int, ...]
    left_out: tuple[Question, ...] = ()


async def answer(
    tx: Transaction,
    desk: Desk,
    number: int,
    text: str,
    *,
    seen: int,
    others: Mapping[int, int] | None = None,
    grace: timedelta = GRACE,
) -> GivenAnswer:
    """Answer it on the channel it came on, and ``others`` that ask the same, each on its own.

    ``seen``, and the numbers in ``others``: the version that each was seen in. Raises ``QuestionMovedError`` when the
    first is not as it was seen, and ``RefusedError``; of the others those that are not are left out.
    """
    text = read_answer(text)
    versions = {**(others or {}), number: seen}
    found = await held_in_order(tx, versions)
    asked = _still_open(_there(found.get(number), number), seen)
    also = [q for n, q in found.items() if n != number and are_equal(asked, q)]
    left_out = tuple(q for q in also if not _is_as_seen(q, versions[q.id]))
    due = desk.now + grace
    return GivenAnswer(due, await give(tx, desk, text, [asked, *(q for q in also if q not in left_out)], due), left_out)


async def held_in_order(tx: Transaction, numbers: Collection[int]) -> dict[int, Question]:
    """Those of these questions that are there, held to the end of the transaction, by number.

    Two who answer at once, each several, wait for each other, and never both.
    """
    return {n: q for n in sorted(numbers) if (q := await get_question(tx, n, hold=True))}


async def give(
    tx: Transaction, desk: Desk, text: str, questions: Sequence[Question], due: datetime, *, corrects: bool = False
) -> tuple[int, ...]:
    """Have the words go to who asked each of these at ``due`` (UTC), and their numbers in order.

    ``corrects``: they put right an answer that has left.
    """
    token = f"{_CORRECTS if corrects else ''}{secrets.token_hex(8)}"
    answered = sorted(questions, key=lambda q: q.id)
    for one in answered:
        key = f"{_ANSWER}:{one.id}:{token}"
        await deliver_answer(
            tx, one, text, key=key, library=desk.library, now=desk.now, due=due, by=desk.by, corrects=corrects
        )
    numbers = tuple(q.id for q in answered)
    await _tell(tx, desk, token, "colleague_corrected" if corrects else "colleague_answered", numbers, due=due)
    return numbers


def read_answer(text: str) -> str:
    """What is to be sent. Raises ``RefusedError``."""
    text = text.strip()
    if not text:
        msg = "la risposta è vuota"
        raise RefusedError(msg)
    if len(text) > LONGEST:
        msg = f"la risposta può avere {LONGEST} caratteri; qui sono {len(text)}"
        raise RefusedError(msg)
    return text


@dataclass(frozen=True, slots=True)
class Undone:
    """An answer that was taken back: its words, from which questions, and those whose answer had left.

    ``settled``: of ``numbers`` those that have another answer; the others are open again. ``corrected``: it was to put
    right the answer before it, which holds again.
    """

    text: str
    numbers: tuple[int, ...]
    gone: tuple[int, ...] = ()
    settled: tuple[int, ...] = ()
    corrected: bool = False


async def undo_answer(tx: Transaction, desk: Desk, number: int) -> Undone:
    """Take back an answer that has not left, wherever else it was given with it.

    The questions are open again, but for those that somebody answered by mail or in the group meanwhile.

    Raises ``RefusedError``.
    """
    asked = await _asked(tx, number)
    said = await said_last(tx, number)
    if asked.state is not QuestionState.ANSWERED or said is None:
        raise RefusedError(_LEFT)
    token, corrected = token_of(number, said), is_correction(said.outbox_key)
    given = await answered_with(tx, f":{token}")
    back = tuple([n for n, key in given.items() if await _take_back(tx, desk, n, key)])
    if not back:
        raise RefusedError(_LEFT)
    if not await untell_colleagues(tx, desk.office, token) or len(back) < len(given):
        text = "colleague_correction_undone" if corrected else "colleague_undone"
        await _tell(tx, desk, f"undone:{token}", text, back)
    settled = tuple([n for n in back if (await _asked(tx, n)).state is not QuestionState.OPEN])
    return Undone(said.text, back, tuple(n for n in given if n not in back), settled, corrected)


@dataclass(frozen=True, slots=True)
class LeavingAnswer:
    """An answer that can still be taken back.

    ``said``: its words, and whose. ``due``: when it leaves (UTC). ``also``: the numbers of the other questions for
    which it is taken back with it.
    """

    said: Line
    due: datetime
    also: tuple[int, ...]


async def leaving(tx: Transaction, asked: Question) -> LeavingAnswer | None:
    """Its answer while it can be taken back; ``None``: it has left, or there is none."""
    waiting = await waiting_answer(tx, asked.id) if asked.state is QuestionState.ANSWERED else None
    if waiting is None:
        return None
    said, due = waiting
    given = await answered_with(tx, f":{token_of(asked.id, said)}")
    return LeavingAnswer(
        said, due, tuple([n for n, key in given.items() if n != asked.id and await pieces_due(tx, key)])
    )


def token_of(number: int, said: Line) -> str:
    """What the keys of an answer end in, for every question that was given it at once."""
    return said.outbox_key.removeprefix(f"{_ANSWER}:{number}:")


def answer_of(key: str) -> int | None:
    """The question that the message with this key, or one of its pieces, answers."""
    kind, _, rest = key.partition(":")
    number = rest.partition(":")[0]
    return int(number) if kind == _ANSWER and number.isdecimal() else None


def is_correction(key: str) -> bool:
    """Whether the message with this key, or one of its pieces, puts right an answer that had left."""
    return answer_of(key) is not None and key.split(":", 2)[-1].startswith(_CORRECTS)


async def said_last(tx: Transaction, number: int) -> Line | None:
    """The answer that waits, though another has left since; where none does, the last."""
    waiting = await waiting_answer(tx, number)
    if waiting is not None:
        return waiting[0]
    return next((line for line in reversed(await lines_of(tx, number)) if line.side is Side.OFFICE), None)


_LEFT = "la risposta è già partita, oppure non c'è"


async def _take_back(tx: Transaction, desk: Desk, number: int, key: str) -> bool:
    """Of one question; ``False`` when the answer has left."""
    asked = await get_question(tx, number, hold=True)
    if asked is None or not await take_back_pieces(tx, key):
        return False
    await remove_line(tx, number, key)
    others = [line for line in await lines_of(tx, number) if line.side is Side.OFFICE]
    before = {"answered_at": others[-1].at, "answer": others[-1].text} if others else None
    open_again = {"state": QuestionState.OPEN.value, "answered_at": None, "answer": ""}
    await set_question(tx, number, **(before or open_again))
    action = "answer_correction_undone" if is_correction(key) else "answer_undone"
    subject = f"question:{number}"
    await record(tx, action, now=desk.now, person_id=asked.person_id, subject=subject, by=desk.by)
    return True


async def close(tx: Transaction, desk: Desk, number: int, why: Closing, *, seen: int) -> None:
    """Nobody writes to who asked. Raises ``QuestionMovedError``, ``RefusedError``."""
    asked = _still_open(await _asked(tx, number), seen)
    closed = {"state": QuestionState.CLOSED.value, "closed_as": why.value, "answered_at": desk.now}
    await set_question(tx, number, **closed, taken_by=None, taken_until=None)
    subject, data = f"question:{number}", {"why": why.value}
    await record(tx, "question_closed", now=desk.now, person_id=asked.person_id, subject=subject, data=data, by=desk.by)
    await _tell(tx, desk, f"closed:{number}:{asked.version}", "colleague_closed", [number])


async def pass_on(tx: Transaction, desk: Desk, number: int, to: int, *, seen: int) -> None:
    """A colleague (an operator's number) has it in hand from now on.

    Raises ``QuestionMovedError``, ``RefusedError``.
    """
    asked = _still_open(await _asked(tx, number), seen)
    if not await may_take(tx, to):
        msg = "questa persona non lavora qui"
        raise RefusedError(msg)
    await set_question(tx, number, taken_by=to, taken_until=None)
    subject, data = f"question:{number}", {"to": to}
    await record(
        tx, "question_passed_on", now=desk.now, person_id=asked.person_id, subject=subject, data=data, by=desk.by
    )


async def _tell(
    tx: Transaction, desk: Desk, about: str, text: str, numbers: Sequence[int], *, due: datetime | None = None
) -> None:
    who, library = desk.by.name, desk.library
    await tell_colleagues(tx, desk.office, about, text, numbers, who, library=library, now=due or desk.now)


async def _asked(tx: Transaction, number: int) -> Question:
    return _there(await get_question(tx, number, hold=True), number)


def _there(asked: Question | None, number: int) -> Question:
    if asked is None:
        msg = f"non c'è una domanda n. {number}"
        raise RefusedError(msg)
    return asked


def _is_as_seen(asked: Question, seen: int) -> bool:
    return asked.version == seen and asked.state is QuestionState.OPEN


def _still_open(asked: Question, seen: int) -> Question:
    if not _is_as_seen(asked, seen):
        raise QuestionMovedError(asked)
    return asked
