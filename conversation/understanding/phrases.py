"""Phrases of one or more words, found in a text by the first of them.

Each word of the text is compared once, however often it stands.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from conversation.words import tokens

SectorWords = Mapping[str, Sequence[str]]
Same = Callable[[str, str], bool]
#: Words whose likeness to the phrases' first words is remembered.
_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """``text`` as its ``parts``, folded; ``key``: the sector that it points to. ``exact``: no other ending, no typo."""

    key: str
    text: str
    parts: tuple[str, ...]
    exact: bool


class Phrases:
    """All phrases of all sectors.

    ``same``: whether a word of a text is a word of a phrase, which begins with the same letter.
    """

    def __init__(self, phrases: Sequence[Phrase], same: Same) -> None:
        self.all, self._same = tuple(phrases), same
        self._by_letter: dict[str, list[Phrase]] = {}
        for phrase in self.all:
            self._by_letter.setdefault(phrase.parts[0][:1], []).append(phrase)
        self._led_by = lru_cache(maxsize=_REMEMBERED)(self._compare)

    def at(self, words: Sequence[str], place: int) -> Iterator[Phrase]:
        """Those that begin at ``place`` of ``words``."""
        for phrase in self._led_by(words[place]):
            following = words[place + 1 : place + len(phrase.parts)]
            if len(following) + 1 == len(phrase.parts) and all(
                self._alike(word, part, phrase) for word, part in zip(following, phrase.parts[1:], strict=True)
            ):
                yield phrase

    def _compare(self, word: str) -> tuple[Phrase, ...]:
        return tuple(p for p in self._by_letter.get(word[:1], ()) if self._alike(word, p.parts[0], p))

    def _alike(self, word: str, part: str, phrase: Phrase) -> bool:
        return word == part if phrase.exact else self._same(word, part)


def sector_phrases(sectors: SectorWords, same: Same) -> Phrases:
    """The words that point to each sector; a phrase after "=" is meant to the letter."""
    return _phrases(tuple((key, tuple(phrases)) for key, phrases in sectors.items()), same)


@lru_cache(maxsize=8)
def _phrases(sectors: tuple[tuple[str, tuple[str, ...]], ...], same: Same) -> Phrases:
    return Phrases(
        [Phrase(key, text, tuple(tokens(text)), text.startswith("=")) for key, texts in sectors for text in texts], same
    )
