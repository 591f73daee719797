"""Messages that the bot left to a person: looked at as text, tried again, or put away."""

import json
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from conversation.channel import Channel
from conversation.message import Glimpse, Reading
from db import set_aside as stored
from db.engine import Transaction
from db.requests import Actor, record
from db.set_aside import SetAside, all_set_aside
from mail.reading.confined import ConfinedReader
from mail.reading.shown import read_shown
from office.errors import RefusedError

__all__ = ["NotForUs", "SetAside", "all_set_aside", "as_text", "put_away", "stored_at", "try_again"]
#: Characters of an update that is shown as it came.
_SHOWN = 4_000


class NotForUs(StrEnum):
    """Why nothing is to be done."""

    NOT_FOR_US = "not_for_us"
    SPAM = "spam"


async def stored_at(tx: Transaction, number: int) -> tuple[Channel, bytes]:
    """What was stored, for ``as_text``. Raises ``RefusedError`` when it does not wait any more."""
    found = await stored.payload_of(tx, number)
    if found is None:
        raise RefusedError(_gone(number))
    return found


def as_text(channel: Channel, payload: bytes) -> Glimpse:
    """What is in it, as text. Takes a moment: a mail is read in a process of its own, with limits; call it outside a transaction."""
    if channel is not Channel.EMAIL:
        return Glimpse(words=_words_of(payload))
    reader = ConfinedReader(read_shown)
    try:
        return _seen(reader, payload)
    finally:
        reader.close()


def _seen(read: Callable[[bytes], Reading], payload: bytes) -> Glimpse:
    try:
        reading = read(payload)
    except (TimeoutError, ChildProcessError) as error:
        return Glimpse(words=f"({error})")
    return reading.glimpse or Glimpse(words=f"({reading.reason})")


def _words_of(payload: bytes) -> str:
    """The words of an update; of one that has none the whole, as it came."""
    try:
        update: Any = json.loads(payload)
        message = update.get("message") or update.get("edited_message") or {}
        words = message.get("text") or message.get("caption")
        return str(words or json.dumps(update, ensure_ascii=False, indent=1))[:_SHOWN]
    except (ValueError, AttributeError, RecursionError):
        return payload[:_SHOWN].decode("utf-8", "replace")


async def try_again(tx: Transaction, number: int, now: datetime, *, by: Actor) -> None:
    """Have the bot read it once more. Raises ``RefusedError`` when it does not wait any more."""
    if not await stored.put_back_in(tx, number):
        raise RefusedError(_gone(number))
    await record(tx, "tried_again", now=now, subject=f"inbox:{number}", by=by)


async def put_away(tx: Transaction, number: int, why: NotForUs, now: datetime, *, by: Actor) -> None:
    """Nothing is to be done; its words are forgotten here, a letter stays in the mailbox. Raises ``RefusedError`` as above."""
    if not await stored.dismiss(tx, number, why.value, now):
        raise RefusedError(_gone(number))
    await record(tx, why.value, now=now, subject=f"inbox:{number}", by=by)


def _gone(number: int) -> str:
    return f"il messaggio n. {number} non aspetta più nessuno: un'altra persona se ne è occupata, oppure è scaduto"
