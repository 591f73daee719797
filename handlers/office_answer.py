"""What the office writes.

Its answer to a hand-over goes to the person who asked, on the channel and thread of the question.

Staff answer the mail they got, or reply to the bot's message in their Telegram group. The reference in its subject or
text ("rif. 12-3fa9c1d2") says which question. That is no proof, for subjects are quoted and passed on: a mail must be
vouched for by its domain, or by answering the mail that the office got.
"""

from conversation.message import Reply, Trust
from conversation.office import say_actor
from conversation.outcome import TurnOutcome
from conversation.times import speak_hour, to_local
from conversation.understanding import cues
from db.office_alerts import tell_colleagues, tell_moved
from db.operators import get_operator
from db.questions import Question, QuestionState, find_question, settled_by, waiting_answer
from db.requests import Actor
from handlers.answer import Answer
from handlers.answer_delivery import deliver_answer
from handlers.turn import Turn


async def answer_for_staff(turn: Turn) -> Answer | None:
    """Pass the office's answer on, and say so to the office; ``None`` when this is no such answer."""
    incoming = turn.incoming
    if not is_the_office(turn):
        return None
    named = cues.reference_in(incoming.answers)
    if named is None:
        return None
    asked = await find_question(turn.tx, named)
    if asked is None:  # erased meanwhile; what the office says of it is no question of its own
        number = named.partition("-")[0]
        return Answer(Reply(turn.library.say("staff.answer_of_none", "it", number=number)), TurnOutcome.UNCLEAR)
    if not turn.vouched:
        return _not_passed_on(turn, asked, "staff.answer_unproven")
    if incoming.attached or not incoming.text.strip():
        return _not_passed_on(turn, asked, "staff.answer_with_file")
    before = await _before(turn, asked)
    channel, key = incoming.address.channel, f"office:{asked.id}:{turn.key}"
    library, now, by = turn.library, turn.now, Actor(None, channel.value)
    text = incoming.text.strip()
    await deliver_answer(turn.tx, asked, text, key=key, library=library, now=now, due=now, by=by)
    about, who = f"answered:{turn.key}", say_actor(by.name)
    await tell_colleagues(
        turn.tx, turn.office, about, "colleague_answered", [asked.id], who, library=library, now=now, without=channel
    )
    sent = _say(turn, asked, "staff.answer_sent", channel=asked.address.channel.value)
    return Answer(Reply(f"{sent} {before}".strip()), TurnOutcome.DONE)


def _not_passed_on(turn: Turn, asked: Question, why: str) -> Answer:
    return Answer(Reply(_say(turn, asked, why)), TurnOutcome.UNCLEAR)


def _say(turn: Turn, asked: Question, name: str, **values: str) -> str:
    """What the office reads about its answer: what it says to that message finds the question, too."""
    return turn.library.say(name, "it", number=asked.id, mark=asked.reference, **values)


async def _before(turn: Turn, asked: Question) -> str:
    """What the office reads when somebody elsewhere was quicker: who, and what they said.

    A second answer from here puts the first one right.
    """
    who = await settled_by(turn.tx, asked) if asked.state is not QuestionState.OPEN else ""
    if not who or who == turn.incoming.address.channel.value:
        return ""
    if asked.state is not QuestionState.ANSWERED:
        return turn.library.say("staff.closed_before", "it", who=say_actor(who))
    waiting = await waiting_answer(turn.tx, asked.id)
    colleague = await get_operator(turn.tx, waiting[0].staff_id) if waiting and waiting[0].staff_id else None
    if waiting is None or colleague is None:  # what was written elsewhere leaves at once
        return turn.library.say("staff.answered_before", "it", who=say_actor(who), answer=asked.answer)
    (line, due), name = waiting, colleague.called
    hour = speak_hour(to_local(due).time(), "it")
    return turn.library.say("staff.answer_waits", "it", who=name, answer=line.text, hour=hour)


def is_the_office(turn: Turn) -> bool:
    """Whether this says that it comes from where hand-overs are sent to. A mail whose domain disowns it does not.

    A group that has become a supergroup has another number; our message that is answered there was sent to the office
    alone.
    """
    incoming, office = turn.incoming, turn.office
    moved = bool(office.staff_chat) and incoming.group and incoming.answers_us
    return moved or (incoming.address in office.staff_addresses and incoming.trust is not Trust.FAIL)


async def note_move(turn: Turn) -> None:
    """The office's group has a new number: the settings must name it."""
    if turn.incoming.address in turn.office.staff_addresses:
        await tell_moved(turn.tx, turn.office, turn.incoming.moved_to, library=turn.library, now=turn.now)
