"""Which name in a letter is the association that the letter is for.

Every candidate is ranked against all others, and against none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise, permutations

import numpy as np

from conversation.naming import is_first_name
from conversation.understanding.mentions import WORD, LetterPage, MentionKind
from conversation.understanding.organisations import is_private
from conversation.understanding.proper_names import NameFinder, ProperName, words_about
from conversation.understanding.roles import OWN
from conversation.understanding.sparse import SIZE, START, Examples, Floats, Sparse, hashed_features, step
from conversation.words import fold, fold_evenly, stem, tokens

_QUOTED = re.compile(r"[\"«“”]\s?([^\"»”“«\n]{2,70}?)\s?[\"»”]")
_RUN = re.compile(
    r"(?<![\w@.])[A-ZÀ-Ý0-9](?:[\w'’&\-]|\.(?=\w))*(?:(?<=\b[A-Z])\.)?(?:[ ](?:(?:e|ed|di|del|della|dei|"
    r"delle|degli|dello|da|dal|dalla|per|il|la|le|lo|i|gli|in|nel|nella|sul|sulla|al|alla|a|con|senza|tra|"
    r"fra|of|the|and|for|de|du|des|et|und|der|die|y|los|las|si|dhe)\b[ ]?|(?:dell|d|l|all|nell|"
    r"sull)['’])*[A-ZÀ-Ý0-9](?:[\w'’&\-]|\.(?=\w))*(?:(?<=\b[A-Z])\.)?|, (?=[A-ZÀ-Ý][a-zà-ÿ]+ e [A-ZÀ-Ý]))*"
)
_STOP = frozenset(
    [
        "e",
        "ed",
        "io",
        "noi",
        "si",
        "siamo",
        "saremo",
        "vengo",
        "veniamo",
        "vorrei",
        "vorremmo",
        "per",
        "x",
        "con",
        "ci",
        "mi",
        "il",
        "al",
        "alle",
        "giovedi",
        "martedi",
        "venerdi",
        "lunedi",
        "sabato",
        "domenica",
        "mercoledi",
        "in",
        "che",
        "chi",
        "se",
        "ma",
        "voi",
        "vi",
        "buongiorno",
        "salve",
        "ciao",
        "grazie",
        "partecipa",
        "partecipiamo",
        "partecipano",
        "viene",
        "verra",
        "vengono",
        "presente",
        "presenti",
        "iscrive",
        "iscriviamo",
        "chiede",
        "chiedo",
        "posso",
        "possiamo",
        "si'",
        "allora",
        "abbiamo",
        "ho",
        "ha",
        "sono",
        "e'",
        "segnatemi",
        "segnateci",
        "anche",
        "dove",
        "quando",
    ]
)
_SAYS = frozenset(["chiama", "chiamata", "chiamato", "denominata", "detta", "nostra", "nostro"])
#: What no name has between its kind and itself; what no name written small ends with.
_NO_PART, _NO_END = _STOP | _SAYS, _STOP - {"e", "il", "in", "per", "con", "al"}
_FORMS = frozenset(
    ["asd", "ssd", "aps", "odv", "ets", "onlus", "gs", "us", "ac", "gsd", "uisp", "coop", "pol", "polisportiva"]
)
_MOST_WORDS = 7
#: From more names written small than this on no further are looked for: a long text has no end of them. A choice, not
#: measured.
_MOST_SMALL = 30
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name as it stands at ``start`` of the page (-1: the sender's own, in the header), and how it was found."""

    text: str
    start: int
    end: int
    found: str
    name: ProperName | None = None


@cache
def _kind_words() -> frozenset[str]:
    return frozenset(t for kind in words_about("kinds") for t in tokens(kind) if len(t) > 3)


@cache
def _says_what() -> frozenset[str]:
    """Words that say what something is: kinds and legal forms."""
    return _kind_words() | _FORMS


