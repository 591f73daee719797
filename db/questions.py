"""Questions that wait for the office, as staff work on them.

Who has one in hand, how it was closed, what was said around it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import channel_named
from conversation.intents import Intent
from conversation.message import Address, Thread
from db.models import WAITING, OutboxState, audit, hand_over_turns, hand_overs, outbox, people, staff
from db.outbox import pieces_due

#: What the audit trail calls an answer, and one that puts another right.
ANSWERING = ("question_answered", "question_corrected")


class QuestionState(StrEnum):
    """``CLOSED``: without an answer."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


class Closing(StrEnum):
    """Why a question is closed without an answer."""

    #: On the telephone, or in another question of theirs.
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    #: Thanks, or something to know only.
    NO_QUESTION = "no_question"
    NOT_FOR_US = "not_for_us"
    SPAM = "spam"


class Side(StrEnum):
    """Who says a line of the conversation around a question."""

    THEM = "them"
    BOT = "bot"
    #: Theirs, too: the button that they pressed.
    PRESS = "press"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Line:
    """One of them."""

    side: Side
    text: str
    at: datetime | None
    #: The operator who wrote it, by number.
    staff_id: int | None
    #: The message it went out in: the beginning of its pieces' keys.
    outbox_key: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question that reached the office. ``reference``: its number and its token."""

    id: int
    reference: str
    address: Address
    person_id: int | None
    question: str
    thread: Thread | None
    language: str
    #: Why the bot passed it on.
    reason: str
    created_at: datetime
    state: QuestionState
    #: When it was answered or closed.
    answered_at: datetime | None
    #: What the office said; empty while it waits.
    answer: str
    closed_as: Closing | None
    #: Grows with every step: whoever answers says which one they saw.
    version: int
    #: Who has it in hand, by number, and until when (UTC); ``None``: without end, it was passed on to them.
    taken_by: int | None
    taken_until: datetime | None
    #: Whether something was ``attached``, and what the bot understood: ``intent``, ``certainty``, ``facts`` (id and
    #: score of the nearest, best first), from which score it tells one by itself (``enough``), how near the words are
    #: to what no document says (``beyond``).
    evidence: dict[str, Any]
    #: The number of the first question that asks the same (its own, when it is the first), and the cosine to that one;
    #: ``None`` while nobody has looked, and for what was passed on for another reason than that the bot had no answer.
    group: int | None
    likeness: float | None
    #: The words without capitals and punctuation, as a fingerprint; empty for too few.
    digest: str
    #: How who asked is called, where that is known.
    name: str

    @property
    def has_files(self) -> bool:
        """Whether something was attached. It is not kept."""
        return bool(self.evidence.get("attached"))

    @property
    def is_passed_on(self) -> bool:
        """Whether a colleague gave it to who has it in hand."""
        return self.taken_by is not None and self.taken_until is None


_QUESTIONS = select(hand_overs, people.c.language, people.c.name).outerjoin(
    people, people.c.id == hand_overs.c.person_id
)


def _question(row: Any) -> Question:
    return Question(
        row["id"],
        f"{row['id']}-{row['token']}",
        Address(channel_named(row["channel"]), row["value"]),
        row["person_id"],
        row["question"],
        Thread.from_json(row["thread"]) if row["thread"] else None,
        row["language"] or "it",
        row["reason"],
        row["created_at"],
        QuestionState(row["state"]),
        row["answered_at"],
        row["answer"],
        Closing(row["closed_as"]) if row["closed_as"] else None,
        row["version"],
        row["taken_by"],
        row["taken_until"],
        dict(row["evidence"] or {}),
        row["same_as"],
        row["likeness"],
        row["digest"],
        row["name"] or "",
    )


_LINE = [hand_over_turns.c[name].label(f"line_{name}") for name in ("side", "text", "at", "staff_id", "outbox_key")]


def _line(row: Any) -> Line:
    side, *rest = (row[column.name] for column in _LINE)
    return Line(Side(side), *rest)


#: Where a question stands among those that wait: oldest first.
_ORDER = (hand_overs.c.created_at, hand_overs.c.id)


#: SQL: the answer that it has now is still to go; another, given meanwhile, may have left.
ANSWER_WAITS = (
    exists()
    .where(
        hand_over_turns.c.hand_over_id == hand_overs.c.id,
        hand_over_turns.c.at == hand_overs.c.answered_at,
        hand_over_turns.c.outbox_key == outbox.c.key,
        outbox.c.state == OutboxState.PENDING.value,
    )
    .correlate(hand_overs)
)


async def waiting_questions(tx: AsyncConnection, *, most: int = 200) -> list[Question]:
    """Those that are open, oldest first."""
    query = _QUESTIONS.where(hand_overs.c.state == QuestionState.OPEN.value).order_by(*_ORDER)
    return [_question(row) for row in (await tx.execute(query.limit(most))).mappings().all()]


async def waiting_beside(tx: AsyncConnection, asked: Question) -> tuple[int | None, int | None]:
    """The numbers of the open questions before and after this one among all that wait; ``None`` where there is none."""
    at, number = _ORDER
    same = at == asked.created_at
    before = select(number).where(text(WAITING), at <= asked.created_at, or_(~same, number < asked.id))
    after = select(number).where(text(WAITING), at >= asked.created_at, or_(~same, number > asked.id))
    query = select(
        before.order_by(at.desc(), number.desc()).limit(1).scalar_subquery(),
        after.order_by(at, number).limit(1).scalar_subquery(),
    )
    row = (await tx.execute(query)).one()
    return row[0], row[1]


async def answered_besides(tx: AsyncConnection, asked: Question, *, most: int = 3) -> list[tuple[Question, bool]]:
    """Other questions of who asked that the office answered, the newest answer first; whether it is still to go.

    Where it is not known who that is: of the same address.
    """
    place = and_(hand_overs.c.channel == asked.address.channel.value, hand_overs.c.value == asked.address.value)
    theirs = place if asked.person_id is None else hand_overs.c.person_id == asked.person_id
    answered = hand_overs.c.state == QuestionState.ANSWERED.value
    query = _QUESTIONS.add_columns(ANSWER_WAITS.label("waits")).where(theirs, answered, hand_overs.c.id != asked.id)
    newest = query.order_by(hand_overs.c.answered_at.desc()).limit(most)
    return [(_question(row), row["waits"]) for row in (await tx.execute(newest)).mappings().all()]


async def answers_leaving(
    tx: AsyncConnection, since: datetime, *, most: int = 50
) -> list[tuple[Question, Line, datetime]]:
    """Those answered from ``since`` on with an answer still to go, each with that and when it leaves (UTC).

    The next first. Where another answer was sent since, ``Question.answer`` is that one.
    """
    query = (
        _QUESTIONS.add_columns(*_LINE, outbox.c.due_at.label("leaves"))
        .join(hand_over_turns, hand_over_turns.c.hand_over_id == hand_overs.c.id)
        .join(outbox, outbox.c.key == hand_over_turns.c.outbox_key)
        .where(
            hand_overs.c.answered_at >= since,
            hand_overs.c.state == QuestionState.ANSWERED.value,
            outbox.c.state == OutboxState.PENDING.value,
        )
        .order_by(outbox.c.due_at, hand_overs.c.id)
    )
    rows = (await tx.execute(query.limit(most))).mappings().all()
    return [(_question(row), _line(row), row["leaves"]) for row in rows]


def asks_for_data() -> ColumnElement[bool]:
    """An open question that asks for a copy of one's data, or to be erased, and that the bot would not act upon."""
    wishes = (Intent.PRIVACY_EXPORT.value, Intent.PRIVACY_ERASE.value)
    return and_(text(WAITING), hand_overs.c.evidence["intent"].as_string().in_(wishes))


