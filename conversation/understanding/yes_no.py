"""Yes or no, where a yes-or-no question is open: a small grammar on whole words. Any negation is never a yes."""

from conversation.languages import ALL, SPOKEN
from conversation.words import tokens

_YES = frozenset(word for language in ALL for word in language.yes)
_NO = frozenset(word for language in ALL for word in language.no)
_DENY = frozenset(word for language in ALL for word in language.denials)
_BOTH = frozenset(word for language in ALL for word in language.no_refusals)
_AGREEING = frozenset(word for language in SPOKEN.values() for word in language.agreeing)
_FILLERS = frozenset(word for language in SPOKEN.values() for word in language.fillers)
#: What a yes to have one's data erased may name beside.
ERASING = frozenset(word for language in SPOKEN.values() for word in language.erasing)
_THUMBS = {"👍": "si", "👌": "si", "✅": "si", "👎": "no", "❌": "no"}
_SHORT = 6


def read_yes_no(text: str, about: frozenset[str] = frozenset()) -> bool | None:
    """``True``, ``False``, or ``None`` when the text is neither: it says something else, or both.

    A yes must be all that is said, courtesy apart ("ok grazie"); a no must be said of the question ("no, lascia stare",
    "non confermo"), not of something else ("non so ancora", "non ho la mail"). ``about``: words of the question, which
    a yes to it may repeat ("sì, confermo la cancellazione").
    """
    for sign, meaning in _THUMBS.items():
        text = text.replace(sign, f" {meaning} ")
    words = tokens(text)
    words = [w for w in words if w not in about] or words
    if not words or len(words) > _SHORT or text.rstrip().endswith("?") or words == ["fine"]:  # Italian: the end
        return None
    if any(w in _NO for w in words):
        return False if _refuses(words) else None
    meant = [w for w in words if w in _YES]
    return True if meant and all(w in _YES or w in _FILLERS for w in words) else None


def _refuses(words: list[str]) -> bool:
    """Whether words with a negation refuse."""
    if any(w in _BOTH for w in words):
        return False
    said = [w for w in words if w not in _FILLERS]
    denied = [w for w in said if w not in _NO]
    if words[-1] == "no" or any(w in _NO - _DENY for w in said[:2]):
        return "so" not in denied
    return not denied or any(w in _AGREEING for w in denied)
