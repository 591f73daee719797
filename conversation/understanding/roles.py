"""What each mention of a letter is for, learnt from marked letters: one softmax over its context, all mentions masked.

Roles are those of ``knowledge.letters.ROLES``; the last, ``_``, is background.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conversation.understanding.mentions import Kind, Mention, Page
from conversation.understanding.sparse import Floats, Sparse, hashed_features
from conversation.words import stem
from knowledge.letters import ROLES

_BACK = "_"
ALL_ROLES = ROLES + _BACK
#: The place of each role in a row of probabilities.
WANT, EXCLUDE, HAD, LEFT, SELF, TOTAL, EXTRA, ATTENDS, OWN, WRITER, BACK = range(len(ALL_ROLES))
_POINTS = "+-=<^_"
_COUNTS = "#&*_"
_ALLOWED = {
    Kind.DAY: _POINTS,
    Kind.RANK: _POINTS,
    Kind.SECTOR: _POINTS,
    Kind.BARE: "+-=<#&_",
    Kind.NUMBER: _COUNTS,
    Kind.COMPANION: "*!&_",
    Kind.NAME: "@!*_",
}
MASKS = {kind: np.array([r in roles for r in ALL_ROLES]) for kind, roles in _ALLOWED.items()}
_WINDOW = 6
_STOPS = frozenset(",;:.!?()\n–-")


@dataclass(frozen=True, slots=True)
class View:
    """A page as a row of words in which every mention is one masked token. ``at``: the token of each mention."""

    tokens: tuple[str, ...]
    places: tuple[int, ...]
    at: tuple[int, ...]
    sentence: tuple[int, ...]


def _tag(mention: Mention) -> str:
    if mention.kind in {Kind.DAY, Kind.BARE} and not mention.fits:
        return f"<o{mention.kind.value}>"
    if mention.kind is Kind.NAME and mention.name is not None:
        name = mention.name
        kind = "org" if name.organisation > max(name.person, 1) else "per" if name.person > 1 else "name"
        return f"<{kind}>"
    return f"<{mention.kind.value}>"


def view(page: Page) -> View:
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
    return View(tuple(tokens), tuple(places), tuple(at), sentence)


def _own(mention: Mention) -> list[str]:
    """What the mention itself tells."""
    found = [f"fits{min(len(mention.fits), 3)}", f"over{bool(mention.over)}"]
    if mention.day is not None:
        day = mention.day
        shape = f"{day.weekday is not None}{day.day is not None}{day.month is not None}{day.year is not None}{day.first is not None}"
        found += [f"shape{shape}", f"shape{shape}fits{min(len(mention.fits), 2)}"]
    if mention.number is not None:
        size = (
            mention.number if mention.number < 8 else 10 if mention.number < 20 else 20 if mention.number < 100 else 100
        )
        found.append(f"size{size}")
    if mention.kind in {Kind.COMPANION, Kind.SECTOR, Kind.RANK, Kind.NUMBER}:
        found.append(f"is:{mention.surface}")
        found += [f"has:{stem(w)}" for w in mention.surface.split()]
    if mention.in_name:
        found.append("inname")
    if mention.name is not None:
        name = mention.name
        found += [
            f"per{int(max(-4, min(name.person, 6)))}",
            f"org{int(max(-4, min(name.organisation, 8)))}",
            f"pres{name.presented}",
            f"words{min(len(name.text.split()), 5)}",
        ]
    return found


def features(page: Page, seen: View, number: int) -> list[str]:
    """What the place of mention ``number`` tells of its role, each feature with its kind before it."""
    mention = page.mentions[number]
    i, tokens = seen.at[number], seen.tokens
    left = [tokens[j] if j >= 0 else "^" for j in range(i - 1, i - _WINDOW - 1, -1)]
    right = [tokens[j] if j < len(tokens) else "$" for j in range(i + 1, i + _WINDOW + 1)]
    found = ["", *_own(mention)]
    found += [f"L{k}{w}" for k, w in enumerate(left[:4])] + [f"R{k}{w}" for k, w in enumerate(right[:4])]
    found += [
        f"LL{left[1]} {left[0]}",
        f"RR{right[0]} {right[1]}",
        f"LR{left[0]} {right[0]}",
        f"LLL{left[2]} {left[1]} {left[0]}",
        f"RRR{right[0]} {right[1]} {right[2]}",
    ]
    found += [f"l{stem(w)}" for w in left] + [f"r{stem(w)}" for w in right]
    mine = seen.sentence[i] if seen.sentence else 0
    lo, hi = i, i
    while lo > 0 and tokens[lo - 1] not in _STOPS and i - lo < 15:
        lo -= 1
    while hi < len(tokens) - 1 and tokens[hi + 1] not in _STOPS and hi - i < 15:
        hi += 1
    found += [f"c{stem(w)}" for w in tokens[lo:i]] + [f"d{stem(w)}" for w in tokens[i + 1 : hi + 1]]
    low, high = i, i
    while low > 0 and seen.sentence[low - 1] == mine and i - low < 40:
        low -= 1
    while high < len(tokens) - 1 and seen.sentence[high + 1] == mine and high - i < 40:
        high += 1
    inside = tokens[low : high + 1]
    found += [f"s{stem(w)}" for w in {*inside}]
    found += [f"p{stem(w)}" for w in tokens[max(0, low - 4) : low]] + [
        f"n{stem(w)}" for w in tokens[high + 1 : high + 4]
    ]
    last = len(page.sentences) - 1
    found.append(
        f"at{'first' if mine == 0 else 'second' if mine == 1 else 'last' if mine == last else 'mid'}{min(last, 2)}"
    )
    if mention.start >= page.signed:
        found.append("signature")
    pointers = sum(w.startswith("<") for w in inside)
    before = sum(w.startswith("<") for w in tokens[low:i])
    found += [f"points{min(pointers, 4)}", f"before{min(before, 3)}", f"short{len(inside) < 7}"]
    same = [m for m in page.mentions if m is not mention and m.fits and m.fits == mention.fits]
    found.append(f"twin{bool(same)}{mention.in_name}")
    if any(w == ">" for w in tokens[max(0, low - 2) : low + 1]):
        found.append("quoted")
    return [mention.kind.value + f for f in found]


class Roles:
    """The learnt roles."""

    def __init__(self, model: Sparse) -> None:
        self.model = model

    def of(self, page: Page, seen: View) -> list[Floats]:
        """For each mention of ``page``, ``seen`` masked, the probability of each role of ``ALL_ROLES``."""
        return [
            self.model.probabilities(hashed_features(features(page, seen, i)), MASKS[m.kind])
            for i, m in enumerate(page.mentions)
        ]


def marked_roles(page: Page, marks: Sequence[tuple[int, int, str]]) -> list[str]:
    """The role that the marks give to each mention of ``page``."""
    found = []
    for mention in page.mentions:
        role = next((r for a, b, r in marks if mention.start < b and a < mention.end), _BACK)
        if mention.in_name and role in "@_":
            role = "^" if role == "@" else _BACK
        found.append(role if role in _ALLOWED[mention.kind] else _BACK)
    return found
