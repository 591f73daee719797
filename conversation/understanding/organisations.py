"""The association that a text speaks for."""

import re
from collections.abc import Sequence
from functools import cache

from conversation.understanding.proper_names import ADJECTIVE, SAFE, ProperName, words_about
from conversation.words import fold, is_near, tokens

_PRIVATE = re.compile(
    r"\b(?:privat[oaie](?: cittadin[oaie])?|non rappresent\w+ (?:nessuno|alcun\w*|nessun\w*|un'associazione)|"
    r"(?:(?:un|una|semplic[ei]|come|da) )+cittadin[oaie]|a titolo (?:personale|privato)|a nome mio|(?:nessuna|"
    r"senza|alcuna|niente|fuori da ogni) associazione|titolo individuale|senza (?:nessun|alcun) \w+|"
    r"singol[oa] cittadin[oa]|non (?:siamo|sono) (?:\w+ )?(?:una societa|un'associazione|un ente|"
    r"di nessun\w*)|associazione (?:alle spalle )?non (?:ce l'ho|l'ho|ne ho)|non (?:sono|faccio parte) (?:di|"
    r"in) (?:nessuna|un'|alcuna)\s*associazione|private citizen|no (?:association|organi[sz]ation)|(?:just|"
    r"ordinary) residents?|(?:not|n't) belong to any|not (?:with|part of) any|on my own behalf|per conto mio|"
    r"nessuna)\b"
)


def find_organisation(text: str, names: Sequence[ProperName]) -> str | None:
    """The association that ``text`` names, as it names it; ``""`` for a private citizen; ``None`` if it is silent.

    ``names``: the proper names of ``text``.
    """
    names = [n for n in names if n.organisation >= SAFE and n.organisation > n.person]
    best = max(names, key=lambda n: (n.organisation, -n.start)) if names else None
    if best is not None and best.organisation > SAFE + 1:
        return best.text
    if _PRIVATE.search(fold(text)):
        return ""
    if best is not None:
        return best.text
    flat = re.sub(r"[ \t]+", " ", text)
    for found in _lower_case().finditer(flat.lower()):
        if not _NAMELESS.fullmatch(found["org"].strip()):
            return flat[slice(*found.span("org"))].strip(" ,.;")
    return None


def is_private(text: str) -> bool:
    """Whether ``text`` says that somebody comes for themselves."""
    return bool(_PRIVATE.search(fold(text)))


#: Words that spellings of one name leave out or add.
_SMALL = frozenset(
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
        "di",
        "del",
        "dello",
        "della",
        "dell",
        "dei",
        "degli",
        "delle",
        "d",
        "da",
        "e",
        "ed",
        "in",
        "a",
        "al",
        "alla",
        "per",
        "the",
        "of",
        "and",
        "for",
        "asd",
        "ssd",
        "aps",
        "odv",
        "ets",
        "onlus",
        "associazione",
        "ass",
    ]
)


def same_organisation(one: str, other: str) -> bool:
    """Whether two spellings name one association.

    But for articles, legal forms, the kind ("polisportiva"), a slip of the fingers.

    Two private citizens (``""``) are the same; a private citizen and an association are not.
    """
    first, second = sorted((_core(one), _core(other)), key=len)
    if not first or not second:
        return fold(one).split() == fold(other).split()
    lead, tail = second[: -len(first)], second[-len(first) :]
    return all(map(is_near, first, tail)) and set(lead) <= _kinds()


def named_among(text: str, names: Sequence[str]) -> list[str]:
    """Those of ``names`` that ``text`` names whole; failing that, the one that it names in part."""
    said = tokens(text)

    def says(word: str) -> bool:
        return any(is_near(t, word) for t in said)

    whole = [n for n in names if (core := _core(n)) and all(map(says, core))]
    part = [n for n in names if any(map(says, _core(n)))]
    return whole or (part if len(part) == 1 else [])


def _core(name: str) -> list[str]:
    """The words that tell a name from others, in order."""
    return [t for t in tokens(name.replace(".", "")) if t not in _SMALL]


@cache
def _kinds() -> frozenset[str]:
    return frozenset(t for kind in words_about("kinds") for t in tokens(kind))


