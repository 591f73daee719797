"""What is forgotten, and when. The periods are those that the privacy notice tells people."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import InboxState, dialogues, inbox, link_tokens
from db.outbox import forget_sent

KEEP_IDS = timedelta(days=3)
KEEP_SENT_REPLIES = timedelta(days=30)


async def forget(tx: AsyncConnection, now: datetime) -> None:
    """Delete expired dialogues and tokens, and the ids of Telegram updates that cannot come again (24 h, Bot API).

    Ids of mails stay: a mailbox may show an old mail again after its UIDVALIDITY changed.
    """
    await tx.execute(delete(dialogues).where(dialogues.c.expires_at <= now))
    await tx.execute(delete(link_tokens).where(link_tokens.c.expires_at <= now))
    await tx.execute(
        delete(inbox).where(
            inbox.c.channel == "telegram",
            inbox.c.state == InboxState.DONE.value,
            inbox.c.handled_at < now - KEEP_IDS,
        )
    )
    await forget_sent(tx, now - KEEP_SENT_REPLIES)
