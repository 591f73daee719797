"""An album comes as a message for each photo; it is answered once: to its caption, whichever photo carries it."""

from datetime import timedelta

from db.outbox import queue_reply, take_back
from handlers import welcome
from handlers.turn import Turn

#: The photos of an album arrive together; so long the answer to one without words waits for the caption.
_TOGETHER = timedelta(seconds=3)


async def photo(turn: Turn) -> None:
    """One of the photos without words: "I read only words" will be said, once, unless there is a caption."""
    if turn.dialogue.album == turn.incoming.album:
        return
    reply = (await welcome.attachment(turn)).reply
    await queue_reply(turn.tx, _key(turn), turn.incoming.address, reply, now=turn.now + _TOGETHER)


async def caption(turn: Turn) -> None:
    """The photo with words: these are answered, the others not."""
    turn.dialogue.album = turn.incoming.album
    await take_back(turn.tx, _key(turn))


def _key(turn: Turn) -> str:
    return f"album:{turn.incoming.address.value}:{turn.incoming.album}"[:200]
