"""The proper names in a text, and whether each is a person's or an association's.

A name is a run of capitalised words ("Amici delle Mura"), with the kind of association before it ("bocciofila
Montuolo", "A.S.D. Tau") or in quotes. What it is, is weighed from its own words (legal forms, kinds, first names, all
of them in knowledge/organisations.toml) and from those that lead to it ("sono", "per conto di", "from"). What the town
itself is called, and what it speaks of in its answers, is nobody's name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from conversation.naming import first_names, is_first_name
from conversation.words import fold, tokens
from knowledge.examples import load_letters
from knowledge.library import Library, load_phrases

_SUFFIX = (
    r"(?:APS|ODV|ETS|ASD|SSD|A\.?\s?P\.\s?S\.?|O\.D\.V\.?|A\.\s?S\.\s?D\.?|S\.\s?S\.\s?D\.?|E\.T\.S\.?|Onlus|"
    r"ONLUS|asd|aps|odv|ssd|ets)"
)
_FORM = (
    r"(?:A\.?\s?S\.?\s?D\.?|S\.?\s?S\.?\s?D\.?|A\.?\s?P\.?\s?S\.?|O\.?D\.?V\.?|E\.?T\.?S\.?|"
    r"[GUACF]\.\s?[SCP]\.|ONLUS|Onlus|[Aa]sd|[Ss]sd|[Aa]ps|[Oo]dv)"
)
#: "associazione culturale", "circolo ricreativo": what may stand between the kind and the name.
ADJECTIVE = (
    r"(?:sportiv[ao]|dilettantistic[ao]|cultural[ei]|musicale|teatrale|ricreativ[ao]|social[ei]|storic[ao]|"
    r"ambientale|giovanile|femminile|popolare|comunale|civic[ao]|diocesan[ao]|parrocchiale|comprensivo|"
    r"artistico|arci|di promozione sociale|di volontariato)"
)
_QUOTE = r"[\"«“][^\"»”\n]{2,60}[\"»”]"
_NAME_WORD = (
    rf"(?:(?!(?:L|Un|D|Dell|All|Nell|Dall|Sull|Quell)['’])[A-ZÀ-Ý](?:[\w'’&\-]|"
    rf"\.(?=\w))*\.?(?<![a-zà-ÿ]{{4}}\.)|{_QUOTE}|(?<=[A-Za-zà-ÿ.] )\d{{4}}(?=[\s,.;:)]|$)(?!\s+[a-z])|&)"
)
_GLUE = (
    r"(?:d[ei]|del|della|dello|dei|delle|degli|dell['’]|d['’]|per la|per il|per|la|il|le|lo|l['’]|e|ed|in|en|"
    r"di|a|al|alla|alle|da|sul|sulla|&|of|the|and|for)"
)
_RUN = rf"(?:[ \t]+(?:{_GLUE}[ \t]*){{0,3}}{_NAME_WORD})"
_PLACE_WORDS = re.compile(
    r"^(?:buon|salve|gentil|spett|egreg|ciao|grazie|cordial|distint|saluti|kind|regards|best|incontr|riunion|"
    r"iscri|oggetto|zoom|learning|unesco|comune\b|patto|via\b|piazza|viale|lunedi|martedi|mercoledi|giovedi|"
    r"venerdi|sabato|domenica|monday|tuesday|wednesday|thursday|friday|gennaio|febbraio|marzo|january|"
    r"february|date|data|meeting|tavolo|italia|europa|pec$|telegram|sottoscritt)"
)
_TITLE = (
    r"(?:[Dd]ott(?:\.?\s?ssa|oressa|ore|\.)?|[Pp]rof(?:\.?\s?ssa|essoressa|essore|\.)?|[Aa]vv\.?|[Ii]ng\.?|"
    r"[Aa]rch\.?|[Gg]eom\.?|[Rr]ag\.?|[Ss]ig(?:\.?\s?ra|nora|nor|\.)?|[Dd]on|[Rr]ev\.?|[Pp]adre|[Ss]uor|"
    r"[Mm]aestr[oa]|[Cc]av\.?|Mr\.?|Ms\.?|Mrs\.?|Dr\.?)"
)
_TITLED = re.compile(rf"\b{_TITLE}\s*$")
_OFFICE = (
    r"(?:(?:vice)?president\w*|segretari\w*|vice|referente|responsabile|legale rappresentante|direttor\w*|"
    r"direttrice|soci[oa]|tesorier\w+|coach|contact)"
)
#: Leads to the name of the one who writes or comes.
_PRESENTS = re.compile(
    rf"(?:\b(?:sono|mi chiamo|il mio nome e'?|so'|(?:il|la|io) sottoscritt[oa],?|nome:|nome e|nome in|"
    rf"nome (?:giusto|corretto)|contact|ask for|i am|i'm|my name is|this is|contatto|me stess[oa]|ich bin|"
    rf"je suis|soy|me llamo|je m'appelle|mein name ist|{_OFFICE})\s*(?:e'?\s+)?[:(,]?\s*|\b(?:verra|"
    rf"partecipera|parteciperanno|viene|interverr\w+|al (?:mio|suo) posto viene)\s+(?:(?:il|"
    rf"la)\s+{_OFFICE},?\s+)?)$"
)
#: Leads to the name of somebody who comes along.
_OTHERS = re.compile(r"\b(?:colleg\w+|amic\w+|moglie|marito|figli\w|compagn\w|colleague|friend|wife|husband)\s*$")
#: Leads to the name of an association.
_BELONGS = re.compile(
    r"(?:\b(?:d[ei]l?|della|dello|dell'|dei|degli|delle|dal|dalla|per|noi|siamo|rappresento|rappresentiamo|"
    r"run|from|of|at|for|on behalf of|with|associa\w*|gruppo|societa|circolo|club|realta|ente|comitato|"
    r"cooperativa|si chiama|chiamat[ao]|iscri\w+|segn\w+|registr\w+|prenot\w+|mett\w+|aggiung\w+|posti? a|"
    r"join|register|sign up|enrol|vom|von|de)\s+(?:(?:il|lo|la|i|gli|le|the|un|una|our|my|nome)\s+)?(?:(?:l|"
    r"un)'\s*)?)$"
)


#: From this weight on a name is taken for what it was weighed as.
SAFE = 2.0


@dataclass(frozen=True, slots=True)
class ProperName:
    """A name and where it stands. ``person``, ``organisation``: how much speaks for each (``SAFE``)."""

    text: str
    start: int
    end: int
    person: float
    organisation: float
    presented: bool

    @property
    def signs(self) -> list[str]:
        """What the name itself tells of its role, as features."""
        return [
            f"per{int(max(-4, min(self.person, 6)))}",
            f"org{int(max(-4, min(self.organisation, 8)))}",
            f"pres{self.presented}",
        ]


def words_about(kind: str) -> tuple[str, ...]:
    """The words about organisations that hold in every town, as ``kinds``."""
    return load_phrases("organisations")[kind]


class NameFinder:
    """Finds proper names in the town that ``library`` speaks for."""

    def __init__(self, library: Library) -> None:
        exactly = (word.removeprefix("=") + "$" if word.startswith("=") else word for word in library.town.no_names)
        self._no_names = re.compile("|".join(exactly) or r"(?!)")
        answers = (text for fact in library.facts.values() for text in fact.answer.values())
        #: What the bot itself speaks of: a name in an answer is not the association of the one who asks.
        self._spoken_of = fold(" ".join(answers))

    def find(self, text: str) -> list[ProperName]:
        """Every proper name of ``text``, in order."""
        flat = re.sub(r"[ \t]+", " ", text)
        quiet = _quiet(flat)
        found = []
        for start, end in _spans(quiet):
            name = _tidy(flat[start:end], quiet[start:end])
            bare = fold(name.strip('"«“'))
            if len(name) > 2 and not _PLACE_WORDS.match(bare) and not self._no_names.match(bare):
                lead = max(flat[start:end].find(name), 0)  # quotes around all of it are no part of the name
                spoken_of = fold(name) in self._spoken_of
                found.append(_weigh(name, start, quiet, quiet[start:end], lead, spoken_of=spoken_of))
        return found


_FORM_FIRST = re.compile(rf"(?:{_FORM})(?=[\s.]|$)")


def begins_like_organisation(name: str) -> bool:
    """Whether ``name`` begins with a legal form or a kind of association, in capitals or not."""
    return bool(_FORM_FIRST.match(name) or _kind().match(fold(name)))


@cache
def _kind() -> re.Pattern[str]:
    kinds = "|".join(re.escape(fold(k)) for k in sorted(words_about("kinds"), key=len, reverse=True))
    return re.compile(rf"\b(?:{kinds})\b")


@cache
def _span() -> re.Pattern[str]:
    kinds = sorted(words_about("kinds"), key=len, reverse=True)
    cased = "|".join(f"[{k[0].upper()}{k[0]}]{re.escape(k[1:])}" for k in kinds)
    kind = rf"(?:(?:{_FORM}(?=[\s\"«“.,;]|$)\.?|(?:{cased})\b)(?:[ \t]+{ADJECTIVE}\b){{0,3}})"
    suffix = rf"(?:[ \t]+{_SUFFIX}(?=[\s,.;:)]|$))?"
    return re.compile(rf"(?<![\w@.])(?:{kind}(?:[ \t]+{kind})?{_RUN}{{1,8}}{suffix}|{_NAME_WORD}{_RUN}{{0,8}}{suffix})")


@cache
def _common() -> frozenset[str]:
    """Words that the wishes and letters write small: capitalised, they only begin a sentence."""
    written = [phrase for group in load_phrases("intents").values() for phrase in group]
    written += [letter.text for letter in load_letters()]
    small = {fold(w) for w in set(re.findall(r"\b[a-zà-ÿ]+\b", "\n".join(written)))}
    return frozenset(small | _OPENERS) - first_names()


_OPENERS = frozenset(
    [
        "io",
        "noi",
        "salve",
        "buongiorno",
        "buonasera",
        "siamo",
        "saremo",
        "veniamo",
        "vorrei",
        "vorremmo",
        "iscrivete",
        "segnate",
        "dear",
        "hello",
        "hi",
        "good",
    ]
)


#: What the first word of a sentence stands behind; nothing, where it is the first of all.
_BEGINS = ("", *".!?:;-–(")


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where names stand: runs of capitals, without the word that only begins a sentence, cut where a person ends."""
    for match in _span().finditer(text):
        start, end = match.span()
        while begun := re.match(r"([^\W\d_]+['’]?)(?:[ \t]+|(?<=['’])|$)", text[start:end]):
            word = fold(begun[1]).rstrip("'")
            before = text[:start].rstrip()
            first = text[start - 1 : start] == "\n" or before[-1:] in _BEGINS
            alone = start + begun.end() == end
            rest = text[start + begun.end() : end]
            named = (
                begins_like_organisation(rest)
                or is_first_name(rest.split(" ")[0])
                or re.match(r"(?:d|l|de|il|la|the)\b", rest)
            )
            if (
                begun[1][0].isupper()
                and word in _common()
                and not _kind().match(word)
                and first
                and (alone or named or word in _OPENERS)
            ):
                start += begun.end()
                continue
            break
        if start > match.start() or text[start].isdigit():
            glue = re.match(
                r"(?:(?:\d+|il|la|lo|i|gli|le|the|d[ei]l?|della|dei|delle|degli|per|for|of)[ \t]+|(?:l|dell)['’])+",
                text[start:end],
            )
            start += glue.end() if glue else 0
        if start < end:
            yield from _cut(text, start, end)


