"""When the next message may leave on a channel: one row that all workers share, moved by whoever claims messages."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from conversation.channel import Channel
from db.engine import insert_new
from db.models import rate_limits

_LONGEST_PAUSE = timedelta(minutes=5)


async def hold_rate_limit(tx: AsyncConnection, channel: Channel, real_now: datetime) -> datetime | None:
    """The next free slot of the channel (real time), held until this transaction ends.

    ``None`` while another worker holds it.

    A slot further off than the longest pause was given before the machine's clock was set back.
    """
    query = (
        select(rate_limits.c.next_at).where(rate_limits.c.channel == channel.value).with_for_update(skip_locked=True)
    )
    found: datetime | None = (await tx.execute(query)).scalar()
    if found is None:
        await insert_new(tx, rate_limits, [{"channel": channel.value, "next_at": real_now}])
        found = (await tx.execute(query)).scalar()
    return real_now if found is not None and found > real_now + _LONGEST_PAUSE else found


_TAKE = (
    update(rate_limits)
    .where(
        rate_limits.c.channel.in_(
            select(rate_limits.c.channel)
            .where(rate_limits.c.channel == bindparam("which"), rate_limits.c.next_at <= bindparam("from_now"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(next_at=bindparam("until"))
)


async def take_rate_limit(tx: AsyncConnection, channel: Channel, real_now: datetime, until: datetime) -> bool:
    """Take the slots from ``real_now`` to ``until``, if the channel is idle and no other worker holds it.

    Whether they are taken.
    """
    given = {"which": channel.value, "from_now": real_now, "until": until}
    return bool((await tx.execute(_TAKE, given)).rowcount)


async def move_rate_limit(tx: AsyncConnection, channel: Channel, next_at: datetime) -> None:
    """The slots before ``next_at`` are taken."""
    await tx.execute(update(rate_limits).where(rate_limits.c.channel == channel.value).values(next_at=next_at))


async def pause(tx: AsyncConnection, channel: Channel, until: datetime, real_now: datetime) -> None:
    """Nothing leaves on the channel before ``until``: its server asked for it. After five minutes it is asked again."""
    until = min(until, real_now + _LONGEST_PAUSE)
    await tx.execute(
        update(rate_limits)
        .where(rate_limits.c.channel == channel.value, rate_limits.c.next_at < until)
        .values(next_at=until)
    )
