"""A letter in the thread of somebody else's registration.

Whoever it is, only the address that registered changes or sees it.
"""

from conversation.intents import Intent
from conversation.message import Reply
from conversation.outcome import HandOverReason, TurnOutcome
from conversation.words import fold
from db.bounces import SentMail, find_sent
from db.people import find_person
from handlers import hand_over
from handlers.answer import Answer
from handlers.intents import INTENTS
from handlers.turn import Turn

#: The newest mails of a thread that are looked up.
_NEWEST = 6


async def answer_elsewhere(turn: Turn, intent: str) -> Answer | None:
    """Say from where to write, and hand the letter to the office.

    ``None`` when it is about nobody else's registration.
    """
    about_one = INTENTS[intent].about_registration
    if not turn.channel.is_letter or not (about_one or intent == Intent.REGISTER) or await turn.active_registrations():
        return None
    sent = await _answered(turn)
    if sent is None or (not about_one and not await _is_theirs(turn, sent)):
        return None
    await hand_over.hand_over(turn, turn.incoming.text, HandOverReason.ELSEWHERE)
    return Answer(Reply(turn.say("unclear.elsewhere")), TurnOutcome.HANDED_OVER)


async def _answered(turn: Turn) -> SentMail | None:
    """The mail of ours that the letter answers, when it went to another person."""
    ids = turn.incoming.thread.references[-_NEWEST:] if turn.incoming.thread else ()
    domain = turn.office.mailbox.rpartition("@")[2]
    sent = await find_sent(turn.tx, list(reversed(ids)), (), domain=domain)
    if sent is None or sent.person_id is None or sent.address == turn.incoming.address:
        return None
    return None if turn.person and turn.person.id == sent.person_id else sent


async def _is_theirs(turn: Turn, sent: SentMail) -> bool:
    """Whether what sounds like registering speaks of the registration of who had that mail.

    It names no other association.
    """
    named = turn.heard.details.organisation
    owner = await find_person(turn.tx, sent.address)
    return not named or (owner is not None and fold(owner.organisation) == fold(named))
