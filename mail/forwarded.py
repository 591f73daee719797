"""A letter that passes another on: the request may be inside, below a line of the mail program or as an attached mail."""

import re
from email.message import Message

from mail.words import Words, body_text, own_words

_SUBJECT = re.compile(r"^\s*(?:i|fw|fwd|inoltro|inoltrato|wg|tr)\s*:", re.IGNORECASE)
_MARK = re.compile(
    r"^\s*(?:>\s*)?(?:-{2,}\s*(?:messaggio inoltrato|forwarded message|weitergeleitete nachricht|message transféré)\b.*"
    r"|(?:inizio (?:del )?messaggio inoltrato|begin forwarded message)\s*:.*)$",
    re.IGNORECASE,
)
#: Outlook writes no more than the headers, below a rule or not: a forward only when the subject says so.
_HEADER = re.compile(
    r"^\s*(?:>\s*)?\*?(?:da|from|mittente|inviato|sent|data|date|a|to|cc|oggetto|subject|rispondi a|reply-to|priorità|importanza)\s?:\*?\s",
    re.IGNORECASE,
)
_SENDER = re.compile(r"^\s*(?:>\s*)?\*?(?:da|from|mittente|von|de)\s?:\*?\s.+", re.IGNORECASE)
_PREFIX = re.compile(r"^\s*>\s?")
#: With more words of one's own than this, the forwarded letter is only the occasion.
_FEW = 40


def forwarded_words(message: Message, subject: str, text: str, own: Words) -> Words | None:
    """What the forwarded letter says, when ``message`` does little more than pass it on; ``None`` otherwise.

    ``text``: the body; ``own``: what its sender wrote.
    """
    if len(own.own.split()) > _FEW:
        return None
    inside = _below(text, said=bool(_SUBJECT.match(subject))) or _attached(message)
    if not inside:
        return None
    words = own_words(inside)
    return words if words.own else None


def _below(text: str, *, said: bool) -> str:
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if _MARK.match(line)]
    if not starts and said:
        starts = [
            i for i, line in enumerate(lines) if _SENDER.match(line) and _HEADER.match("".join(lines[i + 1 : i + 2]))
        ]
    if not starts:
        return ""
    rest = [line for line in lines[starts[0] :] if not _MARK.match(line)]
    while rest and (not rest[0].strip(" >") or _HEADER.match(rest[0])):
        rest.pop(0)
    return "\n".join(_PREFIX.sub("", line) for line in rest).strip()


def _attached(message: Message) -> str:
    for part in message.walk():
        payload = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
            inner = payload[0]
            return body_text(inner) if isinstance(inner, Message) else ""
    return ""
