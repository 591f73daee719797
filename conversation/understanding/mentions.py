"""Every day, rank, sector word, number, companion and name in a text: where it stands and what it can mean, unjudged.

Recall comes first: what is not found here nobody can give a role; what is found too much gets the role of background.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache

from conversation.meeting import Meeting
from conversation.naming import PHONE, is_first_name
from conversation.times import to_local
from conversation.understanding.dates import NUMBERS, DayMention, find_days
from conversation.understanding.phrases import SectorWords, sector_phrases
from conversation.understanding.proper_names import SAFE, NameFinder, ProperName
from conversation.words import fold_evenly, is_near, stem, tokens
from knowledge.examples import load_letters

#: Characters of a letter that are read, signature included: more says nothing new about who comes where.
MOST = 6_000


class MentionKind(StrEnum):
    """What a mention is, whatever it is for."""

    DAY = "day"
    RANK = "rank"
    SECTOR = "sector"
    BARE = "bare"
    NUMBER = "number"
    COMPANION = "companion"
    NAME = "name"


class Rank(StrEnum):
    """Which of the coming meetings a rank picks."""

    ONE = "one"
    ALL = "all"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Mention:
    """``start``, ``end``: in the page's text.

    ``fits``: ids of the coming meetings it may mean; ``over``: of those past.

    ``all_of``: how many of ``fits`` it means at once (0: one of them). ``number``: people it counts. ``surface``: its
    words, folded.
    """

    kind: MentionKind
    start: int
    end: int
    surface: str
    fits: tuple[int, ...] = ()
    over: tuple[int, ...] = ()
    all_of: int = 0
    number: int | None = None
    day: DayMention | None = None
    name: ProperName | None = None
    in_name: bool = False


def sentence_at(starts: Sequence[int], place: int) -> int:
    """The number of the sentence that holds ``place``, of those that begin at ``starts``."""
    return max(0, bisect_right(starts, place) - 1)


@dataclass(frozen=True, slots=True)
class LetterPage:
    """A text to be read.

    ``plain``: folded, of the same length. ``sentences``: spans; ``signed``: where the signature begins.

    ``coming``: the ids of the coming meetings, by day. ``twins``: meetings that several mentions mean, as they mean
    them. ``kinds``: of which kinds the mentions are that mean given meetings, in a sentence (its number) and anywhere
    (``None``). ``listed``: for each mention, how many people stand in one list with it, itself included (0: it is
    nobody).
    """

    text: str
    plain: str
    sentences: tuple[tuple[int, int], ...]
    words: tuple[tuple[str, int, int], ...]
    mentions: tuple[Mention, ...]
    signed: int
    starts: tuple[int, ...]
    coming: tuple[int, ...]
    twins: frozenset[tuple[int, ...]]
    kinds: Mapping[tuple[tuple[int, ...], int | None], set[MentionKind]]
    listed: tuple[int, ...]

    def sentence_of(self, place: int) -> int:
        """The number of the sentence that holds ``place``."""
        return sentence_at(self.starts, place)


_WRAPPED = re.compile(r"(?<=[^\n.!?:;]{50})(?<![.!?:;,]\n)\n(?=[a-zà-ÿ(«\"'\d])")
#: What a full stop belongs to that ends no sentence.
_ABBREVIATED = (
    "avv", "prof", "dott", "ssa", "ing", "arch", "geom", "rag", "comm", "cav", "uff", "rev", "mons", "sen", "sig", "ra",
    "sigg", "spett", "le", "gent", "mo", "ma", "egr",
    "prot", "art", "pag", "tel", "cell", "cod", "fisc", "gen", "feb", "sett", "ott", "nov", "dic", "ecc", "es", "dr",
    "mr", "mrs", "ms", "st", "loc", "fraz", "segr", "pres", "cd", "ca",
)  # fmt: skip
_STOP = re.compile(r"(?<=[.!?;…])\s+|\n+")
_SHORTENED = re.compile(rf"(?:\b(?:{'|'.join(_ABBREVIATED)}|[a-z]|p\.v|c\.m|u\.s|s\.p\.a|a\.s\.d|s\.r\.l)\.)$")
#: A word, a number, or a mark of a folded text.
WORD = re.compile(r"[a-z]+|\d+|[^\sa-z\d]|\n")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|\bwww\.\S+")
_CLOCK = re.compile(
    r"\b(?:alle(?: ore)?|ore|h\.?|dalle|at|um|a las|"
    r"a les)\s*\d{1,2}(?:[.:,]\d{2})?(?:\s*[-–e/]\s*\d{1,2}(?:[.:]\d{2})?)?|\b\d{1,2}[:]\d{2}\b|"
    r"\b\d{1,2}[.]\d{2}\b(?!\.)"
)
_MONEY = re.compile(r"(?:€|euro)\s*\d+|\d+(?:[.,]\d+)*\s*(?:€|euro\b|%)")
_LONG = re.compile(r"\d+(?:[./]\d+)+|\b\d{5,}\b|\b[a-z]+\d+\w*|\d+[a-z]{3,}|\bn[.°]\s*\d{3,}|\b(?:19|20)\d\d\b")
_NUMBER = re.compile(r"(?<![\w/])(?:\d{1,3}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")(?![\w])")
_ARTICLES = frozenset({"un", "una", "uno", "one"})
_ONE_OF_US = re.compile(
    r"\s+(?:sol[oa]\s+|unic[oa]\s+|singol[oa]\s+)?(?:person|post|delegat|rappresentant|partecipant|component|"
    r"soci[oa]\b|referent|espert|operator|volontari|seat|place|other|altr|of us|personne|platz|plaza|loc\b|"
    r"vend)"
)
_RELATION = (
    r"(?:collegh?[aei]\b|amic[aoh]\w*|mogli\w*|marit\w*|compagn\w+|figli\w*|fratell\w+|sorell\w+|mamm[ae]|"
    r"madre|padre|babb[oi]|pap[ai]|nipot\w+|soci[oae]?|volontari\w*|vice\w*|president\w+|segretari\w*|"
    r"tesorier\w+|consiglier\w+|collaborat\w+|cugin\w+|fidanzat\w+|partner|vicin[oaie]|non[ne]\w*|suocer\w+|"
    r"cognat\w+|genitor\w*|dirigent\w+|direttor\w+|direttric\w+|allenat\w+|mister|coach|maestr[oaie]|"
    r"insegnant\w+|professor\w*|colleagues?|friends?|wife|husband|sons?|daughters?|mother|father|brother|"
    r"sister|kids|assistent\w*|delegat\w*|rappresentant\w*|referent\w*|responsabil\w*|curatric\w*|curator\w*|"
    r"educat\w+|capitan\w*|bibliotecari\w*|archivist\w*|coordinat\w+|stagist\w*|tirocinant\w*|ragazz[oa]|"
    r"person[ao]\b|frau|mann|freundin|kollegin|kollege|mari|femme|amie?|collegue|esposa|marido|amigo|amiga|"
    r"sotia|sotul|prieten\w*|gruaja|burri|shoq\w*|hija|hijo|fille|fils|tochter|sohn|fiica|fiul)"
)
_OFFICE = re.compile(_RELATION)
_COMPANION = re.compile(
    rf"(?<![\w'])(?:(?:(?:il|la|lo|dal|dalla|al|alla|col|un|una|i|le|mi[oa]|miei|mie|nostr[oaie]|su[oa]|"
    rf"propri[oa]|my|our|an?(?! mi| su| il| la)|the|mon|ma|notre|mein\w*|unser\w*|mi|nuestr[oa]|ime|im|o|"
    rf"altr[oa])\s+|(?:l|un|quell|altr|dall|all)'\s?)+(?:\w+\s+)?{_RELATION}(?!\w)|(?:il|la|"
    rf"lo)\s+sottoscritt[oa]|\bio(?: stess[oa])?\b|\bda sol[oa]\b|\bsol[oa] io\b|\bme\b|\bmyself\b|\balone\b|"
    rf"\bchi scrive\b|\bi\b(?= and\b)|{_RELATION})(?!\w)"
    r"|(?:(?<= e )|(?<= ed )|(?<=con )|(?<=piu )|(?<=\+ )|(?<=anche )|(?<= and )|(?<=with )|(?<=, ))(?:(?:il|"
    r"la|lo|un|una|mi[oa]|nostr[oa]|our|my|an?)\s+|(?:l|un)'\s?)(?:altr[oa]\s+)?(?!(?:dott|prof|sign|avvo|"
    r"link|incontr|riunion|question|domand|present|cort|mail|numer|nome|nostr|part|zoom|prossim|second|"
    r"vostr)\w*)[a-z]{4,}(?!\w)"
)
_MANY = {
    "due": 2,
    "tre": 3,
    "quattro": 4,
    "2": 2,
    "3": 3,
    "4": 4,
    "two": 2,
    "three": 3,
    "four": 4,
    "deux": 2,
    "trois": 3,
    "zwei": 2,
    "drei": 3,
    "dos": 2,
    "tres": 3,
    "doua": 2,
    "trei": 3,
}
_MANY_WORD = "|".join(sorted(_MANY, key=len, reverse=True))
_MEETING = (
    r"(?:incontr\w+|appuntament\w+|riunion\w+|dat[ae]|seduta|sedute|call|videocall|meetings?|sessions?|"
    r"rendez-vous|reunion\w*|rencontres?|treffen|encuentros?|intalnir\w+|takim\w+)"
)
_RANKS: tuple[tuple[re.Pattern[str], Rank, int], ...] = (
    (
        re.compile(
            rf"\b(?:tutti e|tutte e|gli altri|le altre|i|le|primi|prime|ultimi|ultime|all|les|alle|los|"
            rf"cele)\s+({_MANY_WORD})(?:\s+(?:gli\s+|i\s+|le\s+)?{_MEETING})?\b"
        ),
        Rank.COUNT,
        0,
    ),
    (
        re.compile(
            rf"\b(?:entramb[ie]|ambedue|tutt[ie] e due|both|les deux|beide\w*|ambos|ambele|"
            rf"te dyja)(?:\s+(?:gli |le |the )?{_MEETING})?\b"
        ),
        Rank.COUNT,
        2,
    ),
    (
        re.compile(
            rf"\b(?:tutti|tutte|ogni|qualsiasi|all(?!')|every|tous|toutes|alle(?= treffen| termine)|todos|"
            rf"todas|toate|te gjitha)(?:\s+(?:i |gli |le |the |les |los |las )?(?:vostri |"
            rf"prossimi )?{_MEETING})?\b"
        ),
        Rank.ALL,
        0,
    ),
    (
        re.compile(
            rf"\b(?:prossim[oa]|prim[oa](?: {_MEETING}| disponibile| utile|\b)|(?:the )?next|(?:the )?first|"
            rf"prochaine?|premiere?|nachste\w*|erste\w*|proxim[oa]|primer[oa]?|urmatoare\w*|prim[au]\w*|"
            rf"tjeter)\b(?: {_MEETING})?"
        ),
        Rank.ONE,
        0,
    ),
    (re.compile(rf"\b(?:second[oa]|(?:the )?second|deuxieme|zweite\w*|segund[oa])\b(?: {_MEETING})?"), Rank.ONE, 1),
    (re.compile(rf"\b(?:terz[oa]|(?:the )?third|troisieme|dritte\w*|tercer[oa]?)\b(?: {_MEETING})?"), Rank.ONE, 2),
    (re.compile(rf"\b(?:quart[oa]|(?:the )?fourth)\b(?: {_MEETING})?"), Rank.ONE, 3),
    (
        re.compile(rf"\b(?:ultim[oa]|final[ei]|(?:the )?last|dernier\w*|letzte\w*|ultim\w*|fundit)\b(?: {_MEETING})?"),
        Rank.ONE,
        -1,
    ),
    (
        re.compile(
            r"\b(?:quello|quella|incontro|appuntamento) (?:dopo|successiv[oa]|seguente)\b|\b(?:il|"
            r"la) (?:successiv[oa]|seguente)\b"
        ),
        Rank.ONE,
        1,
    ),
)


#: First names that are also plain words.
_NO_FIRST = frozenset(
    {
        "mia",
        "sara",
        "rosa",
        "gioia",
        "vera",
        "franca",
        "franco",
        "pia",
        "pio",
        "sole",
        "luce",
        "grazia",
        "salve",
        "libero",
        "primo",
        "italia",
        "letizia",
        "pace",
        "serena",
        "sereno",
        "alba",
        "dora",
        "viola",
        "stella",
        "perla",
    }
)
_GLUE = frozenset(
    [
        "e",
        "ed",
        "con",
        "del",
        "della",
        "dei",
        "delle",
        "degli",
        "dal",
        "per",
        "che",
        "non",
        "mi",
        "ci",
        "si",
        "il",
        "la",
        "lo",
        "le",
        "gli",
        "un",
        "una",
        "siamo",
        "sono",
        "vorrei",
        "vengo",
        "viene",
        "presidente",
        "segretaria",
        "da",
        "in",
        "a",
        "di",
        "al",
        "alla",
        "and",
        "from",
        "of",
        "with",
        "allora",
        "ma",
        "grazie",
    ]
)


def unwrap(text: str) -> str:
    """``text`` in NFC with single blanks, hard-wrapped lines joined (RFC 3676 flowed lines are by then)."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    plain = re.sub(r"[ \t\u00a0\u2007\u202f]+", " ", plain)
    plain = re.sub(r" ?\n ?", "\n", plain)
    return _WRAPPED.sub(" ", plain)


