"""Who is coming: organisation, contact person, head count, phone, found by structure in words and signature.

What is found is a proposal: it is shown back to the person, who can correct it at any moment.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from conversation.understanding.dates import NUMBERS, find_days
from conversation.words import fold
from knowledge.library import load_library

_LEGAL = (
    r"A\.?\s?S\.?\s?D\.?|S\.?\s?S\.?\s?D\.?|A\.?P\.?S\.?|O\.?D\.?V\.?|E\.?T\.?S\.?|ONLUS|Onlus|Pro ?[Ll]oco|"
    r"[Aa]ssociazione(?: (?:sportiva(?: dilettantistica)?|culturale|musicale|teatrale|di promozione sociale|di volontariato))?|"
    r"[Cc]ircolo(?: (?:culturale|ricreativo|arci))?|[Mm]useo|[Ff]ondazione|[Cc]ooperativa(?: sociale)?|[Cc]omitato|"
    r"[Pp]olisportiva|[Aa]ccademia|[Ss]cuola di|[Uu]nione(?: [Ss]portiva)?|[Cc]lub|[Cc]ompagnia|[Cc]entro|[Ss]portello|"
    r"[Bb]iblioteca|[Ss]ocietà|[Cc]onsorzio|[Mm]isericordia|[Aa]user|[Aa]rci|[Bb]asket|[Vv]olley|[Tt]ennis|[Aa]tletica|"
    r"[Cc]alcio|[Rr]ugby|[Nn]uoto|[Pp]allavolo|[Pp]innacoteca|[Pp]inacoteca|[Cc]oro|[Bb]anda|[Ff]ilarmonica|[Uu]niversità"
)
_NAME_WORD = r"(?:[A-ZÀ-Ý][\w'’&.\-]*|[\"«“][^\"»”\n]{2,60}[\"»”])"
_GLUE = r"(?:d[ei]|del|della|dei|delle|degli|dell'|per|la|il|le|lo|l'|e|in|di|a|al|da|&|\-|–)"
_ORGANISATION = re.compile(
    rf"\b(?P<org>(?:{_LEGAL})(?=[\s\"«“.,;]|$)\.?(?:[ \t]+(?:{_GLUE}[ \t]*)*{_NAME_WORD}){{1,8}}(?:[ \t]+(?:APS|ODV|ETS|ASD|SSD|A\.P\.S\.|O\.D\.V\.|Onlus|ONLUS))?)"
)
_ON_BEHALF = re.compile(
    rf"\b(?:a nome (?:di|del|della|dell'|dello|dei|delle)|per conto (?:di|del|della|dell'|dei|delle)|in rappresentanza (?:di|del|della|dell')|"
    rf"on behalf of(?: the)?|siamo (?:la|il|lo|l'|i|le|gli|un'|una|un)?|sono (?:de(?:l|lla|llo|ll')|il presidente de(?:l|lla|ll')|la presidente de(?:l|lla|ll'))|"
    rf"we are(?: the)?|I am from(?: the)?)\s*(?P<org>{_NAME_WORD}(?:[ \t]+(?:{_GLUE}[ \t]*)*{_NAME_WORD}){{0,7}})"
)
_TAIL = re.compile(
    r"\s+(?:in|il|e|la|per|con|di|da|a|al|chiede|vorrebbe|desidera|intende|partecip\w*|vorrem?m?o|siamo|saremo|veniamo|tel|cell|Tel|Cell)\.?$|[\s,;.\-–]+$"
)
_TITLES = r"(?:[Dd]ott(?:\.?\s?ssa|oressa|ore|\.)?|[Pp]rof(?:\.?\s?ssa|essoressa|essore|\.)?|[Aa]vv\.?|[Ii]ng\.?|[Aa]rch\.?|[Gg]eom\.?|[Ss]ig(?:\.?\s?ra|nora|nor|\.)?|Mr\.?|Ms\.?|Mrs\.?)"
_CAPITALISED = r"[A-ZÀ-Ý][a-zà-ÿ'’]+\b"
_PERSON = (
    rf"{_CAPITALISED}(?:[ \t]+(?:(?:[Dd]e|[Dd]i|[Dd]a|[Dd]el|[Dd]ella|[Dd]ei|[Ll]o|[Ll]a)[ \t]+)?{_CAPITALISED}){{1,3}}"
)
_CONTACT = (
    re.compile(
        rf"(?:[Rr]eferente|[Cc]ontatto|[Rr]esponsabile|[Cc]ontact)\s*(?:per l'incontro)?\s*:?\s*(?:{_TITLES}\s+)?(?P<n>{_PERSON})"
    ),
    re.compile(rf"(?:[Ii]l|[Ll]a|[Ii]o) sottoscritt[oa],?\s+(?:{_TITLES}\s+)?(?P<n>{_PERSON})"),
    re.compile(
        rf"(?:[Mm]i chiamo|[Ii]l mio nome è|[Mm]y name is|[Nn]ome:)\s+(?:{_TITLES}\s+)?(?P<n>{_PERSON}|{_CAPITALISED})"
    ),
    re.compile(rf"(?:I am|I'm|[Ss]ono)\s+(?:{_TITLES}\s+)?(?P<n>{_PERSON})"),
    re.compile(
        rf"(?:[Vv]errà|[Pp]arteciperà|[Pp]arteciperanno|[Vv]iene)\s+(?:(?:il|la) (?:president\w*|segretari\w*|vicepresident\w*|referente|socio|socia),?\s+)?(?:{_TITLES}\s+)?(?P<n>{_PERSON})"
    ),
    re.compile(rf"(?:^|[\n,])\s*{_TITLES}\s+(?P<n>{_PERSON})"),
)
_SIGNATURE_NAME = re.compile(rf"^\s*(?:{_TITLES}\s+)?(?P<n>{_PERSON})\s*(?:[,\-–|].*)?$")
_SIMPLE_NAME = re.compile(r"^[^\W\d_][\w'’.\-]*(?:\s+[^\W\d_][\w'’.\-]*){0,4}$")
_NUM = r"(?P<n>\d{1,5}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")"
_PEOPLE = r"(?:persone|persona|partecipanti|partecipante|presenze|presenti|iscritti|iscritte|soci|socie|componenti|operatori|operatrici|dirigenti|atleti|atlete|delegate|ospiti|adulti|volontarie|in tutto|in totale|in all|posti|posto|rappresentanti|rappresentante|delegati|membri|volontari|people|persons|participants|seats|places|of us|personnes|personen|personas)"
_HEADCOUNTS = (
    re.compile(
        rf"\b(?:siamo|saremo|veniamo|verremo|parteciperemo|partecipiamo|saremmo|verremmo|presenti|iscriv\w+|facciamo|venire|partecipare|esserci|adesso|ora|solo|soltanto|realta siamo|fine siamo)\s+(?:\w+\s+)?(?:(?:in|solo in|soltanto in|circa in)\s+){_NUM}\b"
    ),
    re.compile(
        rf"\b(?:siamo|saremo|saremmo|diventiamo|we are|we'll be|we will be|facciamo)\s+(?:solo |only |now |circa )?{_NUM}\b(?!\s*(?:associazion|realta|gruppi|museo|scuol|societa))"
    ),
    re.compile(rf"\b{_NUM}\s+(?:\w+\s+)?{_PEOPLE}\b"),
    re.compile(rf"\bin\s+{_NUM}\b(?!\s*(?:giorn|settiman|or[ae]\b|minut|ann|mes|via|piazza))"),
    re.compile(rf"\b(?:persone|partecipanti|posti|numero|participants|people)\s*:?\s*{_NUM}\b"),
)
_PAIR = re.compile(
    r"\b(?:io e (?:mi[oa]|il|la|un)|me and my|my \w+ and i|(?:il|la) president\w+ (?:\w+ \w+ )?e (?:il|la)\b|noi due)"
)
_ALONE = re.compile(
    r"\b(?:da sol[oa]|solo io|soltanto io|vengo io|just me|only me|sarò solo|saro sola|una persona sola|partecipo io)\b"
)
_COUNTED_NAMES = re.compile(
    r"(?:[Pp]arteciperanno|[Vv]erranno|[Ss]aranno presenti|[Pp]artecipanti:?|[Ii]scriv\w+)\s*:?\s+(?P<list>(?:[^.\n]|(?<=[Dd]ott)\.|(?<=[Pp]rof)\.|(?<=[Ss]ig)\.|(?<=[Aa]vv)\.)+)"
)
_PRIVATE = re.compile(
    r"\b(?:privat[oa](?: cittadin[oa])?|non rappresento nessuno|(?:(?:un|una|semplice|come) )+cittadin[oa]|a titolo personale|a nome mio|nessuna associazione|senza associazione|non (?:sono|faccio parte) (?:di|in) (?:nessuna|un'|alcuna)\s*associazione|private citizen|no association|on my own behalf|per conto mio|nessuna)\b"
)
_CONTEXT_BEFORE = re.compile(
    r"(?:anziche|invece (?:di|che)(?: in)?|al posto di|non(?: siamo| in)?(?: piu)?(?: in)?)\s*(?:in\s*)?$"
)
_ONE = re.compile(r"un[ao]? (?:sol[ao] )?(?:persona|partecipante|posto)|uno\b")
_LISTED = re.compile(r"^\s*(?:[-*•–]|\d+[.)])\s+(?P<n>\S.{2,80})$", re.MULTILINE)
_WITH_ONE = re.compile(r"\b(?:veng|partecip|sar)\w* (?:anche )?con (?:mi[oa]|un[ao']?|il mio|la mia) \w+")
MAX_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Details:
    """``organisation``: ``None`` unknown, ``""`` a private citizen. ``more``: people added to those already coming."""

    organisation: str | None = None
    contact: str = ""
    participants: int | None = None
    more: int | None = None
    phone: str = ""
    email: str = ""
    evidence: tuple[str, ...] = ()


_FEWER = re.compile(
    rf"\b(?:{_NUM}\s+(?:persona |persone )?(?:in|di) meno|(?:togli\w*|leva\w*)\s+(?:solo )?{_NUM.replace('?P<n>', '?P<m>')}\s+person[ae])\b"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+\.[A-Za-z]{2,}")
_MORE = re.compile(
    r"\b(?:aggiung\w+|saremo|siamo|anche|con)\s+(?:in\s+)?(?:altr[aoei]\s+)?"
    + _NUM
    + r"(?:\s+persone|\s+persona)?(?:\s+in piu|\s+di piu|\s+altr[aoei])\b|\baggiung\w+ (?:altre |un'altra |anche )?"
    + _NUM.replace("?P<n>", "?P<m>")
    + r"\b"
)


def find_details(text: str, signature: str = "") -> Details:
    """What ``text`` (and, failing that, ``signature``) says of who is coming."""
    evidence: list[str] = []
    organisation = find_organisation(text)
    if organisation is None and signature:
        organisation = find_organisation(signature)
        if organisation:
            evidence.append("associazione: dalla firma")
    elif organisation:
        evidence.append("associazione: dal testo")
    contact = next((m["n"] for p in _CONTACT if (m := p.search(text)) and not _is_organisation(m["n"])), "")
    contact = re.split(rf"\s+(?:[Dd]i|[Dd]el|[Dd]ella|[Dd]ell['’])\s*(?={_LEGAL})", contact)[0]
    if contact:
        evidence.append("referente: dal testo")
    elif signature:
        contact = signature_name(signature)
        if contact:
            evidence.append("referente: dalla firma")
    participants, more = find_headcount(text)
    if participants is not None:
        evidence.append("partecipanti: dal testo")
    phone = _find_phone(f"{text}\n{signature}")
    email = _EMAIL.search(text)
    return Details(
        organisation,
        contact.strip(),
        participants,
        more,
        phone,
        email.group().lower() if email else "",
        tuple(evidence),
    )


def _words_about(kind: str) -> tuple[str, ...]:
    """The staff's words about organisations: ``kinds`` or ``first_names``."""
    return load_library().organisations[kind]


