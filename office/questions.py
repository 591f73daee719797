"""Questions that the bot passed on: answered, closed with a reason, passed on to a colleague, taken back."""

import secrets
from datetime import datetime, timedelta

from db.engine import Transaction
from db.outbox import take_back_pieces
from db.questions import (
    Closing,
    Line,
    Question,
    QuestionState,
    Side,
    find_question,
    get_question,
    lines_of,
    may_take,
    remove_line,
    set_question,
    take_question,
    waiting_questions,
)
from db.requests import record
from handlers.answer_delivery import deliver_answer
from office.desk import Desk
from office.errors import RefusedError

__all__ = [
    "Closing",
    "Line",
    "Question",
    "QuestionMovedError",
    "QuestionState",
    "Side",
    "answer",
    "close",
    "find_question",
    "get_question",
    "hold",
    "lines_of",
    "pass_on",
    "undo_answer",
    "waiting_questions",
]
#: How long an answer can be taken back: enough to see the wrong name in it, short for who waits in a chat.
GRACE = timedelta(minutes=2)
#: Whoever has a question open holds it so long; their page says so again and again.
_HOLD = timedelta(minutes=3)
#: One Telegram message (4,096 characters) less what stands around it.
_LONGEST = 3_500


class QuestionMovedError(RefusedError):
    """Somebody else was quicker; ``question``: as it is now, with their answer."""

    def __init__(self, question: Question) -> None:
        super().__init__("nel frattempo un'altra persona se ne è occupata")
        self.question = question


async def hold(tx: Transaction, desk: Desk, number: int) -> int | None:
    """Say that this operator has the question open; who else has it in hand (their number). It binds nobody."""
    asked = await _asked(tx, number)
    held = asked.taken_by is not None and (asked.taken_until is None or asked.taken_until > desk.now)
    if held and asked.taken_by != desk.by.staff_id:
        return asked.taken_by
    if desk.by.staff_id is not None and not (held and asked.taken_until is None):
        await take_question(tx, number, desk.by.staff_id, desk.now + _HOLD)
    return None


async def answer(
    tx: Transaction, desk: Desk, number: int, text: str, *, seen: int, grace: timedelta = GRACE
) -> datetime:
    """Answer it on the channel it came on; when that leaves (UTC).

    Raises ``QuestionMovedError`` when it is not as it was ``seen`` (its version), and ``RefusedError``.
    """
    text = text.strip()
    if not text:
        msg = "la risposta è vuota"
        raise RefusedError(msg)
    if len(text) > _LONGEST:
        msg = f"la risposta può avere {_LONGEST} caratteri; qui sono {len(text)}"
        raise RefusedError(msg)
    asked = await _open(tx, number, seen)
    due, key = desk.now + grace, f"office:{number}:{secrets.token_hex(8)}"
    await deliver_answer(tx, asked, text, key=key, library=desk.library, now=desk.now, due=due, by=desk.by)
    return due


async def undo_answer(tx: Transaction, desk: Desk, number: int) -> str:
    """Take back an answer that has not left; its text. The question is open again. Raises ``RefusedError``."""
    asked = await _asked(tx, number)
    said = next((line for line in reversed(await lines_of(tx, number)) if line.side is Side.OFFICE), None)
    if asked.state is not QuestionState.ANSWERED or said is None or not await take_back_pieces(tx, said.outbox_key):
        msg = "la risposta è già partita, oppure non c'è"
        raise RefusedError(msg)
    await remove_line(tx, number, said.outbox_key)
    await set_question(tx, number, state=QuestionState.OPEN.value, answered_at=None, answer="")
    await record(tx, "answer_undone", now=desk.now, subject=f"question:{number}", by=desk.by)
    return said.text


async def close(tx: Transaction, desk: Desk, number: int, why: Closing, *, seen: int) -> None:
    """Nobody writes to who asked. Raises ``QuestionMovedError``, ``RefusedError``."""
    asked = await _open(tx, number, seen)
    closed = {"state": QuestionState.CLOSED.value, "closed_as": why.value, "answered_at": desk.now}
    await set_question(tx, number, **closed, taken_by=None, taken_until=None)
    subject, data = f"question:{number}", {"why": why.value}
    await record(tx, "question_closed", now=desk.now, person_id=asked.person_id, subject=subject, data=data, by=desk.by)


async def pass_on(tx: Transaction, desk: Desk, number: int, to: int, *, seen: int) -> None:
    """A colleague (an operator's number) has it in hand from now on. Raises ``QuestionMovedError``, ``RefusedError``."""
    asked = await _open(tx, number, seen)
    if not await may_take(tx, to):
        msg = "questa persona non lavora qui"
        raise RefusedError(msg)
    await set_question(tx, number, taken_by=to, taken_until=None)
    subject, data = f"question:{number}", {"to": to}
    await record(
        tx, "question_passed_on", now=desk.now, person_id=asked.person_id, subject=subject, data=data, by=desk.by
    )


async def _asked(tx: Transaction, number: int) -> Question:
    asked = await get_question(tx, number, hold=True)
    if asked is None:
        msg = f"non c'è una domanda n. {number}"
        raise RefusedError(msg)
    return asked


async def _open(tx: Transaction, number: int, seen: int) -> Question:
    asked = await _asked(tx, number)
    if asked.version != seen or asked.state is not QuestionState.OPEN:
        raise QuestionMovedError(asked)
    return asked