def read_page(
    text: str, signature: str, meetings: Sequence[Meeting], now: datetime, sectors: SectorWords, names: NameFinder
) -> LetterPage:
    """Find everything in ``text`` and the signature below it.

    ``now``: when it was written. ``sectors``, ``names``: the town's.
    """
    body = unwrap(text)[:MOST].rstrip()
    signed = len(body) + 2
    whole = f"{body}\n\n{unwrap(signature)[: max(0, MOST - len(body))].strip()}".rstrip() if signature.strip() else body
    plain = fold_evenly(whole)
    finder = _Finder(whole, plain, meetings, now, sectors)
    sentences, coming = tuple(_sentences(plain)), tuple(m.id for m in finder.coming)
    words = tuple((m.group(), m.start(), m.end()) for m in WORD.finditer(plain))
    mentions = tuple(finder.find(names.find(whole)))
    often = Counter(m.fits for m in mentions if m.fits)
    twins = frozenset(fits for fits, n in often.items() if n > 1)
    starts, listed = tuple(a for a, _ in sentences), tuple(_listed(plain, mentions))
    kinds = _kinds(mentions, starts)
    return LetterPage(whole, plain, sentences, words, mentions, signed, starts, coming, twins, kinds, listed)


def _kinds(
    mentions: Sequence[Mention], starts: Sequence[int]
) -> dict[tuple[tuple[int, ...], int | None], set[MentionKind]]:
    found: dict[tuple[tuple[int, ...], int | None], set[MentionKind]] = {}
    for mention in mentions:
        if mention.fits and not mention.in_name:
            for sentence in (sentence_at(starts, mention.start), None):
                found.setdefault((mention.fits, sentence), set()).add(mention.kind)
    return found


