"""People's names: whoever presents themselves in the text, or signs below it."""

import re

from conversation.understanding.organisations import begins_like_organisation
from conversation.words import fold

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
    re.compile(
        rf"(?:[Ii]l |[Mm]io )?[Nn]ome(?: (?:giusto|corretto))?(?: in| è| e'|,)\s+(?:{_TITLES}\s+)?(?P<n>{_PERSON})"
    ),
    re.compile(rf"(?:I am|I'm|[Ss]ono)\s+(?:{_TITLES}\s+)?(?P<n>{_PERSON})"),
    re.compile(
        rf"(?:[Vv]errà|[Pp]arteciperà|[Pp]arteciperanno|[Vv]iene)\s+(?:(?:il|la) (?:president\w*|segretari\w*|vicepresident\w*|referente|socio|socia),?\s+)?(?:{_TITLES}\s+)?(?P<n>{_PERSON})"
    ),
    re.compile(rf"(?:^|[\n,])\s*{_TITLES}\s+(?P<n>{_PERSON})"),
)
_OFFICE = r"(?:(?:[Ii]l |[Ll]a )?(?:[Vv]ice)?(?:[Pp]resident\w*|[Dd]iret\w+|[Ss]egretari\w*|[Ll]egale rappresentante|[Rr]esponsabile|[Rr]eferente|[Dd]irigente)\b[\s,:]*)"
_SIGNATURE_NAME = re.compile(rf"^\s*{_OFFICE}?(?:{_TITLES}\s+)?(?P<n>{_PERSON})\s*(?:[,\-–|].*)?$")
_SIMPLE_NAME = re.compile(r"^[^\W\d_][\w'’.\-]*(?:\s+[^\W\d_][\w'’.\-]*){0,4}$")


def find_contact(text: str) -> str:
    """Who presents themselves, or is named as the one who comes; empty when nobody is."""
    found = (m["n"] for p in _CONTACT for m in p.finditer(text))
    named = next((n for n in found if not begins_like_organisation(n)), "")
    parts = re.split(r"\s+(?:[Dd]i|[Dd]el|[Dd]ella|[Dd]ell['’])\s*", named)
    return next((named[: named.find(p)].strip() for p in parts[1:] if begins_like_organisation(p)), named)


def signature_name(signature: str) -> str:
    """The person's name in a signature block: a line of two to four capitalised words that names no association."""
    for line in signature.splitlines()[:6]:
        match = _SIGNATURE_NAME.match(line.strip())
        if (
            match
            and not begins_like_organisation(match["n"])
            and not re.search(r"[Ss]aluti|[Gg]razie|[Vv]ia |[Pp]iazza|[Ii]nviato|[Pp]residente$", line)
        ):
            return match["n"].strip()
    return ""


def is_plain_name(text: str) -> bool:
    """Whether ``text`` could be the bare answer to "how are you called": one to five words, letters only, of a person."""
    fits = bool(_SIMPLE_NAME.match(text.strip())) and len(text) <= 80
    return fits and not begins_like_organisation(text) and not _NO_NAME.search(fold(text))


def bare_name(text: str) -> str:
    """The name in a short answer: "sono Lia Neri", "mi chiamo lia". Empty when it cannot be one."""
    name = _PRESENTING.sub("", text).strip(" .,!")
    return name if is_plain_name(name) else ""


_PRESENTING = re.compile(
    r"^\s*(?:(?:ciao|salve|buongiorno|hi|hello)[\s,!]+)?(?:io sono|sono|mi chiamo|il mio nome e|il mio nome è|chiamami|my name is|i am|i'm)\s+",
    re.IGNORECASE,
)
#: Words that a person's name does not have.
_NO_NAME = re.compile(
    r"^(?:il|la|lo|i|gli|le|un|una|uno|the|a|per|con|noi|siamo|ho|hai|vengo|vorrei)\b|\b(?:president\w+|segretari\w+|direttor\w+|direttrice|privat[oa]|"
    r"associazion\w*|incontr\w*|iscriv\w*|quando|dove|perche|cosa|non)\b"
)
