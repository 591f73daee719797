"""Whether a fact answers what is asked: its words cover the question's, and it is asked about as the question asks.

"Quando è stata fondata l'UNESCO?" and "Quando è nata la rete?" are near; what tells them apart is a word that the fact
does not know, or a "who" where people ask it for a "when". The signs are weighed in ``mind`` (fitted by ``benchmarks.understanding``).
"""

import math
import re
from collections import Counter
from collections.abc import Mapping

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
_SELDOM = 0.02


def asks_for(text: str) -> tuple[str, ...]:
    """What ``text`` asks for: one or more of ``_ASKS_FOR``; ``other`` for a yes, or for nothing told."""
    folded = fold(spell_out(text))
    return tuple(name for name, pattern in _PATTERNS.items() if pattern.search(folded)) or _OTHER


class Verifier:
    """The words that each fact knows, and how people ask for it."""

    def __init__(self, library: Library) -> None:
        every = [p for fact in library.facts.values() for p in (*_phrases(fact), *fact.near)]
        every += [p for phrases in library.hand_over.values() for p in phrases]
        roots = {phrase: frozenset(stems(phrase)) for phrase in every}
        spread = Counter(root for phrase in every for root in roots[phrase])
        self._rare = {root: math.log((len(every) + 1) / (n + 0.5)) for root, n in spread.items()}
        self._rarest = math.log((len(every) + 1) / 0.5)
        self._known = {fact.id: _vocabulary(fact, roots) for fact in library.facts.values()}
        self._anywhere = frozenset().union(*self._known.values())
        self._asked = {fact.id: _shares(fact) for fact in library.facts.values()}

    def signs(self, text: str, fact_id: str) -> list[float]:
        """What speaks for ``fact_id`` as the answer to ``text``.

        How much of the question it knows, how much no fact knows (both weighed by rarity), how usual it is to ask for it so
        (a logarithm), and how long the question is (likewise).
        """
        roots = set(stems(spell_out(text)))
        weights = {root: self._rare.get(root, self._rarest) for root in roots}
        total = sum(weights.values()) or 1.0
        known = sum(w for root, w in weights.items() if root in self._known[fact_id]) / total
        unknown = sum(w for root, w in weights.items() if root not in self._anywhere) / total
        usual = max(self._asked[fact_id].get(kind, 0.0) for kind in asks_for(text))
        return [known, unknown, math.log(usual + _SELDOM), math.log(len(roots) + 1)]


def _phrases(fact: Fact) -> list[str]:
    return [phrase for group in fact.questions.values() for phrase in group]


def _vocabulary(fact: Fact, roots: Mapping[str, frozenset[str]]) -> frozenset[str]:
    answered = [frozenset(stems(text)) for text in fact.answer.values()]
    return frozenset().union(*(roots[phrase] for phrase in _phrases(fact)), *answered)


def _shares(fact: Fact) -> dict[str, float]:
    phrases = _phrases(fact)
    counts = Counter(kind for phrase in phrases for kind in asks_for(phrase))
    return {kind: n / len(phrases) for kind, n in counts.items()}
