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


def step(weights: Floats, squares: Floats, places: Ints, errors: Floats, *, rate: float, decay: float) -> None:
    """One step of Adagrad, in place.

    ``errors`` at ``places`` of ``weights``, of which some stand there several times.
    """
    touched, back = np.unique(places, return_inverse=True)
    gradient = np.zeros((len(touched), *weights.shape[1:]), np.float32)
    np.add.at(gradient, back, errors)
    gradient += decay * weights[touched]
    squares[touched] += gradient * gradient
    weights[touched] -= rate * gradient / np.sqrt(squares[touched])


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
    weight = np.asarray(importance, np.float32)
    order = np.arange(len(rows))
    wanted = np.asarray(classes)
    lengths = np.array([len(r) for r in rows])
    for _ in range(rounds):
        chance.shuffle(order)
        for begin in range(0, len(order), _BATCH):
            batch = order[begin : begin + _BATCH]
            flat = np.concatenate([rows[i] for i in batch]).astype(np.int64)
            bounds = np.concatenate([[0], np.cumsum(lengths[batch])])[:-1]
            scores = np.add.reduceat(weights[flat], bounds, axis=0)
            if allowed is not None:
                scores[~allowed[batch]] = -1e9
            scores -= scores.max(axis=1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=1, keepdims=True)
            scores[np.arange(len(batch)), wanted[batch]] -= 1
            scores *= weight[batch][:, None]
            errors = np.repeat(scores, lengths[batch], axis=0)
            step(weights, squares, flat, errors, rate=rate, decay=decay * len(batch))
    return Sparse(weights.astype(np.float16))
