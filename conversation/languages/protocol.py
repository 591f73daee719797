"""What a module of this folder has: the words and the speech of one language.

Words are folded (``conversation.words.fold``): small letters, no accents. A cue is an alternation of a regular
expression over folded text; it begins at the beginning of a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cues:
    """Words from which handlers take how something is meant.

    Whole words; those of ``shifts``, ``meetings`` and ``asks_about`` may go on.
    """

    #: One more beside what is there: a meeting, an association.
    adds: str
    #: Somebody who is registered only says so again.
    confirms: str
    #: Somebody gives up what they were about to do.
    gives_up: str
    #: A registration is to go to another meeting.
    shifts: str
    #: What is said is about a meeting, where a name or a number was asked for.
    meetings: str
    #: "È stato annullato?", "come si disdice?": about withdrawing, and none.
    asks_about: str
    #: "Disdico solo il 22, il 26 resta": two are named, not both are meant.
    contrasts: str
    #: A name is put right: "il nome giusto è", "al posto mio viene".
    corrects: str
    #: "Nemmeno i promemoria", "più nulla": all is to stop, not the news alone.
    everything: str
    #: What may stand before a number that is all a message says, with its space.
    counts: str


class Understood(Protocol):
    """A language that the bot understands."""

    @property
    def code(self) -> str:
        """ISO 639-1."""

    @property
    def function_words(self) -> frozenset[str]:
        """Small words by which a text is seen to be in it."""

    @property
    def letters(self) -> frozenset[str]:
        """Letters that it has and Italian has not; each counts as a word of it."""

    @property
    def weekday_names(self) -> Mapping[str, int]:
        """Names and short forms of weekdays; Monday is 0."""

    @property
    def month_names(self) -> Mapping[str, int]:
        """Names and short forms of months; January is 1."""

    @property
    def number_words(self) -> Mapping[str, int]:
        """Numbers in words."""

    @property
    def yes(self) -> frozenset[str]:
        """Words that agree."""

    @property
    def no(self) -> frozenset[str]:
        """Words that refuse, alone or before anything else."""

    @property
    def denials(self) -> frozenset[str]:
        """Those of ``no`` that before other words only deny something ("non so ancora")."""

    @property
    def no_refusals(self) -> frozenset[str]:
        """Words beside which a no refuses nothing ("no problem")."""


class Spoken(Understood, Protocol):
    """A language that the bot answers in, too."""

    @property
    def weekdays(self) -> tuple[str, ...]:
        """Monday to Sunday, as they are written."""

    @property
    def months(self) -> tuple[str, ...]:
        """January to December, as they are written."""

    @property
    def agreeing(self) -> frozenset[str]:
        """What a denial must deny for a no: agreeing, doing, wanting."""

    @property
    def fillers(self) -> frozenset[str]:
        """Courtesy and small words beside a yes."""

    @property
    def erasing(self) -> frozenset[str]:
        """Beside a yes to have one's data erased: what is done, and to what."""

    @property
    def cues(self) -> Cues:
        """How things are meant."""

    def speak_day(self, day: date) -> str:
        """A day without its year."""

    def speak_hour(self, hour: time) -> str:
        """An hour of the clock."""
