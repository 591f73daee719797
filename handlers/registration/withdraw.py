"""Withdrawing: asked once in chat; by mail done at once when it is clear that it is meant, and which registration."""

from conversation.intents import Intent
from conversation.invitation import Ending
from conversation.message import Reply
from conversation.open_questions import Asks, Withdrawing
from conversation.outcome import TurnOutcome
from conversation.understanding import SURE, cues
from conversation.wording import attendee_of, calendar_file, named_apart, withdrawn_by_office
from db.models import RegistrationStatus
from db.registrations import get_registrations
from handlers.answer import Answer, Ended
from handlers.registration.enrol import give_up
from handlers.registration.mine import name_bookings, pick, pick_whose, show_mine, which_booking
from handlers.turn import Booking, Turn, says_no, says_yes, to_confirm

#: From this certainty on a letter is taken at its word; "non possiamo venire, ci cancellate?" too.
_PLAIN, _ASKED = 0.8, 0.95


async def start(turn: Turn) -> Answer:
    """A wish to withdraw."""
    bookings = await turn.active_registrations()
    if not bookings:
        return Answer(Reply(turn.say("withdraw.none")), TurnOutcome.ANSWERED)
    asks = turn.heard.certainty < SURE or cues.asks_about_withdrawing(turn.incoming.text)
    if "?" in turn.incoming.text and asks:
        return await show_mine(turn)
    about = pick(turn, bookings)
    if not about:
        return _which(turn, bookings)
    all_named = turn.heard.meeting.chosen and len(about) == len(turn.heard.meeting.chosen)
    if len(about) == 1 or (all_named and not cues.contrasts(turn.incoming.text)):
        return await _confirm(turn, about)
    return _which(turn, about)


async def start_for(turn: Turn, registration: int) -> Answer:
    """Withdraw one registration: a button of one's own page."""
    about = [p for p in await turn.active_registrations() if p[0].id == registration]
    return await _confirm(turn, about) if about else Answer(Reply(turn.say("withdraw.none")), TurnOutcome.UNCLEAR)


async def offer(turn: Turn, uid: str) -> Answer | Ended:
    """A calendar said no to our invitation: ask whether to withdraw; nothing when there is nothing to withdraw."""
    about = [p for p in await turn.active_registrations() if p[0].uid == uid]
    if not about or turn.dialogue.asks is not None:
        # Nothing to withdraw; or another question is open, which a calendar must not take away.
        return Ended(TurnOutcome.DONE, intent=Intent.CANCEL)
    asked = await _ask(turn, about)
    return asked.saying(f"{turn.say('withdraw.declined')}\n\n{asked.reply.text}").about(Intent.CANCEL)


def _which(turn: Turn, bookings: list[Booking]) -> Answer:
    return Answer.asking(
        Withdrawing(Asks.WHICH_REGISTRATION), which_booking(turn, turn.say("withdraw.which"), bookings)
    )


async def _confirm(turn: Turn, about: list[Booking]) -> Answer:
    if turn.channel.is_letter and turn.vouched and (turn.incoming.press or _is_plain(turn, about)):
        return await withdraw_from(turn, about)
    return await _ask(turn, about)


def _is_plain(turn: Turn, about: list[Booking]) -> bool:
    """Whether a letter surely says so, of one meeting and of nothing else.

    What was cancelled wrongly, nobody notices in time.
    """
    heard = turn.heard
    named = {*heard.meeting.chosen, *heard.meeting.candidates}
    sure = heard.means(Intent.CANCEL) and heard.certainty >= (_ASKED if "?" in turn.incoming.text else _PLAIN)
    return sure and len(about) == 1 and len(named) <= 1 and heard.details.participants is None


async def _ask(turn: Turn, about: list[Booking]) -> Answer:
    question = Withdrawing(Asks.CONFIRM, tuple(r.id for r, _ in about))
    names = await _names(turn, about)
    return Answer.asking(question, to_confirm(turn, turn.say("withdraw.confirm", meeting=names)))


async def resume(turn: Turn, question: Withdrawing) -> Answer | None:
    """Which one, or the yes."""
    bookings = await turn.active_registrations()
    if question.asks is Asks.WHICH_REGISTRATION:
        press = turn.incoming.press
        if press.startswith("place:"):
            about = [p for p in bookings if str(p[0].id) == press.removeprefix("place:")]
            return await _confirm(turn, about) if about else None
        if turn.heard.meeting.spoken_of or len(pick_whose(turn, bookings)) < len(bookings):
            about = pick(turn, bookings)
            if len(about) != 1:
                return _which(turn, about or bookings)
            return (
                await withdraw_from(turn, about)
                if turn.channel.is_letter and turn.confirmed
                else await _ask(turn, about)
            )
        if says_no(turn):
            turn.dialogue.close()
            return Answer(Reply(turn.say("withdraw.kept")), TurnOutcome.DONE)
        return None
    if says_yes(turn):
        about = [p for p in bookings if p[0].id in question.registrations]
        return await withdraw_from(turn, about) if turn.confirmed else await _ask(turn, about)
    if says_no(turn):
        turn.dialogue.close()
        return Answer(Reply(turn.say("withdraw.kept")), TurnOutcome.DONE)
    return None


async def _names(turn: Turn, about: list[Booking]) -> str:
    """Told apart from all that the person has, not only from each other."""
    bookings = await turn.active_registrations()
    names = dict(zip([r.id for r, _ in bookings], name_bookings(turn, bookings), strict=True))
    return turn.voice.join_words([f"«{names[r.id]}»" for r, _ in about])


async def withdraw_from(turn: Turn, about: list[Booking]) -> Answer:
    """Give these bookings up, and the word of it with the end of their calendar entries."""
    address = turn.incoming.address
    attendee = attendee_of(address.channel, address.value)
    text = await _say_done(turn, about)
    for registration, _ in about:
        await give_up(turn, registration)
    after = await get_registrations(turn.tx, [r.id for r, _ in about])
    files = [
        calendar_file(turn.voice, meeting, after[registration.id], attendee, ending=Ending.WITHDRAWN)
        for registration, meeting in about
        if registration.status is RegistrationStatus.CONFIRMED
    ]
    turn.dialogue.close()
    return Answer(Reply(text, files=named_apart(files)), TurnOutcome.WITHDRAWN, registrations=tuple(after))


async def _say_done(turn: Turn, about: list[Booking]) -> str:
    if turn.by is None:
        return turn.say("withdraw.done", meeting=await _names(turn, about))
    return "\n\n".join(withdrawn_by_office(turn.voice, registration, meeting) for registration, meeting in about)