_SUFFIX = r"(?:APS|ODV|ETS|ASD|SSD|A\.P\.S\.|O\.D\.V\.|A\.S\.D\.|S\.S\.D\.|E\.T\.S\.|Onlus|ONLUS)"
_RUN = rf"(?:[ \t]+(?:{_GLUE}[ \t]*)*{_NAME_WORD})"
_NAMED_FORM = re.compile(rf"(?P<org>{_NAME_WORD}{_RUN}{{0,6}}[ \t]+{_SUFFIX})(?=[\s,.;:)]|$)")
_QUOTED = re.compile(r"[\"«“](?P<org>[A-ZÀ-Ý][^\"»”\n]{2,58})[\"»”]")
_BEFORE_NAME = (
    r"(?:iscri\w+|segn\w+|prenot\w+|registr\w+|aggiung\w+|mett\w+|register|sign up|enrol|noi di|noi del|noi della|"
    r"per conto di|a nome di|per|rappresento|si chiama|chiamata|chiamato|posto a|posti a)"
)
_AFTER_TRIGGER = re.compile(
    rf"(?i:\b{_BEFORE_NAME})\s+(?:(?i:il|lo|la|i|gli|le|l'|the)\s*)?(?P<org>{_NAME_WORD}{_RUN}{{1,6}})"
)
_OPENING = re.compile(rf"^\s*(?P<org>{_NAME_WORD}{_RUN}{{1,6}})\s*(?:[,:;–-]|(?:x|per|il)\s+(?:il\s+)?\d)")


