"""Fits the constants of ``conversation.understanding.classifier`` on the questions of strangers, and prints them.

``python -m benchmarks.understanding [FOLDER]``: the sets ``questions-*.jsonl`` in FOLDER, else in
``tests/understanding/sets``.
A question counts as answered by each fact whose answer holds all that the set says must stand in it, a part of it by
each that holds something of that. Left out are those that go on from another message and those about the bot or the
programme. Sets that are still to be opened must not lie there. Phrases of the library itself, held back in folds, made
the bot too sure: their authors had read the answers.
"""

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.understanding.people import Row
from conversation.questions import asked_parts
from conversation.understanding.classifier import IntentClassifier, open_classifier
from knowledge.library import Library, load_library

SETS = Path(__file__).parents[2] / "tests" / "understanding" / "sets"
_STRENGTH, _ROUNDS, _RATE = 10.0, 4000, 0.3


def rows_of(folder: Path) -> list[Row]:
    """Every question in ``folder``."""
    files = sorted(folder.glob("questions-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def answering(row: Row, library: Library, *, whole: bool) -> set[str]:
    """The facts of which one answer alone says all that ``row`` asks for.

    Failing ``whole``, one of the things that it asks for.
    """
    if not row["answerable"]:
        return set()
    enough = all if whole else any

    def says(answer: str) -> bool:
        return enough(any(part.casefold() in answer.casefold() for part in group) for group in row["must"])

    return {f.id for f in library.facts.values() if any(map(says, f.answer.values()))}


def signs_of(classifier: IntentClassifier, rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
    """What the calibration weighs for a question and each of its parts, and whether the likeliest fact answers it."""
    signs, right = [], []
    for row in rows:
        if row["before"] or (row["answerable"] and row["kind"] != "fact"):
            continue
        asked = [(row["text"], answering(row, classifier.library, whole=True))]
        asked += [(part.text, answering(row, classifier.library, whole=False)) for part in asked_parts(row["text"])]
        for text, facts in asked:
            found = classifier.evidence_for(text)
            if found and (facts or not row["answerable"]):
                signs.append(found[1])
                right.append(float(found[0] in facts))
    return np.array(signs), np.array(right)


def fit(given: np.ndarray, wanted: np.ndarray) -> list[float]:
    """Logistic regression by gradient descent on standardised signs; the weights of the raw ones, then the constant."""
    mean, spread = given.mean(axis=0), given.std(axis=0) + 1e-9
    standard = np.c_[(given - mean) / spread, np.ones(len(given))]
    weights = np.zeros(standard.shape[1])
    for _ in range(_ROUNDS):
        error = 1 / (1 + np.exp(-standard @ weights)) - wanted
        weights -= _RATE * (standard.T @ error + _STRENGTH * np.r_[weights[:-1], 0]) / len(wanted)
    raw = weights[:-1] / spread
    return [round(float(w), 3) for w in [*raw, weights[-1] - raw @ mean]]


def main() -> None:
    """Print both calibrations."""
    library, rows = load_library(), rows_of(Path(sys.argv[1]) if len(sys.argv) > 1 else SETS)
    for name, with_encoder in (("CALIBRATION", True), ("CALIBRATION_BY_WORDS", False)):
        print(f"{name} =", tuple(fit(*signs_of(open_classifier(library, with_encoder=with_encoder), rows))), flush=True)


if __name__ == "__main__":
    main()
