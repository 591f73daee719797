"""Which days a sentence speaks of: partial constraints, never a date out of the void.

``giovedì 22`` gives weekday and day; whether such a day exists is for the calendar to say (``meetings``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from conversation.languages import ALL
from conversation.naming import PHONE
from conversation.words import fold, is_near

_WEEKDAYS = {name: number for language in ALL for name, number in language.weekday_names.items()}
_MONTHS = {name: number for language in ALL for name, number in language.month_names.items()}
NUMBERS = {word: number for language in ALL for word, number in language.number_words.items()}
_TEENS_FROM = 11  # a spelled number below this is a count ("siamo in due"), not a day, unless a month follows
_LAST_DAY = 31

_WORD = re.compile(r"\d+(?:st|nd|rd|th|°|º)?|[a-z]+|[/.\-]|[,;:!?]")
_NUMERIC = re.compile(r"(?<![\d/.\-])(\d{1,2})(?:\s?[/\-]\s?|\.)(\d{1,2})(?:(?:\s?[/\-]\s?|\.)(\d{4}|\d{2}))?(?![\d/])")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_CLOCK = re.compile(r"\b(?:alle(?: ore)?|ore|h\.?|dalle|at)\s*\d{1,2}(?:[.:,]\d{2})?|\b\d{1,2}[:]\d{2}\b")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+")
# What makes a bare number a day: an article or preposition that Italian puts before days and not before counts.
_BEFORE_DAY = {"il", "al", "del", "dal", "l", "dell", "all", "per", "lo", "giorno", "the", "on", "le", "am", "el"}
# What makes it something else.
_AFTER_COUNT = {
    "persone", "persona", "posti", "posto", "anni", "partecipanti", "soci", "iscritti", "ragazzi", "volontari",
    "people", "participants", "euro", "di", "minuti", "ore", "ora", "membri", "rappresentanti", "places", "seats",
    "atleti", "bambini", "associazioni", "persons", "personnes", "personen", "personas",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayMention:
    """What a stretch of words says of a day. ``first``/``last``: an interval, both ends included.

    ``negated``: the person excludes it ("non giovedì", "tranne il 22"). ``span``: positions in the folded text.
    """

    span: tuple[int, int]
    weekday: int | None = None
    day: int | None = None
    month: int | None = None
    year: int | None = None
    first: date | None = None
    last: date | None = None
    nearest: bool = False
    negated: bool = False

    def admits(self, candidate: date) -> bool:
        """Whether ``candidate`` satisfies every constraint of this mention."""
        return (
            (self.weekday is None or candidate.weekday() == self.weekday)
            and (self.day is None or candidate.day == self.day)
            and (self.month is None or candidate.month == self.month)
            and (self.year is None or candidate.year == self.year)
            and (self.first is None or candidate >= self.first)
            and (self.last is None or candidate <= self.last)
        )

    def half_admits(self, candidate: date) -> bool:
        """Whether ``candidate`` has the weekday or the day number that was said: what a slip of the tongue may mean."""
        return candidate.weekday() == self.weekday or candidate.day == self.day

    def contradicts_itself(self, today: date) -> bool:
        """Whether no day of a year satisfies it, though each part does alone ("giovedì 22" in a month of Fridays)."""
        if self.weekday is None or self.day is None:
            return False
        month, year = self.month or today.month, self.year or today.year
        try:
            return date(year, month, self.day).weekday() != self.weekday
        except ValueError:
            return True


def _week(today: date, ahead: int) -> tuple[date, date]:
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=ahead)
    return monday, monday + timedelta(days=6)


_RELATIVE = (
    (re.compile(r"\b(?:dopo ?domani|posdomani|the day after tomorrow|apres[- ]demain|ubermorgen|pasado manana)\b"), 2),
    (re.compile(r"\b(?:domani|domattina|domanisera|dmn|tomorrow|demain|morgen)\b"), 1),
    (re.compile(r"\b(?:oggi|stasera|stamani|stamattina|stamane|today|tonight|oggigiorno)\b"), 0),
    (re.compile(r"\b(?:ieri|iersera|yesterday)\b"), -1),
)  # fmt: skip
_IN_DAYS = re.compile(r"\b(?:tra|fra|in)\s+(\d+|[a-z]+)\s+(giorn[oi]|days?|settiman[ae]|weeks?)\b")
_NEXT_WEEK = re.compile(
    r"\b(?:(?:la |della |nella )?(?:settimana (?:prossima|entrante|ventura)|prossima settimana)"
    r"|next week|la semaine prochaine|nachste woche|la proxima semana)\b",
)
_THIS_WEEK = re.compile(r"\b(?:(?:di |in )?(?:questa settimana|in settimana)|this week)\b")
_MONTH_ALONE = re.compile(
    r"\b(?:a|in|di|del|nel mese di|per)\s+(" + "|".join(m for m in _MONTHS if len(m) > 3) + r")\b"
)
_NOT_BEFORE = re.compile(r"(?:\bnon|\bno|\btranne|\beccetto|\bescluso|\bsalvo|\bmeno|\bnot|\bexcept|\binvece (?:di|"
    r"del)|\banziche|\bal posto (?:di|del))"
                         r"(?:\s+(?:posso|possiamo|per|il|l|di|a|al|quell[oa]|quest[oa]|on|the|"
                         r"piu))*\s*'?\s*$")  # fmt: skip
#: "La settimana prossima no", but not "la settimana prossima, no?", which asks for a yes.
_NOT_AFTER = re.compile(r"^\s*(?:[,;]?\s*no\b(?!\s*\?)|non (?:posso|possiamo|ci siamo|va|riesc|ce la))")


def _blank(text: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda m: "\0" * len(m.group()), text)


def find_days(text: str, today: date) -> list[DayMention]:
    """Every mention of a day in ``text``, in order. ``today``: the day in the town on which the words were written."""
    folded = fold(text)
    masked = _blank(_blank(folded, _ADDRESS), _CLOCK)
    found: list[DayMention] = []

    def take(match: re.Match[str], **constraint: object) -> None:
        nonlocal masked
        found.append(DayMention(span=match.span(), **constraint))  # type: ignore[arg-type]
        masked = masked[: match.start()] + "\0" * len(match.group()) + masked[match.end() :]

    for match in _ISO.finditer(masked):
        take(match, year=int(match[1]), month=int(match[2]), day=int(match[3]))
    for match in list(_NUMERIC.finditer(masked)):
        day, month, year = int(match[1]), int(match[2]), match[3]
        if 1 <= day <= _LAST_DAY and 1 <= month <= 12:
            full = None if year is None else int(year) + (2000 if len(year) == 2 else 0)
            take(match, day=day, month=month, year=full)
    masked = _blank(masked, PHONE)
    week: tuple[date, date] | None = None
    for pattern, ahead in ((_NEXT_WEEK, 1), (_THIS_WEEK, 0)):
        for match in list(pattern.finditer(masked)):
            week = _week(today, ahead)
            take(match, first=week[0], last=week[1])
    for match in list(_IN_DAYS.finditer(masked)):
        count = int(match[1]) if match[1].isdigit() else NUMBERS.get(match[1], 0)
        if count and count < 400:
            day_ = today + timedelta(days=count * (7 if match[2][0] in "sw" else 1))
            take(match, first=day_, last=day_)
    for pattern, shift in _RELATIVE:
        for match in list(pattern.finditer(masked)):
            day_ = today + timedelta(days=shift)
            take(match, first=day_, last=day_)
    found += _calendar_words(masked, today)
    for match in _MONTH_ALONE.finditer(masked):
        if not any(m.span[0] <= match.start(1) < m.span[1] for m in found):
            month = _MONTHS[match[1]]
            found.append(DayMention(span=match.span(), month=month))
    found.sort(key=lambda m: m.span)
    merged = _merge(found, folded)
    ends = [0, *(m.span[1] for m in merged)]
    return [_negate(m, folded, since) for m, since in zip(merged, ends, strict=False)]


def _calendar_words(masked: str, today: date) -> list[DayMention]:
    """Weekdays, day numbers and months written out: a run of neighbouring words makes one mention."""
    words = [(m.group(), m.start(), m.end()) for m in _WORD.finditer(masked)]
    found: list[DayMention] = []
    i = 0
    while i < len(words):
        if not _tells_day(words[i][0]):
            i += 1
            continue
        weekday = _weekday(words[i][0])
        j = i + 1 if weekday is not None else i
        start, end = words[i][1], words[i][2]
        nearest = False
        if weekday is not None and j < len(words) and words[j][0] in {"prossimo", "prossima", "venturo", "next"}:
            nearest, end, j = True, words[j][2], j + 1
        if i and words[i - 1][0] in {"prossimo", "next", "questo", "this"} and weekday is not None:
            nearest = True
        if weekday is not None and _follows(words, j, ("a", "otto")):
            first = today + timedelta(days=(weekday - today.weekday()) % 7 + 7)
            found.append(DayMention((start, words[j + 1][2]), first=first, last=first))
            i = j + 2
            continue
        if weekday is not None and j < len(words) and words[j][0] in {",", "il", "the"}:
            j += 1
        day, month, year, stop = _day_month_year(words, j, weekday=weekday is not None)
        if day is None and weekday is None:
            i += 1
            continue
        if day is not None:
            end, i = words[stop - 1][2], stop
        else:
            i += 1
        found.append(DayMention((start, end), weekday=weekday, day=day, month=month, year=year, nearest=nearest))
    return found


def _follows(words: list[tuple[str, int, int]], at: int, expected: tuple[str, ...]) -> bool:
    return tuple(w for w, _, _ in words[at : at + len(expected)]) == expected


@lru_cache(maxsize=10_000)
def _tells_day(word: str) -> bool:
    """Whether ``word`` is a weekday, a month or a number: what a mention of a day begins with."""
    return _weekday(word) is not None or _month(word) is not None or word[0].isdigit() or word in NUMBERS


def _by_letter(names: Mapping[str, int]) -> dict[str, list[tuple[str, int]]]:
    """Those in which a slip of the fingers may be forgiven, by the first letter, which slips leave alone."""
    found: dict[str, list[tuple[str, int]]] = {}
    for name, number in names.items():
        if len(name) > 5:
            found.setdefault(name[0], []).append((name, number))
    return found


_LONG_WEEKDAYS, _LONG_MONTHS = _by_letter(_WEEKDAYS), _by_letter(_MONTHS)


@lru_cache(maxsize=10_000)
def _weekday(word: str) -> int | None:
    if word in _WEEKDAYS:
        return _WEEKDAYS[word]
    if len(word) < 5:
        return None
    return next((n for name, n in _LONG_WEEKDAYS.get(word[:1], ()) if is_near(word, name)), None)


@lru_cache(maxsize=10_000)
def _month(word: str) -> int | None:
    if word in _MONTHS:
        return _MONTHS[word]
    if len(word) < 5:
        return None
    return next((n for name, n in _LONG_MONTHS.get(word[:1], ()) if is_near(word, name)), None)


def _day_month_year(
    words: list[tuple[str, int, int]], at: int, *, weekday: bool
) -> tuple[int | None, int | None, int | None, int]:
    """A day number at ``at``, with month and year where they follow: (day, month, year, index after it)."""
    if at >= len(words):
        return None, None, None, at
    if not weekday and _month(words[at][0]) and at + 1 < len(words):
        raw = words[at + 1][0]
        if raw.rstrip("stndrh").isdigit() and int(raw.rstrip("stndrh")) <= _LAST_DAY:
            return int(raw.rstrip("stndrh")), _month(words[at][0]), None, at + 2
    raw = words[at][0]
    bare = raw.rstrip("stndrh°º")
    number = int(bare) if bare.isdigit() and len(bare) <= 2 else NUMBERS.get(raw)
    if number is None or not 1 <= number <= _LAST_DAY:
        return None, None, None, at
    spelled = not bare.isdigit()
    after = at + 1
    while after < len(words) and words[after][0] in {"di", "of", "de", "."}:
        after += 1
    month = _month(words[after][0]) if after < len(words) else None
    following = words[at + 1][0] if at + 1 < len(words) else ""
    before = words[at - 1][0] if at else ""
    if month is None:
        if following in _AFTER_COUNT or (spelled and number < _TEENS_FROM):
            return None, None, None, at
        ordinal = raw != bare
        listed = before in {"e", "o", ",", "and", "or", "oppure"} and at >= 2 and words[at - 2][0].isdigit()
        listing = not spelled and _lists_days(words, at)
        if not (weekday or before in _BEFORE_DAY or ordinal or listed or listing or (len(words) == 1 and not spelled)):
            return None, None, None, at
        if before in {"in", "siamo", "saremo"}:
            return None, None, None, at
        return number, None, None, at + 1
    year = None
    if after + 1 < len(words) and re.fullmatch(r"(?:19|20)\d\d", words[after + 1][0]):
        year, after = int(words[after + 1][0]), after + 1
    return number, month, year, after + 1


def _lists_days(words: list[tuple[str, int, int]], at: int) -> bool:
    """Whether a list of day numbers begins or goes on at ``at`` and ends with a month: "19, 21 e 22 gennaio"."""
    while at + 2 < len(words) and words[at + 1][0] in {"e", "o", ",", "and", "or"} and words[at + 2][0].isdigit():
        at += 2
        if at + 1 < len(words) and _month(words[at + 1][0]):
            return True
    return False


def _merge(found: list[DayMention], folded: str) -> list[DayMention]:
    """Join a weekday with the week that stands beside it: ``giovedì della prossima settimana`` is one day."""
    merged: list[DayMention] = []
    for mention in found:
        last = merged[-1] if merged else None
        if last and mention.span[0] < last.span[1]:
            continue
        between = folded[last.span[1] : mention.span[0]].strip() if last else "?"
        if last and between in {"", "di", "della", "del", ",", "of"} and not (last.negated or mention.negated):
            week, day = (last, mention) if last.first and not last.weekday else (mention, last)
            if week.first and week.last and week.first != week.last and day.first is None and day.weekday is not None:
                merged[-1] = DayMention(
                    (last.span[0], mention.span[1]), day.weekday, day.day, day.month, day.year, week.first, week.last
                )
                continue
            if last.weekday is not None and last.day is None and mention.day and mention.weekday is None:
                merged[-1] = DayMention(
                    (last.span[0], mention.span[1]), last.weekday, mention.day, mention.month, mention.year
                )
                continue
            if last.first == last.last and last.first and mention.first is None:
                merged[-1] = DayMention(
                    (last.span[0], mention.span[1]), mention.weekday, mention.day, mention.month, mention.year,
                    last.first, last.last,
                )  # fmt: skip
                continue
        merged.append(mention)
    return _share_month(merged, folded)


#: What may stand between the days of one list: "il 19, il 21 e il 22 gennaio", "martedì 19 o giovedì 21 gennaio".
_IN_LIST = re.compile(r"[\s,]*(?:(?:e|ed|o|oppure|and|or|il|l'|al|the|poi|anche|sia|che|del|di|per)\b[\s']*)*")


def _share_month(merged: list[DayMention], folded: str) -> list[DayMention]:
    """A month named once serves the days listed right before it: "il 21 e il 22 gennaio", not those elsewhere."""
    shared = list(merged)
    for i in range(len(shared) - 2, -1, -1):
        mention, following = shared[i], shared[i + 1]
        bare = mention.day and not mention.month and following.day and following.month
        if bare and _IN_LIST.fullmatch(folded[mention.span[1] : following.span[0]]):
            shared[i] = replace(mention, month=following.month)
    return shared


def _negate(mention: DayMention, folded: str, since: int) -> DayMention:
    """Mark what the person excludes. ``since``: where the mention before it ends; a "no" right there is that one's."""
    between, after = folded[since : mention.span[0]], folded[mention.span[1] :]
    before = _NOT_AFTER.sub("", between) if since else between
    if not (_NOT_BEFORE.search(before) or _NOT_AFTER.search(after)):
        return mention
    return DayMention(
        mention.span, mention.weekday, mention.day, mention.month, mention.year, mention.first, mention.last,
        mention.nearest, negated=True,
    )  # fmt: skip
