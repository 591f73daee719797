"""Our own mails as proofs: who answers one has had it in the mailbox it was sent to (``mail.threads.MessageIds``).

A proof is as good as the row of the mail: gone with it, and spent by what it was used for or by a revocation.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel
from db.models import outbox


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
