"""What providers report of mail that was sent: kept per address and message, so that a dead address is noticed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel
from conversation.links import mark
from conversation.message import Address, DeliveryStatus
from db.models import Kind, OutboxState, outbox, returns


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours: the outbox row, what it was, to whom it went. ``named``: by its id, which only its reader knows.

    By the recipient alone anybody may have named it.
    """

    id: int
    kind: Kind
    person_id: int | None
    address: Address
    named: bool


async def find_sent(
    tx: AsyncConnection, message_ids: Sequence[str], recipients: Sequence[str], *, domain: str
) -> SentMail | None:
    """The mail with one of ``message_ids`` (the part before the @ will do: PEC providers rewrite ours, ``domain``).

    Failing that, the newest that went to one of ``recipients``.
    """
    mails = select(outbox.c.id, outbox.c.kind, outbox.c.person_id, outbox.c.value).where(
        outbox.c.channel == Channel.EMAIL.value
    )
    for name in message_ids:
        ours = f"<{name.strip('<>').partition('@')[0]}@{domain}>"
        row = (await tx.execute(mails.where(outbox.c.reference != "", outbox.c.reference == ours).limit(1))).first()
        if row is not None:
            return SentMail(row[0], Kind(row[1]), row[2], Address(Channel.EMAIL, row[3]), named=True)
    if overtaken := await _in_flight(tx, message_ids):
        return overtaken
    if not recipients:
        return None
    newest = (
        mails.where(outbox.c.value.in_(list(recipients)), outbox.c.reference != "")
        .order_by(outbox.c.id.desc())
        .limit(1)
    )
    row = (await tx.execute(newest)).first()
    return SentMail(row[0], Kind(row[1]), row[2], Address(Channel.EMAIL, row[3]), named=False) if row else None


async def _in_flight(tx: AsyncConnection, message_ids: Sequence[str]) -> SentMail | None:
    """A mail that came back before its own sending was settled, or that is in doubt.

    By its mark, for its id is not written down yet.
    """
    heads = {name.strip("<>").partition(".")[0] for name in message_ids}
    flying = select(outbox.c.id, outbox.c.kind, outbox.c.person_id, outbox.c.value, outbox.c.key).where(
        or_(
            outbox.c.state.in_([OutboxState.SENDING.value, OutboxState.UNSURE.value]),
            and_(outbox.c.state == OutboxState.PENDING.value, outbox.c.doubts > 0),
        ),
        outbox.c.channel == Channel.EMAIL.value,
    )
    for row in (await tx.execute(flying)).all():
        if mark(row[4]) in heads:
            return SentMail(row[0], Kind(row[1]), row[2], Address(Channel.EMAIL, row[3]), named=True)
    return None


async def note(
    tx: AsyncConnection, address: Address, outcome: DeliveryStatus, *, outbox_id: int | None, status: str, now: datetime
) -> bool:
    """Write a report down; ``False`` when the same was reported of the same mail before."""
    same = select(returns.c.id).where(
        returns.c.channel == address.channel.value,
        returns.c.value == address.value,
        returns.c.fate == outcome.value,
        returns.c.outbox_id.is_(None) if outbox_id is None else returns.c.outbox_id == outbox_id,
    )
    if outbox_id is not None and (await tx.execute(same)).first() is not None:
        return False
    row = {"outbox_id": outbox_id, "channel": address.channel.value, "value": address.value, "fate": outcome.value}
    await tx.execute(insert(returns).values(**row, status=status[:60], at=now))
    return True


async def hard_bounces(tx: AsyncConnection, address: Address, since: datetime) -> int:
    """How many mails to ``address``, each named by its id, came back for good since then."""
    query = select(func.count()).where(
        returns.c.channel == address.channel.value,
        returns.c.value == address.value,
        returns.c.fate == DeliveryStatus.HARD.value,
        returns.c.outbox_id.is_not(None),
        returns.c.at >= since,
    )
    return int((await tx.execute(query)).scalar_one())
