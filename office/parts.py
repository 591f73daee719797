"""Whether the parts of an installation are alive: those that are expected, and when each was heard of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.engine import Transaction
from db.heartbeats import last_seen

#: A part not heard of for so long is silent; the mailbox is asked every four minutes.
SILENT = timedelta(minutes=10)
#: As ``bot.channels`` calls it.
MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Part:
    """``seen``: when it was last heard of (real time); ``None`` for never."""

    name: str
    seen: datetime | None
    silent: bool


async def parts_of(tx: Transaction, expected: Sequence[str], real: datetime) -> list[Part]:
    """How each of the ``expected`` is; one that was never heard of is silent too. ``real``: the real time."""
    seen = await last_seen(tx)
    contacts = [(name, seen.get(name)) for name in sorted(expected)]
    return [Part(name, at, at is None or real - at > SILENT) for name, at in contacts]
