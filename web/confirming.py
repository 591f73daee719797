"""The page behind "confirm" in a mail: pressing is the same as answering that mail with "sì"."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from conversation.links import Purpose
from db import inbox
from db.people import are_revoked
from mail.pressing import press_button
from web.pages import Press, Reception, show


def confirm_page(reception: Reception) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint for GET and POST."""
    say = reception.say

    async def page(request: Request) -> Response:
        opened = reception.links.read(Purpose.CONFIRM, request.path_params["token"])
        if opened is None:
            return reception.expired()
        async with reception.database.begin() as tx:
            if await are_revoked(tx, opened.address, opened.made_at):
                return reception.expired()
            if request.method != "POST":  # HEAD too: only pressing the button acts
                return show(say("page.title"), [say("page.confirm")], [Press(say("page.confirm_button"))])
            now = reception.clock()
            pressed = press_button(
                reception.ids, opened.address, reception.mailbox, now=now, press="yes", answers=opened.about
            )
            await inbox.store(tx, [pressed], now)
        return show(say("page.title"), [say("page.confirmed")])

    return page
