"""From roles to meetings and numbers.

Every set of coming meetings is weighed against all that was said, and the best is taken.

Exact: with up to eight coming meetings all sets are tried, beyond that those of at most three, all, and all but one.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np

from conversation.understanding.mentions import LetterPage, Mention, MentionKind, in_one_list, tells_office
from conversation.understanding.roles import ATTENDS, BACK, EXCLUDE, EXTRA, HAD, LEFT, SELF, TOTAL, WANT, has_kin
from conversation.understanding.sparse import Floats

POINTERS = frozenset({MentionKind.DAY, MentionKind.RANK, MentionKind.SECTOR, MentionKind.BARE})
#: How little a set is worth that leaves out a wanted meeting, or takes an excluded one: an error of the model weighs
#: this much.
_AGAINST = 0.03
#: The same of a set that takes a meeting which somebody says they had: milder than one that is excluded. Both are
#: choices, not measured.
_AGAINST_HAD = 0.3
#: How well what somebody *is* explains a meeting that nothing else points to; and a meeting that nothing points to at
#: all.
_BY_SELF, _BY_NOTHING = 0.35, 0.004
#: The same where something else is surely wanted: what somebody is fills a gap, it adds nothing.
_BY_SELF_BESIDE = 0.01
#: From this probability on a mention is wanted: likelier than not.
_IS_WANTED = 0.5
#: The same of a day that the next may correct ("al 22, no scusate al 21"). A choice, not measured.
_PERHAPS_WANTED = 0.3
#: From this probability on a mention is only told and is left out; what is less certain is weighed. A choice, not
#: measured.
_BACKGROUND = 0.97
#: However little a letter reads as registering, a set of meetings keeps this weight. A choice, not measured.
_LEAST_REGISTERS = 0.05
#: With more coming meetings than this not all sets are tried: eight make 256, each more doubles them. A choice, not
#: measured.
_MOST_SETS = 8
#: Stands among contradicting meetings for a day that is none.
NO_DAY = -1


@dataclass(frozen=True, slots=True)
class Meant:
    """``sets``: sets of meeting ids with their probability, likeliest first. ``excluded``, ``left``: ids.

    ``over``: past meetings that were wanted; ``missed``: a day was wanted on which nothing is; ``clash``: ids between
    which two words that belong together contradict each other.
    """

    sets: tuple[tuple[frozenset[int], float], ...]
    excluded: frozenset[int] = frozenset()
    left: frozenset[int] = frozenset()
    over: tuple[int, ...] = ()
    missed: bool = False
    clash: frozenset[int] = frozenset()
    either: bool = False
    by_self: bool = False

    @property
    def best(self) -> frozenset[int]:
        """The likeliest set."""
        return self.sets[0][0] if self.sets else frozenset()

    @property
    def sureness(self) -> float:
        """Its probability."""
        return self.sets[0][1] if self.sets else 1.0


def _sets(ids: Sequence[int]) -> Iterator[frozenset[int]]:
    sizes: Iterable[int] = range(len(ids) + 1) if len(ids) <= _MOST_SETS else (*range(4), len(ids) - 1, len(ids))
    for size in sizes:
        yield from (frozenset(c) for c in combinations(ids, size))


def _wants(mention: Mention, chosen: frozenset[int], spared: frozenset[int]) -> bool:
    fits = set(mention.fits)
    if mention.all_of:
        return (
            (fits - spared) <= chosen and bool(chosen)
            if mention.all_of >= len(fits)
            else len(chosen & fits) == mention.all_of
        )
    return bool(fits & chosen)


def with_acts(page: LetterPage, given: Sequence[Floats], acts: Sequence[Floats], support: Floats) -> list[Floats]:
    """The roles of pointers, weighed with what their sentence does.

    ``acts``: by sentence; ``support``: ``(acts, roles)``.
    """
    weighed: list[Floats] = []
    for mention, p in zip(page.mentions, given, strict=True):
        if mention.kind in POINTERS and mention.start < page.signed:
            supported = p * (acts[page.sentence_of(mention.start)][:, None] * support).sum(axis=0)
            weighed.append(np.asarray(supported / supported.sum(), np.float32))
        else:
            weighed.append(p)
    return weighed


def decode_meetings(page: LetterPage, roles: Sequence[Floats], coming: Sequence[int], *, registers: float) -> Meant:
    """Which of the ``coming`` meetings (ids, by day) are meant.

    ``registers``: how probably anything is wanted at all.
    """
    pointers = [
        (m, p) for m, p in zip(page.mentions, roles, strict=True) if m.kind in POINTERS and p[BACK] < _BACKGROUND
    ]
    pointers = _narrowed(page, _corrected(page, pointers))
    excluded = _ruled(pointers, EXCLUDE)
    left = _ruled(pointers, LEFT)
    spared = excluded | left
    live = [(m, p.tolist()) for m, p in pointers if m.fits]
    weights: list[tuple[frozenset[int], float]] = []
    by_self = _BY_SELF_BESIDE if any(p[WANT] > _IS_WANTED for _, p in live) else _BY_SELF
    explained = {meeting: _explained(meeting, live, by_self) for meeting in coming}
    for chosen in _sets(coming):
        weight = math.prod(explained[meeting] for meeting in chosen)
        if weight <= 0:
            continue
        for mention, p in live:
            fits = set(mention.fits)
            sole = len(fits) == 1 and bool(fits & chosen)
            want = p[WANT] * (1.0 if _wants(mention, chosen, spared) else _AGAINST)
            out = (p[EXCLUDE] + p[LEFT]) * (_AGAINST if sole else 1.0)
            had = p[HAD] * (_AGAINST_HAD if sole else 1.0)
            weight *= want + out + had + p[SELF] + p[BACK] + p[TOTAL] + p[EXTRA]
        weight *= (1 - registers) if not chosen else max(registers, _LEAST_REGISTERS)
        weights.append((chosen, float(weight)))
    total = sum(w for _, w in weights) or 1.0
    ranked = sorted(((c, w / total) for c, w in weights), key=lambda x: -x[1])[:6]
    wanted = [(m, p) for m, p in pointers if p[WANT] > _IS_WANTED]
    gone = [m for m, _ in wanted if not m.fits and m.kind is not MentionKind.RANK]
    return Meant(
        tuple(ranked),
        excluded,
        left,
        tuple({i for m in gone for i in m.over}),
        any(not m.over for m in gone),
        _clash(page, wanted),
        _either(page, [m for m, _ in wanted if m.fits]),
        not any(m.fits for m, _ in wanted),
    )


def _corrected(page: LetterPage, pointers: Sequence[tuple[Mention, Floats]]) -> list[tuple[Mention, Floats]]:
    """Of "al 22, no scusate al 21" the later day is meant: the first is excluded."""
    settled = list(pointers)
    days = [
        i
        for i, (m, p) in enumerate(settled)
        if m.kind in {MentionKind.DAY, MentionKind.BARE} and p[WANT] > _PERHAPS_WANTED
    ]
    for i, j in pairwise(days):
        one, other = settled[i][0], settled[j][0]
        between = page.plain[one.end : other.start]
        if len(between) < _TOGETHER and _CORRECTS.search(between) and set(one.fits) != set(other.fits):
            roles = np.zeros_like(settled[i][1])
            roles[EXCLUDE] = 1
            settled[i] = (one, roles)
    return settled


def _narrowed(page: LetterPage, pointers: Sequence[tuple[Mention, Floats]]) -> list[tuple[Mention, Floats]]:
    """Of "giovedì … il 21 gennaio" both mean the 21st.

    A day that could be several is the one that is told exactly elsewhere.
    """
    exact = {m.fits[0] for m, p in pointers if m.kind in _DATED and len(m.fits) == 1 and p[WANT] > _IS_WANTED}
    settled = []
    for mention, p in pointers:
        meant = tuple(i for i in mention.fits if i in exact)
        several = mention.kind in _DATED and len(mention.fits) > 1 and not mention.all_of
        if several and len(meant) == 1 and not _ANOTHER.search(page.plain, max(0, mention.start - 12), mention.start):
            settled.append((replace(mention, fits=meant), p))
        else:
            settled.append((mention, p))
    return settled


_DATED = frozenset({MentionKind.DAY, MentionKind.BARE})
#: A day after one of these is told beside the other: "il 19 e l'altro martedì".
_ANOTHER = re.compile(r"\b(?:e|ed|and|et|und|y|si|dhe|anche|altr\w*|other|also|auch|aussi)\b")


def _ruled(pointers: Sequence[tuple[Mention, Floats]], role: int) -> frozenset[int]:
    found: set[int] = set()
    for mention, p in pointers:
        if p[role] > 0.5:
            found |= set(mention.fits)
    return frozenset(found)


def _explained(meeting: int, live: Sequence[tuple[Mention, Sequence[float]]], by_self: float) -> float:
    """How well what was said explains that ``meeting`` is meant. ``by_self``: how well what somebody is does."""
    best = _BY_NOTHING
    fitting = [(m, p) for m, p in live if meeting in m.fits]
    for i, (mention, p) in enumerate(fitting):
        share = 1 if mention.all_of else len(mention.fits)
        best = max(best, p[WANT] / share, by_self * p[SELF] / len(mention.fits))
        for other, q in fitting[i + 1 :]:
            common = len({*mention.fits} & {*other.fits}) or 1
            best = max(best, p[WANT] * max(q[WANT], 0.7 * q[SELF]) / common, q[WANT] * 0.7 * p[SELF] / common)
    return best


#: How near a day and a sector stand that belong together: "giovedì 21, associazioni sportive".
_TOGETHER = 25
_JOINS = re.compile(r"[;.\n]|\b(?:e|ed|and|et|und|y|si|dhe|anche|poi|sia|che|oppure|o|ma|piu|quell\w+)\b")
_OR = re.compile(r"\b(?:o|oppure|or|ou|oder|sau|ose|ovvero)\b")


def _clash(page: LetterPage, wanted: Sequence[tuple[Mention, Floats]]) -> frozenset[int]:
    """Wanted meetings that contradict each other: a day and a sector that belong together ("giovedì per i musei").

    ``NO_DAY`` where a weekday and a day number make no day ("giovedì 22").
    """
    found: set[int] = set()
    for (one, _), (other, _) in pairwise(wanted):
        between = page.plain[one.end : other.start]
        together = len(between) < _TOGETHER and not _JOINS.search(between)
        fits_one, fits_other = {*one.fits, *one.over}, {*other.fits, *other.over}
        differ = bool(fits_one and fits_other) and not fits_one & fits_other
        # "Lo sport il 21, i musei il 22": each has a word of its own that says the same.
        paired = has_kin(page, one) and has_kin(page, other)
        if together and {one.kind, other.kind} == {MentionKind.DAY, MentionKind.SECTOR} and differ and not paired:
            found |= {*one.fits, *other.fits}
    for mention, _ in wanted:
        day = mention.day
        if (
            day is not None
            and day.weekday is not None
            and day.day is not None
            and not mention.fits
            and not mention.over
        ):
            found.add(NO_DAY)
    return frozenset(found)


def _either(page: LetterPage, wanted: Sequence[Mention]) -> bool:
    """Whether one *or* the other is wanted."""
    for one, other in pairwise(wanted):
        between = page.plain[one.end : other.start]
        if len(between) < 30 and _OR.search(between) and set(one.fits) != set(other.fits):
            return True
    return False


_CORRECTS = re.compile(r"\b(?:anzi|no|cioe|scusa\w*|pardon|correggo|volevo dire|rather|sorry|i mean)\b")
_WITH = re.compile(
    r"(?:\b(?:con|insieme|assieme|unitamente|affiancat\w|accompagnat\w|with|avec|mit|cu|me|piu|porto|"
    r"portiamo|bring\w*|together)\b|\+)[^,.;:!?\n]{0,30}$"
)
_COMES = re.compile(
    r"\b(?:io|verr?ei|vengo|verro|partecipo|parteciper?ei?|partecipero|vorrei|mi|saro|sono|me|sottoscritt\w+|"
    r"i|i'd|je|ich|yo|eu|une|iscrivo|ci vengo|chiedo)\b"
)
_WRITER = re.compile(
    r"^(?:io|il sottoscritto|la sottoscritta|lo sottoscritto|me|io stess[oa]|myself|i|chi scrive|sottoscritt[oa])$"
)


@dataclass(frozen=True, slots=True)
class Count:
    """A number of people and where it was read; ``sureness``: of the weakest role that it rests on."""

    people: int
    place: int
    sureness: float


def decode_counts(page: LetterPage, roles: Sequence[Floats]) -> list[Count]:
    """How many come: each total, the later of two where one corrects the other.

    Failing that, the sum of who is told of.
    """
    totals: list[Count] = []
    for mention, p in zip(page.mentions, roles, strict=True):
        if mention.number is None or mention.kind is MentionKind.COMPANION or p[TOTAL] < 0.5:
            continue
        count = Count(mention.number, mention.start, float(p[TOTAL]))
        if (
            totals
            and _CORRECTS.search(page.plain[totals[-1].place : mention.start])
            and mention.start - totals[-1].place < 60
        ):
            totals[-1] = count
        else:
            totals.append(count)
    if totals:
        return totals
    return [told] if (told := _sum(page, roles)) else []


#: What stands between an office and its holder's name ("il presidente, avv. Ugo Tei").
_HOLDS = re.compile(
    r"[\s,:]*(?:\b(?:avv|prof|dott|ssa|ing|arch|geom|rag|sig|ra|dr|don|cav|comm|gr|uff|suor|padre)\b\.?\s*)*"
)
#: From this probability on somebody in a list of those who come comes, too.
_ALONG = 0.1


def _sum(page: LetterPage, roles: Sequence[Floats]) -> Count | None:
    """The people told of one by one, with the writer where they come along with the writer."""
    told = [(m, p) for m, p in zip(page.mentions, roles, strict=True) if m.start < page.signed and _is_people(m)]
    came = {i for i, (_, p) in enumerate(told) if int(np.argmax(p)) in {ATTENDS, EXTRA}}
    for i in [*range(1, len(told)), *range(len(told) - 2, -1, -1)]:  # forwards, then backwards
        for j in (i - 1, i + 1):
            if i not in came and j in came and 0 <= j < len(told) and told[i][1][ATTENDS] >= _ALONG:
                first, second = told[min(i, j)][0], told[max(i, j)][0]
                if in_one_list(page.plain, first.end, second.start):
                    came.add(i)
    people, least, writer, with_writer = 0, 1.0, False, False
    seen: set[str] = set()
    for i in sorted(came):
        mention, p = told[i]
        least = min(least, float(p[ATTENDS] + p[EXTRA]))
        before = told[i - 1][0] if i else None
        joined = (
            before is not None and i - 1 in came and _HOLDS.fullmatch(page.plain, before.end, mention.start) is not None
        )
        if _WRITER.match(mention.surface):
            named = (
                before is not None
                and before.kind is MentionKind.NAME
                and page.plain[before.end : mention.start].strip() == "("
            )
            writer = writer or not named
        elif (
            joined
            and before is not None
            and tells_office(before)
            and mention.kind is MentionKind.NAME
            and not _WRITER.match(before.surface)
        ):
            continue  # "la presidente Anna Rossi": one person, told by office and name
        elif mention.surface not in seen:
            seen.add(mention.surface)
            people += mention.number or 1
            extra = int(np.argmax(p)) == EXTRA
            with_writer = (
                with_writer or extra or bool(_WITH.search(page.plain, max(0, mention.start - 40), mention.start))
            )
    if not came:
        return None
    place = told[min(came)][0].start
    if with_writer and not writer:
        sentence = page.sentences[page.sentence_of(place)]
        writer = (
            bool(_COMES.search(page.plain, sentence[0], sentence[1])) or _IS_SENT.search(page.plain, *sentence) is None
        )
    return Count(people + writer, place, least) if people + writer else None


#: The association comes with those it names; who writes need not be among them.
_IS_SENT = re.compile(
    r"\b(?:partecipera|parteciperanno|sara|saranno|interverra|interverranno|chiede|comunica|conferma|manda|"
    r"invia|sar. rappresentat\w)\b"
)


def _is_people(mention: Mention) -> bool:
    return mention.kind in {MentionKind.COMPANION, MentionKind.NAME, MentionKind.NUMBER, MentionKind.BARE}
