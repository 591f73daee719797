"""Which addresses in a mail of ours may be links: those that are ours.

What a stranger wrote stays words, wherever it is repeated.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conversation.links import ADDRESS
from conversation.message import Reply
from knowledge.library import Library

#: A long address, as one with a signature is, is shown by its beginning: the link leads to all of it.
_LONG, _SHOWN = 60, 36


@dataclass(frozen=True, slots=True)
class OwnLinks:
    """The town's own addresses: those of the texts and facts, the mailbox, and everything below ``places``."""

    known: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()

    def holds(self, address: str) -> bool:
        """Whether it is one of ours."""
        return address in self.known or address.lower() in self.known or address.startswith(self.places)


@dataclass(frozen=True, slots=True)
class LinePiece:
    """A stretch of a line: plain, or a link."""

    text: str
    url: str = ""


def own_links(library: Library, *, mailbox: str, public_url: str = "", telegram_name: str = "") -> OwnLinks:
    """What is ours by the settings and the knowledge.

    ``places`` end with a slash or a mark: no longer name begins like them.
    """
    spoken = [text for texts in library.texts.values() for text in texts.values()]
    spoken += [answer for fact in library.facts.values() for answer in fact.answer.values()]
    known = {found for text in spoken for found in ADDRESS.findall(text) if "{" not in found}
    places = [f"{public_url.rstrip('/')}/"] if public_url else []
    if telegram_name:
        known.add(f"https://t.me/{telegram_name}")
        places.append(f"https://t.me/{telegram_name}?")
    return OwnLinks(frozenset({*known, mailbox}), tuple(places))


def pieces(line: str, reply: Reply, own: OwnLinks) -> Iterator[LinePiece]:
    """The line in stretches; links are what is ours by ``own``, or marked so by the reply."""
    marked = set(_marked(reply))
    at = 0
    for match in ADDRESS.finditer(line):
        found = match.group()
        if found not in marked and not own.holds(found):
            continue
        if match.start() > at:
            yield LinePiece(line[at : match.start()])
        shown = found if len(found) <= _LONG else f"{found[: _SHOWN - 1]}…"
        yield LinePiece(shown, found if found.startswith("http") else f"mailto:{found}")
        at = match.end()
    if at < len(line) or not line:
        yield LinePiece(line[at:])


def _marked(reply: Reply) -> Iterable[str]:
    yield from reply.links
    yield from (h.way_in.url for h in reply.highlights if h.way_in)
    yield from (button.url for row in reply.buttons for button in row if button.url)
