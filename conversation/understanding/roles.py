"""What each mention of a letter is for, learnt from marked letters: one softmax over its context, all mentions masked.

LearntRoles are those of ``knowledge.examples.ROLES``; the last, ``_``, is background.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

import numpy as np

from conversation.understanding.mentions import LetterPage, Mention, MentionKind
from conversation.understanding.sparse import Floats, Sparse, begun, places_of
from conversation.words import stem
from knowledge.examples import ROLES

_BACK = "_"
ALL_ROLES = ROLES + _BACK
#: The place of each role in a row of probabilities.
WANT, EXCLUDE, HAD, LEFT, SELF, TOTAL, EXTRA, ATTENDS, OWN, WRITER, BACK = range(len(ALL_ROLES))
_POINTS = "+-=<^_"
_COUNTS = "#&*_"
_ALLOWED = {
    MentionKind.DAY: _POINTS,
    MentionKind.RANK: _POINTS,
    MentionKind.SECTOR: _POINTS,
    MentionKind.BARE: "+-=<#&_",
    MentionKind.NUMBER: _COUNTS,
    MentionKind.COMPANION: "*!&_",
    MentionKind.NAME: "@!*_",
}
MASKS = {kind: np.array([r in roles for r in ALL_ROLES]) for kind, roles in _ALLOWED.items()}
WINDOW = 6
#: Words on each side of a mention that are told by their distance.
_NEAR = 4
_STOPS = frozenset(",;:.!?()\n–-")


@dataclass(frozen=True, slots=True)
class View:
    """A page as a row of words in which every mention is one masked token. ``at``: the token of each mention.

    ``words`` and ``roots``: the tokens and their stems as they are hashed, with ``WINDOW`` marks of the page's ends
    before and behind.
    """

    tokens: tuple[str, ...]
    places: tuple[int, ...]
    at: tuple[int, ...]
    sentence: tuple[int, ...]
    words: tuple[bytes, ...]
    roots: tuple[bytes, ...]


def _tag(mention: Mention) -> str:
    if mention.kind in {MentionKind.DAY, MentionKind.BARE} and not mention.fits:
        return f"<o{mention.kind.value}>"
    if mention.kind is MentionKind.NAME and mention.name is not None:
        name = mention.name
        kind = "org" if name.organisation > max(name.person, 1) else "per" if name.person > 1 else "name"
        return f"<{kind}>"
    return f"<{mention.kind.value}>"


def view(page: LetterPage) -> View:
    """The page with its mentions masked; a sector word inside a name stands for the name."""
    outer = [(i, m) for i, m in enumerate(page.mentions) if not m.in_name]
    at = [0] * len(page.mentions)
    tokens: list[str] = []
    places: list[int] = []
    k = 0
    for word, start, end in page.words:
        while k < len(outer) and outer[k][1].end <= start:
            k += 1
        if k < len(outer) and outer[k][1].start < end:
            index, mention = outer[k]
            if not places or places[-1] != mention.start or not tokens[-1].startswith("<"):
                tokens.append(_tag(mention))
                places.append(mention.start)
            at[index] = len(tokens) - 1
            continue
        tokens.append(word)
        places.append(start)
    for i, mention in enumerate(page.mentions):
        if mention.in_name:
            at[i] = max(0, int(np.searchsorted(places, mention.start, side="right")) - 1)
    sentence = tuple(page.sentence_of(p) for p in places)
    ends = [b"^"] * WINDOW, [b"$"] * WINDOW
    words = (*ends[0], *(t.encode() for t in tokens), *ends[1])
    roots = (*ends[0], *(stem(t).encode() for t in tokens), *ends[1])
    return View(tuple(tokens), tuple(places), tuple(at), sentence, words, roots)


def _own(mention: Mention) -> list[str]:
    """What the mention itself tells."""
    found = [f"fits{min(len(mention.fits), 3)}", f"over{bool(mention.over)}"]
    if mention.day is not None:
        day = mention.day
        parts = (day.weekday, day.day, day.month, day.year, day.first)
        shape = "".join(str(part is not None) for part in parts)
        found += [f"shape{shape}", f"shape{shape}fits{min(len(mention.fits), 2)}"]
    if mention.number is not None:
        size = (
            mention.number if mention.number < 8 else 10 if mention.number < 20 else 20 if mention.number < 100 else 100
        )
        found.append(f"size{size}")
    if mention.kind in {MentionKind.COMPANION, MentionKind.SECTOR, MentionKind.RANK, MentionKind.NUMBER}:
        found.append(f"is:{mention.surface}")
        found += [f"has:{stem(w)}" for w in mention.surface.split()]
    if mention.in_name:
        found.append("inname")
    if mention.name is not None:
        name = mention.name
        found += [*name.signs, f"words{min(len(name.text.split()), 5)}"]
    return found


@cache
def _begins(kind: MentionKind) -> dict[str, int]:
    """What the hashes of a kind's features go on from, by what says where a word stands."""
    near = [f"{side}{k}" for side in "LR" for k in range(_NEAR)]
    return {name: begun(kind.value + name) for name in ("", *near, "LL", "RR", "LR", "LLL", "RRR", *"lrcdspn")}


