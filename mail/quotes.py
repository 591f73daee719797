"""Where somebody else's words begin in a mail: lines with ">", attributions, the header blocks that mail programs write.

Prose can look like all of them ("il presidente vi ha scritto ieri."), so an attribution needs a moment or an address and ends
with a colon, and a header block needs three headers, a date among them.
"""

import re

#: What mail programs write above a letter that is passed on: between dashes, or before a colon.
FORWARDED = "messaggio inoltrato|forwarded message|weitergeleitete nachricht|message transféré"
FORWARD_BEGINS = "inizio (?:del )?messaggio inoltrato|begin forwarded message"
_DASHED = re.compile(
    rf"^\s*-{{2,}}\s*(?:messaggio originale|original message|ursprüngliche nachricht|message d'origine|{FORWARDED})\s*-{{2,}}.*$"
    rf"|^\s*(?:{FORWARD_BEGINS})\s*:.*$",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(
    r"^\s*(?=.*(?:\d|@)).{0,300}\b(?:ha scritto|scrive|ha risposto|wrote|a écrit|schrieb|escribió)\b.{0,80}:\s*$",
    re.IGNORECASE,
)
HEADER_LINE = re.compile(
    r"^\s*\*{0,2}(da|from|von|de|inviato(?: il)?|sent|gesendet|data|date|a|to|an|cc|ccn|oggetto|subject|betreff|mittente|rispondi a|reply-to|priorità|importanza)\s?:\*{0,2}\s*(?=\S|$)",
    re.IGNORECASE,
)
_SENDER = {"da", "from", "von", "de", "mittente"}
_MOMENT = {"inviato", "inviato il", "sent", "gesendet", "data", "date"}
_RULE = re.compile(r"^\s*[_\-=]{8,}\s*$")
#: An attribution may be wrapped over so many lines.
_WRAPPED = 3


def without_quotes(lines: list[str]) -> tuple[list[str], bool]:
    """The lines that are the sender's own, and whether anything was quoted.

    What stands below a block of ">" is the sender's again; what stands below a header block is not.
    """
    kept: list[str] = []
    quoted = False
    skip = 0
    for i, line in enumerate(lines):
        if skip:
            skip -= 1
            continue
        if line.lstrip().startswith(">"):
            quoted = True
            continue
        if (wrapped := _attribution(lines, i)) > 0:
            follows = next((x for x in lines[i + wrapped :] if x.strip()), "")
            if not follows.lstrip().startswith(">") and any(k.strip() for k in kept):
                return kept, True  # unmarked: all the rest is quoted
            quoted, skip = True, wrapped - 1
            continue
        if _DASHED.match(line) or is_header_block(lines, i) or (_RULE.match(line) and is_header_block(lines, i + 1)):
            if any(k.strip() for k in kept):
                return kept, True
            quoted = True
            continue
        kept.append(line)
    return kept, quoted


def _attribution(lines: list[str], at: int) -> int:
    """Over how many lines, from ``at``, an attribution goes; 0 when there is none."""
    if not lines[at].strip():
        return 0
    for length in range(1, _WRAPPED + 1):
        piece = lines[at : at + length]
        if any(not x.strip() or x.lstrip().startswith(">") for x in piece):
            return 0
        if _ATTRIBUTION.match(" ".join(x.strip() for x in piece)):
            return length
    return 0


def names_sender(line: str) -> bool:
    """Whether this is the header line that says who wrote."""
    found = HEADER_LINE.match(line)
    return found is not None and found[1].lower() in _SENDER


def is_header_block(lines: list[str], at: int) -> bool:
    """Whether ``lines`` hold, from ``at``, the headers of a mail as programs write them above what they quote."""
    names = []
    for line in lines[at : at + 6]:
        found = HEADER_LINE.match(line)
        if found is None:
            break
        names.append(found[1].lower())
    return len(names) >= 3 and names[0] in _SENDER | {"oggetto", "subject", "betreff"} and bool(_MOMENT & set(names)) and bool(_SENDER & set(names))  # fmt: skip
