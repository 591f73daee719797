"""The real sender with doors of one's own, for tests and measurements below the whole town."""

from collections.abc import Mapping
from datetime import UTC, datetime

from conversation.message import Channel
from conversation.office import Office
from conversation.times import Clock
from conversation.transport import Door
from db.engine import Database
from delivery.reminders import Schedule
from knowledge.library import load_library
from workers.outgoing import Sender
from workers.rate_limit import Pace


def make_sender(
    database: Database,
    doors: Mapping[Channel, Door],
    *,
    schedule: Schedule | None = None,
    clock: Clock = lambda: datetime.now(UTC),
    paces: Mapping[Channel, Pace] | None = None,
) -> Sender:
    return Sender(
        database,
        doors,
        library=load_library(),
        schedule=schedule or Schedule((), ()),
        office=Office("noi@lucca.example"),
        clock=clock,
        paces=paces,
    )
