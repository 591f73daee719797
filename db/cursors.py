"""How far each mail folder is read (UIDVALIDITY, last UID: RFC 9051 §2.3.1.1), and what waits before its start line.

When a folder is opened for the first time, or again after long, a line is drawn: what lies there is counted, and read
only when staff say since when.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.models import mail_cursors

#: Contact is written down at most this often.
_OFTEN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MailCursor:
    """Where reading stands in one folder. ``uidvalidity`` is 0 before the first contact.

    ``line_at``: what the server had received before then is read only when staff say so. ``lying``: how many letters
    wait for that word; ``recent``: those of them that are young enough and that nobody has answered; ``lying_since``:
    when the first of them came; they have UIDs above ``lies_after``, up to ``lies_until``. ``adopt_since``: staff's
    word: read what came since then. ``seen_at``: the last contact. Instants are real time.
    """

    uidvalidity: int = 0
    last_uid: int = 0
    line_at: datetime | None = None
    seen_at: datetime | None = None
    lying: int = 0
    recent: int = 0
    lying_since: datetime | None = None
    lies_after: int = 0
    lies_until: int = 0
    adopt_since: datetime | None = None


_FIELDS = [mail_cursors.c[name] for name in MailCursor.__dataclass_fields__]


async def load_cursor(tx: AsyncConnection, mailbox: str) -> MailCursor:
    """Where reading stands; an empty cursor for a folder never heard of."""
    row = (await tx.execute(select(*_FIELDS).where(mail_cursors.c.mailbox == mailbox))).first()
    return MailCursor(*row) if row else MailCursor()


async def save_cursor(tx: AsyncConnection, mailbox: str, uidvalidity: int, last_uid: int) -> None:
    """Remember how far the folder has been read."""
    await _write(tx, mailbox, uidvalidity=uidvalidity, last_uid=last_uid)


async def save_line(tx: AsyncConnection, mailbox: str, cursor: MailCursor) -> None:
    """A line was drawn: everything of ``cursor`` but staff's word, which may have been given meanwhile."""
    values = {name: getattr(cursor, name) for name in MailCursor.__dataclass_fields__ if name != "adopt_since"}
    await _write(tx, mailbox, **values)


async def touch(tx: AsyncConnection, mailbox: str, real_now: datetime) -> MailCursor:
    """There is contact with the folder; where reading stands in it."""
    cursor = await load_cursor(tx, mailbox)
    if cursor.seen_at is None or real_now - cursor.seen_at >= _OFTEN:
        await _write(tx, mailbox, seen_at=real_now)
    return cursor


async def adopt(tx: AsyncConnection, mailbox: str, since: datetime) -> None:
    """Staff's word: what waits and came since then is to be read, the rest stays as it is."""
    await _write(tx, mailbox, adopt_since=since)


async def forget_lying(tx: AsyncConnection, mailbox: str) -> None:
    """What staff wanted has been read: nothing waits any more."""
    values = {"lying": 0, "recent": 0, "lying_since": None, "lies_after": 0, "lies_until": 0, "adopt_since": None}
    await _write(tx, mailbox, **values)


async def _write(tx: AsyncConnection, mailbox: str, **values: object) -> None:
    done = await tx.execute(update(mail_cursors).where(mail_cursors.c.mailbox == mailbox).values(**values))
    if done.rowcount == 0:
        await tx.execute(insert(mail_cursors).values(mailbox=mailbox, **{"uidvalidity": 0, "last_uid": 0} | values))
