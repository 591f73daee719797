"""Reads a letter or message: who asks for what, for which meetings, for whom, how many.

Learnt from ``knowledge/letters``.

Mentions are found by rules (``mentions``), get their roles and the sentences their acts from what was learnt
(``roles``, ``acts``), names are ranked (``ranking``); what explains all of it best is computed (``decode``).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from email.utils import parseaddr
from functools import partial

import numpy as np

from conversation.intents import Intent
from conversation.meeting import Meeting
from conversation.times import to_utc
from conversation.understanding import acts, decode, ranking, roles
from conversation.understanding.acts import Acts, Sentence
from conversation.understanding.cache import Arrays, Cache
from conversation.understanding.composing import compose_letters, load_frames
from conversation.understanding.decode import Count, Meant
from conversation.understanding.mentions import LetterPage, read_page
from conversation.understanding.phrases import SectorWords
from conversation.understanding.programme import Lessons
from conversation.understanding.proper_names import NameFinder
from conversation.understanding.ranking import Ranked, Ranking, as_compared
from conversation.understanding.roles import ALL_ROLES, MASKS, LearntRoles, View
from conversation.understanding.sparse import Floats, Sparse, fit_sparse
from knowledge.examples import ACTS, MarkedLetter
from knowledge.library import Library

#: Grows whenever the same letters would be learnt differently.
_EDITION = 15
#: The library's wishes teach acts too, and count more than a sentence of a letter: who chats says no more than they do.
_PHRASE = 1.5
#: Letters composed from frames, and what one counts beside one that a person wrote.
_COMPOSED, _FRAME = 1500, 0.6
_ACT_OF_WISH: dict[str, str] = {
    Intent.REGISTER: "R", Intent.CANCEL: "W", Intent.CHANGE: "C", Intent.ADHESION: "H", Intent.THANKS: "G",
    Intent.GREETING: "G", Intent.FAREWELL: "G", Intent.QUESTION: "A", Intent.CALENDAR: "A", Intent.OTHER: "B",
    Intent.YES: "G", Intent.NO: "G",
}  # fmt: skip
_WISH = "L"


@dataclass(frozen=True, slots=True)
class LetterReading:
    """What was read: ``sentences`` with their acts, ``roles`` of the page's mentions, ``meant``.

    The meetings, ``counts``, ``names``.
    """

    page: LetterPage
    sentences: tuple[Sentence, ...]
    roles: tuple[Floats, ...]
    meant: Meant
    counts: tuple[Count, ...]
    names: tuple[Ranked, ...]

    def does(self, act: int) -> float:
        """How probably some sentence above the signature does ``act``."""
        return max((float(s.acts[act]) for s in self.sentences if s.start < self.page.signed), default=0.0)


class Reader:
    """The learnt reading."""

    def __init__(self, library: Library, lessons: Lessons, cache: Cache) -> None:
        """``library``: of the town whose mail is read; what was learnt in the letters' town serves it as it is."""
        self.finder = NameFinder(library)
        self._sectors: SectorWords = library.sectors
        name = cache_name(lessons)
        arrays = cache.load_or_make(name, partial(learn, lessons))
        kept = {key: Sparse(np.asarray(arrays[key], np.float16)) for key in ("roles", "acts", "names")}
        self._support = np.asarray(arrays["support"], np.float32)
        self._roles, self._acts, self._ranking = LearntRoles(kept["roles"]), Acts(kept["acts"]), Ranking(kept["names"])

    def read(self, text: str, signature: str, sender: str, meetings: Sequence[Meeting], now: datetime) -> LetterReading:
        """Read ``text`` and the ``signature`` below it.

        ``sender``: the name in the header. ``now``: when it was written.
        """
        page = read_page(text, signature, meetings, now, self._sectors, self.finder)
        seen = roles.view(page)
        sentences = self._acts.of(page, seen, page.sentences)
        given = decode.with_acts(page, self._roles.of(page, seen), [s.acts for s in sentences], self._support)
        registers = max((float(s.acts[acts.REGISTERS] + s.acts[acts.CHANGES]) for s in sentences), default=0.0)
        meant = decode.decode_meetings(page, given, page.coming, registers=min(max(registers, 0.1), 0.95))
        counts = decode.decode_counts(page, given)
        names = self._ranking.of(page, given, sender, self.finder)
        return LetterReading(page, tuple(sentences), tuple(given), meant, tuple(counts), tuple(names))

    def acts_of(self, page: LetterPage, stretches: Sequence[tuple[int, int]]) -> list[Sentence]:
        """The same of any ``stretches`` of a page as of its sentences, each from its start to its end."""
        return self._acts.of(page, roles.view(page), stretches) if stretches else []


