"""The association that a text names: after a legal form or a kind of association, in quotes, or after "siamo".

What kinds there are, and which first names tell a person from an association, stands in knowledge/organisations.toml.
"""

import re
from functools import cache

from conversation.words import fold
from knowledge.library import load_library

_SUFFIX = r"(?:APS|ODV|ETS|ASD|SSD|A\.P\.S\.|O\.D\.V\.|A\.S\.D\.|S\.S\.D\.|E\.T\.S\.|Onlus|ONLUS)"
_FORM = r"(?:A\.?\s?S\.?\s?D\.?|S\.?\s?S\.?\s?D\.?|A\.?P\.?S\.?|O\.?D\.?V\.?|E\.?T\.?S\.?|G\.S\.|ONLUS|Onlus|[Aa]sd|[Ss]sd|[Aa]ps|[Oo]dv)"
#: "associazione culturale", "circolo ricreativo": what may stand between the kind and the name.
_ADJECTIVE = (
    r"(?:sportiv[ao]|dilettantistic[ao]|cultural[ei]|musicale|teatrale|ricreativ[ao]|social[ei]|storic[ao]|ambientale|giovanile|femminile|"
    r"popolare|comunale|arci|di promozione sociale|di volontariato)"
)
_NAME_WORD = r"(?:[A-ZÀ-Ý][\w'’&.\-]*|[\"«“][^\"»”\n]{2,60}[\"»”])"
_GLUE = r"(?:d[ei]|del|della|dei|delle|degli|dell'|per|la|il|le|lo|l'|e|in|di|a|al|da|&|\-|–)"
_RUN = rf"(?:[ \t]+(?:{_GLUE}[ \t]*)*{_NAME_WORD})"
_ON_BEHALF = re.compile(
    rf"\b(?:a nome (?:di|del|della|dell'|dello|dei|delle)|per conto (?:di|del|della|dell'|dei|delle)|in rappresentanza (?:di|del|della|dell')|"
    rf"on behalf of(?: the)?|siamo (?:la|il|lo|l'|i|le|gli|un'|una|un)?|sono (?:de(?:l|lla|llo|ll')|il presidente de(?:l|lla|ll')|la presidente de(?:l|lla|ll'))|"
    rf"we are(?: the)?|I am from(?: the)?)\s*(?P<org>{_NAME_WORD}(?:[ \t]+(?:{_GLUE}[ \t]*)*{_NAME_WORD}){{0,7}})"
)
_TAIL = re.compile(
    r"\s+(?:in|il|e|la|per|con|di|da|a|al|chiede|vorrebbe|desidera|intende|partecip\w*|vorrem?m?o|siamo|saremo|veniamo|tel|cell|Tel|Cell)\.?$|[\s,;.\-–]+$"
)
_PRIVATE = re.compile(
    r"\b(?:privat[oa](?: cittadin[oa])?|non rappresento nessuno|(?:(?:un|una|semplice|come) )+cittadin[oa]|a titolo personale|a nome mio|nessuna associazione|senza associazione|non (?:sono|faccio parte) (?:di|in) (?:nessuna|un'|alcuna)\s*associazione|private citizen|no association|on my own behalf|per conto mio|nessuna)\b"
)
_NAMED_FORM = re.compile(rf"(?P<org>{_NAME_WORD}{_RUN}{{0,6}}[ \t]+{_SUFFIX})(?=[\s,.;:)]|$)")
_QUOTED = re.compile(r"[\"«“](?P<org>[A-ZÀ-Ý][^\"»”\n]{2,58})[\"»”]")
_BEFORE_NAME = (
    r"(?:iscri\w+|segn\w+|prenot\w+|registr\w+|aggiung\w+|mett\w+|register|sign up|enrol|noi di|noi del|noi della|"
    r"per conto di|a nome di|per|rappresento|si chiama|chiamata|chiamato|posto a|posti a)"
)
_AFTER_TRIGGER = re.compile(
    rf"(?i:\b{_BEFORE_NAME})\s+(?:(?i:il|lo|la|i|gli|le|l'|the)\s*)?(?P<org>{_NAME_WORD}{_RUN}{{1,6}})"
)
_CALLED = re.compile(
    rf"(?i:\b(?:associazion\w+|circolo|gruppo|societ\w+|realt\w|club)(?: \w+)? si chiama)\s+(?P<org>{_NAME_WORD}{_RUN}{{0,6}})"
)
_OPENING = re.compile(rf"^\s*(?P<org>{_NAME_WORD}{_RUN}{{1,6}})\s*(?:[,:;–-]|(?:x|per|il)\s+(?:il\s+)?\d)")


def words_about(kind: str) -> tuple[str, ...]:
    """The staff's words about organisations: ``kinds`` or ``first_names``."""
    return load_library().organisations[kind]


@cache
def _firm() -> re.Pattern[str]:
    """A legal form or a kind of association, then its name in capitals."""
    kinds = sorted(words_about("kinds"), key=len, reverse=True)
    cased = "|".join(f"[{k[0].upper()}{k[0]}]{re.escape(k[1:])}" for k in kinds)
    return re.compile(
        rf"\b(?P<org>(?:(?:{_FORM}(?=[\s\"«“.,;]|$)\.?|(?:{cased})\b)(?:[ \t]+{_ADJECTIVE}\b)*){_RUN}{{1,8}}(?:[ \t]+{_SUFFIX})?)"
    )


