"""Registering: from one free sentence or step by step, in any order, corrections at any moment.

In chat the privacy notice comes first: it is shown with what was understood, and one "yes" answers both. Nothing is
stored before it. By mail a clear request is acted upon at once, the notice stands in the answer, and only a missing
or doubtful meeting is asked back.
"""

from dataclasses import replace

from conversation.intents import Intent
from conversation.message import Reply
from conversation.open_questions import Asks, Draft, Registering
from conversation.outcome import HandOverReason, TurnOutcome
from conversation.understanding import SURE, cues
from conversation.understanding.headcount import MAX_PEOPLE, bare_number
from conversation.understanding.meetings import Choice, choose_meeting
from conversation.understanding.names import bare_name
from conversation.understanding.organisations import bare_organisation, named_among, same_organisation
from conversation.understanding.proper_names import is_first_name
from conversation.understanding.yes_no import read_yes_no
from conversation.wording import named_apart
from db.meetings import all_meetings
from handlers import hand_over, pact_interest
from handlers.answer import Answer
from handlers.buttons import show_again
from handlers.programme import meeting_buttons
from handlers.registration import questions
from handlers.registration.enrol import enrol, foretell, held_for, places_at
from handlers.registration.mine import show_mine
from handlers.registration.questions import LARGE
from handlers.turn import Turn, clean, name_from, number_in, says_no, says_yes, speaks_of_something_else

#: Likeness from which words that answer no open question are another wish.
LEAVES = 0.55


async def start(turn: Turn) -> Answer:
    """A wish to register, with whatever the sentence already says."""
    turn.dialogue.waiting, turn.dialogue.joins = [], Intent.JOIN_PACT in turn.heard.also
    if turn.heard.wishes:
        return await _one_by_one(turn)
    if turn.channel.is_letter and turn.heard.details.several:
        await hand_over.hand_over(turn, turn.incoming.text, HandOverReason.SEVERAL)
        return Answer(Reply(turn.say("register.several")), TurnOutcome.HANDED_OVER)
    if await is_held(turn):
        held = await show_mine(turn)
        return replace(held, reply=replace(held.reply, title=turn.say("mine.held")))
    draft = Draft()
    await _prefill(turn, draft)
    merge(turn, draft)
    if not draft.meetings and not turn.heard.meeting.spoken_of:
        draft.meetings = await _talked_about(turn)
    return await proceed(turn, draft)


async def _one_by_one(turn: Turn) -> Answer:
    """The registrations of a letter for several associations: the first now, each of the others when the one before is done."""
    details, drafts = turn.heard.details, list[Draft]()
    for wish in turn.heard.wishes:
        draft = Draft(list(wish.meetings), organisation=clean(wish.organisation), participants=wish.people, adds=True)
        draft.name = name_from(details.contact)
        drafts.append(draft)
    chosen = tuple(dict.fromkeys(m for wish in turn.heard.wishes for m in wish.meetings))
    turn.heard = replace(turn.heard, meeting=Choice(chosen))
    turn.dialogue.waiting = drafts[1:]
    return await proceed(turn, drafts[0])


async def _go_on(turn: Turn, done: Answer) -> Answer:
    """With the confirmation of one registration the next one of the same letter, and then the wish to join the pact."""
    if turn.dialogue.waiting:
        draft = turn.dialogue.waiting.pop(0)
        draft.name = draft.name or (turn.person.name if turn.person else "")
        return _after(done, await proceed(turn, draft))
    if turn.dialogue.joins:
        turn.dialogue.joins = False
        return replace(_after(done, await pact_interest.start(turn)), outcome=done.outcome)
    return done


def _after(done: Answer, following: Answer) -> Answer:
    """Two answers in one message: what was done, then what follows from it; what both say is said once, at the end."""
    before, after = done.reply, following.reply
    said = set(after.text.split("\n\n"))
    first = [p for p in before.text.split("\n\n") if p not in said]
    whole = replace(
        after,
        text="\n\n".join([*first, after.text]),
        title=before.title,
        buttons=after.buttons or before.buttons,
        files=named_apart([*before.files, *after.files]),
        highlights=(*before.highlights, *after.highlights),
    )
    return replace(following, reply=whole)