def cache_name(lessons: Lessons) -> str:
    """The cache's name for what is learnt.

    Of all that teaches it, and of the words by which names and slips are told.
    """
    library = lessons.library
    words = [sorted(group.items()) for group in (library.intents, library.sectors, library.organisations)]
    taught = (words, library.town.no_names, lessons.digest, lessons.programme)
    content = repr((_EDITION, np.__version__, taught, _COMPOSED, load_frames()))
    return f"reader-{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def header_name(sender: str) -> str:
    """The display name of a From header."""
    return parseaddr(sender)[0] if "<" in sender else sender


@dataclass(frozen=True, slots=True)
class _Lesson:
    """A marked letter, read; of each mention its features, role and kind's mask, as ``fit_sparse`` takes them."""

    letter: MarkedLetter
    page: LetterPage
    view: View
    rows: tuple[list[int], ...]
    classes: tuple[int, ...]


def _lesson(letter: MarkedLetter, lessons: Lessons, finder: NameFinder) -> _Lesson:
    now = to_utc(date.fromisoformat(letter.day), time(9))
    page = read_page(letter.text, letter.signature, lessons.programme, now, lessons.library.sectors, finder)
    seen = roles.view(page)
    marks = [(m.start, m.end, m.role) for m in letter.marks]
    rows = tuple(roles.places(page, seen, i) for i in range(len(page.mentions)))
    return _Lesson(letter, page, seen, rows, tuple(ALL_ROLES.index(r) for r in roles.marked_roles(page, marks)))


def learn(lessons: Lessons) -> Arrays:
    """Learn roles, acts and the ranking of names from marked letters (and acts from the library's wishes too).

    Nothing here depends on the facts: who teaches an answer waits for the classifier alone.
    """
    finder = NameFinder(lessons.library)
    written = [_lesson(letter, lessons, finder) for letter in lessons.letters()]
    composed = [_lesson(letter, lessons, finder) for letter in compose_letters(_COMPOSED)]
    given = _fit_roles(written, composed)
    halves = [written[::2], written[1::2]]
    lists: list[tuple[list[list[int]], list[bool]]] = []
    for i in (0, 1):  # the ranking is to see roles as uncertain as they will be
        blind = LearntRoles(_fit_roles(halves[1 - i], composed))
        lists += [row for lesson in halves[i] if (row := _names_lesson(lesson, blind, finder)) is not None]
    return {
        "roles": given.weights,
        "support": _support(written),
        "acts": _fit_acts([*written, *composed], lessons, finder).weights,
        "names": ranking.fit_ranking(lists).weights,
    }


def _fit_roles(lessons: Sequence[_Lesson], composed: Sequence[_Lesson]) -> Sparse:
    whole = (*lessons, *composed)
    rows = [row for lesson in whole for row in lesson.rows]
    classes = [c for lesson in whole for c in lesson.classes]
    allowed = np.array([MASKS[m.kind] for lesson in whole for m in lesson.page.mentions])
    importance = [1.0 if lesson.letter.requests else _FRAME for lesson in whole for _ in lesson.rows]
    return fit_sparse(rows, classes, allowed, importance, number=len(ALL_ROLES))


