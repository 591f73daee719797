"""HTML as a person reads it: its text, with ``>`` before what is quoted, and the signature apart.

It is read tag by tag and no tree is kept: time and memory grow with the letter's length whatever is nested in it, and
nothing remote is fetched. Mail programs say what is theirs by class, id or name: no rendering would show it.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from lxml import etree

#: Characters of HTML that are read: what a person wrote stands above the pictures and styles that make a mail longer.
LONGEST_HTML = 500_000
_UNSEEN = frozenset({"head", "title", "style", "script", "template", "noscript", "object", "svg", "math"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "hr", "pre", "blockquote"})
_LINES = frozenset(
    {"div", "li", "tr", "dt", "dd", "article", "section", "header", "footer", "main", "address", "form", "fieldset"}
    | {"center", "figure", "figcaption", "caption", "thead", "tbody", "tfoot", "aside", "nav", "option", "details",
        "summary"}
)  # fmt: skip
_CELLS = frozenset({"td", "th"})
_AS_WRITTEN = frozenset({"pre", "textarea", "plaintext"})
#: Tags within tags, beyond which only the words are read: the parser looks through all of them at each closing tag,
#: some 24 ns each.
_DEEPEST = 1_000
#: Bytes that the parser is given at a time: it ends the piece at hand, whatever its target raises.
_PIECE = 4096
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
#: An indented paragraph of Gmail's, which is a blockquote without a border.
_INDENTED = re.compile(r"border\s*:\s*(?:none|0)", re.IGNORECASE)
_NAME = r"(?:^|[\s_\-.])"
#: gmail_quote, yahoo_quoted, protonmail_quote, mail_android_quote, tutanota_quote, GMX's name="quote", Spark's
#: messageReplySection …
_QUOTE = re.compile(
    rf"{_NAME}(?:quoted?|messagereplysection|outlookmessageheader|zmail_extra|ms-outlook-mobile-reference-message|"
    rf"mail-editor-reference-message-container|olk_src_body_section|isreplycontent|isforwardcontent)(?:$|[\s_\-.\d])",
    re.IGNORECASE,
)
#: The line above a quote: Mozilla, Gmail, Airmail.
_ABOVE_QUOTE = re.compile(rf"{_NAME}(?:moz-cite-prefix|gmail_attr|airmail_on)(?:$|\s)", re.IGNORECASE)
#: From here on all is quoted: Outlook on the web and on phones, Hotmail.
_QUOTES_REST = re.compile(rf"{_NAME}(?:divrplyfwdmsg|appendonsend|stopspelling)(?:$|\s)", re.IGNORECASE)
#: gmail_signature, moz-signature, Outlook's id="Signature", ms-outlook-mobile-signature, protonmail_signature_block,
#: AppleMailSignature …
_SIGNATURE = re.compile(
    rf"{_NAME}(?:(?:composer|applemail)?signature|messagesignaturesection)(?:$|[\s_\-.\d])", re.IGNORECASE
)
#: Outlook puts this before names at each copy of a copy.
_COPIED = re.compile(r"(?:^|(?<=\s))(?:x_)+")
_LONGEST_NAME = 100
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_TAG = re.compile(r"<[^<>]{0,10000}>")


class Speaker(Enum):
    """Whose words they are; a voice is heard through those before it: a signature within a quote is quoted."""

    OWN = 0
    SIGNATURE = 1
    QUOTED = 2


@dataclass(frozen=True, slots=True)
class HtmlText:
    """``text``: line by line, what is quoted behind ``>``; ``signature``: what the page itself says is one."""

    text: str
    signature: str


def read_html(html: str) -> HtmlText:
    """What a page says. Never raises for what is in it; what is nested too deep loses its form, not its words."""
    scribe = _Scribe()
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, target=scribe)
    written = html[:LONGEST_HTML].encode("utf-8", "replace")
    try:
        for begins in range(0, len(written), _PIECE):
            parser.feed(written[begins : begins + _PIECE])
        parser.close()
    except _TooDeepError:
        return _words_alone(html[:LONGEST_HTML])
    except (etree.LxmlError, ValueError):
        pass  # as far as it could be read
    return scribe.page()


def _words_alone(html: str) -> HtmlText:
    return HtmlText(_BLANKS.sub(" ", _TAG.sub(" ", html)).strip(), "")


class _TooDeepError(Exception):
    """The page is nested deeper than any that a person would see."""


@dataclass(slots=True)
class _Element:
    tag: str
    voice: Speaker
    begins: int
    hidden: bool = False
    #: A program's container of a quote; who answers between the lines writes into it, between its blockquotes.
    container: bool = False
    divided: bool = False


class _Scribe:
    """Puts words into lines, as the parser comes to them: blanks run together, blocks stand on their own lines."""

    def __init__(self) -> None:
        self._open = [_Element("", Speaker.OWN, 0)]
        self._lines: list[tuple[Speaker, str]] = []
        self._words: list[str] = []
        self._voice = Speaker.OWN
        self._as_written = 0
        self._rest_quoted = False
        #: From which line to which a container was all quote.
        self._quotes: list[tuple[int, int]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """The parser: a tag opens."""
        if len(self._open) > _DEEPEST:
            raise _TooDeepError
        around = self._open[-1]
        names = _names(attributes) if attributes else ""
        self._rest_quoted = self._rest_quoted or bool(names and _QUOTES_REST.search(names))
        voice = Speaker.QUOTED if self._rest_quoted else _voice(tag, attributes, names, around.voice)
        self._turn_to(voice)
        container = bool(names and voice is not Speaker.QUOTED and _QUOTE.search(names))
        if container:
            self._end_line()
        hidden = around.hidden or _is_hidden(tag, attributes)
        element = _Element(tag, voice, len(self._lines), hidden, container)
        if tag == "blockquote" and not around.divided:
            around.divided = True
            if around.container:  # what stands before its first blockquote says who is quoted
                self._end_line()
                self._quotes.append((around.begins, len(self._lines)))
        self._open.append(element)
        if not element.hidden:
            self._begin(tag)

    def end(self, tag: str) -> None:
        """The parser: the last tag that was opened closes."""
        closed = self._open.pop()
        if closed.hidden:
            return
        if tag in _PARAGRAPHS:
            self._end_paragraph()
        elif tag in _LINES:
            self._end_line()
        self._as_written -= tag in _AS_WRITTEN
        if closed.container and not closed.divided:
            self._end_line()
            self._quotes.append((closed.begins, len(self._lines)))

    def data(self, text: str) -> None:
        """The parser: words."""
        around = self._open[-1]
        if around.hidden:
            return
        self._turn_to(Speaker.QUOTED if self._rest_quoted else around.voice)
        if not self._as_written:
            self._words.append(_BLANKS.sub(" ", text))
            return
        first, *more = text.replace("\r\n", "\n").split("\n")
        self._words.append(first)
        for line in more:
            self._end_line(empty=True)
            self._words.append(line)

    def close(self) -> None:
        """The parser: the page ends, and with it what is still open."""
        while len(self._open) > 1:
            self.end(self._open[-1].tag)
        self._end_line()

    def page(self) -> HtmlText:
        """What was read."""
        begins, ends = (Counter(edges) for edges in zip(*self._quotes, strict=True)) if self._quotes else ({}, {})
        text, signature, depth = [], [], 0
        for number, (voice, line) in enumerate(self._lines):
            depth += begins.get(number, 0) - ends.get(number, 0)
            if depth or voice is Speaker.QUOTED:
                text.append(f"> {line}")
            elif voice is Speaker.OWN:
                text.append(line)
            else:
                signature.append(line)
        return HtmlText(re.sub(r"\n{3,}", "\n\n", "\n".join(text)).strip(), "\n".join(filter(None, signature)))

    def _begin(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._end_paragraph()
        elif tag in _LINES:
            self._end_line()
        elif tag == "br":
            self._end_line(empty=True)
        elif tag in _CELLS:
            self._words.append(" ")
        if tag == "li":
            self._words.append("- ")
        self._as_written += tag in _AS_WRITTEN

    def _turn_to(self, voice: Speaker) -> None:
        if voice is not self._voice:
            self._end_line()
            self._voice = voice

    def _end_paragraph(self) -> None:
        self._end_line()
        if self._lines and self._lines[-1][1]:
            self._lines.append((self._voice, ""))

    def _end_line(self, *, empty: bool = False) -> None:
        """Put down the line at hand; ``empty``: also when nothing is on it."""
        line = "".join(self._words)
        line = line.rstrip() if self._as_written else re.sub(r" {2,}", " ", line).strip(" ")
        self._words.clear()
        if line or empty:
            self._lines.append((self._voice, line))


def _is_hidden(tag: str, attributes: Mapping[str, str]) -> bool:
    return tag in _UNSEEN or "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style", "")))


def _voice(tag: str, attributes: Mapping[str, str], names: str, around: Speaker) -> Speaker:
    if around is Speaker.QUOTED:
        return around
    if tag == "blockquote":
        return around if _INDENTED.search(attributes.get("style", "")) else Speaker.QUOTED
    if not names:
        return around
    if _ABOVE_QUOTE.search(names):
        return Speaker.QUOTED
    return Speaker.SIGNATURE if _SIGNATURE.search(names) else around


def _names(attributes: Mapping[str, str]) -> str:
    """What a program calls this element: its class, id and name."""
    said = " ".join(attributes.get(name, "")[:_LONGEST_NAME] for name in ("class", "id", "name"))
    return _COPIED.sub("", said.strip())