async def is_held(turn: Turn) -> bool:
    """Whether somebody who is registered only says so again: "confermo, a giovedì!" is no new registration for one person."""
    places = await turn.active_registrations()
    held = {m.id for _, m in places}
    heard = turn.heard
    details = heard.details
    named = details.organisation
    another = named is not None and not any(same_organisation(r.organisation, named) for r, _ in places)
    says_more = another or details.participants is not None or details.more is not None
    if not held or says_more:
        return False
    if heard.meeting.chosen:
        return set(heard.meeting.chosen) <= held
    return not heard.meeting.spoken_of and confirms(turn)


def confirms(turn: Turn) -> bool:
    """Whether the words say once more that somebody comes."""
    return cues.says_again(turn.incoming.text)


async def _talked_about(turn: Turn) -> list[int]:
    """The one coming meeting that was just talked about and is not theirs yet: "quand'è il prossimo?", "iscrivimi"."""
    held = {m.id for _, m in await turn.active_registrations()}
    return [m.id for m in turn.upcoming if m.id == turn.dialogue.last_meeting and m.id not in held]


async def start_for(turn: Turn, meeting_id: int) -> Answer:
    """Register for one meeting: a button of the programme or a deep link."""
    draft = Draft(meetings=[meeting_id])
    await _prefill(turn, draft)
    return await proceed(turn, draft)


async def take_up(turn: Turn) -> Answer:
    """Go on with the registration that was left half-way, from the first thing that is missing."""
    talk = turn.dialogue
    is_open = talk.registering is not None
    draft = talk.registering.draft if talk.registering is not None else talk.kept
    if draft is None:
        return Answer(Reply(turn.say("welcome.stale")), TurnOutcome.UNCLEAR)
    if not is_open:
        talk.close()
        draft.noticed = False  # the notice that was shown is days away
    again = await proceed(turn, draft)
    return again.saying(f"{turn.say('register.again')} {again.reply.text}")


async def _prefill(turn: Turn, draft: Draft) -> None:
    """What is known of a person who registered before is proposed, not asked again."""
    if turn.person is None:
        return
    draft.name = turn.person.name
    if await turn.registrations():
        draft.organisation, draft.supposed = turn.person.organisation, True


def merge(turn: Turn, draft: Draft) -> bool:
    """Put what this message says into the draft; whether it said anything."""
    heard, before = turn.heard, (list(draft.meetings), draft.organisation, draft.name, draft.participants)
    choice, before_it = heard.meeting, dict[str, int]()
    if choice.chosen and not (choice.weak and draft.meetings) and questions.may_speak_of_meetings(turn):
        adds = draft.meetings and cues.says_more(turn.incoming.text)
        kept = [m for m in draft.meetings if m not in choice.excluded] if adds else []
        before_it = {str(m): draft.people_at(m) for m in kept if draft.participants is not None}
        draft.meetings = [*kept, *(m for m in choice.chosen if m not in kept)]
        draft.choices = []
    elif choice.excluded:
        draft.meetings = [m for m in draft.meetings if m not in choice.excluded]
    if heard.details.organisation is not None:
        draft.organisation, draft.supposed = clean(heard.details.organisation), False
    draft.adds = draft.adds or cues.says_more(turn.incoming.text)
    if heard.details.contact:
        draft.name = name_from(heard.details.contact)
    if heard.counts:
        draft.counts = {str(meeting): number for meeting, number in heard.counts}
        draft.participants, draft.large_ok = max(draft.counts.values()), False
    elif heard.details.participants is not None:
        number = heard.details.participants
        # "Anche venerdì, in tre": those who come on Thursday are as many as they were.
        draft.counts = {str(m): before_it.get(str(m), number) for m in draft.meetings} if before_it else {}
        draft.participants, draft.large_ok = max([number, *draft.counts.values()]), False
    elif heard.details.more is not None:
        draft.participants, draft.counts = max(1, (draft.participants or 1) + heard.details.more), {}
    return before != (draft.meetings, draft.organisation, draft.name, draft.participants)


