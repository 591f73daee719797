"""A letter that passes another on.

The request may be inside, below a line of the mail program or as an attached mail.
"""

import re
from email.message import Message

from mail.reading.body import Body, read_body
from mail.reading.headers import read_address
from mail.reading.parts import parts_in
from mail.reading.quotes import FORWARD_BEGINS, FORWARDED, header_block, names_sender
from mail.reading.words import Words, own_words

_SUBJECT = re.compile(r"^\s*(?:i|fw|fwd|inoltro|inoltrato|wg|tr|rv|enc|doorst|pd)\s*:", re.IGNORECASE)
_MARK = re.compile(
    rf"^\s*(?:>\s*)?(?:-{{2,}}\s*(?:{FORWARDED})\b.*|(?:{FORWARD_BEGINS})\s*:.*)$",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^\s*>\s?")
_HEADER = re.compile(r"^\s*\*{0,2}[^\W\d_][\w\- ]{0,30}:\*{0,2}(?:\s|$)")
#: With more words of one's own than this, the forwarded letter is only the occasion.
_FEW = 40


def forwarded_words(message: Message, subject: str, text: str, own: Words, *, ours: str) -> Words | None:
    """What the forwarded letter says, when ``message`` does little more than pass it on; ``None`` otherwise.

    ``text``: the body; ``own``: what its sender wrote; ``ours``: our mailbox, whose own mail says nothing new.
    """
    if len(own.own.split()) > _FEW:
        return None
    inside = _below(text, ours, said=bool(_SUBJECT.match(subject))) or _attached(message, ours)
    if not inside:
        return None
    words = own_words(inside)
    return words if words.own else None


def _below(text: str, ours: str, *, said: bool) -> Body:
    """What stands under the mark of a forward.

    Outlook writes the headers alone, a forward only when the subject says so.
    """
    lines = [_PREFIX.sub("", line) for line in text.split("\n")]
    starts = [i for i, line in enumerate(lines) if _MARK.match(line) or (said and header_block(lines, i))]
    if not starts:
        return Body()
    rest = [line for line in lines[starts[0] :] if not _MARK.match(line)]
    while rest and not rest[0].strip(" _-"):
        rest.pop(0)
    length = _head(rest)
    head, rest = rest[:length], rest[length:]
    own = any(ours in line.lower() for line in head if names_sender(line))
    return Body() if own else Body("\n".join(rest).strip())


def _head(lines: list[str]) -> int:
    """How many lines are the headers of what is passed on: up to an empty line, wrapped ones too."""
    length = 0
    for line in lines:
        header = _HEADER.match(line)
        if not line.strip() or not (header or (length and ("@" in line or line[0].isspace()))):
            break
        length += 1
    return length


def _attached(message: Message, ours: str) -> Body:
    for part in message.walk():
        if part.get_content_type() == "message/rfc822" and (inside := parts_in(part)):
            inner = inside[0]
            own = inner.get("X-Luccabot") or read_address(inner, "From")[1] == ours
            return Body() if own else read_body(inner)
    return Body()
