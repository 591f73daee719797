"""A button on one of our pages, as it waits in the inbox: a thing of its own, which no letter can be.

The page has proved whose it is (``conversation.links``); nothing on a page acts by itself.
"""

import json
from dataclasses import asdict, dataclass

from conversation.channel import Channel
from conversation.message import Address, Event, Incoming, Reading, Thread, Trust

#: The kind under which it is stored: only our pages store it, and only what is stored so is read as a button.
PRESSED = "press"


@dataclass(frozen=True, slots=True)
class Pressed:
    """``press``: the button, ``label``: what stood on it; ``address``: whose mail the page was linked from.

    ``answers``: the Message-ID of the mail that asked, empty where none did.
    """

    address: str
    press: str
    answers: str = ""
    label: str = ""

    def to_bytes(self) -> bytes:
        """As it is stored; ``read_pressed`` reads it back."""
        return json.dumps(asdict(self)).encode()


def read_pressed(payload: bytes) -> Reading:
    """What ``Pressed.to_bytes`` wrote, to be answered by mail."""
    pressed = Pressed(**json.loads(payload))
    thread = Thread("", pressed.answers, (pressed.answers,)) if pressed.answers else None
    incoming = Incoming(
        Address(Channel.EMAIL, pressed.address),
        event=Event.PRESS,
        press=pressed.press,
        label=pressed.label,
        thread=thread,
        trust=Trust.PASS,
        proof=pressed.answers.strip("<>").partition("@")[0],
    )
    return Reading(incoming, PRESSED)
