"""The questions of a message, apart from each other and from what is told around them.

"In quale anno è nata la rete, e in quale anno accolse i primi membri?" asks two things; a pensioner's letter asks one
among many lines. Each part begins with its question word; one that is too short to stand alone keeps the words before
it.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from conversation.words import fold_evenly, tokens

#: Questions of one message that are answered one by one.
MOST = 4
#: A part of fewer words goes on from the one before.
_SHORT = 4
#: Words before the first question word that belong to it: "la IAEC quando è nata?".
_HEAD = 6
#: From so many words on, what is told around a question hides it.
LONG = 22
_WORD = re.compile(
    r"(?:\b(?:a|in|da|di|con|per|su|dal|dalla|del|della|fra|tra|entro|from|on|at|by|to|for)\s+)?\b(?:chi|"
    r"che cosa|cosa|ch[ei] giorn\w+|che anno|che ora|quando|qual[ei]?|quant[oaie]|dov'?e?|com'?e'?|perche|"
    r"come mai|who|what|which|when|where|how|why|whether)\b|\bse (?=sia\b|siano\b|occorr|poss|si\b|ci\b|esist|"
    r"vi sia|c'e|corrispond|e'? vero|bisogn|serv)"
)
_ASKS = re.compile(
    r"\?|\b(?:sapere|capire|conoscere|chied\w+|domand\w+|confermat\w*|conferma|indicar\w*|indicat\w*|dirmi|"
    r"dirci|dite|dica|spiegar\w*|spiegat\w*|chiarir\w*|trascriver\w*|know|tell|ask\w*|confirm\w*|clarif\w+|"
    r"wonder\w*|check)\b"
)
_TAIL = re.compile(r"[\s,;:(]*(?:\b(?:e|ed|and|ma|o|nonché|inoltre|[a-z]\))\s*)?$")
_AND = re.compile(r"^(?:e|ed|ma|poi|inoltre|and|but)\s+", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
#: "Come" that compares or names ("come associazione") asks nothing.
_NO_QUESTION = re.compile(
    r"come (?:associazion|da\b|gia\b|presidente|segretari|club|gruppo|ente|sempre|noi|me\b|lei\b|i\b|il\b|"
    r"la\b|per\b|in\b)|chi (?:scrive|vi scrive)\b"
)


#: Of the words before a part, so many may tell what it is about.
_BEFORE = 12


@dataclass(frozen=True, slots=True)
class AskedPart:
    """One thing that is asked, in its own words; ``before``: the words of its sentence that stand before them."""

    text: str
    before: str = ""


def asked_parts(text: str) -> list[AskedPart]:
    """Each thing that ``text`` asks, in order; none where nothing is asked."""
    parts: list[AskedPart] = []
    for sentence in _SENTENCE.split(text):
        starts = _starts(sentence)
        if not starts and fold_evenly(sentence).rstrip().endswith("?"):
            parts.append(AskedPart(sentence.strip()))
        for begin, end in pairwise([*starts, len(sentence)]):
            part = _AND.sub("", _TAIL.sub("", sentence[begin:end]).strip())
            if len(tokens(part)) < _SHORT and parts and begin != starts[0]:
                if len(tokens(part)) > 1:
                    parts.append(AskedPart(part))
                else:
                    parts[-1] = AskedPart(f"{parts[-1].text} {part}", parts[-1].before)
            elif part:
                head = sentence[: starts[0]].strip(" :;,") if begin == starts[0] else ""
                parts.append(AskedPart(part, " ".join(head.split()[-_BEFORE:])))
    return parts[: MOST + 2]


def sentences(text: str) -> list[str]:
    """``text`` cut at its lines and where a sentence ends that may ask."""
    return [sentence.strip() for sentence in _SENTENCE.split(text) if sentence.strip()]


def asking(sentence: str) -> str:
    """One sentence from where it asks on, with the few words before that belong to it; empty where it does not ask."""
    starts = _starts(sentence)
    if not starts:
        return sentence.strip() if "?" in fold_evenly(sentence) else ""
    return sentence[starts[0] :].strip()


def _starts(sentence: str) -> list[int]:
    """Where each question of a sentence begins that asks by a question word."""
    plain = fold_evenly(sentence)
    starts = [m.start() for m in _WORD.finditer(plain) if not _NO_QUESTION.match(plain, m.start())]
    if not starts or not (_ASKS.search(plain) or starts[0] == 0):
        return []
    if len(tokens(plain[: starts[0]])) <= _HEAD:
        starts[0] = 0
    return starts
