"""What a channel must do for messages to go out by it."""

from typing import Protocol

from conversation.message import Outgoing, Receipt


class Transport(Protocol):
    """The sending half of a channel. Listening ends in the inbox table and needs nothing from here."""

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Try once to deliver, within the time-out of the transport.

        Never raises for what the network or the peer does.
        """
        ...
