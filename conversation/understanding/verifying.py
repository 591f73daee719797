"""Whether a fact answers what is asked: its words cover the question's, and it is asked about as the question asks.

"Quando è stata fondata l'UNESCO?" and "Quando è nata la rete?" are near; what tells them apart is a word that the fact
does not know, or a "who" where people ask it for a "when". The signs are weighed in ``classifier`` (fitted by
``benchmarks.understanding``).
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from conversation.understanding.cache import Arrays
from conversation.understanding.lookup import Keys, Lookup, members
from conversation.words import fold, spell_out, stems
from knowledge.library import Fact, Library

#: What a question asks for, in the languages that are understood.
_ASKS_FOR = {
    "who": r"chi|who|wer|qui|quien|cine|kush",
    "when": r"quando|anno|data|when|since|wann|quand|cuando|cand|kur",
    "many": r"quant\w+|numero|how many|how much|wie viele|combien|cuant\w+|cati|cate|sa",
    "where": r"dove|dov|indirizzo|sede|where|wo|ou|donde|unde|ku",
    "why": r"perche|come mai|motivo|ragion\w+|why|warum|pourquoi|por que|de ce|pse",
    "how": r"come|in che modo|how|wie|comment|como|cum|si",
    "which": r"qual\w*|which|welche\w*|quel\w*|cual\w*|care|cil\w*",
    "what": r"cosa|che cos|cos|what|was|que|ce|cfare",
}
_PATTERNS = {name: re.compile(rf"\b(?:{words})\b") for name, words in _ASKS_FOR.items()}
_OTHER = ("other",)
_KINDS = (*_ASKS_FOR, *_OTHER)
#: Added to how often a fact answers such a question, so that never has a logarithm. A choice, not measured.
_SELDOM = 0.02


def asks_for(text: str) -> tuple[str, ...]:
    """What ``text`` asks for: one or more of ``_ASKS_FOR``; ``other`` for a yes, or for nothing told."""
    folded = fold(spell_out(text))
    return tuple(name for name, pattern in _PATTERNS.items() if pattern.search(folded)) or _OTHER


@dataclass(frozen=True, slots=True)
class _Question:
    """A question's roots, ``(roots,)``, their rarity, its sum, how much of it no fact knows, and what is asked for."""

    roots: Keys
    weights: NDArray[np.float64]
    total: float
    unknown: float
    kinds: tuple[str, ...]


class Verifier:
    """The words that each fact knows, and how people ask for it, as ``learn_verifier`` found them."""

    def __init__(self, arrays: Arrays, facts: Sequence[str]) -> None:
        self._rare = Lookup(_whole(arrays["roots"]), np.asarray(arrays["rare"], np.float64))
        self._rarest = float(arrays["rarest"])
        bounds = pairwise(arrays["known_bounds"].tolist())
        known = _whole(arrays["known"])  # of each fact sorted
        self._known = {fact: known[i:j] for fact, (i, j) in zip(facts, bounds, strict=True)}
        self._anywhere = np.unique(known)
        shares = (dict(zip(_KINDS, row, strict=True)) for row in arrays["asked"].tolist())
        self._asked = dict(zip(facts, shares, strict=True))
        self._question = lru_cache(maxsize=8)(self._weigh)

    def add(self, facts: Sequence[Fact]) -> None:
        """Know ``facts``, too; how rare a word is stays as it was learnt."""
        roots = {phrase: _keys(stems(phrase)) for fact in facts for phrase in _phrases(fact)}
        self._known = {**self._known, **{fact.id: _sorted(_vocabulary(fact, roots)) for fact in facts}}
        self._anywhere = np.unique(np.concatenate([self._anywhere, *(self._known[fact.id] for fact in facts)]))
        self._asked = {**self._asked, **{fact.id: _shares(fact) for fact in facts}}
        self._question = lru_cache(maxsize=8)(self._weigh)

    def signs(self, text: str, fact_id: str) -> list[float]:
        """What speaks for ``fact_id`` as the answer to ``text``.

        How much of the question it knows, how much no fact knows (both weighed by rarity), how usual it is to ask for
        it so (a logarithm), and how long the question is (likewise).
        """
        asked, own = self._question(text), self._known[fact_id]
        known = float(asked.weights[members(own, asked.roots)].sum()) / asked.total
        usual = max(self._asked[fact_id].get(kind, 0.0) for kind in asked.kinds)
        return [known, asked.unknown, math.log(usual + _SELDOM), math.log(len(asked.weights) + 1)]

    def _weigh(self, text: str) -> _Question:
        roots = _sorted(_keys(stems(spell_out(text))))
        weights = self._rare.of(roots, self._rarest)
        total = float(weights.sum()) or 1.0
        unknown = float(weights[~members(self._anywhere, roots)].sum()) / total
        return _Question(roots, weights, total, unknown, asks_for(text))


def learn_verifier(library: Library) -> Arrays:
    """What a ``Verifier`` needs, by fact in the library's order; roots of words are kept as numbers."""
    facts = library.facts.values()
    every = [p for fact in facts for p in (*_phrases(fact), *fact.near)]
    every += [p for phrases in library.hand_over.values() for p in phrases]
    roots = {phrase: _keys(stems(phrase)) for phrase in every}
    spread = Counter(root for phrase in every for root in roots[phrase])
    known, shares = [sorted(_vocabulary(fact, roots)) for fact in facts], [_shares(fact) for fact in facts]
    return {
        "roots": np.array(list(spread), np.int64),
        "rare": np.array([math.log((len(every) + 1) / (n + 0.5)) for n in spread.values()], np.float64),
        "rarest": np.array(math.log((len(every) + 1) / 0.5)),
        "known": np.array([root for own in known for root in own], np.int64),
        "known_bounds": np.cumsum([0, *map(len, known)]),
        "asked": np.array([[of.get(kind, 0.0) for kind in _KINDS] for of in shares], np.float64),
    }


def _whole(array: NDArray[np.generic]) -> Keys:
    return np.asarray(array, np.int64)


def _sorted(keys: frozenset[int]) -> Keys:
    return np.array(sorted(keys), np.int64)


def _keys(roots: Sequence[str]) -> frozenset[int]:
    return frozenset(zlib.crc32(root.encode()) for root in roots)


def _phrases(fact: Fact) -> list[str]:
    return [phrase for group in fact.questions.values() for phrase in group]


def _vocabulary(fact: Fact, roots: Mapping[str, frozenset[int]]) -> frozenset[int]:
    answered = [_keys(stems(text)) for text in fact.answer.values()]
    return frozenset().union(*(roots[phrase] for phrase in _phrases(fact)), *answered)


def _shares(fact: Fact) -> dict[str, float]:
    phrases = _phrases(fact)
    counts = Counter(kind for phrase in phrases for kind in asks_for(phrase))
    return {kind: n / len(phrases) for kind, n in counts.items()}