def candidates(page: LetterPage, sender: str, finder: NameFinder) -> list[Candidate]:
    """Everything in the page and the header that may be an association's name, each spelling once per place."""
    found = [
        Candidate(m.name.text, m.start, m.end, "name", m.name)
        for m in page.mentions
        if m.kind is MentionKind.NAME and m.name is not None
    ]
    found += [Candidate(m[1].strip(), m.start(1), m.end(1), "quoted") for m in _QUOTED.finditer(page.text)]
    for match in _RUN.finditer(page.text):
        text = match.group().rstrip(".,'’-& ")
        if len(text) > 2:
            found.append(Candidate(text, match.start(), match.start() + len(text), "run"))
            found += _parts(page, match.start(), match.start() + len(text))
    found += _joined(page)
    found += [c for one in list(found) for c in (_with_kind(page, one), _with_tail(page, one)) if c is not None]
    found += _small(page)
    header = sender.strip(" \"'")
    if header and "@" not in header:
        names = finder.find(header)
        found.append(Candidate(header, -1, -1, "header", names[0] if names else None))
        found += [Candidate(n.text, -1, -1, "headername", n) for n in names if n.text != header]
        if " - " in header or " | " in header:
            found += [Candidate(part.strip(), -1, -1, "headerpart") for part in re.split(r" [-|] ", header)]
    unique: dict[tuple[str, int], Candidate] = {}
    for candidate in found:
        text, key = candidate.text, (_folded(candidate.text), candidate.start)
        if key not in unique and 1 < len(text) <= 120 and not _led_by_article(text) and not _is_no_name(text):
            unique[key] = candidate
    return list(unique.values())[:80]


#: What stands inside a name between its kind and its own part: "Centro antiviolenza Alba Chiara".
_WITHIN = re.compile(r" (?:[a-zà-ù]{4,} (?:di |del |della )?){1,2}")


def _joined(page: LetterPage) -> list[Candidate]:
    """Two names with small words between them, the first of which says what it is."""
    names = [m for m in page.mentions if m.kind is MentionKind.NAME]
    return [
        Candidate(page.text[one.start : other.end], one.start, other.end, "joined")
        for one, other in pairwise(names)
        if says_what_it_is(page.text[one.start : one.end]) and _WITHIN.fullmatch(page.text, one.end, other.start)
    ]


def _led_by_article(text: str) -> bool:
    """Whether an article leads it ("la Polisportiva Argini").

    That is the sentence's, the name stands there without it.
    """
    words = tokens(text)
    return len(words) > 1 and words[0] in _ARTICLES and words[1] in _says_what()


#: A sentence ends inside it, or it begins with a date's number.
_BROKEN = re.compile(
    (
        r"[!?][\s]|^(?:i'm|i am|we are|is|are|can|could|hello|hi|dear|my name)\b|\w{4}[.;] |^\d{1,2} (?:il|la|lo|"
        r"i|gli|le|l'|del\w*|gennaio) ?"
    ),
    re.IGNORECASE,
)
#: Words of a request or an office: no name has them at all, or no name begins with them.
_ASKING = re.compile(
    r"\b(?:riunion[ei]|incontr[oi]|iscrizion[ei]|iscriv\w+|partecip\w+|vorre[im]\w*|appuntament[oi]|adesione)\b"
)
_OFFICE = re.compile(
    r"(?:vice ?)?(?:president\w+|segretari[oa]|direttor\w+|direttric\w+|tesorier[ea]|responsabile|referente|"
    r"coordinator\w+|coordinatric\w+)\b"
)


def _is_no_name(text: str) -> bool:
    """Whether it cannot be a name: two sentences run together, words of the request, an office and what it is of."""
    plain = _folded(text)
    return bool(_BROKEN.search(text) or _ASKING.search(plain) or _OFFICE.match(plain))


_ARTICLES = frozenset(
    [
        "il",
        "lo",
        "la",
        "l",
        "i",
        "gli",
        "le",
        "un",
        "una",
        "the",
        "our",
        "nostra",
        "nostro",
        "dell",
        "della",
        "del",
    ]
)
_CUT = re.compile(
    r"(?:(?<= )(?:per|del|della|dei|delle|degli|dello|di|e|ed|da|dal|dalla|con|for|of|and|from|de|du|von|"
    r"vom)(?: (?:il|la|lo|i|gli|le|the))? |(?<= )(?:dell|all|d|l)['’])(?=[A-ZÀ-Ý])"
)