async def resume(turn: Turn, question: Registering) -> Answer | None:
    """The answer to the open question; ``None`` when the message is about something else."""
    draft, asks = question.draft, question.asks
    press = turn.incoming.press
    if (meeting := number_in(press, "meeting")) is not None:
        return await _choose(turn, draft, meeting)
    if press.startswith("fix:"):
        return await _fix(turn, draft, press.removeprefix("fix:"))
    if asks in {Asks.CONSENT, Asks.CONFIRM}:
        return await _resume_closed(turn, question)
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
    calls = turn.heard.heard(Intent.HUMAN) and turn.heard.certainty >= SURE
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
    """Take the answer to an open question about who comes; when it is none, why, or nothing where it is about something else."""
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
        named = named_among(text, [r.organisation for m in draft.meetings for r in await places_at(turn, m)])
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


async def _resume_closed(turn: Turn, question: Registering) -> Answer | None:
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
            return await _finish(turn, draft) if turn.confirmed else questions.ask_confirm(turn, draft)
        return questions.ask_missing(turn, draft) or await _finish(turn, draft)
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


async def proceed(turn: Turn, draft: Draft) -> Answer:
    """Ask for the first thing that is missing; with nothing missing, confirm (chat) or register (mail)."""
    turn.draft, turn.dialogue.kept = draft, None
    return (await _next_step(turn, draft)).about(Intent.REGISTER)


async def _next_step(turn: Turn, draft: Draft) -> Answer:
    if not draft.name and not draft.corrected:
        draft.name = name_from(turn.incoming.name)
    asked = questions.ask_meeting(turn, draft) or questions.ask_plain_name(turn, draft)
    if asked is not None:
        return asked
    if (unsaid := await _suppose(turn, draft)) is not None:
        return unsaid
    draft.besides = await foretell(turn, draft)
    if turn.channel.is_letter:
        large = draft.participants is not None and questions.ask_participants(turn, draft)
        return large or await _confirm_change(turn, draft) or await _finish(turn, draft)
    if not questions.has_consented(turn):
        return questions.ask_consent(turn, draft)
    return questions.ask_missing(turn, draft) or questions.ask_confirm(turn, draft)


async def _suppose(turn: Turn, draft: Draft) -> Answer | None:
    """Where no association was named, the one already registered for the meeting is meant; of several, one is asked for."""
    if draft.organisation is not None and not draft.supposed:
        return None
    names = list(dict.fromkeys([r.organisation for m in draft.meetings for r in await places_at(turn, m)]))
    if len(names) > 1:
        draft.organisation = None
        return questions.ask_whose(turn, draft, names)
    if names:
        draft.organisation, draft.supposed = names[0], True
    return None


async def _confirm_change(turn: Turn, draft: Draft) -> Answer | None:
    """A letter that could be anybody's, and that would change a registration: its sender confirms first."""
    if turn.vouched:
        return None
    for meeting in draft.meetings:
        held = held_for(await places_at(turn, meeting), draft.organisation, adds=draft.adds)
        renamed = held is not None and not same_organisation(held.organisation, draft.organisation or "")
        if held is not None and (renamed or held.participants != draft.people_at(meeting)):
            return questions.ask_confirm(turn, draft)
    return None


async def _finish(turn: Turn, draft: Draft) -> Answer:
    """Write it down; never before the notice was accepted, nor for a meeting that is not what was shown any more."""
    if not questions.has_consented(turn):
        return questions.ask_consent(turn, draft)
    done = await enrol(turn, draft)
    return await _ask_anew(turn, draft) if done is None else await _go_on(turn, done)


async def _ask_anew(turn: Turn, draft: Draft) -> Answer:
    """A meeting was moved or cancelled while its question was open."""
    turn.meetings = await all_meetings(turn.tx)
    coming = [m.id for m in turn.upcoming if m.id in draft.meetings]
    why = turn.say("register.moved" if coming else "register.gone_all")
    draft.meetings = coming
    again = questions.ask_meeting(turn, draft) or questions.ask_confirm(turn, draft)
    return again.saying(f"{why}\n\n{again.reply.text}")
