"""Multinomial logistic regression, trained by Adam (Kingma and Ba 2015, arXiv:1412.6980), in numpy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Softmax:
    """``weights`` of ``(features, classes)`` and ``bias`` of ``(classes,)``."""

    weights: Matrix
    bias: Matrix

    def log_probabilities(self, rows: Matrix) -> Matrix:
        """Natural logarithms of the probability of each class, ``(rows, classes)``."""
        scores: Matrix = np.add(rows @ self.weights, self.bias, dtype=np.float32)
        scores -= np.max(scores, axis=1, keepdims=True)
        found: Matrix = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return found


def fit(
    rows: Matrix, classes: NDArray[np.int64], importance: Matrix, *, rounds: int, rate: float, decay: float
) -> Softmax:
    """Fit on ``rows`` whose right answers are ``classes`` (numbers from 0), each counted by its ``importance``."""
    wanted = np.zeros((len(classes), int(np.max(classes)) + 1), dtype=np.float32)
    wanted[np.arange(len(classes)), classes] = 1
    share = (importance / importance.sum())[:, None].astype(np.float32)
    parameters = [np.zeros((rows.shape[1], wanted.shape[1]), np.float32), np.zeros(wanted.shape[1], np.float32)]
    means = [np.zeros_like(p) for p in parameters]
    squares = [np.zeros_like(p) for p in parameters]
    for step in range(1, rounds + 1):
        scores = rows @ parameters[0] + parameters[1]
        scores -= np.max(scores, axis=1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        error = (scores - wanted) * share
        gradients = [rows.T @ error + decay * parameters[0], error.sum(axis=0)]
        for i, gradient in enumerate(gradients):
            means[i] = 0.9 * means[i] + 0.1 * gradient
            squares[i] = 0.99 * squares[i] + 0.01 * gradient * gradient
            mean, square = means[i] / (1 - 0.9**step), squares[i] / (1 - 0.99**step)
            parameters[i] -= rate * mean / (np.sqrt(square) + 1e-8)
    return Softmax(parameters[0], parameters[1])
