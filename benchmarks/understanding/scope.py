"""Fits what weighs whether a letter is for another office, and says how well the border lies.

``python -m benchmarks.understanding.scope``, two minutes: letters of each author are judged by what the others teach.
The numbers go to ``CALIBRATION`` and ``_BORDER`` in ``conversation.understanding.scope``.
"""

import sys
from collections.abc import Sequence
from datetime import date, time

import numpy as np

from bot.settings import read_settings
from conversation.times import to_utc
from conversation.understanding.classifier import open_classifier
from conversation.understanding.encoder import Encoder, Vectors
from conversation.understanding.programme import sample_meetings
from conversation.understanding.scope import Scope, learn, lessons
from conversation.understanding.softmax import fit
from knowledge.examples import MAILBOX, load_letters
from knowledge.library import load_library

_BORDERS = (-2.0, -1.5, -1.0, -0.5, 0.0)
#: What a letter for others, and one of those written to be taken for the other kind, counts beside an ordinary one.
_OTHERS, _HARD = 4.0, 3.0


class _Remembering:
    """An encoder that reads nothing twice."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self._encoder = encoder.name, encoder
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= zip(new, self._encoder.encode(new), strict=True)
        return np.array([self._known[text] for text in texts], np.float32)


def main() -> None:
    """Judge each author's letters by the others', fit, and print."""
    classifier = open_classifier(load_library(read_settings().knowledge))
    if classifier.encoder is None:
        sys.exit("senza l'encoder non c'è niente da pesare")
    encoder, given = _Remembering(classifier.encoder), lessons()
    hard = {letter.id for letter in load_letters(MAILBOX)}
    rows, ours, weighty = list[tuple[float, ...]](), list[int](), list[bool]()
    for author in sorted({letter.id[0] for letter, _ in given}):
        scope = Scope(encoder, learn(encoder, [one for one in given if one[0].id[0] != author]))
        for letter, is_ours in (one for one in given if one[0].id[0] == author):
            now = to_utc(date.fromisoformat(letter.day), time(9))
            reading = classifier.reader.read(letter.text, letter.signature, letter.sender, sample_meetings(), now)
            rows.append(scope.signs(letter.text, reading))
            ours.append(int(is_ours))
            weighty.append(letter.id in hard)
    signs, right, written = np.array(rows, np.float32), np.array(ours), np.array(weighty)
    importance = np.where(right == 0, _OTHERS, 1.0) * np.where(written, _HARD, 1.0)
    model = fit(signs[:, :-1].__getitem__, right, importance.astype(np.float32), rounds=600, rate=0.05, decay=1e-3)
    weights = [*(model.weights[:, 1] - model.weights[:, 0]), model.bias[1] - model.bias[0]]
    odds = signs @ np.array(weights, np.float32)
    print("CALIBRATION =", tuple(round(float(w), 3) for w in weights))
    for border in _BORDERS:
        known, taken = odds[right == 0] < border, odds[(right == 1) & written] < border
        print(
            f"{border:5}: known {known.mean():.0%} of {known.size}, ours taken {taken.sum()} of {taken.size} hard ones"
        )


if __name__ == "__main__":
    main()
