"""The page behind "confirm" in a mail: pressing is the same as answering that mail with "sì"."""

from starlette.requests import Request
from starlette.responses import Response

from conversation.links import OpenedLink, Purpose
from db.engine import Transaction
from web.links.pages import Endpoint, Press, Reception, show


def confirm_page(reception: Reception) -> Endpoint:
    """The endpoint for GET and POST."""
    say = reception.say

    async def answer(tx: Transaction, request: Request, opened: OpenedLink) -> Response:
        yes = Press(say("page.confirm_button"), "yes")
        if request.method != "POST":  # HEAD too: only pressing the button acts
            return show(say("page.title"), [say("page.confirm")], [yes])
        await reception.press(tx, opened.address, yes, once=opened.about, answers=opened.about)
        return show(say("page.title"), [say("page.confirmed")])

    return reception.behind(Purpose.CONFIRM, answer)
