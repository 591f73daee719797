"""The page behind "unsubscribe" in a mail: GET asks and changes nothing, POST acts (RFC 8058 §3.2)."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from conversation.links import Purpose
from db.people import are_revoked, stop_mail
from web.pages import Press, Reception, show


def unsubscribe_page(reception: Reception) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint for GET and POST."""
    say = reception.say

    async def page(request: Request) -> Response:
        opened = reception.links.read(Purpose.UNSUBSCRIBE, request.path_params["token"])
        if opened is None:
            return reception.expired()
        async with reception.database.begin() as tx:
            if await are_revoked(tx, opened.address, opened.made_at):
                return reception.expired()
            if request.method != "POST":  # HEAD too: only pressing the button acts
                return show(say("page.title"), [say("page.unsubscribe")], [Press(say("page.unsubscribe_button"))])
            await stop_mail(tx, opened.address)
        return show(say("page.title"), [say("page.unsubscribed")])

    return page