#: What an office or a name has behind it ("il responsabile dei mezzi", "Fausta (91 anni)").
_BEHIND = r"(?: (?:d[aei]l? |de[il] |dell[aeo'] ?|degli |di |of (?:the )?)?[a-z]{4,}){0,2}(?: \([^()\n]{0,40}\))?"
#: What leads the next of a list: an article, a title.
_LEADS = (
    r"(?:(?:the|il|la|lo|l|un|una|mi[oa]|dal|dalla|dall|da|al|alla|a|con|anche|poi|dott|ssa|prof|avv|ing|"
    r"arch|geom|rag|sig|ra|signor[ae]?|dottoressa|dottor|dr|don|suor|padre|cav|col)\b[\s'’.]*)*"
)
#: What stands between two people of one list.
_LISTED = re.compile(
    rf"{_BEHIND}[\s;+&\-•*–(]*(?:,|[+&•*–\-\n]|\b(?:e|ed|and|et|und|y|si|dhe|con|insieme|piu|"
    rf"nonche)\b)[\s,;]*(?:\b(?:e|ed|and|piu|poi|anche)\b\s*)?{_LEADS}|\s*{_LEADS}"
)
#: Characters between two people of one list, at most.
_FAR = 70


def in_one_list(plain: str, end: int, start: int) -> bool:
    """Whether one list goes on from the person told up to ``end`` to the one from ``start`` on, in a folded text."""
    return start - end <= _FAR and _LISTED.fullmatch(plain, end, start) is not None


