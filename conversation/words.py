"""Words as they are compared: folded (no capitals, accents, apostrophes), split, stemmed, forgiven a typo."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

_TOKEN = re.compile(r"[a-z]+|\d+")
#: How words are shortened in chats.
_SHORTENED = {
    "qnd": "quando", "qndo": "quando", "qnt": "quanto", "qnti": "quanti", "dv": "dove", "ki": "chi", "ke": "che",
    "cmq": "comunque", "xke": "perché",
    "xche": "perché", "xché": "perché", "perke": "perché", "perkè": "perché", "pke": "perché", "nn": "non", "x": "per",
    "cn": "con", "sn": "sono",
    "tt": "tutti", "qst": "questo", "cs": "cosa", "ql": "quale", "qlc": "qualche", "anke": "anche", "xò": "però",
    "xo": "però", "msg": "messaggio",
}  # fmt: skip
_SHORT_WORD = re.compile(r"\b(?:" + "|".join(sorted(_SHORTENED, key=len, reverse=True)) + r")\b", re.IGNORECASE)
_stemmer = Stemmer.Stemmer("italian")

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def fold(text: str) -> str:
    """Lower case without accents, with straight apostrophes: ``Giovedì`` → ``giovedi``. Length may change."""
    text = _straight(text)
    return (text if text.isascii() else _NOT_ASCII.sub(lambda m: _bare(m[0]), text)).lower()


def fold_evenly(text: str) -> str:
    """As ``fold``, of the same length as ``text``: a place in one is the same place in the other. ``text``: NFC."""
    text = _straight(text)
    return (text if text.isascii() else _NOT_ASCII.sub(lambda m: _even(m[0]), text)).lower()


def _straight(text: str) -> str:
    text = text.replace("`", "'")
    return text if text.isascii() else text.replace("’", "'").replace("´", "'").replace("ʼ", "'")


@lru_cache(maxsize=4_000)
def _bare(char: str) -> str:
    # Letter by letter: in one piece, a pile of marks on one letter would take time that grows with its square.
    return "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))


@lru_cache(maxsize=4_000)
def _even(char: str) -> str:
    return _bare(char).lower()[:1] or " "


def spell_out(text: str) -> str:
    """``text`` with the words that chats shorten written out: "qnd" is "quando"."""
    return _SHORT_WORD.sub(lambda m: _SHORTENED[m[0].lower()], text)


def tokens(text: str) -> list[str]:
    """The folded words and numbers of ``text``, in order."""
    return _TOKEN.findall(fold(text))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The Snowball stem of one folded Italian word."""
    return str(_stemmer.stemWord(word))


def stems(text: str) -> list[str]:
    """The stems of ``text``, in order."""
    return [stem(t) for t in tokens(text)]


def is_near(word: str, known: str) -> bool:
    """Whether ``word`` is ``known`` with at most one slip of the fingers (two in long words).

    Optimal string alignment distance: one letter changed, missing, added, or two swapped. Short words must be exact:
    among four letters another word is always near.
    """
    if word == known:
        return True
    if len(known) < 5 or abs(len(word) - len(known)) > 2 or word[:1] != known[:1]:
        return False
    from rapidfuzz.distance import OSA

    allowed = 2 if len(known) >= 9 else 1
    return OSA.distance(word, known, score_cutoff=allowed) <= allowed
