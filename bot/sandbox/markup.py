"""Telegram's "HTML style" as its server reads it: text and entities, or the refusal in its own words."""

from html.parser import HTMLParser
from typing import Any

_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote", "span": "spoiler",
    "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip


class MarkupError(ValueError):
    """The text does not parse."""


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.entities: list[dict[str, Any]] = []
        self.open: list[tuple[str, int, dict[str, Any]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            msg = f'Unsupported start tag "{tag}" at byte offset {len(self.text.encode())}'
            raise MarkupError(msg)
        extra = {"url": dict(attrs).get("href") or ""} if tag == "a" else {}
        self.open.append((tag, _utf16(self.text), extra))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            expected = self.open[-1][0] if self.open else ""
            msg = (
                f'Unmatched end tag at byte offset {len(self.text.encode())}, expected "</{expected}>", '
                f'found "</{tag}>"'
            )
            raise MarkupError(msg)
        name, start, extra = self.open.pop()
        length = _utf16(self.text) - start
        if length:
            self.entities.append({"type": _TAGS[name], "offset": start, "length": length, **extra})

    def handle_data(self, data: str) -> None:
        self.text += data


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Text and entities (offsets in UTF-16 units). Raises ``MarkupError``."""
    reader = _Reader()
    for i, char in enumerate(source):
        if char == "<" and not source[i + 1 : i + 2].isalpha() and source[i + 1 : i + 2] != "/":
            msg = f"Unsupported start tag at byte offset {len(source[:i].encode())}"
            raise MarkupError(msg)
    reader.feed(source)
    reader.close()
    if reader.open:
        msg = f'Can\'t find end tag corresponding to start tag "{reader.open[-1][0]}"'
        raise MarkupError(msg)
    return reader.text, sorted(reader.entities, key=lambda e: e["offset"])
