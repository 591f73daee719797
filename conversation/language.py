"""Which language a short text is written in: by its function words. Italian unless something else is evident."""

from itertools import chain

from conversation.languages import ALL
from conversation.words import tokens

_LOANWORDS = {
    "learning",
    "city",
    "cities",
    "zoom",
    "lifelong",
    "meet",
    "meeting",
    "link",
    "unesco",
    "global",
    "network",
    "newsletter",
    "email",
    "mail",
    "online",
    "club",
    "ok",
}
_ENOUGH = 2
_SURE = 3


def detect_language(text: str, *, known: str = "") -> str:
    """The language of ``text`` as an ISO 639-1 code.

    ``known``: what was spoken before, kept unless three words differ.
    """
    words = [w for w in tokens(text) if w not in _LOANWORDS]
    score = dict.fromkeys((spoken.code for spoken in ALL), 0)
    for lang in chain.from_iterable(_SPOKEN_IN.get(word, ()) for word in words):
        score[lang] += 1
    written = {*text.lower()}
    for spoken in ALL:
        score[spoken.code] += len(written & spoken.letters)
    best = max(score, key=lambda lang: (score[lang], lang == "it"))
    prior = known[:2] if known else ""
    if prior in score and score[best] - score[prior] < (_SURE if prior != best else 0):
        return prior if score[best] < _SURE or score[prior] >= score[best] - 1 else best
    if best != "it" and score[best] - score["it"] < min(_ENOUGH, max(1, len(words) // 2)):
        return prior or "it"
    return best


def _by_word() -> dict[str, list[str]]:
    """The languages that have each word."""
    found: dict[str, list[str]] = {}
    for language in ALL:
        for word in language.function_words:
            found.setdefault(word, []).append(language.code)
    return found


_SPOKEN_IN = _by_word()
