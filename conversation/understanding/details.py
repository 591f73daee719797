"""Who is coming: organisation, contact person, head count, found by structure in words and signature.

What is found is a proposal: it is shown back to the person, who can correct it at any moment.
"""

import re
from dataclasses import dataclass

from conversation.understanding.forms import find_fields
from conversation.understanding.headcount import count_totals, find_headcount
from conversation.understanding.names import find_contact, signature_name
from conversation.understanding.organisations import all_organisations, find_organisation
from conversation.understanding.proper_names import NameFinder
from conversation.words import fold


@dataclass(frozen=True, slots=True)
class Details:
    """``organisation``: ``None`` unknown, ``""`` a private citizen. ``more``: people added to those already coming.

    ``form``: they were given under labels, as in a form. ``several``: two or more associations are named, each with its
    people. ``leaves``: the association does not come.
    """

    organisation: str | None = None
    contact: str = ""
    participants: int | None = None
    more: int | None = None
    form: bool = False
    several: bool = False
    leaves: bool = False
    evidence: tuple[str, ...] = ()


#: Right behind the association's name: it stays away, the whole of it.
_STAYS_AWAY = re.compile(r"^[\s,»\"]*non (?:ci )?(?:vien|veng|verr|partecip|puo\b|poss|potr|riesc|sar)")


def find_details(text: str, signature: str = "", *, finder: NameFinder) -> Details:
    """What ``text`` (and, failing that, ``signature``) says of who is coming."""
    evidence: list[str] = []
    fields, names = find_fields(text), finder.find(text)
    organisation = fields.get("organisation", find_organisation(text, names))
    if organisation is None and signature:
        organisation = find_organisation(signature, finder.find(signature))
        if organisation:
            evidence.append("associazione: dalla firma")
    elif organisation:
        evidence.append("associazione: dal testo")
    contact = fields.get("contact", find_contact(names))
    if contact:
        evidence.append("referente: dal testo")
    elif signature:
        contact = signature_name(signature, finder)
        if contact:
            evidence.append("referente: dalla firma")
    participants, more = find_headcount(text, names)
    if "participants" in fields:
        participants, more = int(fields["participants"]), None
    leaves = bool(organisation) and bool(_STAYS_AWAY.search(fold(text).partition(fold(organisation or ""))[2]))
    more = None if leaves else more  # the whole association, not one of its people
    if participants is not None:
        evidence.append("partecipanti: dal testo")
    return Details(
        organisation,
        contact.strip(),
        participants,
        more,
        len(fields) > 1,
        len(all_organisations(names)) > 1 and count_totals(text) > 1,
        leaves,
        tuple(evidence),
    )
