"""What each sentence of a letter does, learnt: it registers, withdraws, changes, asks, joins the pact, wishes something else, or nothing."""

import itertools
from dataclasses import dataclass

from conversation.understanding.mentions import Page
from conversation.understanding.roles import View
from conversation.understanding.sparse import Floats, Sparse, hashed_features
from conversation.words import stem
from knowledge.letters import ACTS

SUBJECT, REGISTERS, WITHDRAWS, CHANGES, ASKS, JOINS, WISHES, COURTESY, BACKGROUND, SIGNATURE = range(len(ACTS))
_MOST, _ROOT = 60, 5


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's place, and the probability of each act of ``ACTS``."""

    start: int
    end: int
    acts: Floats


def act_features(page: Page, seen: View, start: int, end: int) -> list[str]:
    """What tells the act of the stretch from ``start`` to ``end``."""
    inside = [i for i, p in enumerate(seen.places) if start <= p < end][:_MOST]
    words = [seen.tokens[i] for i in inside]
    before = seen.tokens[inside[0] - 1] if inside and inside[0] else "^"
    after = seen.tokens[inside[-1] + 1] if inside and inside[-1] + 1 < len(seen.tokens) else "$"
    found = [f"w{w}" for w in {*words}] + [f"s{stem(w)}" for w in {*words}]
    found += [
        f"r{w[:_ROOT]}" for w in {*words} if len(w) > _ROOT
    ]  # "iscrivetemi", "iscriverci": what hangs on says little
    roots = [stem(w) for w in words]
    found += [f"b{a} {b}" for a, b in itertools.pairwise(words)]
    found += [f"c{a} {b}" for a, b in itertools.pairwise(roots)]
    found += [f"t{a} {b} {c}" for a, b, c in zip(roots, roots[1:], roots[2:], strict=False)]
    found += [f"first{' '.join(words[:k])}" for k in (1, 2, 3)] + [f"last{' '.join(words[-k:])}" for k in (1, 2)]
    first, last = start <= page.starts[0] if page.starts else True, end >= page.sentences[-1][1] - 2
    subject = first and "\n\n" in page.text[end : end + 2]
    found += [
        f"first{first}",
        f"last{last}",
        f"subject{subject}",
        f"signed{start >= page.signed}",
        f"alone{first and last}",
    ]
    size = len(words)
    found += [f"size{size if size < 4 else 4 if size < 8 else 8 if size < 16 else 16}", f"asks{'?' in words}"]
    found += [f"before{before}", f"after{after}"]
    return found


class Acts:
    """The learnt acts."""

    def __init__(self, model: Sparse) -> None:
        self.model = model

    def of(self, page: Page, seen: View) -> list[Sentence]:
        """Each sentence of ``page``, ``seen`` masked, with its acts."""
        return [
            Sentence(a, b, self.model.probabilities(hashed_features(act_features(page, seen, a, b))))
            for a, b in page.sentences
        ]
