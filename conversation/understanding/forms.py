"""Particulars given as in a form: "Associazione: …" line by line, or a bare list, "sport, asd Tau, Lia Neri, 2"."""

import re

from conversation.understanding.headcount import bare_number
from conversation.understanding.names import is_plain_name
from conversation.understanding.proper_names import bare_title, begins_like_organisation, is_person
from conversation.words import fold

_LABELS = {
    "contact": ("nome e cognome", "cognome e nome", "nominativo", "referente", "contatto", "responsabile",
        "persona di contatto", "contact", "contact person", "full name", "name and surname"),
    "first": ("nome", "name", "first name"),
    "last": ("cognome", "surname", "last name"),
    "organisation": (
        "associazione", "ente", "organizzazione", "societa", "denominazione", "ragione sociale", "realta", "gruppo",
        "nome associazione",
        "nome dell'associazione", "associazione/ente", "ente/associazione", "mittente", "organisation", "organization",
        "association", "sender",
    ),
    "participants": (
        "partecipanti", "numero partecipanti", "numero di partecipanti", "n. partecipanti", "n partecipanti", "persone",
        "numero persone",
        "numero di persone", "n. persone", "posti", "quanti siamo", "quanti siete", "quanti", "siamo",
        "partecipanti previsti", "numero", "participants", "people", "number of people",
    ),
}  # fmt: skip
_FIELDS = {label: field for field, labels in _LABELS.items() for label in labels}
_LABEL = r"[^\W\d_][\w'’ .]{1,30}(?:/[\w ]{3,20})?"
_LABELLED = re.compile(
    rf"(?:^|[\n;,/|.(–-])[\s*•-]{{0,6}}(?P<label>{_LABEL}?)\s*[:=]\s*(?P<value>[^\n;]+?)(?=\s*(?:$|[\n;|]|"
    rf"[,./–-]\s*{_LABEL}?\s*[:=]))"
)
_NOBODY = re.compile(r"(?:nessun\w*|no|none|privat[oa]|cittadin[oa])\b")
_LONGEST, _FEWEST = 200, 3


def find_fields(text: str) -> dict[str, str]:
    """``organisation``, ``contact``, ``participants`` (digits), as far as labels or a bare list give them."""
    return _labelled(text) or _listed(text)


def _labelled(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _LABELLED.finditer(text):
        field = _FIELDS.get(fold(match["label"]).strip())
        value = match["value"].strip(" .,")
        if field and value and not re.fullmatch(r"[-–_./ ]*", value):
            found.setdefault(field, "" if field == "organisation" and _NOBODY.match(fold(value)) else value)
    if first := found.pop("first", ""):
        found.setdefault("contact", f"{first} {found.pop('last', '')}".strip())
    found.pop("last", None)
    if "participants" in found:
        number = bare_number(found.pop("participants"))
        found |= {} if number is None else {"participants": str(number)}
    if "contact" in found:
        found["contact"] = bare_title(found["contact"])
    if "contact" in found and not is_plain_name(found["contact"]):
        del found["contact"]
    return found


def _listed(text: str) -> dict[str, str]:
    """A short text of at least three parts between commas, each of which is one thing."""
    parts = [p.strip(" .") for p in re.split(r"[,;\n]", text) if p.strip(" .")]
    if len(text) > _LONGEST or len(parts) < _FEWEST or any(len(p.split()) > 6 for p in parts):
        return {}
    found: dict[str, str] = {}
    for part in parts:
        if re.fullmatch(r"\d{1,3}|in \w+", part):
            number = bare_number(part)
            found |= {} if number is None else {"participants": str(number)}
        elif begins_like_organisation(part) and len(part.split()) > 1:
            found.setdefault("organisation", part)
        elif is_person(part) and is_plain_name(part) and len(part.split()) in {2, 3}:
            found.setdefault("contact", part)
    return found
