"""Who takes the answer to an open question: one row for each action that may leave one open."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from conversation.intents import Intent
from conversation.message import Reply
from handlers import ask, newsletter, pact_interest, privacy, welcome
from handlers.registration import change, flow, questions, withdraw
from handlers.turn import Turn


@dataclass(frozen=True, slots=True)
class Resumer:
    """How the answer to one action's questions is taken."""

    #: Takes the answer; ``None``: the message is about something else.
    resume: Callable[[Turn], Awaitable[Reply | None]]
    #: What an answer is about that names nothing itself.
    intent: Intent | None = None


#: By the action that asks.
RESUMERS = {
    questions.ACTION: Resumer(flow.resume, Intent.REGISTER),
    withdraw.ACTION: Resumer(withdraw.resume, Intent.CANCEL),
    change.ACTION: Resumer(change.resume, Intent.CHANGE),
    ask.ACTION: Resumer(ask.resume),
    pact_interest.ACTION: Resumer(pact_interest.resume, Intent.JOIN_PACT),
    newsletter.ACTION: Resumer(newsletter.resume, Intent.NEWSLETTER_ON),
    newsletter.STOP: Resumer(newsletter.resume, Intent.NEWSLETTER_OFF),
    newsletter.OFF: Resumer(newsletter.resume),
    privacy.ERASE: Resumer(privacy.resume, Intent.PRIVACY_ERASE),
    privacy.EXPORT: Resumer(privacy.resume, Intent.PRIVACY_EXPORT),
    welcome.JOIN: Resumer(welcome.resume),
}
