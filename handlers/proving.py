"""What a letter's answer to one of our mails still proves.

For a month, to its recipient, once for what changes something.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from conversation.message import Event, Incoming, Trust
from conversation.office import Office
from conversation.outcome import TurnOutcome
from db.engine import Transaction
from db.proofs import note_arrived, recipient_of, spend
from handlers.turn import Turn

#: As long as the mails that went out are remembered (``db.retention``); who wants something later is asked to confirm.
_GOOD_FOR = timedelta(days=30)
#: Outcomes after which the same mail proves nothing more: whoever finds it later must not undo what was done.
_CHANGES = {TurnOutcome.CHANGED, TurnOutcome.WITHDRAWN, TurnOutcome.RECORDED, TurnOutcome.DONE}


async def weigh_proof(tx: Transaction, incoming: Incoming, asked_in: str, office: Office, now: datetime) -> Incoming:
    """``incoming`` vouched for by its proof, or without the proof that stands no more.

    ``asked_in``: the mail that asks.
    """
    if not incoming.proof or incoming.event is Event.PRESS:
        return incoming
    value, since, message_id = incoming.address.value, now - _GOOD_FOR, _message_id(incoming, office)
    recipient = await recipient_of(tx, message_id, since)
    if recipient is None and await note_arrived(tx, message_id, value, since):
        recipient = value
    asks = bool(asked_in) and incoming.proof.startswith(f"{asked_in}.")
    # Where the recipient is forgotten, nobody was known yet: the mail is good for the question that it asked alone.
    if recipient is None or (recipient != value and not (recipient == "" and asks)):
        return replace(incoming, proof="")
    return replace(incoming, trust=Trust.PASS) if incoming.trust is Trust.UNKNOWN else incoming


async def spend_proof(turn: Turn, outcome: TurnOutcome) -> None:
    """After a change that rested on it."""
    if turn.channel.is_letter and turn.incoming.proof and outcome in _CHANGES:
        await spend(turn.tx, _message_id(turn.incoming, turn.office))


def _message_id(incoming: Incoming, office: Office) -> str:
    """The part before the @ is the proof: providers of certified mail rewrite the rest."""
    return f"<{incoming.proof}@{office.mailbox.rpartition('@')[2]}>"
