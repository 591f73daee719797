"""Words that answer no open question: which wish they are, and what it does where something is open."""

from dataclasses import replace

from conversation.intents import Intent, Trait, has_trait
from conversation.message import Reply
from conversation.open_questions import Draft
from conversation.outcome import TurnOutcome
from conversation.understanding import SURE, Understanding, cues
from conversation.understanding.acts import DOES
from conversation.understanding.classifier import Match
from conversation.understanding.headcount import corrects_headcount
from conversation.understanding.meetings import Choice, Doubt
from conversation.understanding.organisations import same_organisation
from conversation.understanding.weighing import HEARD
from conversation.understanding.yes_no import read_yes_no
from handlers import elsewhere, hand_over, interrupted, unclear
from handlers.answer import Answer
from handlers.intents import INTENTS
from handlers.registration import answers, change, drafts, flow, withdraw
from handlers.turn import Turn

#: Less likely than this, and with no meeting named, nothing is begun.
_FAINT = 0.3
#: Of how many registrations a letter speaks at least to speak of several.
_SEVERAL = 2


async def answer_wish(turn: Turn) -> Answer:
    """Words that answer no open question."""
    intent = choose_intent(turn.heard)
    if turn.heard.for_others and not await _is_ours(turn, intent):
        return (await hand_over.for_another_office(turn)).about(Intent.HUMAN)
    if INTENTS[intent].rearranges and await _changes_several(turn):
        return (await hand_over.for_several_changes(turn)).about(Intent.CHANGE)
    fewer_or_more = turn.heard.details.more is not None
    may_change = INTENTS[intent].may_be_change or fewer_or_more
    if may_change and await _means_change(turn):
        intent = Intent.CHANGE
    chosen = turn.heard.meeting.chosen
    if intent == Intent.CHANGE and chosen and not await turn.active_registrations():
        intent = Intent.REGISTER
        if len(chosen) > 1:  # one of them is what is given up
            turn.heard = replace(turn.heard, meeting=Choice((), chosen, Doubt.AMBIGUOUS))
    if INTENTS[intent].harmless and flow.confirms(turn) and await flow.is_held(turn):
        # "confermo, a giovedì!": the booking is theirs, and a withdrawal that waits for its yes is none
        turn.dialogue.close()
        return (await flow.start(turn)).about(Intent.REGISTER)
    if turn.heard.details.leaves and await turn.active_registrations():
        intent = Intent.CANCEL
    return (await _answer(turn, intent)).about(intent)


async def _changes_several(turn: Turn) -> bool:
    """Whether a letter says different things of several registrations: half of it must not be lost over a question."""
    if not turn.channel.is_letter or len(turn.heard.told_apart) < _SEVERAL:
        return False
    held = {meeting.id for _, meeting in await turn.active_registrations()}
    # "Martedì", of two Tuesdays, is the one that they are registered for.
    named = {meeting for fits in turn.heard.told_apart if len(fits & held) == 1 for meeting in fits & held}
    return len(named) >= _SEVERAL


async def _is_ours(turn: Turn, intent: str) -> bool:
    """Whether a letter that seems for another office is answered all the same.

    A question that no source answers goes to a person anyway. Of their registration people speak in many ways, and of
    what is kept of them in those of the law.
    """
    if INTENTS[intent].about_kept and turn.person is not None:
        return True
    return intent == Intent.QUESTION or (INTENTS[intent].about_registration and bool(await turn.active_registrations()))


async def _answer(turn: Turn, intent: str) -> Answer:
    """What the wish does; where something is open, that is asked again below."""
    route = INTENTS[intent]
    stops = intent == Intent.NEWS_OFF and turn.heard.certainty >= answers.LEAVES
    if not interrupted.is_open(turn) or stops:  # who wants no more messages is not asked again
        turn.dialogue.close()
        return await elsewhere.answer_elsewhere(turn, intent) or await route.handler(turn)
    registering = turn.dialogue.registering
    if registering is not None and (went_on := await _within_registering(turn, intent, registering.draft)) is not None:
        return went_on
    asked = turn.incoming.text.rstrip().endswith("?")
    heard = turn.heard.certainty >= (SURE if route.aside else answers.LEAVES)
    if not heard and not (asked and route.aside):
        return await interrupted.aside_if_open(turn, unclear.again)
    return await interrupted.aside_if_open(turn, route.amid or route.handler)


async def _within_registering(turn: Turn, intent: str, draft: Draft) -> Answer | None:
    """What goes on with the open registration, or ends it; ``None`` when the words are about something else."""
    if intent == Intent.REGISTER and drafts.merge(turn, draft):
        return await flow.proceed(turn, draft)
    bare = read_yes_no(turn.incoming.text) is False
    refused = bare and (has_trait(intent, Trait.COURTESY) or intent in {Intent.QUESTION, Intent.UNDECIDED})
    if intent != Intent.CANCEL and not refused:
        return None
    turn.dialogue.close()
    dropped = turn.say("register.dropped")
    if intent != Intent.CANCEL or bare or not await turn.active_registrations():
        return Answer(Reply(dropped), TurnOutcome.DONE)
    again = await withdraw.start(turn)  # what is registered already may be meant as well: that asks first
    return again.saying(f"{dropped}\n\n{again.reply.text}")


async def _means_change(turn: Turn) -> bool:
    """Whether somebody who is registered gives up one meeting for another, or just says how many they are now."""
    heard = turn.heard
    shifts = bool(heard.meeting.chosen and cues.moves_over(turn.incoming.text))
    moves = shifts or bool(heard.meeting.excluded and heard.meeting.chosen)
    numbers = heard.details.participants is not None or heard.details.more is not None
    counts = numbers and (heard.meeting.weak or not heard.meeting.spoken_of)
    bookings = await turn.active_registrations()
    renames = change.renames(turn, bookings)
    fewer = heard.details.more is not None and heard.details.more < 0
    instead = moves or renames or fewer or corrects_headcount(turn.incoming.text)
    if not (moves or counts or renames) or (heard.means(Intent.CANCEL) and not instead):
        return False
    held = {m.id for _, m in bookings}
    if renames:
        return bool(held)
    if fewer and all(r.participants + (heard.details.more or 0) < 1 for r, _ in bookings):
        return False
    if moves:
        leaves = shifts or bool(held & set(heard.meeting.excluded))
        return bool(held) and leaves and not set(heard.meeting.chosen) <= held
    named = heard.details.organisation
    return bool(held) and (named is None or any(same_organisation(r.organisation, named) for r, _ in bookings))


def _is_faint(heard: Understanding, wish: Match) -> bool:
    return has_trait(wish.label, Trait.ACTS) and wish.score < _FAINT and not heard.meeting.spoken_of


def choose_intent(heard: Understanding) -> str:
    """The wish to act upon, or ``question`` where the words are likelier to ask for something; on one scale."""
    wish = next((m for m in heard.intents if m.label != Intent.QUESTION and not _is_faint(heard, m)), None)
    generic = next((m.score for m in heard.intents if m.label == Intent.QUESTION), 0.0)
    fact = heard.facts[0].fused if heard.facts else 0.0
    unknown = heard.hand_over.fused if heard.hand_over else 0.0
    asked = max(fact, unknown, generic)
    if wish is not None and (wish.score >= asked or (has_trait(wish.label, Trait.ACTS) and wish.score >= DOES)):
        return wish.label
    return Intent.QUESTION if asked >= HEARD else wish.label if wish else Intent.OTHER
