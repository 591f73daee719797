"""The page behind "unsubscribe" in a mail: GET asks and changes nothing, POST acts (RFC 8058 §3.2)."""

from starlette.requests import Request
from starlette.responses import Response

from conversation.channel import Channel
from conversation.links import OpenedLink, Purpose
from conversation.message import Address
from db.engine import Transaction
from db.people import stop_writing
from web.links.pages import Endpoint, Press, Reception, show


def unsubscribe_page(reception: Reception) -> Endpoint:
    """The endpoint for GET and POST."""
    say = reception.say

    async def answer(tx: Transaction, request: Request, opened: OpenedLink) -> Response:
        if request.method != "POST":  # HEAD too: only pressing the button acts
            return show(say("page.title"), [say("page.unsubscribe")], [Press(say("page.unsubscribe_button"))])
        await stop_writing(tx, Address(Channel.EMAIL, opened.address), reception.clock())
        return show(say("page.title"), [say("page.unsubscribed")])

    return reception.behind(Purpose.UNSUBSCRIBE, answer)
