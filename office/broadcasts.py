"""One message for many: looked at before it goes, queued, stopped."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from conversation.channel import Channel
from conversation.message import Reply
from conversation.wording import Voice, staff_message
from db import broadcasts as stored
from db.broadcasts import Broadcast
from db.engine import Transaction
from db.meetings import get_meeting, sector_names
from delivery.broadcasts import GRACE, Queued, queue_broadcast, recipients
from knowledge.library import Library
from office.errors import RefusedError

__all__ = ["GRACE", "Broadcast", "Preview", "Queued", "preview", "queue_broadcast", "stop", "written"]
#: Title and text together fit one Telegram message (4,096 characters) with what is added.
_TITLE, _TEXT = 150, 3500


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go out."""

    #: How many people would get it on each channel, each person once.
    people: Counter[Channel]
    #: How it reads, in Italian.
    reply: Reply


async def written(tx: Transaction, title: str, text: str, meeting_id: int | None = None) -> Broadcast:
    """Staff's words as a broadcast, for everybody at a meeting or for those who asked for news. Raises ``RefusedError``."""
    title, text = title.strip(), text.strip()
    if not title or not text:
        msg = "la prima riga è l'oggetto, dalla seconda comincia il testo; manca qualcosa"
        raise RefusedError(msg)
    if len(title) > _TITLE or len(text) > _TEXT:
        msg = f"l'oggetto può avere {_TITLE} caratteri, il testo {_TEXT}; qui sono {len(title)} e {len(text)}"
        raise RefusedError(msg)
    if meeting_id is not None and await get_meeting(tx, meeting_id) is None:
        msg = f"non c'è un incontro n. {meeting_id}; i numeri si vedono con: python -m bot programme show"
        raise RefusedError(msg)
    return Broadcast(title, text, meeting_id)


async def preview(tx: Transaction, broadcast: Broadcast, library: Library, mailbox: str, now: datetime) -> Preview:
    """To how many it would go now, and how it reads; changes nothing."""
    people = Counter(who.place.channel for who in await recipients(tx, broadcast))
    meeting = await get_meeting(tx, broadcast.meeting_id) if broadcast.meeting_id is not None else None
    voice = Voice(library, "it", now, await sector_names(tx), mailbox)
    return Preview(people, staff_message(voice, broadcast.title, broadcast.text, meeting)[1])


async def stop(tx: Transaction, number: int) -> int | None:
    """Take back what has not left yet; how many messages, ``None`` when there is no such broadcast."""
    return await stored.stop_broadcast(tx, number)
