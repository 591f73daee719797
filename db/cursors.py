"""How far each mail folder has been read: UIDVALIDITY and the last UID (RFC 9051 §2.3.1.1)."""

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import mail_cursors


async def load_cursor(tx: AsyncConnection, mailbox: str) -> tuple[int, int]:
    """``(uidvalidity, last_uid)``; zeros for a folder never read."""
    row = (await tx.execute(select(mail_cursors).where(mail_cursors.c.mailbox == mailbox))).first()
    return (row.uidvalidity, row.last_uid) if row else (0, 0)


async def save_cursor(tx: AsyncConnection, mailbox: str, uidvalidity: int, last_uid: int) -> None:
    """Remember how far the folder has been read."""
    values = {"uidvalidity": uidvalidity, "last_uid": last_uid}
    done = await tx.execute(update(mail_cursors).where(mail_cursors.c.mailbox == mailbox).values(**values))
    if done.rowcount == 0:
        await tx.execute(insert(mail_cursors).values(mailbox=mailbox, **values))
