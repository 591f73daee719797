"""People's names: whoever presents themselves in the text, or signs below it."""

import re
from collections.abc import Sequence

from conversation.naming import is_first_name
from conversation.understanding.proper_names import (
    SAFE,
    NameFinder,
    ProperName,
    begins_like_organisation,
)
from conversation.words import fold

_SIMPLE_NAME = re.compile(r"^[^\W\d_][\w'’.\-]*(?:\s+[^\W\d_][\w'’.\-]*){0,4}$")
_OFFICE = re.compile(
    (
        r"^\s*(?:(?:il|la)\s+)?(?:vice)?(?:president\w*|diret\w+|segretari\w*|legale rappresentante|responsabile|"
        r"referente|dirigente)\b[\s,:]*"
    ),
    re.IGNORECASE,
)


def find_contact(names: Sequence[ProperName]) -> str:
    """Who presents themselves, or is named as the one who comes; empty when nobody is. ``names``: all of the text's."""
    people = [n for n in names if n.person >= SAFE and n.person > n.organisation]
    return max(people, key=lambda n: (n.presented, n.person, -n.start)).text if people else ""


def signature_name(signature: str, finder: NameFinder) -> str:
    """The person's name in a signature block: a line of two to four capitalised words that names no association."""
    for line in signature.splitlines()[:6]:
        bare = _OFFICE.sub("", line).strip()
        for name in finder.find(bare)[:1]:
            words = name.text.split()
            whole = bare.startswith(name.text) or is_first_name(words[0])
            if (
                whole
                and 1 < len(words) < 5
                and name.organisation < SAFE
                and not re.search(r"[Ss]aluti|[Gg]razie|[Vv]ia |[Pp]iazza|[Ii]nviato", line)
            ):
                return name.text
    return ""


def is_plain_name(text: str) -> bool:
    """Whether ``text`` could be the bare answer to "how are you called".

    One to five words, letters only, of a person.
    """
    fits = bool(_SIMPLE_NAME.match(text.strip())) and len(text) <= 80
    return fits and not begins_like_organisation(text) and not _NO_NAME.search(fold(text))


def bare_name(text: str) -> str:
    """The name in a short answer: "sono Lia Neri", "mi chiamo lia". Empty when it cannot be one."""
    name = _PRESENTING.sub("", text).strip(" .,!")
    return name if is_plain_name(name) else ""


_PRESENTING = re.compile(
    (
        r"^\s*(?:(?:ciao|salve|buongiorno|hi|hello)[\s,!]+)?(?:io sono|sono|mi chiamo|il mio nome e|"
        r"il mio nome è|chiamami|my name is|i am|i'm)\s+"
    ),
    re.IGNORECASE,
)
#: Words that a person's name does not have.
_NO_NAME = re.compile(
    r"^(?:boh|mah|ehm?|ah|oh|uffa|forse|aspett\w*|attimo|momento|dopo|poi|subito|grazie|ciao|salve|buon\w*|"
    r"arrivederci|ok|va bene|sei|siete|fate|vi|ti|mi|ci|se|ma|il|la|lo|i|gli|le|un|una|uno|the|a|per|con|noi|"
    r"siamo|ho|hai|vengo|vorrei)\b|\b(?:president\w+|segretari\w+|direttor\w+|direttrice|privat[oa]|"
    r"associazion\w*|incontr\w*|iscriv\w*|quando|dove|perche|cosa|non)\b"
)
