"""Sentences as hurried fingers write them, to learn from: letters lost, doubled, swapped, or hit next to the key."""

import random

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR = {key: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for row in _ROWS for i, key in enumerate(row)}
#: Of the longer words, how many are misspelt. A choice, not measured.
_SHARE = 0.3


def misspell(text: str, chance: random.Random) -> str:
    """``text`` with about a third of its longer words misspelt, half the time in lower case and without its "?"."""
    words = [_slip(word, chance) if len(word) > 3 and chance.random() < _SHARE else word for word in text.split()]
    spoilt = " ".join(words)
    return spoilt.lower().rstrip("?") if chance.random() < 0.5 else spoilt


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + chance.choice(_NEAR.get(word[at].lower(), word[at])) + word[at + 1 :]