async def data_requests(tx: AsyncConnection) -> list[Question]:
    """Those of them, oldest first."""
    query = _QUESTIONS.where(asks_for_data()).order_by(hand_overs.c.created_at)
    return [_question(row) for row in (await tx.execute(query)).mappings().all()]


async def waiting_in_group(tx: AsyncConnection, group: int) -> list[Question]:
    """Those of a group that are open, oldest first."""
    query = _QUESTIONS.where(text(WAITING), hand_overs.c.same_as == group).order_by(hand_overs.c.id)
    return [_question(row) for row in (await tx.execute(query)).mappings().all()]


async def count_answered(tx: AsyncConnection) -> int:
    """How many were answered."""
    query = select(func.count()).select_from(hand_overs).where(hand_overs.c.state == QuestionState.ANSWERED.value)
    return int((await tx.execute(query)).scalar_one())


async def get_question(tx: AsyncConnection, number: int, *, hold: bool = False) -> Question | None:
    """One of them; ``hold``: kept from others until the transaction ends."""
    if hold:
        await tx.execute(select(hand_overs.c.id).where(hand_overs.c.id == number).with_for_update())
    row = (await tx.execute(_QUESTIONS.where(hand_overs.c.id == number))).mappings().first()
    return _question(row) if row else None


async def find_question(tx: AsyncConnection, reference: str) -> Question | None:
    """The question with this reference; ``None`` when number and token do not belong together."""
    number, _, token = reference.partition("-")
    found = await get_question(tx, int(number)) if number.isdecimal() and token else None
    if found is None or not secrets.compare_digest(found.reference, reference):
        return None
    return found


