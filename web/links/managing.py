"""The page behind "your registrations" in a mail.

What one is registered for, and buttons to withdraw, to have a copy of one's data, to be erased, to revoke all links.
A button waits in the inbox and is answered by mail, like a letter; only revoking acts here.
"""

from starlette.requests import Request
from starlette.responses import Response

from conversation.channel import Channel
from conversation.links import OpenedLink, Purpose
from conversation.message import Address
from conversation.wording import Voice
from db.addresses import revoke_links
from db.engine import Transaction
from db.meetings import all_meetings, sector_names
from db.models import RegistrationStatus
from db.people import find_person
from db.registrations import registrations_of
from web.links.pages import Endpoint, Press, Reception, show

_REVOKE = "revoke"
_WISHES = {"go:export": "page.export_button", "go:erase": "page.erase_button"}


def manage_page(reception: Reception) -> Endpoint:
    """The endpoint for GET and POST."""
    say = reception.say

    async def answer(tx: Transaction, request: Request, opened: OpenedLink) -> Response:
        presses = await _presses(tx, reception, opened.address)
        if presses is None:
            return reception.expired()
        if request.method != "POST":  # HEAD too: only pressing the button acts
            return show(say("page.manage_title"), [say("page.manage" if len(presses) > 3 else "page.none")], presses)
        form = await request.form()
        wanted = next((p for p in presses if p.value == form.get("press")), None)
        if wanted is None:
            return show(say("page.manage_title"), [say("page.stale")], presses, status=409)
        if wanted.value == _REVOKE:
            await revoke_links(tx, opened.address)
            return show(say("page.title"), [say("page.revoked")])
        # One press a minute counts: a double click is one wish.
        await reception.press(tx, opened.address, wanted, once=f"{reception.clock():%Y%m%d%H%M}")
        return show(say("page.title"), [say("page.pressed")])

    return reception.behind(Purpose.MANAGE, answer)


async def _presses(tx: Transaction, reception: Reception, address: str) -> list[Press] | None:
    """What one can do: a button per registration, then those about one's data; ``None`` when nobody is known there."""
    say, now = reception.say, reception.clock()
    person = await find_person(tx, Address(Channel.EMAIL, address))
    if person is None:
        return None
    voice = Voice(reception.library, "it", now, await sector_names(tx), reception.mailbox)
    meetings = {m.id: m for m in await all_meetings(tx) if m.is_upcoming(now)}
    presses = []
    for held in await registrations_of(tx, person.id):
        meeting = meetings.get(held.meeting_id)
        if meeting is None or held.status is RegistrationStatus.WITHDRAWN:
            continue
        waits = held.status is RegistrationStatus.WAITLISTED
        text = say(
            "page.place",
            meeting=voice.name_meeting(meeting),
            people=voice.name_who(held),
            status=say(f"privacy.status_{'waitlisted' if waits else 'confirmed'}"),
        )
        presses.append(Press(say("page.withdraw_button"), f"withdraw:{held.id}", text))
    presses += [Press(say(text), wish, quiet=True) for wish, text in _WISHES.items()]
    return [*presses, Press(say("page.revoke_button"), _REVOKE, say("page.revoke"), quiet=True)]
