"""Sentences as the words and letters they are made of: hashed character n-grams and stems, weighed by rarity.

Typing errors leave most n-grams of a word as they were, so this side of the understanding forgives them; the encoder
forgives other words for the same thing.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from conversation.words import stem, tokens

Matrix = NDArray[np.float32]
DIMENSIONS = 3072
_GRAMS = (3, 4, 5)
#: What a stem weighs, and a run of letters of each of ``_GRAMS``.
_WEIGHTS = (1.5, 0.5, 0.5, 0.4)
_MAX_WORDS = 80


@dataclass(frozen=True, slots=True)
class Rows:
    """Texts as few weights among ``DIMENSIONS``.

    Row ``i`` has ``values[bounds[i]:bounds[i + 1]]`` at ``places`` of the same stretch.
    """

    places: NDArray[np.signedinteger]
    values: NDArray[np.floating]
    bounds: NDArray[np.signedinteger]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __matmul__(self, weights: Matrix) -> Matrix:
        """``(len(self), columns of weights)``.

        Each row times ``weights``, of which only the rows that count are read.
        """
        stretches = [slice(*ends) for ends in pairwise(self.bounds.tolist())]
        return np.array([self.values[s] @ weights[self.places[s]] for s in stretches], np.float32)

    def times(self, column: Matrix) -> Matrix:
        """``(len(self),)``: each row times one column of weights."""
        sums = np.concatenate([[0], np.cumsum(self.values * column[self.places], dtype=np.float64)])
        found: Matrix = (sums[self.bounds[1:]] - sums[self.bounds[:-1]]).astype(np.float32)
        return found

    def turned(self, numbers: Matrix) -> Matrix:
        """``(DIMENSIONS,)``: the sum of the rows, each times its number."""
        weights = self.values * np.repeat(numbers, np.diff(self.bounds))
        return np.bincount(self.places, weights=weights, minlength=DIMENSIONS).astype(np.float32)

    def joined(self, other: "Rows") -> "Rows":
        """The rows, and those of ``other``."""
        bounds = np.concatenate([self.bounds, self.bounds[-1] + other.bounds[1:]])
        values = np.concatenate([self.values, other.values], dtype=np.float32)
        return Rows(np.concatenate([self.places, other.places]), values, bounds)

    def __getitem__(self, batch: NDArray[np.int64]) -> "Rows":
        """Some of the rows."""
        sizes = np.diff(self.bounds)[batch]
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        chosen = np.repeat(self.bounds[batch] - bounds[:-1], sizes) + np.arange(bounds[-1])
        return Rows(self.places[chosen], self.values[chosen], bounds)

    @property
    def shape(self) -> tuple[int, int]:
        """As of the rows written out."""
        return len(self), DIMENSIONS

    @property
    def T(self) -> "Columns":  # noqa: N802 - as numpy calls it
        """The rows turned."""
        return Columns(self)

    def rarity(self, first: int) -> Matrix:
        """How much each dimension tells: the logarithm of how few of the ``first`` texts have it."""
        present = np.bincount(self.places[: self.bounds[first]], minlength=DIMENSIONS)
        return np.log((first + 1) / (present + 0.5)).astype(np.float32)

    def weighed(self, weights: Matrix) -> "Rows":
        """The same with each dimension times its weight, each row of length 1."""
        values = self.values * weights[self.places]
        texts = np.repeat(np.arange(len(self)), np.diff(self.bounds))
        lengths = np.sqrt(np.bincount(texts, weights=values * values, minlength=len(self)))
        return Rows(self.places, (values / np.maximum(lengths, 1e-9)[texts]).astype(np.float32), self.bounds)

    def dense(self, batch: NDArray[np.int64]) -> Matrix:
        """Some of the rows written out, ``(len(batch), DIMENSIONS)``: all of many thousand would take gigabytes."""
        found = np.zeros((len(batch), DIMENSIONS), np.float32)
        for row, text in zip(found, batch, strict=True):
            stretch = slice(self.bounds[text], self.bounds[text + 1])
            row[self.places[stretch]] = self.values[stretch]
        return found


class Columns:
    """``Rows`` turned: for each dimension, which texts have it and how much."""

    def __init__(self, rows: Rows) -> None:
        texts = np.repeat(np.arange(len(rows)), np.diff(rows.bounds))
        order = np.argsort(rows.places, kind="stable")
        self._texts, self._values = texts[order], rows.values[order]
        self._bounds = np.searchsorted(rows.places[order], np.arange(DIMENSIONS + 1))

    def __matmul__(self, scores: Matrix) -> Matrix:
        """``(DIMENSIONS, columns of scores)``: for each dimension the sum of its texts' scores, each by its value."""
        found = np.zeros((DIMENSIONS, scores.shape[1]), np.float32)
        for row, (begins, ends) in zip(found, pairwise(self._bounds.tolist()), strict=True):
            if begins < ends:
                np.matmul(self._values[begins:ends], scores[self._texts[begins:ends]], out=row)
        return found


def hashed(texts: Sequence[str]) -> Rows:
    """Counts of the words and letters of ``texts``, damped by a logarithm; not yet weighed by rarity."""
    places, values, bounds = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)], [0]
    for text in texts:
        words = [_of_word(word) for word in tokens(text)[:_MAX_WORDS]]
        counts = np.zeros(DIMENSIONS)
        for weight, found in zip(_WEIGHTS, zip(*words, strict=True), strict=False):
            counts += weight * np.bincount(np.concatenate(found), minlength=DIMENSIONS)
        own = np.flatnonzero(counts)
        places.append(own)
        values.append(np.log1p(counts[own]).astype(np.float32))
        bounds.append(bounds[-1] + len(own))
    return Rows(np.concatenate(places), np.concatenate(values), np.array(bounds, np.int64))


@lru_cache(maxsize=4_000)
def _of_word(word: str) -> tuple[NDArray[np.int16], ...]:
    """The places of a word's stem, and of its letters in runs of each of ``_GRAMS``."""
    padded = f"_{word}_"
    grams = [[padded[i : i + size] for i in range(len(padded) - size + 1)] for size in _GRAMS]
    return tuple(
        np.array([zlib.crc32(f.encode()) % DIMENSIONS for f in found], np.int16)
        for found in (["=" + stem(word)], *grams)
    )


_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")


def sentences(text: str) -> list[str]:
    """``text`` cut at sentence ends and line ends."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]