async def set_question(tx: AsyncConnection, number: int, **values: Any) -> None:
    """Set columns; its version grows."""
    step = update(hand_overs).where(hand_overs.c.id == number)
    await tx.execute(step.values(**values, version=hand_overs.c.version + 1))


async def take_question(tx: AsyncConnection, number: int, who: int, until: datetime) -> None:
    """Somebody has it open; that is no step."""
    values = {"taken_by": who, "taken_until": until}
    await tx.execute(update(hand_overs).where(hand_overs.c.id == number).values(**values))


async def may_take(tx: AsyncConnection, staff_id: int) -> bool:
    """Whether an operator with this number works here."""
    query = select(staff.c.id).where(staff.c.id == staff_id, staff.c.active)
    return (await tx.execute(query)).first() is not None


async def passed_on_by(tx: AsyncConnection, questions: Sequence[Question]) -> dict[int, str]:
    """By number, who passed on those of ``questions`` that were; an operator's name as the audit trail has it."""
    passed = {f"question:{q.id}": q for q in questions if q.is_passed_on}
    if not passed:
        return {}
    query = select(audit.c.subject, audit.c.staff_name).where(
        audit.c.at >= min(q.created_at for q in passed.values()),  # what the audit trail has an index for
        audit.c.subject.in_(passed),
        audit.c.action == "question_passed_on",
    )
    return {passed[subject].id: name for subject, name in (await tx.execute(query.order_by(audit.c.id))).all()}


async def add_line(tx: AsyncConnection, number: int, line: Line) -> None:
    """What was said to the question."""
    values = {"side": line.side.value, "text": line.text, "at": line.at, "staff_id": line.staff_id}
    await tx.execute(insert(hand_over_turns).values(hand_over_id=number, outbox_key=line.outbox_key, **values))


async def lines_of(tx: AsyncConnection, number: int) -> list[Line]:
    """What was said around the question, oldest first."""
    query = select(*_LINE).where(hand_over_turns.c.hand_over_id == number).order_by(hand_over_turns.c.id)
    return [_line(row) for row in (await tx.execute(query)).mappings().all()]


async def waiting_answer(tx: AsyncConnection, number: int) -> tuple[Line, datetime] | None:
    """What the office answered and has not left, with when it leaves (UTC); of several, the last to leave."""
    said = [line for line in await lines_of(tx, number) if line.side is Side.OFFICE]
    waiting = [(line, due) for line in said if (due := await pieces_due(tx, line.outbox_key)) is not None]
    return max(waiting, key=lambda one: one[1], default=None)


async def answered_with(tx: AsyncConnection, ending: str) -> dict[int, str]:
    """The questions that were answered in messages whose keys end so; for each the message's key."""
    query = select(hand_over_turns.c.hand_over_id, hand_over_turns.c.outbox_key).where(
        hand_over_turns.c.side == Side.OFFICE.value, hand_over_turns.c.outbox_key.endswith(ending, autoescape=True)
    )
    return {row[0]: row[1] for row in (await tx.execute(query.order_by(hand_over_turns.c.hand_over_id))).all()}


async def settled_by(tx: AsyncConnection, asked: Question) -> str:
    """Who answered or closed it, as the audit trail names them: an operator, or a channel.

    Empty where it does not say.
    """
    query = select(audit.c.staff_name).where(
        audit.c.at == asked.answered_at,  # what the audit trail has an index for
        audit.c.subject == f"question:{asked.id}",
        audit.c.action.in_([*ANSWERING, "question_closed"]),
    )
    return str((await tx.execute(query.order_by(audit.c.id.desc()).limit(1))).scalar() or "")


async def remove_line(tx: AsyncConnection, number: int, outbox_key: str) -> None:
    """It was not said after all."""
    mine = (hand_over_turns.c.hand_over_id == number, hand_over_turns.c.outbox_key == outbox_key)
    await tx.execute(delete(hand_over_turns).where(*mine))
