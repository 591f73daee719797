"""What one turn leaves for the next: the open question, and what was said."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from conversation.open_questions import Asks, Draft, OpenQuestion, Registering, as_json, read_draft, read_question

#: Who said a line of the conversation; ``PRESS``: the person, with a button that reads so.
THEM, BOT, PRESS = "them", "bot", "press"

#: Lines of the conversation that are kept for the office, and their longest: enough to see what a question is about.
_LINES = 6
_LINE = 600


@dataclass(slots=True)
class Dialogue:
    """One person's open thread with the bot. ``open``: what it waits for.

    ``words``: those that a hand-over would pass on; ``last_asked``: the question heard behind ``last_fact``,
    ``last_words``: the person's own; ``asked_in``: the mark of the message that asks; ``shown``: that question, text
    and rows of buttons, to show it again; ``lines``: the last things said, oldest first, each with who said it
    (``THEM``, ``PRESS`` or ``BOT``) and when (ISO 8601; empty where that is not known); ``said``: what messages are
    known again by (``handlers.edits``); ``album``: the one whose caption was answered last; ``kept``: a registration
    that was left half-way for something else, or expired; ``begun``: the mark of the message that began the open one.
    ``waiting``: further registrations of the same letter, one after the other; ``joins``: the pact is to be joined
    after them.
    """

    open: OpenQuestion | None = None
    language: str = ""
    words: str = ""
    last_meeting: int | None = None
    last_fact: str = ""
    last_asked: str = ""
    last_words: str = ""
    asked_in: str = ""
    shown: list[Any] = field(default_factory=list)
    said: list[list[str]] = field(default_factory=list)
    album: str = ""
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    kept: Draft | None = None
    begun: str = ""
    waiting: list[Draft] = field(default_factory=list)
    joins: bool = False

    @property
    def asks(self) -> Asks | None:
        """What it waits for, if for anything."""
        return self.open.asks if self.open is not None else None

    @property
    def registering(self) -> Registering | None:
        """The question of a registration, when it is that which is open."""
        return self.open if isinstance(self.open, Registering) else None

    def remember(self, words: str, answered: str, now: datetime, *, pressed: str = "") -> None:
        """Keep what was said or pressed, and answered, in case that a person at the office must go on from here."""
        said = [(PRESS, pressed), (THEM, words.strip()), (BOT, answered.strip())]
        kept = [*self.lines, *((who, _cut(text), now.isoformat()) for who, text in said if text)]
        self.lines = kept[-_LINES:]

    def to_json(self) -> dict[str, Any]:
        """A JSON object; ``from_json`` reads it back."""
        return asdict(self) | {"open": as_json(self.open)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Dialogue":
        """Read what ``to_json`` wrote; names that a newer version added keep their defaults."""
        known = {k: v for k, v in data.items() if k in cls.__slots__}
        known["open"] = read_question(known.get("open") or {})
        if known.get("kept"):
            known["kept"] = read_draft(known["kept"])
        known["waiting"] = [read_draft(d) for d in known.get("waiting", [])]
        known["lines"] = [(who, text, at[0] if at else "") for who, text, *at in known.get("lines", [])]
        return cls(**known)

    def left(self) -> "Dialogue":
        """What remains when the thread expires: a registration that was not finished, to go on from where it stood."""
        return Dialogue(language=self.language, kept=self.registering.draft if self.registering else self.kept)

    def close(self) -> None:
        """Forget the open question; what was talked about stays."""
        self.open, self.words, self.asked_in, self.shown = None, "", "", []


def _cut(text: str) -> str:
    """A line as it is kept: a longer one up to a whole word."""
    return text if len(text) <= _LINE else f"{text[:_LINE].rsplit(maxsplit=1)[0]} …"
