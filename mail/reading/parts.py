"""A mail taken apart.

Only this module calls the library's parser and its undecoded ``get_payload()``, which may raise on a broken charset.
"""

import re
from email import message_from_bytes
from email.message import Message
from email.policy import Compat32

#: Characters kept of a header, and of those that say what a part is: the library takes the square of their length to
#: read them.
_HEADER, _MIME_HEADER = 100_000, 2_000
#: Bytes of a letter that are read, attachments not counted, and of each attachment: who asks for something says it
#: sooner.
_LONGEST, _LONGEST_ATTACHMENT = 4_000_000, 300_000
#: Lines of BASE64 (RFC 2045 §6.8), one below the other.
_ENCODED = re.compile(rb"(?:^[A-Za-z0-9+/]{60,80}\r?\n)++", re.MULTILINE)
#: Parts, containers and headers beyond which a letter is not taken apart: each line is held against each open
#: container.
_MOST_PARTS, _MOST_CONTAINERS, _MOST_HEADERS = 2_000, 100, 1_000
_CONTAINER = re.compile(rb"^content-type:\s{0,80}multipart/", re.IGNORECASE | re.MULTILINE)
#: Containers that may be opened again, each costing its own length.
_REOPENED = 10
_FIRST_DELIMITER = re.compile(rb"^--(\S[^\r\n]{0,68}\S|\S)[ \t]*\r?$", re.MULTILINE)


class TooMuchError(ValueError):
    """A letter that no person wrote so: the message says what there is too much of."""


class _Bounded(Compat32):
    """The parser's policy: headers of any length are read, and cut."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: _MIME_HEADER if name.lower().startswith("content-") else _HEADER]


def open_mail(raw: bytes) -> Message:
    """The mail in ``raw`` (RFC 5322, 2046), whatever its length: long attachments and endless letters are cut.

    A container whose boundary was lost on the way is opened by the first delimiter in it; without one it is a text.
    Raises ``TooMuchError`` for a letter of too many parts.
    """
    thinned = _ENCODED.sub(lambda run: run[0][:_LONGEST_ATTACHMENT], raw)[:_LONGEST]
    if thinned.count(b"\n--") > _MOST_PARTS or len(_CONTAINER.findall(thinned)) > _MOST_CONTAINERS:
        msg = "too many parts"
        raise TooMuchError(msg)
    message = message_from_bytes(thinned, policy=_Bounded())
    if len(message) > _MOST_HEADERS:
        msg = "too many headers"
        raise TooMuchError(msg)
    left = _REOPENED
    for part in message.walk():
        if left and part.get_content_maintype() == "multipart" and not part.is_multipart():
            left -= 1
            _reopen(part)
    return message


def _reopen(part: Message) -> None:
    content = content_of(part)
    found = _FIRST_DELIMITER.search(content)
    kind = part.get_content_type() if found else "text/plain"
    del part["Content-Type"], part["Content-Transfer-Encoding"]
    if found is None:
        part["Content-Type"] = kind
        return
    delimiter = found[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    head = b'Content-Type: %s; boundary="%s"\n\n' % (kind.encode("ascii", "replace"), delimiter)
    opened = message_from_bytes(head + content[found.start() :], policy=_Bounded())
    part["Content-Type"] = opened["Content-Type"]
    children: list[Message | str] = [*parts_in(opened)]
    part.set_payload(children)


def parts_in(part: Message) -> list[Message]:
    """What a container holds: a multipart's parts, an attached mail, a report's blocks; nothing for a leaf."""
    return [p for p in part.get_payload() if isinstance(p, Message)] if part.is_multipart() else []


def inner_parts(message: Message) -> list[Message]:
    """The first two levels of parts.

    Deep enough for reports and calendars, and no attached mail is mistaken for one.
    """
    found = []
    for part in parts_in(message):
        found.append(part)
        if part.get_content_maintype() == "multipart":
            found += parts_in(part)
    return found


def content_of(part: Message) -> bytes:
    """What a leaf carries, its transfer encoding undone as far as it is sound (RFC 2045 §6).

    Nothing for a container.
    """
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
