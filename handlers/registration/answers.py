"""The answers to what registering asks: consent, which meeting, who comes, how many.

Corrections and other wishes among them.
"""

from dataclasses import replace

from conversation.intents import Intent
from conversation.message import Reply
from conversation.naming import is_first_name
from conversation.open_questions import Asks, Draft, Registering
from conversation.outcome import TurnOutcome
from conversation.understanding import SURE, cues
from conversation.understanding.headcount import MAX_PEOPLE, bare_number
from conversation.understanding.meetings import Choice, choose_meeting
from conversation.understanding.names import bare_name
from conversation.understanding.organisations import bare_organisation, named_among, same_organisation
from conversation.understanding.yes_no import read_yes_no
from handlers.answer import Answer
from handlers.buttons import show_again
from handlers.programme import meeting_buttons
from handlers.registration import questions
from handlers.registration.drafts import merge
from handlers.registration.enrol import registrations_at
from handlers.registration.flow import finish, proceed
from handlers.registration.questions import LARGE
from handlers.turn import Turn, clean, name_from, number_in, says_no, says_yes, speaks_of_something_else

#: Likeness from which words that answer no open question are another wish.
LEAVES = 0.55


async def resume(turn: Turn, question: Registering) -> Answer | None:
    """The answer to the open question; ``None`` when the message is about something else."""
    draft, asks = question.draft, question.asks
    press = turn.incoming.press
    if (meeting := number_in(press, "meeting")) is not None:
        return await _choose(turn, draft, meeting)
    if press.startswith("fix:"):
        return await _fix(turn, draft, press.removeprefix("fix:"))
    if asks in {Asks.CONSENT, Asks.CONFIRM}:
        return await _resume_yes_no(turn, question)
    if asks is Asks.PARTICIPANTS and draft.participants is not None and draft.participants > LARGE and says_yes(turn):
        draft.large_ok = True
        return await proceed(turn, draft)
    if _is_question(turn) or _wants_out(turn):
        return None
    if asks is Asks.MEETING:
        return await _resume_meeting(turn, draft)
    if cues.drops_it(turn.incoming.text):
        turn.dialogue.close()
        return Answer(Reply(turn.say("register.dropped")), TurnOutcome.DONE)
    taken = await _take_answer(turn, draft)
    if taken:
        return Answer(show_again(turn, taken), TurnOutcome.UNCLEAR)
    return None if taken is not None else await proceed(turn, draft)


#: Wishes that no answer to a question of the registration is taken for.
_OTHER_WISHES = frozenset(
    [
        Intent.CANCEL,
        Intent.RESEND_LINK,
        Intent.MY_REGISTRATIONS,
        Intent.PRIVACY_ERASE,
        Intent.PRIVACY_EXPORT,
        Intent.PRIVACY_INFO,
    ]
)


def _wants_out(turn: Turn) -> bool:
    """Whether the words clearly are another wish, not the answer that was asked for."""
    return not turn.incoming.press and turn.heard.intent in _OTHER_WISHES and turn.heard.certainty >= LEAVES


def _is_question(turn: Turn) -> bool:
    text = turn.incoming.text.strip()
    calls = turn.heard.means(Intent.HUMAN) and turn.heard.certainty >= SURE
    return not turn.incoming.press and (text.endswith("?") or calls)


async def _choose(turn: Turn, draft: Draft, meeting_id: int) -> Answer:
    if not any(m.id == meeting_id for m in turn.upcoming):
        return Answer(
            Reply(turn.say("register.past"), buttons=meeting_buttons(turn, turn.upcoming)), TurnOutcome.UNCLEAR
        )
    draft.meetings, draft.choices = [meeting_id], []
    return await proceed(turn, draft)


async def _resume_meeting(turn: Turn, draft: Draft) -> Answer | None:
    if turn.incoming.press == "all":
        draft.meetings = draft.choices or [m.id for m in turn.upcoming]
        return await proceed(turn, draft)
    said = merge(turn, draft)
    among = [m for m in turn.upcoming if m.id in draft.choices]
    picked = choose_meeting(turn.incoming.text, among, turn.now, turn.library.sectors) if among else Choice()
    if picked.chosen:
        draft.meetings, draft.choices = list(picked.chosen), []
        return await proceed(turn, draft)
    if not said and not turn.heard.meeting.spoken_of:
        if says_yes(turn):
            draft.meetings = draft.choices if len(draft.choices) == 1 else []
            return await proceed(turn, draft)
        if says_no(turn):
            turn.dialogue.close()
            return Answer(Reply(turn.say("register.dropped")), TurnOutcome.DONE)
        return None
    narrowed = [m for m in turn.heard.meeting.candidates if m in draft.choices]
    if not draft.meetings and len(narrowed) == 1:
        draft.meetings, draft.choices = narrowed, []
    return await proceed(turn, draft)


