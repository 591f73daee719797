"""The text of a mail, put together from its parts (RFC 2046, RFC 3676)."""

import re
from dataclasses import dataclass
from email.message import Message

from mail.reading.headers import decode_text
from mail.reading.markup import LONGEST_HTML, read_html
from mail.reading.parts import content_of, inner_parts, parts_in
from mail.reading.tnef import read_tnef
from mail.reading.wrapping import unflow

#: Characters of a text that are read.
_LONGEST = 200_000
#: Bytes that a character may take.
_WIDEST = 4
#: Containers within containers.
_DEEPEST = 20
#: A text shorter than this is a placeholder when the HTML beside it says three times as much.
_SHORT = 100
#: The two faces of one letter share their words: with less than this part of a text in the HTML beside it, the text
#: only says that there is HTML.
_SAME = 0.5
_WORD = re.compile(r"[^\W_]+")
#: What Exchange makes of the text that Apple's Mail writes below a file.
_TORN_OFF = re.compile(r"ATT\d{1,8}\.(?:txt|html?)$", re.IGNORECASE)
#: Signatures, keys, cards and calendars that programs add by themselves.
_NO_FILES = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
    }
    | {"text/calendar", "text/vcard", "text/x-vcard", "text/directory", "message/delivery-status"}
)
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


@dataclass(frozen=True, slots=True)
class Body:
    """``text``: what the letter says, quotes and all; ``signature``: what its HTML calls one."""

    text: str = ""
    signature: str = ""

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return bool(self.text.strip() or self.signature)


def read_body(message: Message) -> Body:
    """The text of a mail: all its parts that are shown, attachments apart.

    An attached mail's words are somebody else's.
    """
    return _read(message, 0) or _tnef(message, 0)


def has_files(message: Message) -> bool:
    """Whether something is attached that somebody wants read.

    A picture shown in the text is a logo, and a key or a card is no file.
    """
    return any(_is_file(part) for part in inner_parts(message))


def _is_file(part: Message) -> bool:
    kind = part.get_content_type()
    if part.is_multipart() or kind in _NO_FILES or kind in _TNEF:
        return False
    shown = kind in {"text/plain", "text/html"} or part.get_content_maintype() == "image"
    return _is_attached(part) or not shown


def _read(part: Message, depth: int) -> Body:
    kind = part.get_content_type()
    if depth > _DEEPEST or kind == "message/rfc822":
        return Body()
    if kind == "multipart/alternative":
        return _likeliest([_read(p, depth + 1) for p in parts_in(part)])
    if part.is_multipart():
        return _joined([_read(p, depth + 1) for p in parts_in(part)])
    if kind not in {"text/plain", "text/html"} or _is_attached(part):
        return Body()
    return _html(_decoded(part, LONGEST_HTML)) if kind == "text/html" else Body(_plain(part))


def _plain(part: Message) -> str:
    text = _decoded(part, _LONGEST)
    if _parameter(part, "format") != "flowed":
        return text
    return unflow(text, delete_space=_parameter(part, "delsp") == "yes")


def _parameter(part: Message, name: str) -> str:
    return str(part.get_param(name) or "").lower()


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" and not _TORN_OFF.match(part.get_filename() or "")


def _likeliest(faces: list[Body]) -> Body:
    """The plainest face of a letter, unless it only says that another one is there to be read."""
    first = next((face for face in faces if face), Body())
    richest = faces[-1] if faces else Body()
    short = len(first.text.strip()) < _SHORT and len(richest.text) > 3 * len(first.text.strip())
    return richest if richest and (short or _said_in(first, richest) < _SAME) else first


def _joined(pieces: list[Body]) -> Body:
    """Parts shown one below the other; a second face outside its container is not said twice."""
    kept: list[Body] = []
    said: set[str] = set()
    for piece in pieces:
        words = _words_of(piece)
        if piece and not (words and words <= said):
            kept.append(piece)
            said |= words
    signature = "\n".join(body.signature for body in kept if body.signature)
    return Body("\n".join(body.text for body in kept)[:_LONGEST], signature)


def _said_in(one: Body, other: Body) -> float:
    """How many of the words of ``one`` stand in ``other`` too: 0 to 1; 1 when there are none."""
    words = _words_of(one)
    return len(words & _words_of(other)) / len(words) if words else 1.0


def _words_of(body: Body) -> set[str]:
    return set(_WORD.findall(f"{body.text} {body.signature}".lower()))


def _decoded(part: Message, most: int) -> str:
    return _clean(decode_text(content_of(part)[: most * _WIDEST], part.get_content_charset()))[:most]


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _html(html: str) -> Body:
    page = read_html(html)
    return Body(page.text[:_LONGEST], page.signature)


def _tnef(part: Message, depth: int) -> Body:
    if depth > _DEEPEST or part.get_content_type() == "message/rfc822":
        return Body()
    if part.is_multipart():
        return next((body for p in parts_in(part) if (body := _tnef(p, depth + 1))), Body())
    if part.get_content_type() not in _TNEF and (part.get_filename() or "").lower() != "winmail.dat":
        return Body()
    text, html = read_tnef(content_of(part))
    if text:
        return Body(_clean(_as_text(text))[:_LONGEST])
    return _html(_clean(_as_text(html))) if html else Body()


def _as_text(value: str | bytes) -> str:
    return value if isinstance(value, str) else decode_text(value, None)
