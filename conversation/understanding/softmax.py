"""Multinomial logistic regression, trained by Adam (Kingma and Ba 2015, arXiv:1412.6980), in numpy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conversation.understanding.lexical import Matrix, Rows


@dataclass(frozen=True, slots=True)
class Softmax:
    """``weights`` of ``(features, classes)`` and ``bias`` of ``(classes,)``."""

    weights: Matrix
    bias: Matrix

    def spread(self, rows: Matrix | Rows) -> Matrix:
        """The logarithm of the sum of the exponentials of all classes' scores, ``(rows,)``."""
        scores: Matrix = np.add(rows @ self.weights, self.bias, dtype=np.float32)
        most = np.max(scores, axis=1, keepdims=True)
        found: Matrix = (most + np.log(np.exp(scores - most).sum(axis=1, keepdims=True)))[:, 0]
        return found

    def log_probabilities(self, rows: Matrix | Rows) -> Matrix:
        """Natural logarithms of the probability of each class, ``(rows, classes)``."""
        scores: Matrix = np.add(rows @ self.weights, self.bias, dtype=np.float32)
        scores -= np.max(scores, axis=1, keepdims=True)
        found: Matrix = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return found

    def with_columns(self, others: Sequence["Softmax"]) -> "Softmax":
        """One with the classes of ``others`` behind its own."""
        parts = [self, *others]
        return Softmax(
            np.concatenate([p.weights for p in parts], axis=1),
            np.concatenate([p.bias for p in parts]),
        )


_BATCH = 1024


def fit(
    rows: Callable[[NDArray[np.int64]], Matrix | Rows],
    classes: NDArray[np.int64],
    importance: Matrix,
    *,
    rounds: int,
    rate: float,
    decay: float,
) -> Softmax:
    """Fit on rows whose right answers are ``classes`` (numbers from 0), each counted by its ``importance``.

    ``rows``: gives those of some numbers, ``(len(numbers), features)``. ``rounds``: how often each row is seen; the
    ``rate`` of a step falls to a tenth in the end.
    """
    number, size = len(classes), int(np.max(classes)) + 1
    parameters = [np.zeros((rows(np.arange(1)).shape[1], size), np.float32), np.zeros(size, np.float32)]
    means = [np.zeros_like(p) for p in parameters]
    squares = [np.zeros_like(p) for p in parameters]
    chance = np.random.default_rng(size)
    order, step, last = np.arange(number), 0, rounds * -(-number // _BATCH)
    spare = [np.empty_like(p) for p in parameters]
    for _ in range(rounds):
        chance.shuffle(order)
        for begin in range(0, number, _BATCH):
            batch = order[begin : begin + _BATCH]
            seen, step = rows(batch), step + 1
            scores = seen @ parameters[0] + parameters[1]
            scores -= np.max(scores, axis=1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=1, keepdims=True)
            scores[np.arange(len(batch)), classes[batch]] -= 1
            scores *= (importance[batch] / importance[batch].sum())[:, None]
            rate_limit = rate * (1 - 0.9 * step / last)
            gradient = seen.T @ scores
            gradient += np.multiply(parameters[0], decay, out=spare[0])
            for i, found in enumerate((gradient, scores.sum(axis=0))):
                _adam(parameters[i], means[i], squares[i], found, spare[i], step=step, rate=rate_limit)
    return Softmax(parameters[0], parameters[1])


def _adam(
    parameters: Matrix, means: Matrix, squares: Matrix, gradient: Matrix, spare: Matrix, *, step: int, rate: float
) -> None:
    """One step, in place.

    ``gradient`` and ``spare`` are used up: new arrays of this size would take longer than the sums.
    """
    means *= 0.9
    means += np.multiply(gradient, 0.1, out=spare)
    squares *= 0.99
    np.multiply(gradient, 0.01, out=spare)
    squares += np.multiply(spare, gradient, out=spare)
    np.sqrt(np.divide(squares, 1 - 0.99**step, out=spare), out=spare)
    spare += 1e-8
    np.divide(means, 1 - 0.9**step, out=gradient)
    gradient *= rate
    parameters -= np.divide(gradient, spare, out=gradient)