def tells_office(mention: Mention) -> bool:
    """Whether it tells somebody by office or kinship ("il Presidente", "mia sorella"): a name behind it is theirs."""
    return mention.kind is MentionKind.COMPANION or _OFFICE.match(mention.surface) is not None


_PEOPLE = frozenset({MentionKind.COMPANION, MentionKind.NAME})
_MOST_LISTED = 4


def _listed(plain: str, mentions: Sequence[Mention]) -> list[int]:
    found = [0] * len(mentions)
    runs: list[list[int]] = []
    for i, mention in enumerate(mentions):
        if mention.kind in _PEOPLE:
            if not runs or not in_one_list(plain, mentions[runs[-1][-1]].end, mention.start):
                runs.append([])
            runs[-1].append(i)
    for run in runs:
        for i in run:
            found[i] = min(len(run), _MOST_LISTED)
    return found


def _sentences(plain: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for match in _STOP.finditer(plain):
        if "\n" not in match.group() and _SHORTENED.search(plain, max(start, match.start() - 10), match.start()):
            continue
        if plain[start : match.start()].strip():
            spans.append((start, match.start()))
            start = match.end()
    if plain[start:].strip():
        spans.append((start, len(plain)))
    return spans or [(0, len(plain))]


class _Finder:
    """Finds one page's mentions."""

    def __init__(self, text: str, plain: str, meetings: Sequence[Meeting], now: datetime, sectors: SectorWords) -> None:
        self.text, self.plain, self.sectors = text, plain, sectors
        self.today: date = to_local(now).date()
        self.coming = sorted((m for m in meetings if m.is_upcoming(now)), key=lambda m: (m.day, m.id))
        self.over = [m for m in meetings if not m.is_upcoming(now)]
        self.taken = bytearray(len(plain))
        self.found: list[Mention] = []

    def find(self, names: Sequence[ProperName]) -> list[Mention]:
        own = [n for n in names if max(n.person, n.organisation) >= SAFE]
        self._days(own)
        for pattern in (_ADDRESS, _CLOCK, PHONE, _MONEY, _LONG):
            for match in pattern.finditer(self.plain):
                self._take(match.start(), match.end())
        for name in names:
            if fold_evenly(name.text).strip(".") in _ABBREVIATED:
                continue
            free = not any(self.taken[name.start : name.end])
            if free:
                self.found.append(
                    Mention(MentionKind.NAME, name.start, name.end, self.plain[name.start : name.end], name=name)
                )
        named = bytearray(len(self.plain))
        for mention in self.found:
            if mention.kind is MentionKind.NAME:
                named[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
        self._small_names()
        self._ranks(named)
        self._sectors(named)
        self._numbers(named)
        self._companions(named)
        return sorted(self.found, key=lambda m: (m.start, -m.end))

    def _small_names(self) -> None:
        """First names that somebody in haste writes small, with the word behind them."""
        for match in re.finditer(r"(?<![\w'])([a-z]{3,}) ?([a-z]{3,})?(?!\w)", self.text):
            if not is_first_name(match[1]) or match[1] in _NO_FIRST:
                continue
            end = match.end(2) if match[2] and match[2] not in _GLUE and not is_first_name(match[2]) else match.end(1)
            if any(m.kind is MentionKind.NAME and m.start < end and match.start() < m.end for m in self.found) or any(
                self.taken[match.start() : end]
            ):
                continue
            words = self.text[match.start() : end]
            name = ProperName(words, match.start(), end, 1.5, 0.0, presented=False)
            self.found.append(Mention(MentionKind.NAME, match.start(), end, words, name=name))

    def _take(self, start: int, end: int) -> bool:
        if any(self.taken[start:end]):
            return False
        self.taken[start:end] = b"\1" * (end - start)
        return True

    def _days(self, names: Sequence[ProperName]) -> None:
        for day in find_days(self.plain, self.today):
            start, end = day.span
            inside = [n for n in names if n.start <= start and end <= n.end]
            if inside or not self._take(start, end):
                continue
            fits = [m.id for m in self.coming if m.day and day.admits(m.day)]
            over = tuple(m.id for m in self.over if m.day and day.admits(m.day))
            if day.nearest and len(fits) > 1:
                fits = fits[:1]
            self.found.append(Mention(MentionKind.DAY, start, end, self.plain[start:end], tuple(fits), over, day=day))

    def _ranks(self, named: bytearray) -> None:
        for pattern, rank, argument in _RANKS:
            for match in pattern.finditer(self.plain):
                if any(named[slice(*match.span())]) or not self._take(*match.span()):
                    continue
                ids = [m.id for m in self.coming]
                all_of = 0
                if rank is Rank.ONE:
                    place = argument if argument >= 0 else len(ids) - 1
                    ids = ids[place : place + 1] if 0 <= place < len(ids) else []
                elif rank is Rank.COUNT:
                    all_of = argument or _MANY[match[1]]
                    if re.match(r"prim", match.group()):
                        ids = ids[:all_of]
                    elif re.match(r"ultim", match.group()):
                        ids = ids[-all_of:]
                else:
                    all_of = len(ids)
                self.found.append(Mention(MentionKind.RANK, *match.span(), match.group(), tuple(ids), all_of=all_of))

    def _sectors(self, named: bytearray) -> None:
        phrases, places = sector_phrases(self.sectors, _same_word), list(re.finditer(r"[a-z]+|\d+", self.plain))
        words = [m.group() for m in places]
        i = 0
        while i < len(words):
            best = max(phrases.at(words, i), key=lambda p: len(p.parts), default=None)
            if best is None:
                i += 1
                continue
            start, end = places[i].start(), places[i + len(best.parts) - 1].end()
            if not any(self.taken[start:end]):
                fits = tuple(m.id for m in self.coming if m.sector == best.key)
                over = tuple(m.id for m in self.over if m.sector == best.key)
                self.found.append(
                    Mention(
                        MentionKind.SECTOR,
                        start,
                        end,
                        self.plain[start:end],
                        fits,
                        over,
                        in_name=any(named[start:end]),
                    )
                )
            i += len(best.parts)

    def _numbers(self, named: bytearray) -> None:
        days = {m.day.day for m in (*self.coming, *self.over) if m.day}
        for match in _NUMBER.finditer(self.plain):
            start, end = match.span()
            word = match.group()
            number = int(word) if word.isdigit() else NUMBERS[word]
            if (
                any(self.taken[start:end])
                or any(named[start:end])
                or (word in _ARTICLES and not _ONE_OF_US.match(self.plain, end))
            ):
                continue
            bare = number in days and number > 10
            fits = tuple(m.id for m in self.coming if bare and m.day and m.day.day == number)
            over = tuple(m.id for m in self.over if bare and m.day and m.day.day == number)
            kind = MentionKind.BARE if bare else MentionKind.NUMBER
            self.found.append(Mention(kind, start, end, word, fits, over, number=number))

    def _companions(self, named: bytearray) -> None:
        for match in _COMPANION.finditer(self.plain):
            start, end = match.span()
            if any(named[start:end]) or any(self.taken[start:end]):
                continue
            number = 2 if "genitor" in match.group() else 1
            self.found.append(Mention(MentionKind.COMPANION, start, end, match.group(), number=number))


@lru_cache(maxsize=20_000)
def _same_word(word: str, part: str) -> bool:
    """Whether two words differ by their ending, or by a slip that makes no other word ("partita" is not "parità")."""
    akin = stem(word) == stem(part) and abs(len(word) - len(part)) <= 2
    return word == part or (len(word) > 3 and (akin or (is_near(word, part) and word not in _common_words())))


#: Letters that must have a word before it is no slip of the fingers.
_COMMON = 3


@cache
def _common_words() -> frozenset[str]:
    """The words that many letters use."""
    counts = Counter(w for letter in load_letters() for w in set(tokens(letter.text)))
    return frozenset(w for w, n in counts.items() if n >= _COMMON)
