"""Handing over to a person: recorded, staff told, and the sender told what happens next."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from conversation.dialogue import PRESS
from conversation.message import Reply
from conversation.outcome import HandOverReason, TurnOutcome
from conversation.times import speak_day, to_local
from conversation.understanding import ANSWER
from conversation.wording import name_contact
from db.office_alerts import Alert, tell_office
from db.questions import Line, Side, add_line
from db.requests import EarlierQuestion, add_hand_over, earlier_questions
from handlers.answer import Answer
from handlers.turn import Turn, clean_lines, name_from

#: Characters of an earlier question or answer that the office is shown again.
_QUOTED = 600
#: Facts that are kept of those the words are near to.
_NEAREST = 3


async def hand_over(turn: Turn, question: str, reason: HandOverReason) -> EarlierQuestion | None:
    """Record the question and tell staff, in this transaction.

    What this person was answered to the same words before.
    """
    question = clean_lines(question, 4000)
    address = turn.incoming.address
    earlier = await earlier_questions(turn.tx, address, question)
    reference = await add_hand_over(
        turn.tx,
        address,
        person_id=turn.person.id if turn.person else None,
        question=question,
        reason=reason,
        thread=turn.thread,
        now=turn.now,
        evidence=_understood(turn),
    )
    number = int(reference.partition("-")[0])
    for who, words, at in _lines(turn):
        said_at = datetime.fromisoformat(at) if at else None
        await add_line(turn.tx, number, Line(Side(who), words, said_at, None, ""))
    await tell_office(
        turn.tx,
        turn.office,
        Alert.HAND_OVER,
        reference,
        library=turn.library,
        now=turn.now,
        concerns=address,
        number=number,
        mark=reference,
        reason=turn.library.say(f"staff.reason_{reason}", "it"),
        who=await _who(turn),
        question=question,
        context="".join(f"\n\n{part}" for part in (_said_before(turn), _asked_before(turn, earlier)) if part),
    )
    return next((e for e in earlier if e.own and e.same and e.answer), None)


def _understood(turn: Turn) -> dict[str, Any]:
    """Why the bot did not answer, and whether files came with it, for who does: names and numbers, nobody's words."""
    heard = turn.heard
    facts = [[fact.label, round(fact.score, 3)] for fact in heard.facts[:_NEAREST]]
    beyond = round(heard.hand_over.score, 3) if heard.hand_over else 0.0
    sure = round(heard.certainty, 3)
    understood = {"intent": heard.intent, "certainty": sure, "facts": facts, "enough": ANSWER, "beyond": beyond}
    return understood | ({"attached": True} if turn.incoming.attached else {})


async def _who(turn: Turn) -> str:
    """Who asks, as the office knows people: name, channel, association, the meetings they are registered for."""
    voice = replace(turn.voice, language="it")
    name = turn.person.name if turn.person and turn.person.name else name_from(turn.incoming.name)
    lines = [name_contact(voice, name, turn.incoming.address)]
    if turn.person and turn.person.organisation:
        lines.append(voice.say("staff.organisation", organisation=turn.person.organisation))
    for held, meeting in await turn.active_registrations():
        meeting_name = voice.name_meeting(meeting)
        lines.append(voice.say("staff.registered", meeting=meeting_name, people=voice.name_who(held)))
    return "\n".join(lines)


def _lines(turn: Turn) -> list[tuple[str, str, str]]:
    """What was said before, and the button that asks for a person now."""
    pressed = turn.incoming.label
    return [*turn.dialogue.lines, *([(PRESS, pressed, turn.now.isoformat())] if pressed else [])]


def _said_before(turn: Turn) -> str:
    """The last things said, for who must go on from here."""
    lines = _lines(turn)
    if not lines:
        return ""
    said = "\n".join(turn.library.say(f"staff.said_{who}", "it", words=words) for who, words, _ in lines)
    return turn.library.say("staff.conversation", "it", lines=said)


def _asked_before(turn: Turn, earlier: Sequence[EarlierQuestion]) -> str:
    """What was asked before, and what the office answered then."""
    lines = []
    for asked in earlier:
        day = f"{to_local(asked.asked_at):%d/%m/%Y}"
        values = {"day": day, "question": asked.question[:_QUOTED], "answer": asked.answer[:_QUOTED]}
        outcome = "answered" if asked.answer else "open" if asked.waits else "closed"
        key = f"{'own' if asked.own else 'other'}_{outcome}"
        lines.append(turn.library.say(f"staff.earlier_{key}", "it", **values))
    return "\n".join(lines)


async def ask_for_person(turn: Turn) -> Answer:
    """The person wants to speak with a person."""
    return await _pass_on(turn, _words(turn), HandOverReason.PERSON, turn.say("ask.person"))


async def complain(turn: Turn) -> Answer:
    """A complaint goes to a person as it is."""
    return await _pass_on(turn, _words(turn), HandOverReason.COMPLAINT, turn.say("ask.complaint"))


async def for_another_office(turn: Turn) -> Answer:
    """A letter about nothing of this office goes to a person; how to say that it is about a meeting after all."""
    return await _pass_on(turn, turn.incoming.text, HandOverReason.OTHER_OFFICE, turn.say("ask.other_office"))


async def for_several_changes(turn: Turn) -> Answer:
    """A letter that changes several registrations at once: asked about one, people forget the others."""
    return await _pass_on(turn, turn.incoming.text, HandOverReason.CHANGES, turn.say("change.several"))


async def cannot_read(turn: Turn) -> Answer:
    """An encrypted letter: the office may have the key, and the sender can send it again as it is."""
    return await _pass_on(turn, turn.incoming.text, HandOverReason.ENCRYPTED, turn.say("person.encrypted"))


async def _pass_on(turn: Turn, words: str, reason: HandOverReason, said: str) -> Answer:
    """Hand ``words`` over, and tell who wrote them ``said``."""
    await hand_over(turn, words, reason)
    return Answer(Reply(_when(turn, said)), TurnOutcome.HANDED_OVER)


def _when(turn: Turn, text: str) -> str:
    """The text, and from what day somebody will read it when nobody is there now."""
    day = turn.office.closed_until(turn.now)
    if day is None:
        return text
    return f"{text} {turn.say('ask.closed_until', day=speak_day(day, turn.language))}"


def _words(turn: Turn) -> str:
    return turn.incoming.text.strip() or turn.dialogue.words


async def give_up(turn: Turn, question: str = "") -> Answer:
    """No answer in the sources: to staff."""
    before = await hand_over(turn, question or _words(turn), HandOverReason.QUESTION)
    if before is not None:
        return Answer(Reply(answered_before(turn, before)), TurnOutcome.HANDED_OVER)
    if turn.office.staff_addresses:
        return Answer(Reply(_when(turn, turn.say("ask.handed_over"))), TurnOutcome.HANDED_OVER)
    return Answer(Reply(turn.say("ask.handed_over_no_staff", mailbox=turn.office.mailbox)), TurnOutcome.HANDED_OVER)


def answered_before(turn: Turn, before: EarlierQuestion) -> str:
    """What the office answered to the same words, and that they were passed on again."""
    return turn.say("ask.answered_before", answer=before.answer)
