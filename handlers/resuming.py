"""Who takes the answer to an open question: one row for each action that may leave one open."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from conversation.intents import Intent
from conversation.open_questions import (
    Adhering,
    Changing,
    EndingAll,
    EndingNews,
    Erasing,
    Exporting,
    Guessing,
    Joining,
    Registering,
    SubscribingToNews,
    Withdrawing,
)
from handlers import adhesion, ask, news, privacy, welcome
from handlers.answer import Answer
from handlers.registration import answers, change, withdraw
from handlers.turn import Turn


@dataclass(frozen=True, slots=True)
class Resumer:
    """How the answer to one action's questions is taken."""

    #: Takes the answer to the question, which is of its action's kind; ``None``: the message is about something else.
    resume: Callable[[Turn, Any], Awaitable[Answer | None]]
    #: What an answer is about that names nothing itself.
    intent: Intent | None = None


#: By the action that asks.
RESUMERS = {
    Registering.action: Resumer(answers.resume, Intent.REGISTER),
    Withdrawing.action: Resumer(withdraw.resume, Intent.CANCEL),
    Changing.action: Resumer(change.resume, Intent.CHANGE),
    Guessing.action: Resumer(ask.resume),
    Adhering.action: Resumer(adhesion.resume, Intent.ADHESION),
    SubscribingToNews.action: Resumer(news.resume, Intent.NEWS_ON),
    EndingAll.action: Resumer(news.resume, Intent.NEWS_OFF),
    EndingNews.action: Resumer(news.resume),
    Erasing.action: Resumer(privacy.resume, Intent.PRIVACY_ERASE),
    Exporting.action: Resumer(privacy.resume, Intent.PRIVACY_EXPORT),
    Joining.action: Resumer(welcome.resume),
}
