"""How something is meant, told by single words: what handlers ask of a text beside its wish.

The words are each language's own.
"""

import re
from collections.abc import Iterable

from conversation.languages import SPOKEN
from conversation.understanding.headcount import bare_number
from conversation.words import fold


def _whole(cues: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(cues)})\b")


def _begun(cues: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(cues)})")


_CUES = [language.cues for language in SPOKEN.values()]
_ADDS = _whole(cues.adds for cues in _CUES)
_CONFIRMS = _whole(cues.confirms for cues in _CUES)
_GIVES_UP = _whole(cues.gives_up for cues in _CUES)
_SHIFTS = _begun(cues.shifts for cues in _CUES)
_MEETINGS = _begun(cues.meetings for cues in _CUES)
_ASKS_ABOUT = _begun(cues.asks_about for cues in _CUES)
_CONTRASTS = _whole(cues.contrasts for cues in _CUES)
_CORRECTS = _whole(cues.corrects for cues in _CUES)
_EVERYTHING = _whole(cues.everything for cues in _CUES)
_JUST_A_NUMBER = re.compile(rf"(?:{'|'.join(cues.counts for cues in _CUES)})?[\w]+", re.IGNORECASE)
_FULL_NAME = re.compile(
    r"[A-ZÀ-Ý][a-zà-ÿ'’]+(?: (?:[Dd]e[li]?|[Dd]ella|[Dd]i|[Ll]a|[Ll]o))?(?: [A-ZÀ-Ý][a-zà-ÿ'’]+){1,3}"
)
#: ``/name``, perhaps with the bot's behind it; what follows any white space or mark is what the person says.
_COMMAND = re.compile(r"/(\w*)(?:@\w+)?[\s.,;:!–—-]*(.*)", re.DOTALL)
#: A question's reference, as the office was told it and as its answer quotes it; "n." in what was sent before "rif.".
_REFERENCE = re.compile(r"\b(?:rif|n)\. (\d{1,9}-[0-9a-f]{8})\b")


def says_more(text: str) -> bool:
    """Whether one more is meant, beside what is there: "anche", "un'altra associazione"."""
    return bool(_ADDS.search(fold(text)))


def says_again(text: str) -> bool:
    """Whether somebody who is registered may only be saying so again: "confermo, a giovedì!"."""
    return bool(_CONFIRMS.search(fold(text)))


def drops_it(text: str) -> bool:
    """Whether somebody gives up what they were about to do: "lasciamo stare"."""
    return bool(_GIVES_UP.search(fold(text)))


def moves_over(text: str) -> bool:
    """Whether a registration is to go to another meeting: "spostateci a giovedì"."""
    return bool(_SHIFTS.search(fold(text)))


def is_about_meetings(text: str) -> bool:
    """Whether a text says that it is about a meeting."""
    return bool(_MEETINGS.search(fold(text)))


def asks_about_withdrawing(text: str) -> bool:
    """Whether withdrawing is asked about, not done: "come si disdice?", "è stato annullato?"."""
    return bool(_ASKS_ABOUT.search(fold(text)))


def contrasts(text: str) -> bool:
    """Whether what is named is set against each other: "disdico solo il 22, il 26 resta"."""
    return bool(_CONTRASTS.search(fold(text)))


def corrects_name(text: str) -> bool:
    """Whether a name is put right: "l'associazione si chiama", "al posto mio viene"."""
    return bool(_CORRECTS.search(fold(text)))


def means_everything(text: str) -> bool:
    """Whether all is to stop: "nemmeno i promemoria"."""
    return bool(_EVERYTHING.search(fold(text)))


def number_alone(text: str) -> int | None:
    """The number that is all the text says: "3", "siamo tre"."""
    return bare_number(text) if _JUST_A_NUMBER.fullmatch(text) else None


def has_digit(text: str) -> bool:
    """Whether a figure stands in it."""
    return any(character.isdecimal() for character in text)


def is_full_name(text: str) -> bool:
    """Whether all that it says is written as a name and surname are: "Luca Neri"."""
    return bool(_FULL_NAME.fullmatch(text))


def split_command(text: str) -> tuple[str, str] | None:
    """The command at the head of a message, in small letters, and the words behind it; ``None`` when there is none."""
    found = _COMMAND.match(text)
    return (found[1].lower(), found[2].strip()) if found else None


def reference_in(text: str) -> str | None:
    """The reference of the question that a text names: "rif. 12-0a1b2c3d"."""
    found = _REFERENCE.search(text)
    return found[1] if found else None