@cache
def _lower_case() -> re.Pattern[str]:
    """A kind of association and its name without capitals, up to the next word that is no name."""
    kinds = "|".join(sorted((re.escape(k) for k in words_about("kinds")), key=len, reverse=True))
    return re.compile(
        rf"\b(?:siamo|sono|noi|a nome|per conto|della|dell'|del|di|per|segna\w*|iscriv\w*)\s+(?:\w{{1,5}}\s+){{0,3}}?(?P<org>(?:asd|ssd|{kinds})(?: [a-z'àèéìòù0-9]+){{1,5}}?)"
        r"(?=\s*(?:[,.;:]|$|\n|\be\b|\bx\b|\bvorre|\bvolev|\bsi\b|\bsiamo|\bsaremo|\bveniamo|\bvenire|\bparteci|\bin \w+ (?:giov|mart|ven|lun|merc|person)|\bper |\bci |\bil \d|\bal \d|\bgiov|\bmart|\bven|\d|\bfacc|\babb|\bsegn|\bche ))"
    )


def is_person(name: str) -> bool:
    """Whether ``name`` begins with a first name and carries no legal form."""
    first = fold(name).split(" ", 1)[0]
    return first in words_about("first_names") and not re.search(rf"\b{_SUFFIX}\b", name)


def _quiet(text: str) -> str:
    """A text shouted in capitals with each word capitalised instead; of the same length."""
    letters = [c for c in text if c.isalpha()]
    shouted = len(letters) > 12 and sum(c.isupper() for c in letters) > 0.8 * len(letters)
    if not shouted:
        return text
    quiet = re.sub(
        r"[^\W\d_]+", lambda m: m[0].lower() if len(m[0]) < 4 or fold(m[0]) in _COMMON else m[0].capitalize(), text
    )
    return quiet if len(quiet) == len(text) else text


_COMMON = frozenset(
    [
        "siamo",
        "saremo",
        "veniamo",
        "vorremmo",
        "vorrei",
        "iscrivete",
        "iscriveteci",
        "iscrivere",
        "incontro",
        "riunione",
        "persone",
        "giovedi",
        "martedi",
        "venerdi",
        "gennaio",
        "della",
        "delle",
        "dello",
        "degli",
        "alla",
        "alle",
        "per",
        "con",
        "noi",
    ]
)


def find_organisation(text: str) -> str | None:
    """The association that ``text`` names, as it names it; ``""`` for a private citizen; ``None`` if it is silent."""
    flat = re.sub(r"[ \t]+", " ", text)
    quiet = _quiet(flat)
    firm = list(_firm().finditer(quiet))
    loose = [
        m for p in (_CALLED, _NAMED_FORM, _ON_BEHALF, _QUOTED, _AFTER_TRIGGER, _OPENING) for m in p.finditer(quiet)
    ]
    for match in (*firm, *loose):
        name = _trim(flat[match.start("org") : match.end("org")])
        if len(name) <= 3 or _is_calendar(name):
            continue
        if match not in firm and (is_person(name) or _looks_like_person(match, quiet)):
            continue
        return _without_kind(name)
    if _PRIVATE.search(fold(flat)):
        return ""
    lowered = flat.lower()
    if found := _lower_case().search(lowered):
        start, end = found.span("org")
        return _trim(flat[start:end])
    return None


def all_organisations(text: str) -> set[str]:
    """Every association that is named with its legal form or kind, as compared (folded)."""
    quiet = _quiet(re.sub(r"[ \t]+", " ", text))
    names = (_trim(m["org"]) for m in _firm().finditer(quiet))
    return {fold(n) for n in names if len(n) > 3 and not _is_calendar(n)}


def _without_kind(name: str) -> str:
    """'società "Arcieri della Civetta"' is called Arcieri della Civetta."""
    match = re.fullmatch(r"[a-zà-ù ]+[\"«“]([^\"»”]+)[\"»”]", name)
    return match[1] if match else name


def _looks_like_person(match: re.Match[str], text: str) -> bool:
    lead = text[match.start() : match.start("org")].lower()
    return lead.startswith("sono ") and not lead.rstrip().endswith(("del", "della", "dello", "dell'"))


_CALENDAR_WORDS = re.compile(
    r"^(?:buon|salve|gentil|spett|egreg|ciao|grazie|cordial|distint|incontr|riunion|iscri|vorre|oggett|luned|marted|mercoled|gioved|venerd|sabato|domenica|gennaio|febbraio|zoom|learning|unesco|lucca$|comune|patto)",
    re.IGNORECASE,
)


def _is_calendar(name: str) -> bool:
    return bool(_CALENDAR_WORDS.match(name.strip('"«“')))


def begins_like_organisation(name: str) -> bool:
    """Whether ``name`` begins with a legal form or a kind of association, in capitals or not."""
    first = re.match(rf"(?:{_FORM})(?=[\s.]|$)", name)
    return bool(first) or any(re.match(rf"{re.escape(kind)}\b", name.lower()) for kind in words_about("kinds"))


_END = re.compile(
    r"(?<=[a-zà-ÿ]{3})\.\s.*|(?<!\bdi)(?<!\bdel)\s(?:[Vv]ia|[Pp]iazza|[Vv]iale|[Tt]el|[Cc]ell|[Pp]artecip\w+|[Vv]erranno|[Ii] miei)\b.*|\s+(?:il|in|di|del)\s+\d.*"
)


def _trim(name: str) -> str:
    """Cut what follows the name: the next sentence, a street, a number of people."""
    previous = ""
    name = _END.sub("", " ".join(name.split()))
    while previous != name:
        previous, name = name, _TAIL.sub("", name)
    return name[:120]
