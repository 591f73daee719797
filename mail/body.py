"""The text of a mail, put together from its parts (RFC 2046, RFC 3676, MS-OXTNEF)."""

import re
from dataclasses import dataclass
from email.message import Message

from mail.headers import decode_text
from mail.markup import LONGEST_HTML, read_html
from mail.parts import content_of, parts_in
from mail.wrapping import unflow

#: Characters of a text that are read.
_LONGEST = 200_000
#: Bytes that a character may take.
_WIDEST = 4
#: Containers within containers.
_DEEPEST = 20
#: A text shorter than this is a placeholder when the HTML beside it says three times as much.
_SHORT = 100
#: The two faces of one letter share their words: with less than this part of a text in the HTML beside it, the text only says that there is HTML.
_SAME = 0.5
_WORD = re.compile(r"[^\W_]+")
#: What Exchange makes of the text that Apple's Mail writes below a file.
_TORN_OFF = re.compile(r"ATT\d{1,8}\.(?:txt|html?)$", re.IGNORECASE)
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
    """The text of a mail: all its parts that are shown, attachments apart. An attached mail's words are somebody else's."""
    return _read(message, 0) or _tnef(message, 0)


def _read(part: Message, depth: int) -> Body:
    kind = part.get_content_type()
    if depth > _DEEPEST or kind == "message/rfc822":
        return Body()
    if kind == "multipart/alternative":
        return _likeliest([_read(p, depth + 1) for p in parts_in(part)])
    if part.is_multipart():
        whole = Body()
        for piece in (_read(p, depth + 1) for p in parts_in(part)):
            whole = _joined(whole, piece)
        return whole
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


def _joined(above: Body, below: Body) -> Body:
    """Two parts shown one below the other; a second face outside its container is not said twice."""
    if not above or not below:
        return above or below
    if _said_in(below, above) == 1:
        return above
    signature = "\n".join(s for s in (above.signature, below.signature) if s)
    return Body(f"{above.text}\n{below.text}"[:_LONGEST], signature)


def _said_in(one: Body, other: Body) -> float:
    """How many of the words of ``one`` stand in ``other`` too: 0 to 1; 1 when there are none."""
    words, others = (set(_WORD.findall(f"{b.text} {b.signature}".lower())) for b in (one, other))
    return len(words & others) / len(words) if words else 1.0


def _decoded(part: Message, most: int) -> str:
    return _clean(decode_text(content_of(part)[: most * _WIDEST], part.get_content_charset()))[:most]


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _html(html: str) -> Body:
    page = read_html(html)
    return Body(page.text[:_LONGEST], page.signature)


def _tnef(part: Message, depth: int) -> Body:
    """The text inside a ``winmail.dat``: what some Outlooks send instead of a body."""
    if depth > _DEEPEST or part.get_content_type() == "message/rfc822":
        return Body()
    if part.is_multipart():
        return next((body for p in parts_in(part) if (body := _tnef(p, depth + 1))), Body())
    if part.get_content_type() not in _TNEF and (part.get_filename() or "").lower() != "winmail.dat":
        return Body()
    from tnefparse import TNEF

    try:
        opened = TNEF(content_of(part), do_checksum=False)
        body, html = opened.body, opened.htmlbody
    except Exception:  # whatever a parser of a secret format does with a broken one
        return Body()
    if body:
        return Body(_clean(_as_text(body))[:_LONGEST])
    return _html(_clean(_as_text(html))) if html else Body()


def _as_text(value: str | bytes) -> str:
    return value if isinstance(value, str) else decode_text(value, None)
