"""Facts that are taught while the bot runs: each is learnt beside the library, which stays as it was learnt.

A fact is one more class of both softmaxes. Only its own column is fitted, against what the classes before it make of
the phrases that are nearest to its own: a second of work instead of the whole library's forty, and a fact that is
withdrawn leaves no trace.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conversation.language import detect_language
from conversation.understanding.cache import Cache
from conversation.understanding.classifier import IntentClassifier, Lesson
from conversation.understanding.encoder import Encoder, Vectors
from conversation.understanding.lexical import Matrix, hashed
from conversation.understanding.misspellings import misspell
from conversation.understanding.softmax import Softmax
from conversation.understanding.vectors import Nearest
from conversation.words import tokens
from knowledge.library import Fact, Library

#: Phrases of the library that a fact is learnt against: the nearest by words, and as many by meaning.
_NEAREST = 1200
#: From this cosine on two questions are the same to a person who looks for what was asked again and again. Measured on
#: 18 million pairs of 6,000 questions of Lucca's facts, which all speak of few things: of the pairs above it 81 % are
#: of one topic and 41 % of one fact (at 0.65 70 and 25 %, at 0.85 94 and 68 %, and then an eighth as many). Of what
#: strangers ask (the 355 questions of the sets that a document answers), as it came, 16 pairs are above it, 75 % of
#: them with the same answer, and three with a letter in them, one rightly; of what asks in it (``office.asking``) 34,
#: 79 % with the same answer, and eleven with a letter, ten rightly. The library's questions come out alike both ways.
SAME_QUESTION = 0.75
#: What one of its phrases counts beside one of the library's facts: few are taught. Of 300 questions about 12 facts
#: that were taken out of the library and taught again with 8 phrases each, 77 were answered rightly and 62 wrongly with
#: it, 63 and 69 without, 44 and 71 where the whole library was learnt again; of 478 questions about other things none
#: was lost, and as many of what no fact answers were answered as before.
_TAUGHT = 3.0
#: A misspelt phrase counts half.
_MISSPELT = 0.5


def questions_of(fact: Fact) -> list[str]:
    """All its questions, of every language."""
    return [question for group in fact.questions.values() for question in group]


class Learner:
    """Learns facts beside ``base``, for one thread at a time.

    ``cache``: where the library's vectors are; ``lessons``: where what is learnt here is kept, by the fact and by those
    before it.
    """

    def __init__(self, base: IntentClassifier, cache: Cache, lessons: Cache) -> None:
        self.base = base
        self._cache, self._kept = cache, lessons
        self._vectors: dict[str, Vectors] = {}

    def learn(self, facts: Sequence[Fact], library: Library) -> IntentClassifier:
        """A classifier that knows ``facts`` too, which are in ``library``.

        Equal facts in equal order are learnt equally.
        """
        known, lessons, name = self.base, list[Lesson](), self.base.name
        for fact in facts:
            name = hashlib.sha256(repr((name, fact.id, sorted(fact.questions.items()))).encode()).hexdigest()[:32]
            lessons.append(self._lesson(fact, known, lessons, f"fact-{name}"))
            known = self.base.with_lessons(library, lessons)
        return known

    def _lesson(self, fact: Fact, known: IntentClassifier, before: Sequence[Lesson], name: str) -> Lesson:
        arrays = self._kept.load(name)
        if arrays is None:
            by_words, by_meaning = self._fit(fact, known, [q for lesson in before for q in questions_of(lesson.fact)])
            arrays = {"words": by_words.weights, "words_bias": by_words.bias}
            if by_meaning is not None:
                arrays |= {"meaning": by_meaning.weights, "meaning_bias": by_meaning.bias}
            self._kept.save(name, arrays)
        meaning = Softmax(_floats(arrays["meaning"]), _floats(arrays["meaning_bias"])) if "meaning" in arrays else None
        return Lesson(fact, Softmax(_floats(arrays["words"]), _floats(arrays["words_bias"])), meaning)

    def _fit(self, fact: Fact, known: IntentClassifier, others: Sequence[str]) -> tuple[Softmax, Softmax | None]:
        """``others``: the questions of the facts that were learnt before beside the library."""
        asked, base, encoder = questions_of(fact), self.base, self.base.encoder
        told = [*asked, *(misspell(q, random.Random(q)) for q in asked)]  # noqa: S311 - no secret
        texts = [*told, *others]
        rows = hashed(texts).weighed(base.rarity)
        near = _highest(base.rows.times(rows[np.arange(len(asked))].turned(np.ones(len(asked), np.float32))))
        vectors = self._encoded(texts) if encoder is not None else None
        if vectors is not None and encoder is not None:
            alike = Nearest(encoder, base.written, self._cache)
            cosines = alike.to(vectors[: len(asked)])
            near = np.union1d(near, _highest(cosines))
            # What nobody could answer, and this fact now does, is not held against it.
            near = near[~(base.unanswerable[near] & (cosines[near] >= SAME_QUESTION))]
        weights = np.concatenate(
            [_even(len(asked)), _MISSPELT * _even(len(asked)), _even(len(others)), base.importance[near]]
        ).astype(np.float32)
        right = np.arange(len(weights)) < len(told)
        rows = rows.joined(base.rows[near])
        by_words = fit_beside(rows.times, rows.turned, known.by_words.spread(rows), right, weights, _BY_WORDS)
        if vectors is None or encoder is None or known.by_meaning is None:
            return by_words, None
        vectors = np.concatenate([vectors, alike.vectors(near)])
        spread = known.by_meaning.spread(vectors)
        return by_words, fit_beside(vectors.__matmul__, vectors.T.__matmul__, spread, right, weights, _BY_MEANING)

    def _encoded(self, texts: Sequence[str]) -> Vectors:
        """``(len(texts), dimensions)``; each text is encoded once."""
        assert self.base.encoder is not None  # noqa: S101 - asked by the caller
        if new := [text for text in dict.fromkeys(texts) if text not in self._vectors]:
            self._vectors |= zip(new, self.base.encoder.encode(new), strict=True)
        return np.array([self._vectors[text] for text in texts], np.float32)


@dataclass(frozen=True, slots=True)
class _Steps:
    """How many steps a fit takes, how wide the first is (the last: a tenth), how much a weight shrinks at each."""

    count: int
    rate: float
    decay: float


#: As many as the library's own learning takes on each side, and as wide.
_BY_WORDS, _BY_MEANING = _Steps(135, 0.12, 1e-5), _Steps(324, 0.06, 2e-6)


def fit_beside(
    times: Callable[[Matrix], Matrix],
    turned: Callable[[Matrix], Matrix],
    spread: Matrix,
    right: NDArray[np.bool_],
    importance: Matrix,
    steps: _Steps,
) -> Softmax:
    """One more class beside others that stay: its column of weights and its bias.

    ``times``: the rows times a column, ``turned``: the turned rows times a number for each; ``spread``: the logarithm
    of the sum of what the other classes make of each row; ``right``: which rows are of this class, each row counted by
    its ``importance``.
    """
    weights: Matrix = np.zeros(len(turned(spread)), np.float32)
    bias = 0.0
    share = importance / importance.sum()
    mean, square = np.zeros(len(weights) + 1, np.float32), np.zeros(len(weights) + 1, np.float32)
    for step in range(1, steps.count + 1):
        wrong = share * (1 / (1 + np.exp(np.clip(spread - times(weights) - bias, -30, 30))) - right)
        gradient = np.append(turned(wrong) + steps.decay * weights, wrong.sum()).astype(np.float32)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.99 * square + 0.01 * gradient * gradient
        change = mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.99**step)) + 1e-8)
        change *= steps.rate * (1 - 0.9 * step / steps.count)
        weights -= change[:-1]
        bias -= float(change[-1])
    return Softmax(weights[:, None], np.array([bias], np.float32))


def _even(number: int) -> Matrix:
    """What each of so many phrases of one taught fact counts."""
    return np.full(number, _TAUGHT * max(number, 1) ** -0.5, np.float32)


def _highest(scores: Matrix) -> NDArray[np.int64]:
    return np.argsort(-scores)[:_NEAREST]


def _floats(array: object) -> Matrix:
    return np.asarray(array, dtype=np.float32)


def group_questions(
    encoder: Encoder | None, questions: Sequence[tuple[int, str, int | None]]
) -> dict[int, tuple[int, float]]:
    """The group of each question that has none: the number of the first like it, and the cosine to that one.

    ``questions``: number, words, group; oldest first.

    Like it: of the same language, and so near in meaning as ``SAME_QUESTION``; without an encoder, in the same words.
    """
    texts = [words for _, words, _ in questions]
    vectors = encoder.encode(texts) if encoder is not None and texts else None
    languages = [detect_language(words) for words in texts]
    firsts, found = list[int](), dict[int, tuple[int, float]]()
    for i, (number, _, known) in enumerate(questions):
        group = known
        if group is None:
            near = [j for j in firsts if languages[j] == languages[i]]
            alike = [_likeness(vectors, texts, i, j) for j in near]
            best = int(np.argmax(alike)) if alike else -1
            is_first = best < 0 or alike[best] < SAME_QUESTION
            group = number if is_first else questions[near[best]][0]
            found[number] = group, 1.0 if is_first else min(alike[best], 1.0)
        if group == number:
            firsts.append(i)
    return found


def _likeness(vectors: Vectors | None, texts: Sequence[str], one: int, other: int) -> float:
    if vectors is None:
        return float(tokens(texts[one]) == tokens(texts[other]))
    return float(vectors[one] @ vectors[other])
