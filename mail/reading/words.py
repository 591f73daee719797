"""The person's own words in a mail: its text, without quotes, signature and disclaimer, which stand apart."""

import re
from dataclasses import dataclass

from mail.reading.banners import without_banner
from mail.reading.body import Body
from mail.reading.quotes import without_quotes
from mail.reading.signatures import split_signature, without_disclaimer, without_program_lines
from mail.reading.wrapping import join_wrapped

#: What is read of a letter: who asks for something says it sooner.
_LONGEST_OWN, _LONGEST_SIGNATURE = 20_000, 2_000
_LONGEST_LINES = 5_000
#: Blanks that nobody sees (U+200B, 2060, FEFF, soft hyphens): programs fill lines with them.
_UNSEEN = {0x200B: None, 0x2060: None, 0xFEFF: None, 0xAD: None, 0xA0: " ", 0x202F: " ", 0x2028: "\n", 0x2029: "\n"}
_ARMOUR_BEGINS = re.compile(r"^-----BEGIN PGP (SIGNED MESSAGE|SIGNATURE|PUBLIC KEY BLOCK)-----\s*$")
_ARMOUR_ENDS = re.compile(r"^-----END PGP (?:SIGNATURE|PUBLIC KEY BLOCK)-----\s*$")


@dataclass(frozen=True, slots=True)
class Words:
    """``own``: what the person wrote for us.

    ``signature``: the block under it. ``quoted``: whether there was a quote.
    """

    own: str
    signature: str
    quoted: bool


def own_words(body: Body) -> Words:
    """Take quotes, signature and disclaimer off a body."""
    lines = [line.rstrip() for line in body.text.translate(_UNSEEN).split("\n", _LONGEST_LINES)[:_LONGEST_LINES]]
    kept, quoted = without_quotes(without_banner(_without_armour(lines)))
    spoken, signature = split_signature(without_program_lines(without_disclaimer(kept)))
    own = re.sub(r"\n{3,}", "\n\n", "\n".join(join_wrapped(spoken))).strip()
    sign = "\n".join([*signature, body.signature]).strip()
    if not own and sign:
        own, sign = sign, ""
    return Words(own[:_LONGEST_OWN], sign[:_LONGEST_SIGNATURE], quoted)


def _without_armour(lines: list[str]) -> list[str]:
    """Without what OpenPGP writes around a signed text (RFC 9580 §7)."""
    kept: list[str] = []
    signed = head = block = False
    for line in lines:
        if head:
            head = bool(line)  # up to the first empty line
        elif block:
            block = not _ARMOUR_ENDS.match(line)
        elif (begun := _ARMOUR_BEGINS.match(line)) is not None:
            head = begun[1] == "SIGNED MESSAGE"
            block = not head
            signed = signed or head
        else:
            kept.append(line.removeprefix("- ") if signed else line)
    return kept
