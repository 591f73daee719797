"""The person's own words in a mail: its text, without quotes, signature and disclaimer, which stand apart."""

import re
from dataclasses import dataclass

from mail.body import Body
from mail.quotes import without_quotes

_CLOSING = re.compile(
    r"^\s*(?:(?:(?:con i )?(?:più )?(?:cordiali|distinti|migliori|cari|affettuosi) saluti|cordialmente|cordialità|distintamente|un (?:caro |cordiale )?saluto|"
    r"saluti|a presto|in attesa.{0,60}(?:saluti|saluto)|grazie(?: mille| in anticipo| e (?:cordiali )?saluti| per l'attenzione)?|"
    r"(?:kind |best |warm )?regards|yours (?:sincerely|faithfully)|best wishes|thanks|thank you|mit freundlichen grüßen|cordialement|saludos)[\s,.!;:]*)$",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"(?:ai sensi (?:del|dell'|della).{0,60}(?:196/2003|2016/679|gdpr|privacy)|informativa (?:sulla )?privacy|"
    r"questo messaggio.{0,80}(?:riservat|confidenzial|destinat)|le informazioni contenute (?:in|nella)|avviso di riservatezza|"
    r"this (?:e-?mail|message).{0,80}(?:confidential|intended)|rispetta l'ambiente|prima di stampare|please consider the environment|disclaimer|"
    r"priva? di virus|5 ?(?:x|per) ?1000|5 ?per ?mille)",
    re.IGNORECASE,
)
#: A disclaimer is a paragraph, not a remark.
_DISCLAIMER_LENGTH = 120
_SENT_FROM = re.compile(
    r"^\s*(?:inviat[oa] (?:da|dal|con)|sent from|get outlook|scarica outlook|ottieni outlook|envoyé de|gesendet von)\b.{0,80}$",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"^(?:--|---|—|__|\*\*)\s*$")
#: What is said after a closing formula and is no signature: a question, a postscript, a wish.
_STILL_SPEAKING = re.compile(
    r"\?|^\s*(?:p\.? ?s\b|n\.? ?b\b|post ?scriptum)|\b(?:dimenticav\w*|siamo|saremo|veniamo|vengo|vorre\w+|potete|potreste|può|iscriv\w+|annull\w+|disdi\w+|"
    r"partecip\w+|we are|please|i forgot)\b",
    re.IGNORECASE,
)
#: What is read of a letter: who asks for something says it sooner.
_LONGEST_OWN, _LONGEST_SIGNATURE = 20_000, 2_000
_SIGNATURE_LINES = 12


@dataclass(frozen=True, slots=True)
class Words:
    """``own``: what the person wrote for us. ``signature``: the block under it. ``quoted``: whether there was a quote."""

    own: str
    signature: str
    quoted: bool


def own_words(body: Body) -> Words:
    """Take quotes, signature and disclaimer off a body."""
    lines = [line.rstrip() for line in body.text.replace("\xa0", " ").split("\n")]
    kept, quoted = without_quotes(lines)
    kept = _without_disclaimer(kept)
    spoken, signature = _split_signature(kept)
    own = re.sub(r"\n{3,}", "\n\n", "\n".join(spoken)).strip()
    sign = "\n".join([*signature, body.signature]).strip()
    if not own and sign:
        own, sign = sign, ""
    return Words(own[:_LONGEST_OWN], sign[:_LONGEST_SIGNATURE], quoted)


def _without_disclaimer(lines: list[str]) -> list[str]:
    """Cut at the first paragraph, below something, that is long and speaks like a lawyer."""
    for i, line in enumerate(lines):
        if not _DISCLAIMER.search(line) or "?" in line or not any(k.strip() for k in lines[:i]):
            continue
        begins, ends = i, i
        while begins and lines[begins - 1].strip():
            begins -= 1
        while ends < len(lines) and lines[ends].strip():
            ends += 1
        long = len(" ".join(lines[i:ends])) >= _DISCLAIMER_LENGTH
        last = not any(x.strip() for x in lines[ends:]) and begins == i
        if long or (last and ends - i == 1 and len(line.split()) > 3 and not _STILL_SPEAKING.search(line)):
            return lines[:i]
    return lines


def _split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut at a delimiter, else after the last closing formula near the end that only a signature follows."""
    lines = [line for line in lines if not _SENT_FROM.match(line)]
    for i, line in enumerate(lines):
        if _DELIMITER.match(line) and any(x.strip() for x in lines[:i]):
            return lines[:i], lines[i + 1 : i + 1 + _SIGNATURE_LINES]
    filled = [i for i, line in enumerate(lines) if line.strip()]
    near_the_end = filled[-(_SIGNATURE_LINES + 1) :]
    for number, i in reversed(list(enumerate(near_the_end))):
        after = [lines[f] for f in near_the_end[number + 1 :]]
        if _CLOSING.match(lines[i]) and not any(_STILL_SPEAKING.search(line) for line in after):
            return lines[:i], lines[i + 1 :]
    return lines, []
