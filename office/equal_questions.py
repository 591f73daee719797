"""Open questions that ask the same, as the bot has put them together (``workers.taught``).

Nothing is compared here anew.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from db.engine import Transaction
from db.questions import Question, waiting_in_group

#: From this cosine on two questions surely ask the same: of 3,500 questions of Lucca's facts, all 21 pairs above it are
#: of one fact, of 45 pairs from 0.88 on 80 %, of 114 from 0.85 on 54 %.
_SURELY = 0.9


@dataclass(frozen=True, slots=True)
class Equal:
    """A question that asks the same as another.

    ``surely``: the answer to that one is one to this, unless a person sees otherwise.
    """

    question: Question
    surely: bool


def are_equal(one: Question, other: Question) -> bool:
    """Whether two stand in one group, passed on for one reason. A group is of one language."""
    return one.group is not None and one.group == other.group and one.reason == other.reason


async def equal_to(tx: Transaction, asked: Question) -> list[Equal]:
    """The other open questions that ask the same, oldest first."""
    if asked.group is None:
        return []
    found = [q for q in await waiting_in_group(tx, asked.group) if q.id != asked.id and are_equal(asked, q)]
    return [Equal(q, _surely(asked, q)) for q in found]


def count_equal(waiting: Sequence[Question]) -> dict[int, int]:
    """How many of those that wait ask the same as each that is not alone, itself among them."""
    sizes = Counter((q.group, q.reason) for q in waiting)
    return {q.id: size for q in waiting if q.group is not None and (size := sizes[q.group, q.reason]) > 1}


def _surely(one: Question, other: Question) -> bool:
    """In the same words, or so near to the first of their group that they must be near to each other."""
    if one.digest and one.digest == other.digest:
        return True
    near, far = one.likeness or 0.0, other.likeness or 0.0
    least = near * far - math.sqrt(max(0.0, 1 - near**2) * max(0.0, 1 - far**2))
    return least >= _SURELY