@cache
def _kind_then_name(*, capitals: bool) -> re.Pattern[str]:
    """A word that names a kind of association, then its name: in capitals, or up to the next word that is no name."""
    kinds = "|".join(sorted((re.escape(k) for k in _words_about("kinds")), key=len, reverse=True))
    if capitals:
        cased = "|".join(f"[{k[0].upper()}{k[0]}]{k[1:]}" for k in sorted(_words_about("kinds"), key=len, reverse=True))
        return re.compile(rf"\b(?P<org>(?:G\.S\.|{cased}){_RUN}{{1,7}}(?:[ \t]+{_SUFFIX})?)")
    return re.compile(
        rf"\b(?:siamo|sono|noi|a nome|per conto|della|dell'|del|di|per|segna\w*|iscriv\w*)\s+(?:\w{{1,5}}\s+){{0,3}}?(?P<org>(?:asd|ssd|{kinds})(?: [a-z'àèéìòù0-9]+){{1,5}}?)"
        r"(?=\s*(?:[,.;:]|$|\n|\be\b|\bx\b|\bvorre|\bvolev|\bsi\b|\bsiamo|\bsaremo|\bveniamo|\bvenire|\bparteci|\bin \w+ (?:giov|mart|ven|lun|merc|person)|\bper |\bci |\bil \d|\bal \d|\bgiov|\bmart|\bven|\d|\bfacc|\babb|\bsegn|\bche ))"
    )


