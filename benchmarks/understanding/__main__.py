"""Fits the constants of ``conversation.understanding.mind`` in folds over the library's own phrases, and prints them.

The phrases of a fact are questions that it answers; its ``near`` phrases and the topics for a person are questions that
nothing answers. Each fold is judged by a mind that learnt from the others. ``FOLDS`` (5) folds, ``SAMPLE`` (1500) phrases
of each.
"""

import os
import random
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from conversation.understanding.cache import Cache, user_cache
from conversation.understanding.encoder import open_encoder
from conversation.understanding.mind import Mind, open_mind
from knowledge.library import Library, load_library

_STRENGTH, _ROUNDS, _RATE = 0.5, 4000, 0.5
FOLDS, SAMPLE = int(os.environ.get("FOLDS", "5")), int(os.environ.get("SAMPLE", "1500"))
_KEPT = 5


def _is_held(phrase: str, fold: int) -> bool:
    return zlib.crc32(phrase.encode()) % _KEPT == fold


def _without(library: Library, fold: int) -> tuple[Library, list[tuple[str, str]]]:
    """The library without the phrases of a fold; those phrases, each with the fact that answers it (empty: none does)."""
    held: list[tuple[str, str]] = []

    def left(phrases: tuple[str, ...], label: str) -> tuple[str, ...]:
        held.extend((p, label) for p in phrases if _is_held(p, fold))
        return tuple(p for p in phrases if not _is_held(p, fold))

    facts = {
        f.id: replace(f, questions={k: left(g, f.id) or g[:1] for k, g in f.questions.items()}, near=left(f.near, ""))
        for f in library.facts.values()
    }
    topics = {topic: left(phrases, "") or phrases[:1] for topic, phrases in library.hand_over.items()}
    return replace(library, facts=facts, hand_over=topics), held


def signs_of(library: Library, *, with_encoder: bool) -> tuple[np.ndarray, np.ndarray]:
    """What the calibration weighs for each held phrase, and whether its likeliest fact is right."""
    signs, right, chance = [], [], random.Random(3)
    reader = open_mind(library).reader
    with tempfile.TemporaryDirectory() as folder:
        for fold in range(min(FOLDS, _KEPT)):
            kept, held = _without(library, fold)
            mind = Mind(kept, reader, open_encoder(user_cache()) if with_encoder else None, Cache(Path(folder)))
            for phrase, label in chance.sample(held, min(SAMPLE, len(held))):
                if found := mind.evidence_for(phrase):
                    signs.append(found[1])
                    right.append(float(found[0] == label))
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
    library = load_library()
    print("CALIBRATION_BY_WORDS =", tuple(fit(*signs_of(library, with_encoder=False))), flush=True)
    print("CALIBRATION =", tuple(fit(*signs_of(library, with_encoder=True))))


if __name__ == "__main__":
    main()
