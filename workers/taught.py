"""What the office teaches reaches every worker within seconds.

A changed list of published facts is learnt aside, and swapped in. Publishing rings (``db.wakeups``).

A turn is answered by the classifier that it began with. Questions that nobody could answer are put into groups of equal
ones here, too, where the encoder is at hand.
"""

import asyncio
from collections.abc import Sequence

import structlog

from conversation.understanding.cache import Cache
from conversation.understanding.classifier import IntentClassifier
from conversation.understanding.taught import Learner, group_questions
from db.engine import Database, Transaction
from db.faults import is_outage
from db.taught import (
    Taught,
    Unanswered,
    glance,
    group_question,
    published_facts,
    unanswered_questions,
)
from db.wakeups import Queue
from office.asking import gist

log = structlog.get_logger("taught")


class TaughtFacts:
    """One per process. ``classifier``: what turns are answered with now."""

    def __init__(self, database: Database, base: IntentClassifier, cache: Cache) -> None:
        self.classifier = base
        self._base, self._learner = base, Learner(base, cache, cache)
        self._database = database
        self._known: tuple[int, ...] = ()
        self._wake = asyncio.Event()
        database.wakeups.answer(Queue.TAUGHT, self._wake.set)

    async def run(self) -> None:
        """Until cancelled: learn what was published, forget what was withdrawn, group what nobody could answer."""
        while True:
            self._wake.clear()
            try:
                await self._attend()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("taught_out_of_reach", error=type(error).__name__)
            try:
                await asyncio.wait_for(self._wake.wait(), self._database.patience)
            except TimeoutError:
                continue

    async def _attend(self) -> None:
        """Both, with one look; where nothing is new, with one statement."""
        async with self._database.look() as tx:
            numbers, ungrouped = await glance(tx)
            published = await self._changed(tx, numbers)
            questions = await unanswered_questions(tx) if ungrouped else []
        await self._know(published)
        await self._group(questions)

    async def refresh(self) -> bool:
        """Know what is published now; whether that has changed."""
        async with self._database.look() as tx:
            numbers, _ = await glance(tx)
            published = await self._changed(tx, numbers)
        return await self._know(published)

    async def group(self) -> None:
        """Put each new question that nobody could answer into a group."""
        async with self._database.look() as tx:
            questions = await unanswered_questions(tx)
        await self._group(questions)

    async def _changed(self, tx: Transaction, numbers: tuple[int, ...]) -> list[Taught] | None:
        """What is published; ``None``: what is known."""
        return None if numbers == self._known else await published_facts(tx)

    async def _know(self, published: list[Taught] | None) -> bool:
        if published is None:
            return False
        self.classifier = await asyncio.to_thread(learnt, self._learner, published)
        self._known = tuple(taught.id for taught in published)
        log.info("taught_facts", number=len(published))
        return True

    async def _group(self, questions: Sequence[Unanswered]) -> None:
        if all(question.group is not None for question in questions):
            return
        groups = await asyncio.to_thread(
            group_questions, self._base.encoder, [(q.number, gist(q.question), q.group) for q in reversed(questions)]
        )
        async with self._database.begin() as tx:
            for number, (group, likeness) in groups.items():
                await group_question(tx, number, group, likeness)


async def know_taught(database: Database, base: IntentClassifier, cache: Cache) -> IntentClassifier:
    """``base``, and what is published now: for who does not wait for what is published later."""
    async with database.look() as tx:
        published = await published_facts(tx)
    return await asyncio.to_thread(learnt, Learner(base, cache, cache), published)


def learnt(learner: Learner, published: Sequence[Taught]) -> IntentClassifier:
    """What ``learner`` began with, and the ``published`` facts. One whose id a file has taken is the file's."""
    own = [taught for taught in published if taught.fact_id not in learner.base.library.facts]
    facts = [taught.as_fact() for taught in own]
    library = learner.base.library.with_facts(facts, [taught.as_document() for taught in own])
    return learner.learn(facts, library)
