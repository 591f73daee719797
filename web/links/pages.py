"""What the pages behind links in letters share.

One template, no script, no foreign content, nothing kept by browsers.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from conversation.channel import Channel
from conversation.links import Links, OpenedLink, Purpose
from conversation.pressing import PRESSED, Pressed
from conversation.times import Clock
from db import inbox
from db.addresses import are_revoked
from db.engine import Database, Transaction
from db.inbox import Arrival
from knowledge.library import Library
from mail.threads import MessageIds

#: The token stands in the address, so the page tells it to nobody else.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}

#: A button's form: bytes, and seconds that it may take to come.
_FORM, _FORM_SECONDS = 4096, 5.0

LinkHandler = Callable[[Transaction, Request, OpenedLink], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Reception:
    """What the pages need. ``mailbox``: ours; ``ids``: of the mails that links stand in."""

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

    async def press(self, tx: Transaction, address: str, press: "Press", *, once: str, answers: str = "") -> None:
        """Store a button for the inbox worker.

        Pressed again with the same ``once`` it is the same; ``answers``: the key of the mail that asked.
        """
        thread = self.ids.of(answers, address) if answers else ""
        pressed = Pressed(address, press.value, thread, press.label)
        name = hashlib.sha256(f"{address} {once} {press.value}".encode()).hexdigest()
        arrival = Arrival(f"page:{name}", Channel.EMAIL, address, pressed.to_bytes(), kind=PRESSED)
        await inbox.store(tx, [arrival], self.clock())

    def behind(self, purpose: Purpose, answer: LinkHandler) -> Endpoint:
        """The endpoint behind the links for ``purpose``: ``answer`` is asked only when the link is good."""

        async def page(request: Request) -> Response:
            opened = self.links.read(purpose, request.path_params["token"])
            if opened is None:
                return self.expired()
            if request.method == "POST" and not await _is_read(request):
                return Response(status_code=400, headers=_HEADERS)
            async with self.database.begin() as tx:
                if await are_revoked(tx, opened.address, opened.made_at):
                    return self.expired()
                return await answer(tx, request, opened)

        return page


async def _is_read(request: Request) -> bool:
    """Whether the small form of a button has come, whole and soon: before it nothing is asked of the database."""
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > _FORM:
        return False
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            await request.form()
    except (TimeoutError, HTTPException, ClientDisconnect, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Press:
    """A button: what it says and the value that it sends.

    ``text`` stands before it, ``quiet``: not what one came for.
    """

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
