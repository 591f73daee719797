"""Nearest known phrase: TF-IDF over character n-grams and word stems, with an inverted index.

One small index serves both what people want (phrases of intents) and what they ask (question variants of facts).
Standard library only; fitting 500 phrases takes tens of milliseconds, a query well under one.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conversation.understanding.words import stem, tokens

_GRAMS = (3, 4)
_STEM_WEIGHT = 2.0
_STOP = frozenset(
    [
        "il",
        "lo",
        "la",
        "i",
        "gli",
        "le",
        "l",
        "un",
        "uno",
        "una",
        "di",
        "a",
        "da",
        "in",
        "con",
        "su",
        "per",
        "tra",
        "fra",
        "e",
        "o",
        "ma",
        "che",
        "non",
        "si",
        "mi",
        "ti",
        "ci",
        "vi",
        "del",
        "della",
        "dei",
        "delle",
        "dello",
        "degli",
        "al",
        "alla",
        "ai",
        "alle",
        "allo",
        "agli",
        "dal",
        "dalla",
        "nel",
        "nella",
        "nei",
        "sul",
        "sulla",
        "d",
        "c",
        "un",
        "s",
        "dell",
        "all",
        "dall",
        "nell",
        "sull",
        "quell",
        "buongiorno",
        "buonasera",
        "salve",
        "ciao",
        "grazie",
        "gentili",
        "gentilissimi",
        "cordiali",
        "saluti",
        "distinti",
        "the",
        "of",
        "to",
        "is",
        "are",
        "a",
        "an",
        "and",
        "we",
        "i",
        "you",
        "for",
        "please",
        "me",
        "my",
        "us",
        "our",
        "it",
    ]
)


@dataclass(frozen=True, slots=True)
class Match:
    """A label, how near its best phrase is (cosine, 0 to 1), and that phrase."""

    label: str
    score: float
    phrase: str


def _features(text: str) -> Counter[str]:
    words = tokens(text)
    kept = [w for w in words if w not in _STOP] or words
    features: Counter[str] = Counter()
    for word in kept:
        features["=" + stem(word)] += _STEM_WEIGHT  # type: ignore[assignment]
        padded = f"_{word}_"
        for size in _GRAMS:
            for i in range(len(padded) - size + 1):
                features[padded[i : i + size]] += 1
    return features


class PhraseIndex:
    """Labelled phrases, fitted once; ``rank`` compares a text with all of them."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self._phrases = [(label, phrase) for label, group in phrases.items() for phrase in group]
        counted = [_features(phrase) for _, phrase in self._phrases]
        frequency = Counter(f for features in counted for f in features)
        total = len(counted)
        self._idf = {f: math.log((total + 1) / (n + 0.5)) for f, n in frequency.items()}
        self._rare = math.log(total + 1) if total else 1.0
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, features in enumerate(counted):
            weights = {f: math.log1p(n) * self._idf[f] for f, n in features.items()}
            norm = math.sqrt(sum(w * w for w in weights.values())) or 1.0
            for f, w in weights.items():
                self._postings[f].append((number, w / norm))

    def rank(self, text: str) -> list[Match]:
        """Each label's best phrase, nearest first. A text of unknown words is near to nothing."""
        features = _features(text)
        weights = {f: math.log1p(n) * self._idf.get(f, self._rare) for f, n in features.items()}
        norm = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        scores: dict[int, float] = defaultdict(float)
        for f, w in weights.items():
            for number, stored in self._postings.get(f, ()):
                scores[number] += stored * w / norm
        best: dict[str, Match] = {}
        for number, score in scores.items():
            label, phrase = self._phrases[number]
            if label not in best or score > best[label].score:
                best[label] = Match(label, score, phrase)
        return sorted(best.values(), key=lambda m: -m.score)
