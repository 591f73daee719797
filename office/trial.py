"""A draft is tried before anybody is told it: what gets better, what gets worse, in numbers.

What it is tried on ships with the program and is the town's own: every phrase that the library teaches (facts, wishes,
what no fact answers), the variants of the draft, each as if it had not been taught, and what citizens asked in vain.
Phrases of the library that the draft touches are asked misspelt: word for word they are known in any case. It takes
some seconds of one core in a process of its own (``office.trial_process``).
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from conversation.dialogue import Dialogue
from conversation.understanding import understand
from conversation.understanding.cache import Cache
from conversation.understanding.classifier import IntentClassifier
from conversation.understanding.misspellings import misspell
from conversation.understanding.taught import Learner, questions_of
from conversation.understanding.vectors import Nearest
from handlers.ask import Band, judge
from knowledge.library import Document, Fact

#: Of the probability of a phrase, what the draft must take before anything can change for it: answers begin far above
#: (``ANSWER``, ``PERHAPS``).
_TOUCHED = 0.05
#: Phrases that are asked before and after, at most, those that the draft takes most of: 25 ms for each.
_MOST_ASKED = 200
#: Parts into which the variants are cut; each is asked when the others are taught.
_FOLDS = 5
#: Phrases that are looked at together: bounds the memory.
_BLOCK = 2048
#: What a person is shown of each list.
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Moved:
    """A question and what answered it ``before`` and answers it ``after``: a fact's title, a wish.

    Empty when a person does.
    """

    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found. ``found`` of ``variants``: recognised without having been taught; ``missed``: some of the others.

    ``answered`` of ``asked``: what citizens asked in vain. Of ``compared`` phrases of the library ``lost`` are not met
    any more as they were, ``taken`` went to a person and would get this answer; ``losses``, ``takings``: some of them.
    """

    variants: int
    found: int
    missed: Sequence[str]
    asked: int
    answered: int
    compared: int
    lost: int
    losses: Sequence[Moved]
    taken: int
    takings: Sequence[Moved]
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What one question would be met with.

    ``before``, ``after``: as in ``Moved``; ``score``: how surely, from 0 to 1.
    """

    question: str
    before: str
    after: str
    score: float


class Comparison:
    """Compares what ``base`` and the ``published`` facts know with what they know beside a draft."""

    def __init__(self, base: IntentClassifier, published: Sequence[Fact], cache: Cache) -> None:
        self._learner = Learner(base, cache, Cache(None))
        self._base, self._published, self._cache = base, published, cache
        self._now = datetime.now(UTC)
        self._before = self._knows(published)

    def try_draft(self, draft: Fact, citizens: Sequence[str]) -> Trial:
        """Compare without and with ``draft``. ``citizens``: what was asked in vain."""
        begun = time.monotonic()
        others = [fact for fact in self._published if fact.id != draft.id]
        without, after = self._knows(others), self._knows([*others, draft])
        found = [
            question for question, knows in self._held_out(draft, others) if self._met(knows, question)[0] == draft.id
        ]
        variants = questions_of(draft)
        missed = [question for question in variants if question not in found]
        moved = list(self._moved(draft.id, without, after, others))
        losses, takings = [m for m in moved if m.before], [m for m in moved if not m.before]
        answered = sum(self._met(after, question)[0] == draft.id for question in citizens)
        return Trial(
            variants=len(variants),
            found=len(variants) - len(missed),
            missed=missed[:_SHOWN],
            asked=len(citizens),
            answered=answered,
            compared=len(self._base.written) + sum(len(questions_of(fact)) for fact in others),
            lost=len(losses),
            losses=losses[:_SHOWN],
            taken=len(takings),
            takings=takings[:_SHOWN],
            seconds=round(time.monotonic() - begun, 1),
        )

    def ask(self, question: str, draft: Fact | None) -> Asked:
        """What ``question`` is met with now, and with ``draft``."""
        before, score = self._met(self._before, question)
        named = self._named(self._before, before)
        if draft is None:
            return Asked(question, named, named, score)
        others = [fact for fact in self._published if fact.id != draft.id]
        knows = self._knows([*others, draft])
        after, score = self._met(knows, question)
        return Asked(question, named, self._named(knows, after), score)

    def _knows(self, facts: Sequence[Fact]) -> IntentClassifier:
        anywhere = [Document(c.document, {"it": ""}, {"it": ""}) for fact in facts for c in fact.sources]
        return self._learner.learn(facts, self._base.library.with_facts(facts, anywhere))

    def _met(self, knows: IntentClassifier, question: str) -> tuple[str, float]:
        """The label of what the question is met with, empty for a person, and how surely."""
        ranked = knows.rank(question)
        likeliest = max(ranked, key=lambda m: m.fused, default=None)
        if likeliest is not None and not likeliest.is_fact and not likeliest.is_topic:
            return likeliest.label, round(likeliest.fused, 2)
        verdict = judge(understand(question, Dialogue(), knows, self._now))
        if verdict.band is not Band.ANSWER:
            return "", round(verdict.matches[0].score, 2) if verdict.matches else 0.0
        return verdict.matches[0].label, round(verdict.matches[0].score, 2)

    def _named(self, knows: IntentClassifier, label: str) -> str:
        fact = knows.library.facts.get(label)
        return fact.title["it"] if fact is not None else label

    def _held_out(self, draft: Fact, others: Sequence[Fact]) -> Iterator[tuple[str, IntentClassifier]]:
        """Each variant with what knows all of the draft but it; too few to be spared are asked misspelt."""
        variants = [(language, question) for language, group in draft.questions.items() for question in group]
        if len(variants) < _FOLDS:
            knows = self._knows([*others, draft])
            yield from ((question, knows) for _, question in variants)
            return
        for part in range(_FOLDS):
            kept = [v for i, v in enumerate(variants) if i % _FOLDS != part]
            questions = {language: tuple(q for known, q in kept if known == language) for language, _ in kept}
            knows = self._knows([*others, replace(draft, questions=questions)])
            yield from ((question, knows) for _, question in variants[part::_FOLDS])

    def _moved(
        self, draft: str, before: IntentClassifier, after: IntentClassifier, others: Sequence[Fact]
    ) -> Iterator[Moved]:
        """What is met otherwise than before."""
        touched = [question for fact in others for question in questions_of(fact)]
        for question in (*touched, *self._touched(after, draft)):
            misspelt = misspell(question, random.Random(question))  # noqa: S311 - no secret
            was, _ = self._met(before, misspelt)
            becomes, _ = self._met(after, misspelt)
            if was != becomes and (was or becomes == draft):
                yield Moved(question, self._named(before, was), self._named(after, becomes))

    def _touched(self, after: IntentClassifier, draft: str) -> list[str]:
        """The phrases of the library that ``draft`` takes something of, most first."""
        base, phrases = self._base, self._base.written
        nearest = Nearest(base.encoder, phrases, self._cache) if base.encoder is not None else None
        share = np.zeros(len(phrases), np.float32)
        for begin in range(0, len(phrases), _BLOCK):
            numbers = np.arange(begin, min(begin + _BLOCK, len(phrases)))
            vectors = nearest.vectors(numbers) if nearest is not None else None
            share[numbers] = after.share_of(draft, base.rows[numbers], vectors)
        order = np.argsort(-share)[:_MOST_ASKED]
        return [phrases[i] for i in order.tolist() if share[i] >= _TOUCHED]