def _is_person(name: str) -> bool:
    first = fold(name).split(" ", 1)[0]
    return first in _words_about("first_names") and not re.search(rf"\b{_SUFFIX}\b", name)


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
    firm = [m for p in (_ORGANISATION, _kind_then_name(capitals=True)) for m in p.finditer(quiet)]
    firm.sort(key=lambda m: (m.start("org"), -m.end("org")))
    loose = [m for p in (_NAMED_FORM, _ON_BEHALF, _QUOTED, _AFTER_TRIGGER, _OPENING) for m in p.finditer(quiet)]
    for match in (*firm, *loose):
        name = _trim(flat[match.start("org") : match.end("org")])
        if len(name) <= 3 or _is_calendar(name):
            continue
        if match not in firm and (_is_person(name) or _looks_like_person(match, quiet)):
            continue
        return _without_kind(name)
    if _PRIVATE.search(fold(flat)):
        return ""
    lowered = flat.lower()
    if found := _kind_then_name(capitals=False).search(lowered):
        start, end = found.span("org")
        return _trim(flat[start:end])
    return None


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


def _is_organisation(name: str) -> bool:
    return bool(re.match(rf"(?:{_LEGAL})\b", name))


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


def signature_name(signature: str) -> str:
    """The person's name in a signature block: a line of two to four capitalised words that names no association."""
    for line in signature.splitlines()[:6]:
        match = _SIGNATURE_NAME.match(line.strip())
        if (
            match
            and not _is_organisation(match["n"])
            and not re.search(r"[Ss]aluti|[Gg]razie|[Vv]ia |[Pp]iazza|[Ii]nviato|[Pp]residente$", line)
        ):
            return match["n"].strip()
    return ""