#: How strongly the act of its sentence speaks for a pointer's role: the root of what was counted, since words of the
#: sentence are known to the role already.
_ROOT = 0.5


def _support(lessons: Sequence[_Lesson]) -> Floats:
    """How much likelier each role of a pointer is in a sentence of each act, ``(acts, roles)``."""
    counts = np.full((len(ACTS), len(ALL_ROLES)), 0.5, np.float32)
    for lesson in lessons:
        for mention, role in zip(lesson.page.mentions, lesson.classes, strict=True):
            piece = next((p for p in lesson.letter.pieces if p.start <= mention.start < p.end), None)
            if mention.kind in decode.POINTERS and piece is not None:
                counts[ACTS.index(piece.act), role] += 1
    given = counts / counts.sum(axis=1, keepdims=True)
    whole = counts.sum(axis=0) / counts.sum()
    found: Floats = (given / whole) ** _ROOT
    return found


def _names_lesson(lesson: _Lesson, given: LearntRoles, finder: NameFinder) -> tuple[list[list[int]], list[bool]] | None:
    page, letter = lesson.page, lesson.letter
    sender = header_name(letter.sender)
    right_names = {as_compared(page.text[m.start : m.end]) for m in letter.marks if m.role == "@"}
    right_names |= {as_compared(r.organisation) for r in letter.requests if r.organisation}
    seen = given.of(page, lesson.view)
    pool = ranking.candidates(page, sender, finder)
    right = [as_compared(c.text) in right_names for c in pool]
    if right_names and not any(right):
        return None
    return ranking.places(page, pool, seen, sender, finder), [*right, not any(right)]


def _fit_acts(whole: Sequence[_Lesson], lessons: Lessons, finder: NameFinder) -> Sparse:
    rows, classes, importance = [], [], []
    library = lessons.library
    for lesson in whole:
        for piece in lesson.letter.pieces:
            rows.append(acts.places(lesson.page, lesson.view, piece.start, piece.end))
            classes.append(ACTS.index(piece.act))
            importance.append(1.0 if lesson.letter.requests else _FRAME)
    now = to_utc(date(2021, 1, 15), time(9))
    for wish, phrases in library.intents.items():
        for phrase in phrases:
            page = read_page(phrase, "", lessons.programme, now, library.sectors, finder)
            rows.append(acts.places(page, roles.view(page), 0, len(page.text)))
            classes.append(ACTS.index(_ACT_OF_WISH.get(wish, _WISH)))
            importance.append(_PHRASE)
    often = np.bincount(classes, minlength=len(ACTS)) + 1.0
    balance = np.sqrt(often.mean() / often)  # a rare act must not drown among greetings
    importance = [w * float(balance[c]) for w, c in zip(importance, classes, strict=True)]
    return fit_sparse(rows, classes, None, importance, number=len(ACTS))


#: What a name in the letter must weigh to go before the header's.
_WRITTEN = 0.04


def organisation_of(reading: LetterReading, *, doubt: float = 1.0) -> tuple[str | None, float]:
    """The association that the letter is for and how sure that is; ``None``: none is named.

    ``doubt``: the weight of none.
    """
    none = next((r.score for r in reading.names if r.candidate is None), 0.0)
    best = next((r for r in reading.names if r.candidate is not None), None)
    if best is not None and best.candidate is not None and best.candidate.start < 0:
        # What the letter itself says goes before what its sender's mailbox is called.
        written = [(r, r.candidate.text) for r in reading.names if r.candidate is not None and r.candidate.start >= 0]
        best = next((r for r, text in written if r.score >= _WRITTEN and ranking.says_what_it_is(text)), best)
    if best is None or best.candidate is None or best.score < doubt * none:
        return None, none
    return ranking.with_form(best.candidate.text, reading.names), best.score