async def _take_answer(turn: Turn, draft: Draft) -> str | None:
    """Take the answer to an open question about who comes.

    When it is none, why, or nothing where it is about something else.
    """
    text, press, asks = turn.incoming.text.strip(), turn.incoming.press, turn.dialogue.asks
    if press == "private":
        draft.organisation, draft.supposed = "", False
        return None
    if (people := number_in(press, "people")) is not None:
        draft.participants, draft.counts = people, {}
        return None
    said = merge(turn, draft)
    if asks is Asks.PARTICIPANTS and turn.heard.details.participants is None and turn.heard.details.more is None:
        number = bare_number(text)
        if number is None and not said:
            return turn.say("register.bad_number", most=MAX_PEOPLE) if cues.has_digit(text) else ""
        draft.participants, draft.counts = (draft.participants if number is None else number), {}
    elif asks is Asks.ORGANISATION and turn.heard.details.organisation is None and not said:
        named = named_among(text, [r.organisation for m in draft.meetings for r in await registrations_at(turn, m)])
        own = "" if speaks_of_something_else(turn) else bare_organisation(clean(text))
        if len(named) != 1 and not own and not says_no(turn):
            number = questions.bare_count(turn)
            draft.participants, draft.counts = (draft.participants if number is None else number), {}
            return None if number is not None else ""
        draft.organisation, draft.supposed = named[0] if len(named) == 1 else own, False
    elif asks is Asks.NAME and not turn.heard.details.contact:
        other = read_yes_no(text) is not None or speaks_of_something_else(turn)
        name = "" if other and not is_first_name(text.split()[0]) else bare_name(name_from(text))
        if not name and not said:
            return ""
        draft.name = name or draft.name
    return None


async def _resume_yes_no(turn: Turn, question: Registering) -> Answer | None:
    """Consent or confirmation is open: a correction in words, yes, or no."""
    draft = question.draft
    if _is_question(turn) or _wants_out(turn):
        return None
    if (number := questions.bare_count(turn)) is not None:
        draft.participants, draft.counts = number, {}
        return await proceed(turn, draft)
    if (later := _is_for_another(turn, draft)) is not None:
        return later
    corrected = merge(turn, draft) or _bare_name(turn, draft)
    if corrected or (turn.heard.meeting.doubt is not None and not turn.heard.meeting.weak):
        return await proceed(turn, draft)
    consent = question.asks is Asks.CONSENT
    if says_yes(turn):
        turn.dialogue.open = replace(question, consented=question.consented or consent)
        if turn.channel.is_letter:
            return await finish(turn, draft) if turn.confirmed else questions.ask_confirm(turn, draft)
        return questions.ask_missing(turn, draft) or await finish(turn, draft)
    if not says_no(turn):
        return None
    if consent:
        turn.dialogue.close()
        turn.forgets = True
        return Answer(Reply(turn.say("register.declined", mailbox=turn.office.mailbox)), TurnOutcome.DECLINED)
    if turn.incoming.press == "no":
        turn.dialogue.close()
        return Answer(Reply(turn.say("register.dropped")), TurnOutcome.DONE)
    return questions.what_to_fix(turn, draft)


def _is_for_another(turn: Turn, draft: Draft) -> Answer | None:
    """One more association while the yes for the first is open: one after the other, or the first would be lost."""
    named = turn.heard.details.organisation
    another = named and draft.organisation and not same_organisation(named, draft.organisation)
    if turn.incoming.press or not another or not cues.says_more(turn.incoming.text):
        return None
    again = questions.reask(turn)
    lead = turn.say("register.one_at_a_time", first=draft.organisation, second=clean(named or ""))
    return again.saying(f"{lead}\n\n{again.reply.text}") if again else None


def _bare_name(turn: Turn, draft: Draft) -> bool:
    """Take a name that is all the message says: "Luca Neri"."""
    text = clean(turn.incoming.text)
    if turn.incoming.press or not cues.is_full_name(text):
        return False
    draft.name = text
    return True


async def _fix(turn: Turn, draft: Draft, field: str) -> Answer:
    """Forget one thing and ask for it."""
    if field == "meeting":
        draft.meetings = []
        return await proceed(turn, draft)
    if field == "organisation":
        draft.organisation = None
    elif field == "participants":
        draft.participants, draft.counts = None, {}
        return questions.ask_participants(turn, draft) or await proceed(turn, draft)
    elif field == "name":
        draft.name, draft.corrected = "", True
    else:
        return questions.what_to_fix(turn, draft)
    return questions.ask_missing(turn, draft) or await proceed(turn, draft)
