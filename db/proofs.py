"""Our own mails as proofs: who answers one has had it in the mailbox it was sent to (``mail.threads.MessageIds``).

A proof is as good as the row of the mail: gone with it, and spent by what it was used for or by a revocation.
"""

from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel
from conversation.links import mark
from db.models import ADDRESSED, outbox


async def recipient_of(tx: AsyncConnection, message_id: str, since: datetime) -> str | None:
    """To whom the mail with this Message-ID was sent, after ``since``; empty where that was forgotten.

    ``None`` when it proves nothing: unknown, too old, or spent.
    """
    query = select(outbox.c.value).where(
        outbox.c.reference != "",
        outbox.c.reference == message_id,
        outbox.c.channel == Channel.EMAIL.value,
        outbox.c.sent_at > since,
        outbox.c.spent.is_(False),
    )
    found: str | None = (await tx.execute(query)).scalar()
    return found


async def note_arrived(tx: AsyncConnection, message_id: str, value: str, since: datetime) -> bool:
    """Whether the mail with this Message-ID, due to ``value`` after ``since``, is one whose sending is not settled yet.

    Who answers at once, or while a sender that died has left it in doubt, is quicker than we are. It is known by its
    Message-ID from then on, so that it is spent like any other.
    """
    rows = await tx.execute(
        select(outbox.c.id, outbox.c.key).where(
            text(ADDRESSED),
            outbox.c.channel == Channel.EMAIL.value,
            outbox.c.value == value,
            outbox.c.reference == "",
            outbox.c.sent_at.is_(None),
            outbox.c.spent.is_(False),
            outbox.c.due_at > since,
        )
    )
    head = message_id.strip("<>").partition(".")[0]
    found = next((row.id for row in rows if mark(row.key) == head), None)
    if found is None:
        return False
    await tx.execute(update(outbox).where(outbox.c.id == found).values(reference=message_id))
    return True


async def spend(tx: AsyncConnection, message_id: str) -> None:
    """The mail has proved what it could."""
    await tx.execute(
        update(outbox).where(outbox.c.reference != "", outbox.c.reference == message_id).values(spent=True)
    )


async def spend_all(tx: AsyncConnection, value: str) -> None:
    """No mail sent to this address until now proves anything any more."""
    await tx.execute(
        update(outbox)
        .where(outbox.c.channel == Channel.EMAIL.value, outbox.c.value == value, outbox.c.reference != "")
        .values(spent=True)
    )