#: "associazione sportiva e culturale" says what it is, not how it is called.
_NAMELESS = re.compile(rf"\w+(?:\s+(?:{ADJECTIVE}|e|ed|di|del|della))*")


def all_organisations(names: Sequence[ProperName]) -> set[str]:
    """Every association that is named with its legal form or kind, as compared (folded)."""
    return {fold(n.text) for n in names if n.organisation > SAFE}


@cache
def _lower_case() -> re.Pattern[str]:
    """A kind of association and its name without capitals, up to the next word that is no name."""
    kinds = "|".join(sorted((re.escape(k) for k in words_about("kinds")), key=len, reverse=True))
    return re.compile(
        rf"(?:^|[,;:?!.]\s*|\b(?:siamo|sono|noi|a nome|per conto|della|dell'|del|di|dei|per|segna\w*|"
        rf"iscriv\w*|qui)\s+(?:\w{{1,8}}\s+){{0,3}}?)(?P<org>(?:(?:asd|ssd|"
        rf"{kinds})(?: [a-z'àèéìòù0-9]+){{1,5}}?|[a-z'àèéìòù]+(?: [a-z'àèéìòù]+){{0,4}} (?:asd|aps|odv|ssd|"
        rf"ets|onlus)))"
        r"(?=\s*(?:[,.;:]|[-–]\s|$|\n|\be\b|\bx\b|\bio\b|\bvorre|\bvolev|\bsi\b|\bsiamo|\bsaremo|\bveniamo|"
        r"\bvenire|\bparteci|\bin \w+ (?:giov|mart|ven|lun|merc|person)|\bper |\bpe' |\bci |\bil \d|\bal \d|"
        r"\bgiov|\bmart|\bven|\d|\bfacc|\babb|\bsegn|\bche ))"
    )


_MOST_WORDS, _SMALL_WORD = 9, 2
_ARTICLE = r"(?:(?:dell[ao]|del|dei|degli|delle|di|il|la|lo|i|gli|le|un|una)\s+|dell'|l'|un')"
_SPEAKS_FOR = re.compile(
    rf"^\s*(?:(?:(?:noi|io)\s+)?(?:siamo|sono|vengo|veniamo|partecip\w+)\s+(?:(?:per conto|a nome|"
    rf"da parte)\s+)?{_ARTICLE}|(?:per conto|a nome|da parte|rappresent\w+|per)\s+{_ARTICLE}?|(?:dell[ao]|del|"
    rf"dei|degli|delle)\s+|dell')",
    re.IGNORECASE,
)
#: What begins a sentence, and no name.
_SENTENCE = re.compile(
    r"^(?:non|si|no|ok|boh|mah|ehm?|ah|oh|uffa|forse|magari|aspett\w*|attimo|momento|dopo|poi|subito|grazie|"
    r"ciao|salve|buon(?:giorno|asera|a|e|o)|arrivederci|va bene|sei|siete|siamo|sono|siam|fate|fai|vi|ti|mi|"
    r"ci|se|ma|e|che|chi|come|cosa|dove|quando|quant\w+|perche|qual\w*|ho|hai|ha|abbiamo|avete|hanno|vorre\w+|"
    r"vogli\w+|vole\w+|poss\w+|puo\w*|dev\w+|dobbiamo|diventat\w+|anche|ancora|gia|adesso|ora|oggi|domani|"
    r"in realta|lascia\w*|basta|scus\w+|please|sorry|what|when|who|how|why|i'm|we're|we are|i am|it|is)\b"
)


def bare_organisation(text: str) -> str:
    """The association in a short answer that is only its name: "della Pro Loco", "Amici del Serchio".

    Empty when it cannot be one.
    """
    name = _SPEAKS_FOR.sub("", text, count=1).strip(" .,;!")
    plain = fold(name)
    fits = bool(re.search(r"[a-z]{2}", plain)) and len(name.split()) <= _MOST_WORDS and not text.rstrip().endswith("?")
    titled = sum(word[0].isupper() for word in name.split() if len(word) > _SMALL_WORD) > 1  # "Non Solo Musica"
    return name if fits and (titled or not _SENTENCE.match(plain)) else ""
