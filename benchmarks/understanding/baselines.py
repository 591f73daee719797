"""Simple ways to find the fact that a question asks for, to measure the understanding against.

None is used to answer.
"""

import math
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from conversation.understanding.encoder import Encoder
from conversation.understanding.lexical import hashed
from conversation.words import stems
from knowledge.library import Library

#: A question → the fact's id and how near it is (only comparable within one method).
Finder = Callable[[str], tuple[str, float]]
_K1, _B = 1.5, 0.75


def baselines(library: Library, encoder: Encoder | None) -> Mapping[str, Finder]:
    """Each method by the name under which it is shown."""
    phrases = [(fact.id, q) for fact in library.facts.values() for group in fact.questions.values() for q in group]
    found = {
        "BM25, Snowball": _bm25(phrases),
        "n-grammi di lettere": _letters(phrases),
        "SQLite FTS5, Snowball": _fts5(phrases),
    }
    if encoder is not None:
        found["solo encoder"] = _meaning(phrases, encoder)
    return found


def _bm25(phrases: Sequence[tuple[str, str]]) -> Finder:
    """Okapi BM25 over the question variants (Robertson and Zaragoza 2009), k1 = 1.5, b = 0.75."""
    documents = [Counter(stems(text)) for _, text in phrases]
    spread = Counter(word for document in documents for word in document)
    mean = sum(sum(d.values()) for d in documents) / len(documents)
    rare = {word: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for word, n in spread.items()}

    def find(text: str) -> tuple[str, float]:
        words = stems(text)

        def score(document: Counter[str]) -> float:
            room = _K1 * (1 - _B + _B * sum(document.values()) / mean)
            return sum(rare[w] * document[w] * (_K1 + 1) / (document[w] + room) for w in words if w in document)

        return max(((label, score(d)) for (label, _), d in zip(phrases, documents, strict=True)), key=lambda m: m[1])

    return find


def _letters(phrases: Sequence[tuple[str, str]]) -> Finder:
    counts = hashed([text for _, text in phrases])
    weights = counts.rarity(len(counts))
    rows = counts.weighed(weights).dense(np.arange(len(counts)))

    def find(text: str) -> tuple[str, float]:
        likeness = rows @ hashed([text]).weighed(weights).dense(np.arange(1))[0]
        best = int(np.argmax(likeness))
        return phrases[best][0], float(likeness[best])

    return find


def _meaning(phrases: Sequence[tuple[str, str]], encoder: Encoder) -> Finder:
    rows = encoder.encode([text for _, text in phrases])

    def find(text: str) -> tuple[str, float]:
        likeness = rows @ encoder.encode([text])[0]
        best = int(np.argmax(likeness))
        return phrases[best][0], float(likeness[best])

    return find


def _fts5(phrases: Sequence[tuple[str, str]]) -> Finder:
    table = sqlite3.connect(":memory:")
    table.execute("CREATE VIRTUAL TABLE variants USING fts5(fact UNINDEXED, words)")
    table.executemany("INSERT INTO variants VALUES (?, ?)", [(label, " ".join(stems(text))) for label, text in phrases])

    def find(text: str) -> tuple[str, float]:
        query = " OR ".join(f'"{word}"' for word in stems(text))
        if not query:
            return "", 0.0
        ranked = "SELECT fact, -rank FROM variants WHERE variants MATCH ? ORDER BY rank LIMIT 1"
        row = table.execute(ranked, (query,)).fetchone()
        return (str(row[0]), float(row[1])) if row else ("", 0.0)

    return find
