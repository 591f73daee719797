"""The real outbox worker with transports of one's own, for tests and measurements below the whole town."""

from collections.abc import Mapping
from datetime import UTC, datetime

from conversation.channel import Channel
from conversation.office import Office
from conversation.times import Clock
from conversation.transport import Transport
from db.engine import Database
from delivery.reminders import Schedule
from knowledge.library import load_library
from workers.outgoing import OutboxWorker
from workers.rate_limit import RateLimit


def make_outbox_worker(
    database: Database,
    transports: Mapping[Channel, Transport],
    *,
    schedule: Schedule | None = None,
    clock: Clock = lambda: datetime.now(UTC),
    rate_limits: Mapping[Channel, RateLimit] | None = None,
) -> OutboxWorker:
    return OutboxWorker(
        database,
        transports,
        library=load_library(),
        schedule=schedule or Schedule((), ()),
        office=Office("noi@lucca.example"),
        clock=clock,
        rate_limits=rate_limits,
    )


def in_flight(worker: OutboxWorker) -> int:
    """How many messages are with their transports or not settled yet."""
    return sum(worker._flying.values())
