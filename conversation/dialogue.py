"""What one turn leaves for the next: the open question and the draft it is about."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

THEM, BOT = "them", "bot"
#: The action of a registration.
REGISTER = "register"


class Asks(StrEnum):
    """What the bot waits for. The contract keeps two more names, ``email`` and ``hand_over``, which nothing asks for now."""

    MEETING = "meeting"
    NAME = "name"
    ORGANISATION = "organisation"
    PARTICIPANTS = "participants"
    CONSENT = "consent"
    CONFIRM = "confirm"
    WHICH_REGISTRATION = "which_registration"
    ADHESION = "adhesion"
    TOPIC = "topic"


@dataclass(slots=True)
class Draft:
    """A registration being put together, or changed.

    ``organisation``: ``None`` not said, ``""`` a private citizen; ``supposed``: it is the one known of the person, nobody said it;
    ``adds``: it is said to come beside another. ``choices``: the meetings that were offered; ``shown``: day and hour of each (by
    number) when the yes was asked for; ``besides``: what that yes would do besides. ``more``: people to add to those already coming.
    ``counts``: how many come to a meeting (by number) where each has its own.
    ``noticed``: the privacy notice was shown whole.
    """

    meetings: list[int] = field(default_factory=list)
    choices: list[int] = field(default_factory=list)
    name: str = ""
    organisation: str | None = None
    participants: int | None = None
    more: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    large_ok: bool = False
    corrected: bool = False
    supposed: bool = False
    adds: bool = False
    shown: dict[str, str] = field(default_factory=dict)
    besides: str = ""
    noticed: bool = False

    def people_at(self, meeting_id: int) -> int:
        """How many come to this meeting."""
        return self.counts.get(str(meeting_id)) or self.participants or 1


def _draft(data: dict[str, Any]) -> Draft:
    return Draft(**{k: v for k, v in data.items() if k in Draft.__slots__})


#: Lines of the conversation that are kept for the office, and their longest: enough to see what a question is about.
_LINES = 6
_LINE = 600


@dataclass(slots=True)
class Dialogue:
    """One person's open thread with the bot. ``action`` names what is being done when ``asks`` is set.

    ``question``: the words a hand-over would pass on; ``amount``: the registration id a change is about; ``consented``:
    the privacy notice was accepted in this thread; ``last_asked``: the question heard behind ``last_fact``, ``last_words``: the person's own; ``asked_in``: the mark
    of the message that asks; ``shown``: that question, text and rows of buttons, to show it again; ``lines``: the last things said, oldest first, each with who said it
    (``THEM`` or ``BOT``); ``said``: what messages are known again by (``handlers.edits``); ``album``: the one whose caption
    was answered last; ``kept``: a registration that was left half-way for something else, or expired; ``begun``: the mark of the message that began the open one.
    ``waiting``: further registrations of the same letter, one after the other; ``joins``: the pact is to be joined after them.
    """

    asks: Asks | None = None
    action: str = ""
    draft: Draft | None = None
    language: str = ""
    question: str = ""
    amount: int | None = None
    consented: bool = False
    last_meeting: int | None = None
    last_fact: str = ""
    last_asked: str = ""
    last_words: str = ""
    asked_in: str = ""
    shown: list[Any] = field(default_factory=list)
    said: list[list[str]] = field(default_factory=list)
    album: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)
    kept: Draft | None = None
    begun: str = ""
    waiting: list[Draft] = field(default_factory=list)
    joins: bool = False

    def remember(self, words: str, answered: str) -> None:
        """Keep what was said and answered, in case that a person at the office must go on from here."""
        said = [(THEM, words.strip()), (BOT, answered.strip())]
        kept = [*self.lines, *((who, text[:_LINE]) for who, text in said if text)]
        self.lines = kept[-_LINES:]

    def to_json(self) -> dict[str, Any]:
        """A JSON object; ``from_json`` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Dialogue":
        """Read what ``to_json`` wrote; names that a newer version added keep their defaults."""
        known = {k: v for k, v in data.items() if k in cls.__slots__}
        if known.get("asks"):
            known["asks"] = Asks(known["asks"])
        for name in ("draft", "kept"):
            if known.get(name):
                known[name] = _draft(known[name])
        known["waiting"] = [_draft(d) for d in known.get("waiting", [])]
        known["lines"] = [(who, text) for who, text in known.get("lines", [])]
        return cls(**known)

    def left(self) -> "Dialogue":
        """What remains when the thread expires: a registration that was not finished, to go on from where it stood."""
        return Dialogue(language=self.language, kept=self.draft if self.action == REGISTER else self.kept)

    def close(self) -> None:
        """Forget the open question and its draft; what was talked about stays."""
        self.asks, self.action, self.draft, self.question, self.amount = None, "", None, "", None
        self.consented, self.asked_in, self.shown = False, "", []