def _parts(page: LetterPage, start: int, end: int) -> list[Candidate]:
    """The heads and tails of a run, cut at its small words.

    "Sonia per il Centro Le Gora", "Lia Neri della Pro Loco".
    """
    found = []
    for match in list(_CUT.finditer(page.text, start, end))[:4]:
        found.append(Candidate(page.text[match.end() : end], match.end(), end, "tail"))
        found.append(Candidate(page.text[start : match.start()].rstrip(), start, match.start() - 1, "head"))
    return [c for c in found if len(c.text) > 2]


def _with_kind(page: LetterPage, candidate: Candidate) -> Candidate | None:
    """The name with the words before it that say what it is.

    "circolo bocciofilo La Quercia", "Gruppo Montagna «Il Larice»".
    """
    before = page.text[max(0, candidate.start - 45) : candidate.start]
    words = list(re.finditer(r"[^\W_]+", before))[-5:]
    first = next((w for w in words if _folded(w[0]) in _says_what()), None)
    if candidate.start < 0 or first is None or re.search(r"[.,;:!?\n()]", before[first.start() :]):
        return None
    if any(_folded(w[0]) in _NO_PART for w in words):
        return None
    start = max(0, candidate.start - 45) + first.start()
    end = candidate.end + (
        page.text[candidate.end : candidate.end + 1] in '"»”' and page.text[candidate.start - 1] in '"«“'
    )
    return Candidate(page.text[start:end], start, end, "withkind", candidate.name)


def _with_tail(page: LetterPage, candidate: Candidate) -> Candidate | None:
    """The name with the small word behind it: "Appigli Storti climbing", "Voga e Legna a.s.d."."""
    match = re.match(
        (
            r" (?!(?:e|ed|per|con|in|il|la|si|ci|di|del|che|non|al|alla|siamo|vorre\w*|parteci\w*|chiede|viene|"
            r"verr\w*|sar\w*|and|would|is|for)\b)((?:a\.?s\.?d\.?|a\.?p\.?s\.?|o\.?d\.?v\.?)|"
            r"[a-zà-ÿ]{3,})(?![\w])"
        ),
        page.text[candidate.end : candidate.end + 30],
    )
    if candidate.start < 0 or match is None:
        return None
    end = candidate.end + match.end()
    return Candidate(page.text[candidate.start : end], candidate.start, end, "withtail", candidate.name)


def _small(page: LetterPage) -> list[Candidate]:
    """Names written small behind their kind or form: "asd freccia", "circolo amici del lago", in every length."""
    words = [(m.group(), m.start(), m.end()) for m in re.finditer(r"[a-z0-9][a-z0-9'.]*", page.plain)]
    kinds, found = _says_what(), list[Candidate]()
    for i, (word, start, _) in enumerate(words):
        if word.strip(".") not in kinds or page.text[start].isupper():
            continue
        for size in range(2, _MOST_WORDS):
            if i + size > len(words):
                break
            last, _, end = words[i + size - 1]
            between = page.plain[start:end]
            if re.search(r"[,;:!?\n()]|\. ", between) or last in _NO_END:
                break
            found.append(Candidate(page.text[start:end], start, end, "small"))
        if len(found) > _MOST_SMALL:
            break
    return found


def _shape(text: str) -> list[str]:
    words = text.split()
    plain = tokens(text)
    formed = any(w.strip(".").lower().replace(".", "") in _FORMS for w in words)
    first = bool(words) and is_first_name(words[0])
    return [
        f"words{min(len(words), 7)}",
        f"kind{not _kind_words().isdisjoint(plain)}",
        f"formed{formed}",
        f"startskind{bool(plain) and plain[0] in _says_what()}",
        f"first{first}",
        f"firstlast{first or (len(words) > 1 and is_first_name(words[-1]))}{len(words) == 2}",
        f"upper{text.isupper()}",
        f"lower{text.islower()}",
        f"digit{any(c.isdigit() for c in text)}",
        f"w0{plain[0] if plain else ''}",
        f"wlast{plain[-1] if plain else ''}",
        *(f"has{stem(w)}" for w in plain),
    ]


