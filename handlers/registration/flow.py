"""Registering: from one free sentence or step by step, in any order, corrections at any moment (``answers``).

In chat the privacy notice comes first: it is shown with what was understood, and one "yes" answers both. Nothing is
stored before it. By mail a clear request is acted upon at once, the notice stands in the answer, and only a missing
or doubtful meeting is asked back.
"""

from dataclasses import replace

from conversation.intents import Intent
from conversation.message import Reply
from conversation.open_questions import Draft
from conversation.outcome import HandOverReason, TurnOutcome
from conversation.understanding import cues
from conversation.understanding.meetings import Choice
from conversation.understanding.organisations import same_organisation
from conversation.wording import named_apart
from db.meetings import all_meetings
from handlers import adhesion, hand_over
from handlers.answer import Answer
from handlers.registration import questions
from handlers.registration.drafts import merge, prefill, talked_about
from handlers.registration.enrol import enrol, held_for, registrations_at
from handlers.registration.foretelling import foretell
from handlers.registration.mine import show_mine
from handlers.turn import Turn, clean, name_from


async def start(turn: Turn) -> Answer:
    """A wish to register, with whatever the sentence already says."""
    turn.dialogue.waiting, turn.dialogue.joins = [], Intent.ADHESION in turn.heard.also
    if turn.heard.wishes:
        return await _one_by_one(turn)
    if turn.channel.is_letter and turn.heard.details.several:
        await hand_over.hand_over(turn, turn.incoming.text, HandOverReason.SEVERAL)
        return Answer(Reply(turn.say("register.several")), TurnOutcome.HANDED_OVER)
    if await is_held(turn):
        held = await show_mine(turn)
        return replace(held, reply=replace(held.reply, title=turn.say("mine.held")))
    draft = Draft()
    await prefill(turn, draft)
    merge(turn, draft)
    if not draft.meetings and not turn.heard.meeting.spoken_of:
        draft.meetings = await talked_about(turn)
    return await proceed(turn, draft)


async def _one_by_one(turn: Turn) -> Answer:
    """The registrations of a letter for several associations.

    The first now, each of the others when the one before is done.
    """
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
        return replace(_after(done, await adhesion.start(turn)), outcome=done.outcome)
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
    registrations = tuple(dict.fromkeys((*done.registrations, *following.registrations)))
    return replace(following, reply=whole, registrations=registrations)


async def is_held(turn: Turn) -> bool:
    """Whether somebody who is registered only says so again.

    "confermo, a giovedì!" is no new registration for one person.
    """
    bookings = await turn.active_registrations()
    held = {m.id for _, m in bookings}
    heard = turn.heard
    details = heard.details
    named = details.organisation
    another = named is not None and not any(same_organisation(r.organisation, named) for r, _ in bookings)
    says_more = another or details.participants is not None or details.more is not None
    if not held or says_more:
        return False
    if heard.meeting.chosen:
        return set(heard.meeting.chosen) <= held
    return not heard.meeting.spoken_of and confirms(turn)


def confirms(turn: Turn) -> bool:
    """Whether the words say once more that somebody comes."""
    return cues.says_again(turn.incoming.text)


async def start_for(turn: Turn, meeting_id: int) -> Answer:
    """Register for one meeting: a button of the programme or a deep link."""
    draft = Draft(meetings=[meeting_id])
    await prefill(turn, draft)
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
        return large or await _confirm_change(turn, draft) or await finish(turn, draft)
    if not questions.has_consented(turn):
        return questions.ask_consent(turn, draft)
    return questions.ask_missing(turn, draft) or questions.ask_confirm(turn, draft)


async def _suppose(turn: Turn, draft: Draft) -> Answer | None:
    """Where no association was named, the one already registered for the meeting is meant.

    Of several, one is asked for.
    """
    if draft.organisation is not None and not draft.supposed:
        return None
    names = list(dict.fromkeys([r.organisation for m in draft.meetings for r in await registrations_at(turn, m)]))
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
        held = held_for(await registrations_at(turn, meeting), draft.organisation, adds=draft.adds)
        renamed = held is not None and not same_organisation(held.organisation, draft.organisation or "")
        if held is not None and (renamed or held.participants != draft.people_at(meeting)):
            return questions.ask_confirm(turn, draft)
    return None


async def finish(turn: Turn, draft: Draft) -> Answer:
    """Write it down; never before the notice was accepted, nor for a meeting that is not what was shown any more."""
    if not questions.has_consented(turn):
        return questions.ask_consent(turn, draft)
    done = await enrol(turn, draft)
    if done is not None:
        await turn.accept_notice()
    return await _ask_anew(turn, draft) if done is None else await _go_on(turn, done)


async def _ask_anew(turn: Turn, draft: Draft) -> Answer:
    """A meeting was moved or cancelled while its question was open."""
    turn.meetings = await all_meetings(turn.tx)
    coming = [m.id for m in turn.upcoming if m.id in draft.meetings]
    why = turn.say("register.moved" if coming else "register.gone_all")
    draft.meetings = coming
    again = questions.ask_meeting(turn, draft) or questions.ask_confirm(turn, draft)
    return again.saying(f"{why}\n\n{again.reply.text}")
