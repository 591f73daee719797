"""Who answers an intent: one row each.

Its phrases stand in knowledge/intents.toml, what understanding knows of it in ``conversation.intents``.
"""

from dataclasses import dataclass

from conversation.intents import Intent
from handlers import adhesion, ask, hand_over, news, privacy, programme, unclear, welcome
from handlers.registration import change, flow, mine, withdraw
from handlers.turn import Handler


@dataclass(frozen=True, slots=True)
class Route:
    """How one intent is answered."""

    #: Its name in intents.toml: an ``Intent``.
    intent: str
    #: Answers it.
    handler: Handler
    #: Its name in the contract (``chat --jsonl``, ``explain``), where that is another.
    contract: str = ""
    #: May be said in the middle of something without losing the thread, though it is not quite sure.
    aside: bool = False
    #: Answers it there, where ``handler`` would say too much.
    amid: Handler | None = None
    #: What somebody who only says once more that they come may be taken for.
    harmless: bool = False
    #: It is about a registration that there is already.
    about_registration: bool = False
    #: Who, which meeting and how many are all there is to it: an edit that leaves these changes nothing.
    understood_whole: bool = False
    #: It is about what is kept of the person.
    about_kept: bool = False
    #: Words that say different things of several registrations are heard as one of these.
    rearranges: bool = False
    #: Where they are registered already, it may be meant as a change of that.
    may_be_change: bool = False


_ROUTES = (
    Route(Intent.REGISTER, flow.start, harmless=True, understood_whole=True, rearranges=True, may_be_change=True),
    Route(
        Intent.CANCEL,
        withdraw.start,
        about_registration=True,
        understood_whole=True,
        rearranges=True,
        may_be_change=True,
    ),
    Route(Intent.CHANGE, change.start, about_registration=True, understood_whole=True, rearranges=True),
    Route(Intent.RESEND_LINK, mine.resend_link, aside=True, about_registration=True),
    Route(Intent.MY_REGISTRATIONS, mine.show_mine, contract="question", aside=True, about_registration=True),
    Route(Intent.CALENDAR, programme.show_programme, aside=True, harmless=True),
    Route(Intent.ADHESION, adhesion.start, contract="adhesion_patto"),
    Route(Intent.NEWS_ON, news.switch_on, contract="newsletter"),
    Route(Intent.NEWS_OFF, news.switch_off, contract="unsubscribe", about_kept=True),
    Route(Intent.HUMAN, hand_over.ask_for_person, aside=True),
    Route(Intent.PRIVACY_INFO, privacy.show_notice, contract="question", aside=True),
    Route(Intent.PRIVACY_EXPORT, privacy.export, aside=True, about_kept=True),
    Route(Intent.PRIVACY_ERASE, privacy.erase, about_kept=True),
    Route(Intent.GREETING, welcome.welcome, contract="other", aside=True, amid=welcome.greet),
    Route(Intent.THANKS, welcome.thanks, contract="other", aside=True, harmless=True),
    Route(Intent.FAREWELL, welcome.farewell, contract="other", aside=True, harmless=True),
    Route(Intent.IDENTITY, welcome.tell_what_it_is, contract="other", aside=True),
    Route(Intent.QUESTION, ask.answer, aside=True, harmless=True, may_be_change=True),
    Route(Intent.WHY, ask.explain_last, contract="question", aside=True),
    Route(Intent.OFF_LIMITS, unclear.off_limits, contract="other", aside=True),
    Route(Intent.COMPLAINT, hand_over.complain, contract="human", aside=True),
    Route(Intent.UNDECIDED, unclear.undecided, contract="other", aside=True),
    Route(Intent.YES, unclear.unclear, contract="other", amid=unclear.again, harmless=True),
    Route(Intent.NO, unclear.unclear, contract="other", amid=unclear.again),
    Route(Intent.OTHER, unclear.unclear, amid=unclear.again, harmless=True, rearranges=True, may_be_change=True),
)
#: By the intent's name.
INTENTS = {route.intent: route for route in _ROUTES}


def contract_name(intent: str) -> str:
    """What the contract calls an intent."""
    return INTENTS[intent].contract or intent