def places(page: LetterPage, seen: View, number: int) -> list[int]:
    """What the place of mention ``number`` tells of its role: places of features, each hashed behind its kind."""
    mention, i, tokens = page.mentions[number], seen.at[number], seen.tokens
    begins = _begins(mention.kind)
    middle = i + WINDOW
    left, right = seen.words[i:middle][::-1], seen.words[middle + 1 : middle + 1 + WINDOW]
    found = {crc32(word, begins[f"L{k}"]) for k, word in enumerate(left[:_NEAR])}
    found |= {crc32(word, begins[f"R{k}"]) for k, word in enumerate(right[:_NEAR])}
    found |= {
        crc32(b" ".join(words), begins[name])
        for name, words in (
            ("LL", left[1::-1]),
            ("RR", right[:2]),
            ("LR", (left[0], right[0])),
            ("LLL", left[2::-1]),
            ("RRR", right[:3]),
        )
    }
    mine = seen.sentence[i] if seen.sentence else 0
    lo, hi = i, i
    while lo > 0 and tokens[lo - 1] not in _STOPS and i - lo < 15:
        lo -= 1
    while hi < len(tokens) - 1 and tokens[hi + 1] not in _STOPS and hi - i < 15:
        hi += 1
    low, high = max(bisect_left(seen.sentence, mine), i - 40), min(bisect_right(seen.sentence, mine) - 1, i + 40)
    around = {
        "l": (i - WINDOW, i),
        "r": (i + 1, i + 1 + WINDOW),
        "c": (lo, i),
        "d": (i + 1, hi + 1),
        "s": (low, high + 1),
        "p": (max(0, low - 4), low),
        "n": (high + 1, min(high + 4, len(tokens))),
    }
    for name, (first, end) in around.items():
        start = begins[name]
        found |= {crc32(root, start) for root in seen.roots[first + WINDOW : end + WINDOW]}
    inside, last = tokens[low : high + 1], len(page.sentences) - 1
    told = [
        *_own(mention),
        f"at{'first' if mine == 0 else 'second' if mine == 1 else 'last' if mine == last else 'mid'}{min(last, 2)}",
        f"points{min(sum(w.startswith('<') for w in inside), 4)}",
        f"before{min(sum(w.startswith('<') for w in tokens[low:i]), 3)}",
        f"short{len(inside) < 7}",
        f"twin{mention.fits in page.twins}{mention.in_name}",
        f"kin{has_kin(page, mention)}{has_kin(page, mention, near=False)}",
        f"listed{page.listed[number]}",
    ]
    if mention.start >= page.signed:
        told.append("signature")
    if ">" in tokens[max(0, low - 2) : low + 1]:
        told.append("quoted")
    found |= {crc32(f.encode(), begins[""]) for f in told}
    return places_of([begins[""], *found])


def has_kin(page: LetterPage, mention: Mention, *, near: bool = True) -> bool:
    """Whether another kind of word means the very same meeting ("lo sport il 21"); ``near``: in the same sentence."""
    if not mention.fits or mention.in_name:
        return False
    sentence = page.sentence_of(mention.start) if near else None
    return bool(page.kinds.get((mention.fits, sentence), set()) - {mention.kind})


class LearntRoles:
    """The learnt roles."""

    def __init__(self, model: Sparse) -> None:
        self.model = model

    def of(self, page: LetterPage, seen: View) -> list[Floats]:
        """For each mention of ``page``, ``seen`` masked, the probability of each role of ``ALL_ROLES``."""
        rows = [places(page, seen, i) for i in range(len(page.mentions))]
        return list(self.model.probabilities(rows, np.array([MASKS[m.kind] for m in page.mentions])))


def marked_roles(page: LetterPage, marks: Sequence[tuple[int, int, str]]) -> list[str]:
    """The role that the marks give to each mention of ``page``."""
    found = []
    for mention in page.mentions:
        role = next((r for a, b, r in marks if mention.start < b and a < mention.end), _BACK)
        if mention.in_name and role in "@_":
            role = "^" if role == "@" else _BACK
        found.append(role if role in _ALLOWED[mention.kind] else _BACK)
    return found
