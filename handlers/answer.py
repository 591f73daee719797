"""What a handler gives back."""

from dataclasses import dataclass, replace

from conversation.message import Reply, Source
from conversation.open_questions import OpenQuestion
from conversation.outcome import TurnOutcome


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler says, and what became of the message by it; ``dispatch`` writes it down."""

    reply: Reply
    outcome: TurnOutcome
    #: What it is about; ``None``: what was wished.
    intent: str | None = None
    sources: tuple[Source, ...] = ()
    #: The question that it leaves open: the next message is its answer first. ``None``: what was open stays as it is.
    asks: OpenQuestion | None = None
    #: The registrations that it tells of, by number.
    registrations: tuple[int, ...] = ()

    @classmethod
    def asking(cls, question: OpenQuestion, reply: Reply) -> "Answer":
        """``reply`` puts ``question``, and nothing is done before it is answered."""
        return cls(reply, TurnOutcome.ASKED, asks=question)

    def about(self, intent: str) -> "Answer":
        """The same, about ``intent`` unless it says itself what it is about."""
        return self if self.intent is not None else replace(self, intent=intent)

    def saying(self, text: str) -> "Answer":
        """The same in other words."""
        return replace(self, reply=replace(self.reply, text=text))


@dataclass(frozen=True, slots=True)
class Ended:
    """A message that no handler answers, and what became of it."""

    outcome: TurnOutcome
    reply: Reply | None = None
    intent: str | None = None