_TITLE_FIRST = re.compile(rf"{_TITLE}(?=[ \t.])\.?[ \t]*")
_BOUNDARY = re.compile(
    r"[ \t]+(?:(?:e|ed|and)|(?:d[ei]l?|della|dello|dei|degli|delle|from|of|at)|(?:dell|"
    r"d)['’])(?:[ \t]+the)?(?:[ \t]+|(?<=['’]))"
)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Two names in "Lia Neri della Pro Loco"; so in "Circolo Lume e Lia Neri"."""
    titled = _TITLE_FIRST.match(text, start, end)
    start = titled.end() if titled else start
    for match in _BOUNDARY.finditer(text, start, end):
        left, right = text[start : match.start()], text[match.end() : end]
        people = (
            is_first_name(left.split(" ")[0])
            or _TITLED.search(text[max(0, start - 60) : start])
            or _PRESENTS.search(fold(text[max(0, start - 40) : start]))
        )
        if " " in left and people and not _kind().search(fold(left)):
            yield start, match.start()
            yield from _cut(text, match.end(), end)
            return
        both = is_first_name(left.split(" ")[0]) or " " in right
        if match.group().strip() in {"e", "ed", "and"} and is_first_name(right.split(" ")[0]) and both:
            yield start, match.start()
            yield from _cut(text, match.end(), end)
            return
    yield start, end


#: Characters behind a name that may say what it is.
_BEHIND = 100
_QUOTED = re.compile(r"[\"«“]")
_FORMED = re.compile(rf"(?:^|\s){_FORM}(?=\s|$)|(?:^|\s){_SUFFIX}(?=\s|$)")


def _weigh(name: str, start: int, text: str, quiet: str, lead: int, *, spoken_of: bool) -> ProperName:
    """``start``: where the span begins, ``lead`` characters before the name itself.

    ``spoken_of``: the bot itself says it.
    """
    quoted = bool(_QUOTED.search(name) or _QUOTED.search(quiet[:lead]))
    before = fold(text[max(0, start - 45) : start].rsplit("\n", maxsplit=1)[-1])
    words = name.split()
    formed = bool(_FORMED.search(quiet))
    behind = fold(text[start + lead + len(name) :][:_BEHIND]).lstrip(' "»”')
    kind = bool(_kind().search(fold(quiet)) or _kind().match(behind))
    titled, presented = bool(_TITLED.search(text[max(0, start - 12) : start])), bool(_PRESENTS.search(before))
    first = is_first_name(words[0])
    person = 3.0 * first + 3 * titled + 2 * presented - 5 * (formed or kind) - 4 * (len(words) > 4) - 2 * quoted
    person -= 3 * (len(words) == 1 and not (presented or titled))
    shaped = len(words) > 2 or quoted
    listed = bool(re.search(r"(?:^|[,;:(–-])\s*$", before)) and len(words) > 1
    organisation = (
        4.0 * formed + 3 * kind + 2 * bool(_BELONGS.search(before)) + shaped + listed - 3 * first - 4 * titled
    )
    person -= 2.0 * bool(_OTHERS.search(before))
    called = bool(re.search(r"\b(?:si chiama|chiamat[ao]|chiamiamo)\s*$", before))
    organisation -= 2.0 * (presented and not (formed or kind)) + 2.0 * (
        len(words) == 1 and not (formed or kind or shaped or called)
    )
    organisation -= 3.0 * (not (formed or kind) and spoken_of)
    begins = start + lead
    return ProperName(name, begins, begins + len(name), person, organisation, presented)


_END = re.compile(
    r"(?<=[a-zà-ÿ]{3})\.\s.*|"
    r"(?<!\bdi)(?<!\bdel)(?<![Aa]ssociazione)(?<![Cc]ulturale)(?<![Cc]ircolo)(?<![Cc]omitato)\s(?:[Vv]ia|"
    r"[Pp]iazza|[Vv]iale|[Tt]el|[Cc]ell|[Pp]artecip\w+|[Vv]erranno|[Ii] miei)\b.*|\s+(?:il|in|di|del)\s+\d.*"
)
_TAIL = re.compile(
    r"\s+(?:in|il|e|la|per|con|di|da|a|al|of|the|and|for|en|I|chiede|tel|cell|Tel|Cell)\.?$|[\s,;:.\-–(]+$"
)


_FORMED_INSIDE, _ENDS_FORMED = (
    re.compile(rf"(?<=\S)\s{_SUFFIX}(?=[.,;:\s])"),
    re.compile(rf"(?:^|\s){_SUFFIX}$"),
)


def _tidy(name: str, quiet: str) -> str:
    """Cut what follows the name: the next sentence, a street, a number of people; and quotes around all of it."""
    cut = _END.sub("", quiet)
    if formed := _FORMED_INSIDE.search(cut):
        cut = cut[: formed.end()]
    previous = ""
    while previous != cut:
        previous, cut = cut, _TAIL.sub("", cut)
    following = quiet[len(cut) + 1 : len(cut) + 2]
    dotted = quiet.startswith(f"{cut}.") and not following.strip() and _ENDS_FORMED.search(f"{cut}.")
    name = " ".join(name[: len(cut) + bool(dotted)].split())
    bare = re.fullmatch(r"(?:[a-zà-ù ]+)?[\"«“]([^\"»”]+)[\"»”]", name)
    return (bare[1] if bare else name)[:120]


#: Words that are no part of a name even where all is written in capitals.
_SMALL = frozenset(
    [
        "siamo",
        "saremo",
        "veniamo",
        "vorremmo",
        "vorrei",
        "iscrivete",
        "iscriveteci",
        "iscrivere",
        "iscrizione",
        "chiede",
        "chiedo",
        "incontro",
        "incontri",
        "riunione",
        "riunioni",
        "persone",
        "partecipanti",
        "lunedi",
        "martedi",
        "mercoledi",
        "giovedi",
        "venerdi",
        "gennaio",
        "febbraio",
        "della",
        "delle",
        "dello",
        "degli",
        "alla",
        "alle",
        "agli",
        "per",
        "con",
        "noi",
        "vengo",
        "saluti",
        "cordiali",
        "grazie",
    ]
)


def _quiet(text: str) -> str:
    """A text shouted in capitals with each word capitalised instead; of the same length."""
    letters = "".join(filter(str.isalpha, text))
    shouted = len(letters) > 12 and sum(map(str.isupper, letters)) > 0.8 * len(letters)
    if not shouted:
        return text
    quiet = re.sub(
        r"[^\W\d_]+", lambda m: m[0].lower() if len(m[0]) < 4 or fold(m[0]) in _SMALL else m[0].capitalize(), text
    )
    return quiet if len(quiet) == len(text) else text


def bare_title(name: str) -> str:
    """``name`` without "dott.", "prof.ssa", "Sig." before it."""
    return re.sub(rf"^(?:{_TITLE}(?=[ \t.])\.?[ \t]*)+", "", name)


def is_person(name: str) -> bool:
    """Whether ``name``, standing alone, is a person's.

    A first name, one to three more words, no kind of association.
    """
    words = name.split()
    return 1 < len(words) < 5 and is_first_name(words[0]) and not _kind().search(" ".join(tokens(name)))
