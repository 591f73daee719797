"""Which meeting a sentence means: its days and its sector words, intersected with the programme.

Nothing is guessed: what fits no meeting, two meetings, or contradicts itself, is said so and asked about. A meeting
that is over is never chosen.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from conversation.meeting import Meeting
from conversation.times import to_local
from conversation.understanding.dates import DayMention, find_days
from conversation.understanding.phrases import Phrase, SectorWords, sector_phrases
from conversation.words import fold, is_near, stem, tokens


class Doubt(StrEnum):
    """Why no meeting was chosen though the person spoke of one."""

    AMBIGUOUS = "ambiguous"
    CONTRADICTION = "contradiction"
    PAST = "past"
    NO_SUCH_DAY = "no_such_day"


@dataclass(frozen=True, slots=True)
class Choice:
    """``chosen``: meeting ids that are meant for certain. With a ``doubt``: ``candidates`` to ask about.

    ``excluded``: ids the person ruled out. ``evidence``: what in the words led here. ``weak``: only the association's
    own name points there; it may fill a gap, never overrule what was said.
    """

    chosen: tuple[int, ...] = ()
    candidates: tuple[int, ...] = ()
    doubt: Doubt | None = None
    excluded: tuple[int, ...] = ()
    evidence: tuple[str, ...] = ()
    past: tuple[int, ...] = ()
    weak: bool = False

    @property
    def spoken_of(self) -> bool:
        """Whether the words speak of a meeting at all."""
        return bool(self.chosen or self.doubt or self.excluded)


_ALL = re.compile(
    r"\b(?:a |per )?(?:tutti(?: e (?:quattro|tre|due|4|3|2))?(?: gli (?:incontri|appuntamenti))?|"
    r"tutte le (?:date|riunioni)|ogni incontro|all (?:of them|the meetings)|every meeting)\b"
)
_ALL_CONTEXT = re.compile(r"\b(?:incontr|appuntament|dat[ae]|riunion|meeting|iscriv|partecip|tutti e|quant)")
_BOTH = re.compile(r"\b(?:entramb[ie]|tutti e due|tutte e due|ambedue|both)\b")
#: "veniamo tutti e due" counts people, not meetings.
_BOTH_OF_US = re.compile(r"\b(?:veniamo|siamo|verremo|saremo|partecipiamo|noi) (?:tutt[ie] e due|entramb[ie])")
_COUNTED = re.compile(
    r"\b(?:tutti e|tutte e|i|gli|dei|vostri|ai) (due|tre|quattro|2|3|4) (?:gli |vostri )?(?:incontri|"
    r"appuntamenti|date|riunioni)\b"
)
_MANY = {"due": 2, "tre": 3, "quattro": 4, "2": 2, "3": 3, "4": 4}
_NEXT = re.compile(
    r"\b(?:(?:il|al|del|l') ?(?:prossimo|primo)(?: (?:incontro|appuntamento|disponibile|utile|che c'e))?|"
    r"prossimo (?:incontro|appuntamento)|prossima riunione|prima riunione|(?:the )?(?:next|first) (?:meeting|"
    r"one)|tra poco|fra poco)\b"
)
_LAST = re.compile(
    r"\b(?:(?:l|all|dell)'? ?ultim[oa]|ultim[oa] (?:incontro|appuntamento|riunione)|quello finale|finale|"
    r"the last (?:one|meeting))\b"
)
_ORDINAL = re.compile(r"\b(?:il|al|del) (secondo|terzo|quarto)(?: (?:incontro|appuntamento))?\b")
_FOLLOWING = re.compile(r"\b(?:quello dopo|il successivo|quello successivo|quello seguente|the one after)\b")
_RANK = {"secondo": 1, "terzo": 2, "quarto": 3}
_NOT_SECTOR = re.compile(
    r"(?:\bnon|\btranne|\beccetto|\bnot|\banziche|\binvece (?:di|del|dello)|\bal posto d\w+)(?:\s+(?:per|il|"
    r"lo|la|l|i|gli|le|quell[oaie]|dell[oae]|di|del|dei|su|sul|sullo|sulla|sui|sugli|sulle|a|al|allo|alla|"
    r"ai))*\s*'?\s*$"
)


def choose_meeting(text: str, meetings: Sequence[Meeting], now: datetime, sectors: SectorWords) -> Choice:
    """The meeting or meetings that ``text`` means. ``now``: when it was written (a mail's own Date).

    ``sectors``: for each sector key the words that point to it, folded or not, one or more words each.
    """
    folded = fold(text)
    choice = _choose(folded, meetings, now, sectors)
    counted = _COUNTED.search(folded)
    fewer = counted is not None and 0 < len(choice.chosen) < _MANY[counted[1]]
    both = _BOTH.search(folded) and not _BOTH_OF_US.search(folded)
    if fewer or (len(choice.chosen) == 1 and both):  # two or more are meant: never some of them
        upcoming = tuple(m.id for m in meetings if m.is_upcoming(now))
        return replace(choice, chosen=(), candidates=upcoming, doubt=Doubt.AMBIGUOUS)
    return choice


def _choose(folded: str, meetings: Sequence[Meeting], now: datetime, sectors: SectorWords) -> Choice:
    today = to_local(now).date()
    upcoming = sorted((m for m in meetings if m.is_upcoming(now)), key=lambda m: (m.day, m.id))
    over = [m for m in meetings if not m.is_upcoming(now)]
    mentions = find_days(folded, today)
    by_sector, off_sector, sector_proof = _find_sectors(folded, sectors)
    evidence = [f"giorno: {folded[m.span[0] : m.span[1]]}" for m in mentions] + sector_proof
    excluded = {m.id for d in mentions if d.negated for m in upcoming if m.day and d.admits(m.day)}
    excluded |= {m.id for m in upcoming if m.sector in off_sector}
    wanted = [d for d in mentions if not d.negated]
    if not wanted and not by_sector:
        return _by_rank(folded, upcoming, excluded, evidence)
    by_day, doubt = _by_days(wanted, upcoming, today)
    pool = [m for m in upcoming if m.id not in excluded]
    in_sector = [m for m in pool if m.sector in by_sector]
    proof = tuple(evidence)
    gone = tuple(m.id for m in over if _was_meant(m, wanted, by_sector))
    if wanted and by_sector:
        return _cross(by_day, in_sector, doubt, pool, proof, gone, excluded)
    if by_sector:
        if not in_sector:
            return Choice((), tuple(m.id for m in pool), Doubt.PAST, tuple(excluded), proof, gone)
        if len(by_sector) > 1 and len(in_sector) > 1:
            if len(in_sector) == len(by_sector) and _all_meant(folded, by_sector):
                return Choice(tuple(m.id for m in in_sector), (), None, tuple(excluded), proof)
            return Choice((), tuple(m.id for m in in_sector), Doubt.AMBIGUOUS, tuple(excluded), proof)
        chosen = in_sector if len(in_sector) == 1 else []
        if chosen:
            return Choice((chosen[0].id,), (), None, tuple(excluded), proof)
        return Choice((), tuple(m.id for m in in_sector), Doubt.AMBIGUOUS, tuple(excluded), proof)
    return _only_days(wanted, by_day, doubt, pool, proof, gone, excluded, folded)


def _by_days(
    wanted: list[DayMention], upcoming: list[Meeting], today: object
) -> tuple[list[list[Meeting]], Doubt | None]:
    """For each mention the meetings it admits; and the doubt when one of them admits none."""
    sets: list[list[Meeting]] = []
    doubt: Doubt | None = None
    for mention in wanted:
        fits = [m for m in upcoming if m.day and mention.admits(m.day)]
        if mention.nearest and len(fits) > 1:
            fits = fits[:1]
        if not fits:
            contradictory = mention.contradicts_itself(today)  # type: ignore[arg-type]
            doubt = Doubt.CONTRADICTION if contradictory else doubt or Doubt.NO_SUCH_DAY
        sets.append(fits)
    return sets, doubt


def _cross(
    by_day: list[list[Meeting]],
    in_sector: list[Meeting],
    doubt: Doubt | None,
    pool: list[Meeting],
    proof: tuple[str, ...],
    gone: tuple[int, ...],
    excluded: set[int],
) -> Choice:
    """Days and sectors were both named: they must agree."""
    days = {m.id: m for fits in by_day for m in fits if m.id not in excluded}
    both = [m for m in in_sector if m.id in days]
    unmet = [fits for fits in by_day if not any(m in both for m in fits)]
    if both and not unmet and doubt is None:
        sectors = {m.sector for m in both}
        if len(both) == len({m.sector for m in in_sector} & sectors) or len(by_day) == len(both):
            return Choice(tuple(m.id for m in both), (), None, tuple(excluded), proof)
    if not in_sector and not days:
        reason = Doubt.PAST if gone else doubt or Doubt.NO_SUCH_DAY
        return Choice((), tuple(m.id for m in pool), reason, tuple(excluded), proof, gone)
    if not in_sector and doubt is None and all(len(f) == 1 for f in by_day):
        # The sector word fits no coming meeting ("siamo una scuola, veniamo il 21"): the day decides.
        return Choice(tuple(days), (), None, tuple(excluded), proof, gone)
    spoken = {m.id: m for m in [*in_sector, *days.values()]}
    reason = Doubt.AMBIGUOUS if both and doubt is None else doubt or Doubt.CONTRADICTION
    if reason is Doubt.NO_SUCH_DAY and in_sector:
        reason = Doubt.CONTRADICTION
    return Choice((), tuple(sorted(spoken)), reason, tuple(excluded), proof, gone)


def _only_days(
    wanted: list[DayMention],
    by_day: list[list[Meeting]],
    doubt: Doubt | None,
    pool: list[Meeting],
    proof: tuple[str, ...],
    gone: tuple[int, ...],
    excluded: set[int],
    folded: str,
) -> Choice:
    fits = {m.id: m for group in by_day for m in group if m.id not in excluded}
    if doubt is not None:
        halves = [m.id for m in pool if any(d.half_admits(m.day) for d in wanted if m.day)]
        near = tuple(fits) or tuple(halves) or tuple(m.id for m in pool)
        reason = Doubt.PAST if gone and doubt is Doubt.NO_SUCH_DAY else doubt
        return Choice((), near, reason, tuple(excluded), proof, gone)
    either = re.search(r"\b(?:o|oppure|or)\b", folded) is not None and len(by_day) > 1
    if all(len(group) == 1 for group in by_day) and fits and not either:
        return Choice(tuple(fits), (), None, tuple(excluded), proof)
    reason = Doubt.AMBIGUOUS if fits else Doubt.NO_SUCH_DAY
    return Choice((), tuple(fits) or tuple(m.id for m in pool), reason, tuple(excluded), proof, gone)


def _by_rank(folded: str, upcoming: list[Meeting], excluded: set[int], evidence: list[str]) -> Choice:
    """No day and no sector: "il prossimo", "l'ultimo", "tutti", or nothing at all."""
    pool = [m for m in upcoming if m.id not in excluded]
    picked: list[Meeting] = []
    if match := _ORDINAL.search(folded):
        picked = pool[_RANK[match[1]] : _RANK[match[1]] + 1]
    elif _FOLLOWING.search(folded):
        picked = pool[1:2]
    elif _LAST.search(folded):
        picked = pool[-1:]
    elif _BOTH.search(folded):
        picked = pool if len(pool) == 2 else []
    elif _ALL.search(folded) and _ALL_CONTEXT.search(folded):
        picked = pool
    elif match := _NEXT.search(folded):
        picked = pool[:1]
    else:
        if excluded:
            one = pool if len(pool) == 1 else []
            doubt = None if one else Doubt.AMBIGUOUS
            return Choice(tuple(m.id for m in one), tuple(m.id for m in pool), doubt, tuple(excluded), tuple(evidence))
        return Choice()
    if not picked:
        return Choice((), tuple(m.id for m in pool), Doubt.NO_SUCH_DAY, tuple(excluded), tuple(evidence))
    return Choice(tuple(m.id for m in picked), (), None, tuple(excluded), tuple(evidence))


def _was_meant(meeting: Meeting, wanted: list[DayMention], sectors: Mapping[str, object]) -> bool:
    if meeting.sector in sectors:
        return True
    return bool(meeting.day and any(m.admits(meeting.day) for m in wanted if m.day or m.first))


#: "a sport e musei", "agli incontri su …, … e anche …": what leads to a list of meetings, and what joins it.
_TOWARDS = re.compile(
    r"(?:^|\b(?:a|ad|al|allo|alla|ai|agli|alle|all|per|su|sul|sullo|sui|sulla|sulle|sia|iscri\w+|interess\w+|"
    r"attend|want|incontr\w+|riunion\w+|quell\w+|both|to|for|about)\b[\s'(:«\"]*(?:\w+\s+){0,2})$"
)
_JOINS = re.compile(
    r"[\w']*(?:[\s,+&]|\b(?:e|ed|and|ma|sia|che|anche|poi|evening|sull\w+|sul|sui|a|ad|al|allo|alla|ai|agli|"
    r"alle|all|il|lo|la|i|gli|le|l|per|su|di|del|dello|della|dei|delle|degli|quell\w+|incontro|to|the|one|"
    r"for)\b|')*"
)


def _all_meant(folded: str, named: Mapping[str, "_Span"]) -> bool:
    """Whether the sectors stand in one list of meetings, not in what somebody tells about themselves."""
    spans = sorted(named.values(), key=lambda span: span.start)
    between = [folded[a.end : b.start] for a, b in itertools.pairwise(spans)]
    joined = all(re.search(r"\b(?:e|ed|and|sia|anche|poi)\b|[,+&]", part) for part in between)
    return (
        joined and all(_JOINS.fullmatch(part) for part in between) and bool(_TOWARDS.search(folded[: spans[0].start]))
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """Where in the folded text a phrase begins and ends."""

    start: int
    end: int


def _find_sectors(folded: str, sectors: SectorWords) -> tuple[dict[str, _Span], set[str], list[str]]:
    """Sector keys named and where, sector keys excluded, and the words that named them."""
    words, phrases = tokens(folded), sector_phrases(sectors, _same_word)
    first: dict[Phrase, int] = {}
    for i in range(len(words)):
        for phrase in phrases.at(words, i):
            first.setdefault(phrase, i)
    named: dict[str, _Span] = {}
    negated: set[str] = set()
    proof: list[str] = []
    for phrase in (p for p in phrases.all if p in first):
        index = first[phrase]
        start = folded.find(words[index])
        if _NOT_SECTOR.search(folded[:start]):
            negated.add(phrase.key)
        else:
            last = words[index + len(phrase.parts) - 1]
            end = folded.find(last, start) + len(last)
            known = named.get(phrase.key, _Span(start, end))
            named[phrase.key] = _Span(min(start, known.start), max(end, known.end))
        proof.append(f"settore: {phrase.text}")
    return {key: span for key, span in named.items() if key not in negated}, negated, proof


@lru_cache(maxsize=20_000)
def _same_word(word: str, part: str) -> bool:
    """Whether two words differ by their ending or a typo only: "gen" is January, not "genere".

    "cittadino" no "cittadinanza".
    """
    akin = stem(word) == stem(part) and abs(len(word) - len(part)) <= 2
    return word == part or (len(word) > 3 and (akin or is_near(word, part)))