@lru_cache(maxsize=2_000)
def _folded(text: str) -> str:
    return fold(text)


@dataclass(frozen=True, slots=True)
class _Pool:
    """The candidates of one page and what tells about each beside its own words.

    ``inside``, ``holds``: how the candidates were found that a spelling is part of, and those that are part of it.
    ``own``: the places of the names, and how probably each is the association's.
    """

    page: LetterPage
    sender: str
    inside: dict[str, set[str]]
    holds: dict[str, set[str]]
    own: list[tuple[int, int, float]]

    def features(self, candidate: Candidate) -> list[str]:
        """What tells whether ``candidate`` is the association that the letter is for."""
        plain, header = _folded(candidate.text), _folded(self.sender)
        found = [candidate.found, *_shape(candidate.text)]
        if candidate.name is not None:
            found += candidate.name.signs
        if candidate.start >= 0:
            found += self._place(candidate)
        inside, holds = self.inside[plain], self.holds[plain]
        return [
            *found,
            f"inside{bool(inside)}",
            f"holds{bool(holds)}",
            f"insidequote{'quoted' in inside}",
            f"holdsquote{'quoted' in holds}",
            f"times{min(3, self.page.plain.count(plain))}",
            f"inheader{bool(self.sender) and plain in header}",
            f"isheader{plain == header}",
        ]

    def _place(self, candidate: Candidate) -> list[str]:
        """What stands around it."""
        page, start, end = self.page, candidate.start, candidate.end
        before = WORD.findall(page.plain, max(0, start - 40), start)[-3:][::-1]
        after = WORD.findall(page.plain, end, end + 30)[:2]
        found = [f"L{k}{w}" for k, w in enumerate(before)] + [f"R{k}{w}" for k, w in enumerate(after)]
        if len(before) > 1:
            found.append(f"LL{before[1]} {before[0]}")
        signed = start >= page.signed
        subject = start < page.sentences[0][1] and "\n\n" in page.text
        following = page.text[end : end + 2]
        best = max((own for a, b, own in self.own if a < end and start < b), default=-1.0)
        line = page.plain.rfind("\n", 0, start) + 1
        return [
            *found,
            f"kindbefore{not _says_what().isdisjoint(before[:2])}",
            f"signed{signed}",
            f"subject{subject}",
            f"in{candidate.found}{signed}",
            f"cutcap{bool(re.match(r' [A-ZÀ-Ý]', following))}",
            f"ends{following[:1]!r}",
            f"role{round(best * 5) if best >= 0 else 'none'}",
            f"line{start == line}",
        ]


def places(
    page: LetterPage, pool: Sequence[Candidate], roles: Sequence[Floats], sender: str, finder: NameFinder
) -> list[list[int]]:
    """What tells of each candidate, and last what tells that the letter is for none of them, as places of features."""
    found: dict[str, set[str]] = {}
    for candidate in pool:
        found.setdefault(_folded(candidate.text), set()).add(candidate.found)
    inside, holds = {plain: set[str]() for plain in found}, {plain: set[str]() for plain in found}
    for one, other in permutations(found, 2):
        if one in other:
            inside[one] |= found[other]
            holds[other] |= found[one]
    own = [
        (m.start, m.end, float(p[OWN])) for m, p in zip(page.mentions, roles, strict=True) if m.kind is MentionKind.NAME
    ]
    known = _Pool(page, sender, inside, holds, own)
    return [hashed_features(f) for f in (*map(known.features, pool), _none_features(page, pool, sender, finder))]


