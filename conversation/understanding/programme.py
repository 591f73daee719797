"""What the reading is learnt from: marked letters, and the town that they are written to."""

from dataclasses import dataclass
from functools import cache

import rtoml

from conversation.meeting import Meeting
from knowledge.examples import MarkedLetter, letters_digest, load_letters
from knowledge.library import OWN_TOWN, Library, load_library


@dataclass(frozen=True, slots=True)
class Lessons:
    """Marked letters; ``library`` and ``programme``.

    Of the town that they speak of, whatever town the bot works for.
    """

    #: Of the letters: they are read only where something is learnt of them.
    digest: str
    library: Library
    programme: tuple[Meeting, ...]

    def letters(self) -> tuple[MarkedLetter, ...]:
        """All of them; nobody keeps them, they take nine megabytes."""
        return load_letters()


@cache
def load_lessons() -> Lessons:
    """What is learnt from, whatever the town."""
    return Lessons(letters_digest(), load_library(OWN_TOWN), sample_meetings())


@cache
def sample_meetings() -> tuple[Meeting, ...]:
    """The meetings of the programme that the letters speak of, numbered from 1; no database is asked."""
    rows = rtoml.loads((OWN_TOWN / "programme.toml").read_text(encoding="utf-8"))["meetings"]
    return tuple(Meeting(i, r["sector"], "", r.get("day"), link=r.get("link", "")) for i, r in enumerate(rows, 1))