def is_plain_name(text: str) -> bool:
    """Whether ``text`` could be the bare answer to "how are you called": one to five words, letters only."""
    return bool(_SIMPLE_NAME.match(text.strip())) and len(text) <= 80


def find_headcount(text: str) -> tuple[int | None, int | None]:
    """How many people come in all, and how many are added to those already coming (or, below zero, taken away)."""
    folded = fold(text)
    difference = _find_difference(folded)
    return (None, difference) if difference is not None else (_find_total(text, folded), None)


def _find_difference(folded: str) -> int | None:
    if match := _FEWER.search(folded):
        return -(_number(match["n"] or match["m"]) or 1)
    if match := _MORE.search(folded):
        number = _number(match["n"] or match["m"])
        if number:
            return number
    if re.search(r"\b(?:uno|una|una persona) in piu\b", folded):
        return 1
    return None


def _find_total(text: str, folded: str) -> int | None:
    found: list[int] = []
    for pattern in _HEADCOUNTS:
        for match in pattern.finditer(folded):
            number = (
                None
                if match["n"] in {"un", "una", "uno"} and not _ONE.match(folded[match.start("n") :])
                else _number(match["n"])
            )
            if number is not None and not _CONTEXT_BEFORE.search(folded[: match.start("n")]):
                found.append(number)
        if found:
            return found[0]
    if named := _COUNTED_NAMES.search(text):
        listed = [m for m in _LISTED.finditer(text, named.start()) if re.search(_CAPITALISED, m["n"])]
        if len(listed) > 1:
            return len(listed)
        names = re.findall(rf"{_PERSON}|(?<=\. ){_CAPITALISED}|(?<=ssa ){_CAPITALISED}", named["list"])
        roles = re.findall(
            r"\b(?:president\w*|segretari\w*|vicepresident\w*|tesorier\w*|consiglier\w*)\b", named["list"]
        )
        count = max(len(names), len(roles))
        if count > 1:
            return count
    if _PAIR.search(folded) or _WITH_ONE.search(folded):
        return 2
    if _ALONE.search(folded):
        return 1
    return None


def bare_number(text: str) -> int | None:
    """The one number of a short answer ("3", "in tre", "saremo 4"); ``None`` when there is none or several."""
    if find_days(text, date(2001, 1, 1)) and not re.fullmatch(r"\s*\d+\s*", text):
        return None
    words = re.findall(r"\d+|[a-z]+", fold(text))
    if re.search(r"-\s*\d", text):
        return 0
    numbers = [n for w in words if (n := _number(w)) is not None and w not in {"un", "una"}]
    return numbers[0] if len(numbers) == 1 and len(words) <= 8 else None


def _number(word: str | None) -> int | None:
    if not word:
        return None
    return int(word) if word.isdigit() else NUMBERS.get(word)


def _find_phone(text: str) -> str:
    if not re.search(r"\d[\d\s./\-]{6,}", text):
        return ""
    import phonenumbers

    for match in phonenumbers.PhoneNumberMatcher(text, "IT"):
        return str(phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164))
    return ""
