"""Fits the constants of ``conversation.understanding.mind`` to labelled JSONL files and prints them.

Rows with ``contains`` (or ``gold``) are questions that the facts answer; rows with a ``text`` alone are questions that
they do not. Logistic regression by gradient descent on standardised signs, printed for the raw ones.
"""

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.understanding.scoring import answers
from conversation.understanding.mind import Mind, open_mind
from knowledge.library import load_library

_STRENGTH, _ROUNDS, _RATE = 0.5, 6000, 0.5


def calibrate(mind: Mind, rows: list[dict]) -> list[float]:
    signs, right = [], []
    for row in rows:
        found = mind.evidence_for(row["text"])
        if found is None:
            continue
        label, values = found
        signs.append(values)
        right.append(float(("contains" in row or "gold" in row) and answers(mind.library, label, row)))
    wanted, given = np.array(right), np.array(signs)
    mean, spread = given.mean(axis=0), given.std(axis=0) + 1e-9
    standard = np.c_[(given - mean) / spread, np.ones(len(given))]
    weights = np.zeros(standard.shape[1])
    for _ in range(_ROUNDS):
        error = 1 / (1 + np.exp(-standard @ weights)) - wanted
        weights -= _RATE * (standard.T @ error + _STRENGTH * np.r_[weights[:-1], 0]) / len(wanted)
    raw = weights[:-1] / spread
    return [round(float(w), 3) for w in [*raw, weights[-1] - raw @ mean]]


def main() -> None:
    lines = [line for name in sys.argv[1:] for line in Path(name).read_text(encoding="utf-8-sig").splitlines()]
    rows = [json.loads(line) for line in lines if line.strip()]
    library = load_library()
    print("CALIBRATION =", tuple(calibrate(open_mind(library), rows)))
    print("CALIBRATION_BY_WORDS =", tuple(calibrate(open_mind(library, with_encoder=False), rows)))


main()