def _none_features(page: LetterPage, pool: Sequence[Candidate], sender: str, finder: NameFinder) -> list[str]:
    """What tells that the letter is for no association that it names."""
    return [
        _NONE,
        f"none:private{is_private(page.text)}",
        f"none:pool{min(len(pool), 5)}",
        f"none:kinds{not _kind_words().isdisjoint(tokens(page.text))}",
        f"none:header{bool(sender)}",
        f"none:we{bool(re.search(r'siamo|saremo|veniamo|vorremmo|noi|nostr', page.plain))}",
        f"none:short{len(page.words) < 15}",
        f"none:header{_header_kind(finder.find(sender))}",
    ]


def _header_kind(names: Sequence[ProperName]) -> str:
    if not names:
        return "nothing"
    return "org" if names[0].organisation > names[0].person else "person"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate and its probability; ``None``: no association is named."""

    candidate: Candidate | None
    score: float


def says_what_it_is(name: str) -> bool:
    """Whether ``name`` has a kind of association or a legal form in it."""
    return not _says_what().isdisjoint(tokens(name))


def with_form(name: str, ranked: Sequence[Ranked]) -> str:
    """``name`` with the legal form that it has elsewhere in the letter.

    "ASD Tre Fonti" where "Tre Fonti" stands, too.
    """
    words = tokens(name)
    for candidate in (r.candidate for r in ranked if r.candidate is not None and r.candidate.start >= 0):
        longer = tokens(candidate.text)
        if len(longer) > len(words) and [w for w in longer if w in words or w not in _FORMS] == words:
            return candidate.text
    return name


class Ranking:
    """The learnt ranking: one weight for each feature."""

    def __init__(self, model: Sparse) -> None:
        self.model = model

    def of(self, page: LetterPage, roles: Sequence[Floats], sender: str, finder: NameFinder) -> list[Ranked]:
        """All candidates and none, likeliest first; probabilities add up to one."""
        pool = candidates(page, sender, finder)
        scores = self.model.scores(places(page, pool, roles, sender, finder))
        scores = np.exp(scores - np.max(scores))
        scores /= scores.sum()
        spelt: dict[str, tuple[float, float, Candidate]] = {}
        for candidate, score in zip(pool, scores[:-1].tolist(), strict=True):
            total, best, shown = spelt.get(key := as_compared(candidate.text), (0.0, 0.0, candidate))
            spelt[key] = total + score, max(best, score), candidate if score > best else shown
        ranked = [Ranked(shown, total) for total, _, shown in spelt.values()]
        return sorted([*ranked, Ranked(None, float(scores[-1]))], key=lambda r: -r.score)


@lru_cache(maxsize=2_000)
def as_compared(text: str) -> str:
    """A name without what does not tell it from its other spellings."""
    return " ".join(tokens(fold_evenly(text)))


def fit_ranking(
    lists: Sequence[tuple[Sequence[Sequence[int]], Sequence[bool]]],
    *,
    rounds: int = 8,
    rate: float = 0.2,
    decay: float = 1e-5,
    seed: int = 5,
) -> Sparse:
    """Fit on lists of candidates (their feature places), and which of each are right: at least one."""
    chance = np.random.default_rng(seed)
    weights, squares = np.zeros(SIZE, np.float32), np.full(SIZE, START, np.float32)
    examples, order = Examples([row for rows, _ in lists for row in rows]), np.arange(len(lists))
    bounds = np.cumsum([0, *(len(rows) for rows, _ in lists)])
    for _ in range(rounds):
        chance.shuffle(order)
        for i in order.tolist():
            touched, written = examples.batch(np.arange(bounds[i], bounds[i + 1]))
            scores = written @ weights[touched]
            scores = np.exp(scores - np.max(scores))
            scores /= scores.sum()
            wanted = np.where(np.asarray(lists[i][1], bool), scores, 0)
            wanted = wanted / max(float(wanted.sum()), 1e-9)
            step(weights, squares, touched, written.T @ (scores - wanted), rate=rate, decay=decay)
    return Sparse(weights.astype(np.float16))
