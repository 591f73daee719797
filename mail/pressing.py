"""A button on one of our pages, as the letter that the person could have written: it goes the way of all letters.

It answers a mail of ours, which proves whose it is; nothing on a page acts by itself.
"""

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime

from conversation.message import Channel
from db.inbox import Arrival
from mail.reading import PRESS
from mail.threads import MessageIds


def press_button(ids: MessageIds, address: str, mailbox: str, *, now: datetime, press: str, answers: str) -> Arrival:
    """The arrival to store. ``press``: the button; ``answers``: the outbox key of the mail that asked.

    Pressing the same button of the same mail again is the same arrival.
    """
    # Nothing is folded or encoded: only our own reader will see it.
    letter = EmailMessage(policy=SMTPUTF8.clone(max_line_length=10_000))
    letter["From"], letter["To"] = address, mailbox
    letter["Date"] = format_datetime(now)
    letter["In-Reply-To"] = letter["References"] = ids.of(answers, address)
    letter[PRESS] = press
    letter.set_content(press)
    name = hashlib.sha256(f"{address} {answers} {press}".encode()).hexdigest()
    return Arrival(f"page:{name}", Channel.EMAIL, address, letter.as_bytes(), None)
