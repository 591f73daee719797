"""How many messages came from an address in the minute or the day that runs.

What the brakes of ``handlers.limits`` go by.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.message import Address
from db.models import message_counts


@dataclass(frozen=True, slots=True)
class Counted:
    """What came from one address in its period, a chat's last message included, a letter not yet."""

    #: Messages of a chat; letters for whose sender nothing vouches.
    number: int = 0
    #: Letters whose sender is sure.
    vouched: int = 0
    #: A digest of the words of the last letter; empty when they were few.
    last_words: str = ""


_HERE = (message_counts.c.channel == bindparam("at_channel"), message_counts.c.value == bindparam("at_value"))
_COUNT = update(message_counts).where(*_HERE)
_FORGET = delete(message_counts).where(*_HERE)


def _at(address: Address) -> dict[str, str]:
    return {"at_channel": address.channel.value, "at_value": address.value}


async def count_letter(tx: AsyncConnection, address: Address, counted: Counted) -> None:
    """Keep the count with this letter in it."""
    count = {"number": counted.number, "vouched": counted.vouched, "last_words": counted.last_words}
    await tx.execute(_COUNT, _at(address) | count)


async def forget_count(tx: AsyncConnection, address: Address) -> None:
    """Keep nothing of the address."""
    await tx.execute(_FORGET, _at(address))
