"""Lines that a program broke are put together again: a line end inside a sentence is a space.

Programs break lines at 72 to 80 characters, and say so with ``format=flowed`` (RFC 3676). Forms, lists and signatures
are lines that people made.
"""

import re

from mail.reading.signatures import begins_anew, looks_like_signature

#: Words that no sentence ends with.
_LEADS_ON = re.compile(
    r"\b(?:il|lo|la|i|gli|le|un|uno|una|l['’]|di|a|da|in|con|su|per|tra|fra|del|dello|della|dell['’]|dei|"
    r"degli|delle|al|allo|alla|all['’]|ai|agli|alle|dal|dalla|dai|dalle|nel|nella|nei|nelle|sul|sulla|e|ed|o|"
    r"che|non|si|ci|vi|siamo|saremo|the|an?|of|for|to|and|with|at|on|our|der|die|das|und|mit|für|von|les?|"
    r"des?|et|pour|el|los|las|y|para)$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?:;…)\]>*_=-]\s*$")
_OWN_LINE = re.compile(r"^\s*(?:[-*•·–—>#]|\d{1,3}[.)]\s|[([])")
#: The rest of a name and what is said of it: "Le Rondini: veniamo in tre", "Verdi, veniamo in due", "Bini."
_REST_OF_NAME = re.compile(
    r"^(?P<name>[^\W\d_a-z]\S*(?: [^\W\d_a-z]\S*?){0,3}?)(?:[.]$|[,:;] (?=[^\W\d_A-Z])(?:\S+ +){2,}\S+)"
)
_CAPITAL = re.compile(r"\b[^\W\d_a-zà-ÿ][\w'’]*$")
#: Where programs break lines, at the least and at the most; a line that people made has fewer words than a sentence.
_NARROW, _WIDE = 72, 90
_SENTENCE = 5


def unflow(text: str, *, delete_space: bool) -> str:
    """A ``format=flowed`` text with its paragraphs on one line each; quotes keep one mark (RFC 3676 §4.1 to 4.6)."""
    lines: list[str] = []
    flows, depth = False, 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        marks = len(line) - len(bare)
        said = bare.removeprefix(" ")
        if flows and marks == depth and said != "-- ":
            lines[-1] += said
        else:
            lines.append(f"> {said}" if marks else said)
        flows, depth = said.endswith(" ") and said != "-- ", marks
        if flows and delete_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def join_wrapped(lines: list[str]) -> list[str]:
    """The same words with what was broken put together."""
    joined: list[str] = []
    last = ""
    for line in lines:
        if joined and _continues(last, line):
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
        else:
            joined.append(line)
        last = line
    return joined


def _continues(above: str, line: str) -> bool:
    above, line = above.strip(), line.strip()
    words = above.split()
    if not words or not line or _ENDS.search(above) or _OWN_LINE.match(line) or begins_anew(line):
        return False
    if len(words) > 2 and _LEADS_ON.search(above):
        return True
    if line[0].islower():
        return len(words) >= _SENTENCE
    if above.endswith(","):
        return False
    in_sentence = len(words) > 2 and any(w[0].islower() for w in words)
    if in_sentence and _CAPITAL.search(above) and _REST_OF_NAME.match(line):
        return True
    reaches = len(above) + 1 + len(line.split()[0])
    return reaches > _NARROW and len(above) <= _WIDE and not looks_like_signature(line)
