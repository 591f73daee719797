"""Sentences as the words and letters they are made of: hashed character n-grams and stems, weighed by rarity.

Typing errors leave most n-grams of a word as they were, so this side of the understanding forgives them; the encoder
forgives other words for the same thing.
"""

import re
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conversation.words import stem, tokens

Matrix = NDArray[np.float32]
DIMENSIONS = 3072
_GRAMS = {3: 0.5, 4: 0.5, 5: 0.4}
_STEM_WEIGHT = 1.5
_MAX_WORDS = 80


def hashed(texts: Sequence[str]) -> Matrix:
    """Counts of ``(len(texts), DIMENSIONS)``, damped by a logarithm; not yet weighed by rarity."""
    counts = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in enumerate(texts):
        for feature, weight in _features(text).items():
            counts[row, zlib.crc32(feature.encode()) % DIMENSIONS] += weight
    return np.log1p(counts, out=counts)


def rarity(counts: Matrix) -> Matrix:
    """How much each dimension tells: the logarithm of how few texts have it."""
    present = (counts > 0).sum(axis=0)
    weights: Matrix = np.log((len(counts) + 1) / (present + 0.5)).astype(np.float32)
    return weights


def weigh(counts: Matrix, weights: Matrix) -> Matrix:
    """Unit rows of ``counts`` times ``weights``."""
    rows = counts * weights
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Matrix = rows / np.maximum(lengths, 1e-9)
    return found


def _features(text: str) -> Counter[str]:
    features: Counter[str] = Counter()
    for word in tokens(text)[:_MAX_WORDS]:
        features["=" + stem(word)] += _STEM_WEIGHT  # type: ignore[assignment]  # a Counter adds fractions; its type says int
        padded = f"_{word}_"
        for size, weight in _GRAMS.items():
            for i in range(len(padded) - size + 1):
                features[padded[i : i + size]] += weight  # type: ignore[assignment]  # as above
    return features


_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")


def sentences(text: str) -> list[str]:
    """``text`` cut at sentence ends and line ends."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]
