"""The page behind the link "unsubscribe" of a mail: GET asks and changes nothing, POST acts (RFC 8058 §3.2)."""

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from db.engine import Database
from db.people import stop_mail
from knowledge.library import Library
from mail.unsubscribing import Unsubscribing

#: No script, no foreign content, no frame; the token stands in the address, so it is told to nobody else.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


def unsubscribe_page(
    database: Database, library: Library, links: Unsubscribing
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint for GET and POST."""

    def say(key: str) -> str:
        # In Italian: nobody knows yet who opens the page.
        return library.say(key, "it")

    async def page(request: Request) -> Response:
        address = links.read(request.path_params["token"])
        if address is None:
            return _show(say("unsubscribe.title"), say("unsubscribe.expired"), "", 404)
        if request.method == "GET":
            return _show(say("unsubscribe.title"), say("unsubscribe.ask"), say("unsubscribe.button"), 200)
        async with database.begin() as tx:
            await stop_mail(tx, address)
        return _show(say("unsubscribe.title"), say("unsubscribe.done"), "", 200)

    return page


def _show(title: str, text: str, button: str, status: int) -> Response:
    return HTMLResponse(_template().render(title=title, text=text, button=button), status, _HEADERS)


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    return Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True).get_template(
        "page.html"
    )
