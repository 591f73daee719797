"""What the pages behind links in letters share: one template, no script, no foreign content, nothing kept by browsers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse, Response

from conversation.links import Links
from conversation.times import Clock
from db.engine import Database
from knowledge.library import Library
from mail.threads import MessageIds

#: The token stands in the address, so the page tells it to nobody else.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, slots=True)
class Reception:
    """What the pages need. ``mailbox``: ours; ``ids``: what makes a pressed button a letter of its owner."""

    database: Database
    library: Library
    links: Links
    ids: MessageIds
    mailbox: str
    clock: Clock

    def say(self, key: str, **values: object) -> str:
        """A text, in Italian: nobody knows yet who opens the page."""
        return self.library.say(key, "it", **values)

    def expired(self) -> Response:
        """The link is forged, too old, revoked, or of somebody who was erased."""
        return show(self.say("page.title"), [self.say("page.expired", mailbox=self.mailbox)], status=404)


@dataclass(frozen=True, slots=True)
class Press:
    """A button: what it says and the value that it sends; ``text`` stands before it, ``quiet``: not what one came for."""

    label: str
    value: str = ""
    text: str = ""
    quiet: bool = False


def show(title: str, texts: Sequence[str], presses: Sequence[Press] = (), *, status: int = 200) -> Response:
    """A page of paragraphs and buttons; each button is a form of its own, sent to the same address."""
    return HTMLResponse(_template().render(title=title, texts=texts, presses=presses), status, _HEADERS)


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    return Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True).get_template(
        "page.html"
    )
