"""The office's answer to a question goes to the person who asked, on the channel and thread of the question.

Whoever answers, and wherever: by mail, in the staff's group, on a page.
"""

from datetime import datetime

from conversation.links import ADDRESS
from conversation.message import Reply
from conversation.wording import form_for
from db.engine import Transaction
from db.outbox import queue_reply
from db.questions import Line, Question, QuestionState, Side, add_line, set_question
from db.requests import Actor, record
from knowledge.library import Library

#: Characters of a question that its answer repeats, and of an answer that are kept.
_REPEATED, _KEPT = 300, 4_000
#: What is said and its subject, and the act in the audit trail: of an answer, of what puts one right.
_ANSWER = ("person.office_answer", "person.office_subject", "question_answered")
_CORRECTION = ("person.office_correction", "person.office_correction_subject", "question_corrected")


async def deliver_answer(
    tx: Transaction,
    asked: Question,
    answer: str,
    *,
    key: str,
    library: Library,
    now: datetime,
    due: datetime,
    by: Actor,
    corrects: bool = False,
) -> None:
    """Send it at ``due`` and keep it with the question, which is answered.

    A second answer stands in the first one's place.

    ``key``: names the message. ``corrects``: it says that it puts an earlier answer right.
    """
    said, subject, action = _CORRECTION if corrects else _ANSWER
    language = asked.language if asked.language in library.texts else "it"
    form = form_for(asked.address.channel, private=False)
    values = {"question": ADDRESS.sub("…", asked.question)[:_REPEATED], "answer": answer}
    await queue_reply(
        tx,
        key,
        asked.address,
        Reply(library.address(said, language, form, values), links=tuple(ADDRESS.findall(answer))),
        now=due,
        person_id=asked.person_id,
        thread=asked.thread,
        subject=library.say(subject, language),
        language=language,
    )
    answered = {"state": QuestionState.ANSWERED.value, "answered_at": now, "answer": answer[:_KEPT]}
    await set_question(tx, asked.id, **answered, closed_as="", taken_by=None, taken_until=None)
    await add_line(tx, asked.id, Line(Side.OFFICE, answer[:_KEPT], now, by.staff_id, key))
    await record(tx, action, now=now, person_id=asked.person_id, subject=f"question:{asked.id}", by=by)
