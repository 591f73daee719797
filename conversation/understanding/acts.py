"""What each sentence of a letter does, learnt.

It registers, withdraws, changes, asks, joins the pact, wishes something else, or nothing.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

from conversation.understanding.mentions import LetterPage
from conversation.understanding.roles import WINDOW, View
from conversation.understanding.sparse import Floats, Sparse, begun, places_of
from knowledge.examples import ACTS

SUBJECT, REGISTERS, WITHDRAWS, CHANGES, ASKS, ADHERES, WISHES, COURTESY, BACKGROUND, SIGNATURE = range(len(ACTS))
#: From this probability on a sentence does what its act says.
DOES = 0.5
_MOST, _ROOT = 60, 5
_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's place, and the probability of each act of ``ACTS``."""

    start: int
    end: int
    acts: Floats


_BEGINS = {name: begun(name) for name in ("w", "s", "r", "b", "c", "t", "first", "last")}


def places(page: LetterPage, seen: View, start: int, end: int) -> list[int]:
    """What tells the act of the stretch from ``start`` to ``end``, as places of features."""
    low = bisect_left(seen.places, start)
    high = min(bisect_left(seen.places, end), low + _MOST)
    tokens = seen.tokens
    words, roots = seen.words[low + WINDOW : high + WINDOW], seen.roots[low + WINDOW : high + WINDOW]
    told = {
        "w": words,
        "s": roots,
        "r": [w[:_ROOT] for w in words if len(w) > _ROOT],  # "iscrivetemi", "iscriverci": what hangs on says little
        "b": map(b" ".join, pairwise(words)),
        "c": map(b" ".join, pairwise(roots)),
        "t": map(b" ".join, zip(roots, roots[1:], roots[2:], strict=False)),
        "first": [b" ".join(words[:k]) for k in (1, 2, 3)],
        "last": [b" ".join(words[-k:]) for k in (1, 2)],
    }
    found = {crc32(word, _BEGINS[name]) for name, told_so in told.items() for word in told_so}
    first, last = start <= page.starts[0] if page.starts else True, end >= page.sentences[-1][1] - 2
    size = high - low
    shape = (
        f"first{first}",
        f"last{last}",
        f"subject{first and page.text[end : end + 2] == _BREAK}",
        f"signed{start >= page.signed}",
        f"alone{first and last}",
        f"size{size if size < 4 else 4 if size < 8 else 8 if size < 16 else 16}",
        f"asks{'?' in tokens[low:high]}",
        f"before{tokens[low - 1] if size and low else '^'}",
        f"after{tokens[high] if size and high < len(tokens) else '$'}",
    )
    return places_of([*found, *map(begun, shape)])


class Acts:
    """The learnt acts."""

    def __init__(self, model: Sparse) -> None:
        self.model = model

    def of(self, page: LetterPage, seen: View, stretches: Sequence[tuple[int, int]]) -> list[Sentence]:
        """Each of the ``stretches`` of ``page``, ``seen`` masked, with its acts."""
        given = self.model.probabilities([places(page, seen, start, end) for start, end in stretches])
        return [Sentence(start, end, acts) for (start, end), acts in zip(stretches, given, strict=True)]
