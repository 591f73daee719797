"""Signs of life: when each part was last seen, what waits and how long; and the hold on what is past due."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, insert, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import save
from db.models import Lane, hand_overs, heartbeats, inbox, outbox
from db.wakeups import Queue, put_in

HOLD = "hold"
WORKER = "worker"


async def beat(tx: AsyncConnection, seen: Mapping[str, datetime], *, restarts: int = 0) -> None:
    """Write down when each part was last seen (real time), and how often the worker had to start a loop again."""
    rows = [{"name": name, "at": at, "note": str(restarts) if name == WORKER else ""} for name, at in seen.items()]
    await save(tx, heartbeats, rows)


async def last_seen(tx: AsyncConnection) -> dict[str, datetime]:
    """When each part was last seen, the hold apart."""
    rows = (await tx.execute(select(heartbeats.c.name, heartbeats.c.at).where(heartbeats.c.name != HOLD))).all()
    return {str(row.name): row.at for row in rows}


async def hold(tx: AsyncConnection, before: datetime, reason: str) -> None:
    """Hold back what was due before then, until ``release``."""
    await release(tx)
    await tx.execute(insert(heartbeats).values(name=HOLD, at=before, note=reason[:200]))


async def held_before(tx: AsyncConnection) -> tuple[datetime, str] | None:
    """The hold and its reason, when there is one."""
    row = (await tx.execute(select(heartbeats.c.at, heartbeats.c.note).where(heartbeats.c.name == HOLD))).first()
    return (row[0], row[1]) if row else None


async def release(tx: AsyncConnection) -> bool:
    """Let go what was held; whether there was a hold."""
    put_in(tx, Queue.PLAN)
    return bool((await tx.execute(delete(heartbeats).where(heartbeats.c.name == HOLD))).rowcount)


async def past_due(tx: AsyncConnection, before: datetime) -> dict[str, int]:
    """How many messages were due before then, were not too late then and have not gone, by their kind."""
    query = (
        select(outbox.c.kind, func.count())
        .where(outbox.c.state == literal_column("'pending'"), outbox.c.due_at < before)
        .where(outbox.c.expires_at.is_(None) | (outbox.c.expires_at > before))
        .group_by(outbox.c.kind)
    )
    return {row[0]: row[1] for row in (await tx.execute(query)).all()}


async def gauges(tx: AsyncConnection, now: datetime, real_now: datetime) -> dict[str, float]:
    """How long what waits has waited, in seconds, and who was heard of when.

    Names as the metrics page shows them. Counts little.
    """
    found: dict[str, float] = {}
    pending = outbox.c.state == literal_column("'pending'")
    due = [
        select(func.min(outbox.c.due_at)).where(pending, outbox.c.lane == lane.value, outbox.c.due_at <= now)
        for lane in Lane
    ]
    oldest = [at for at in (await tx.execute(select(*(query.scalar_subquery() for query in due)))).one() if at]
    found["outbox_oldest_due_seconds"] = (now - min(oldest)).total_seconds() if oldest else 0.0
    waiting = select(func.min(inbox.c.received_at)).where(inbox.c.state == literal_column("'new'"))
    first = (await tx.execute(waiting)).scalar_one()
    found["inbox_oldest_new_seconds"] = (now - first).total_seconds() if first else 0.0
    open_ = select(func.count()).where(hand_overs.c.state == "open")
    found["hand_overs_open"] = float((await tx.execute(open_)).scalar_one())
    for name, at in (await last_seen(tx)).items():
        found[f'last_seen_seconds{{part="{name}"}}'] = (real_now - at).total_seconds()
    note = (await tx.execute(select(heartbeats.c.note).where(heartbeats.c.name == WORKER))).scalar() or "0"
    found["worker_loops_restarted"] = float(note)
    found["past_due_held"] = float(await held_before(tx) is not None)
    return found
