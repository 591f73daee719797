"""Multinomial logistic regression over hashed features, few in each example (Adagrad, Duchi et al. 2011), in numpy."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
#: Places for features; two that share one are seldom both telling.
SIZE = 1 << 17
#: What the squares of Adagrad begin with.
START = 1e-2
_BATCH = 64


def begun(features: str, before: int = 0) -> int:
    """What the hash of ``features`` that begin alike goes on from; ``before``: what they themselves go on from."""
    return zlib.crc32(features.encode(), before)


def places_of(hashes: Iterable[int]) -> list[int]:
    """The places of hashed features, each once, in an order that is the same in each process.

    Sums of floats depend on it.
    """
    return sorted({h & (SIZE - 1) for h in hashes})


def hashed_features(features: Iterable[str]) -> list[int]:
    """The places of ``features``, as ``places_of`` gives them."""
    return places_of(zlib.crc32(f.encode()) for f in features)


@dataclass(frozen=True, slots=True)
class Sparse:
    """``weights`` of ``(features, classes)``."""

    weights: NDArray[np.float16]

    def scores(self, rows: Sequence[Sequence[int]]) -> Floats:
        """The sum of the weights at the places of each row, ``(rows, classes)``; no row is empty."""
        bounds = np.cumsum([0, *map(len, rows[:-1])])
        weights = self.weights[np.fromiter(chain.from_iterable(rows), np.int64)].astype(np.float32)
        return np.asarray(np.add.reduceat(weights, bounds, axis=0), np.float32)

    def probabilities(self, rows: Sequence[Sequence[int]], allowed: NDArray[np.bool_] | None = None) -> Floats:
        """The probability of each class for each row, ``(rows, classes)``.

        Those not ``allowed``, of the same shape, have none.
        """
        if not rows:
            return np.zeros((0, *self.weights.shape[1:]), np.float32)
        scores = self.scores(rows)
        if allowed is not None:
            scores = np.where(allowed, scores, -np.inf)
        scores = np.exp(scores - np.max(scores, axis=1, keepdims=True))
        return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float32)


class Examples:
    """Rows of feature places, any of which can be written out."""

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self._places = np.fromiter(chain.from_iterable(rows), np.int64)
        self._lengths = np.array([len(row) for row in rows])
        self._starts = np.cumsum(self._lengths) - self._lengths
        self._met, self._columns = np.zeros(SIZE, np.bool_), np.zeros(SIZE, np.int64)

    def batch(self, numbers: Ints) -> tuple[Ints, Floats]:
        """The places that the rows of some ``numbers`` have, each once, and the rows over these: 1 where it has it."""
        lengths = self._lengths[numbers]
        begins = np.cumsum(lengths) - lengths
        places = self._places[np.repeat(self._starts[numbers] - begins, lengths) + np.arange(lengths.sum())]
        self._met[places] = True  # quicker than to sort them
        touched = np.flatnonzero(self._met)
        self._met[touched] = False
        self._columns[touched] = np.arange(len(touched))
        written = np.zeros((len(numbers), len(touched)), np.float32)
        written[np.repeat(np.arange(len(numbers)), lengths), self._columns[places]] = 1
        return touched, written


def step(weights: Floats, squares: Floats, touched: Ints, gradient: Floats, *, rate: float, decay: float) -> None:
    """One step of Adagrad, in place, at the ``touched`` places of ``weights``. ``gradient`` is used up."""
    before = weights[touched]
    gradient += decay * before
    summed = squares[touched]
    summed += gradient * gradient
    squares[touched] = summed
    gradient *= rate
    gradient /= np.sqrt(summed, out=summed)
    weights[touched] = np.subtract(before, gradient, out=before)


def fit_sparse(
    rows: Sequence[Sequence[int]],
    classes: Sequence[int],
    allowed: NDArray[np.bool_] | None,
    importance: Sequence[float],
    *,
    number: int,
    rounds: int = 6,
    rate: float = 0.15,
    decay: float = 2e-5,
    seed: int = 7,
) -> Sparse:
    """Fit on ``rows`` of feature places whose right answers are ``classes``, of ``number`` many.

    ``allowed``: ``(rows, classes)``, which classes each row can have.
    """
    chance = np.random.default_rng(seed)
    weights = np.zeros((SIZE, number), np.float32)
    squares = np.full((SIZE, number), START, np.float32)
    weight, wanted = np.asarray(importance, np.float32), np.asarray(classes)
    examples, order = Examples(rows), np.arange(len(rows))
    for _ in range(rounds):
        chance.shuffle(order)
        for begin in range(0, len(order), _BATCH):
            batch = order[begin : begin + _BATCH]
            touched, written = examples.batch(batch)
            scores = written @ weights[touched]
            if allowed is not None:
                scores[~allowed[batch]] = -1e9
            scores -= scores.max(axis=1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=1, keepdims=True)
            scores[np.arange(len(batch)), wanted[batch]] -= 1
            scores *= weight[batch][:, None]
            step(weights, squares, touched, written.T @ scores, rate=rate, decay=decay * len(batch))
    return Sparse(weights.astype(np.float16))
