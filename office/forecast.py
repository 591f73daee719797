"""What will go out: to whom, when, why."""

from datetime import datetime
from typing import Any

from db.engine import Database
from db.forecast import Wanted, upcoming
from db.registrations import has_unplanned
from delivery.reminders import Schedule, plan


async def foresee(
    database: Database, schedule: Schedule, now: datetime, wanted: Wanted | None = None
) -> list[dict[str, Any]]:
    """What will go out, earliest first; of it what is ``wanted``.

    What is not planned yet is planned here and undone; else nobody's writing waits.
    """
    wanted = wanted or Wanted()
    async with database.look() as tx:
        if not await has_unplanned(tx):
            return await upcoming(tx, wanted)
    async with database.rehearse() as tx:
        while await plan(tx, schedule, now):
            continue
        return await upcoming(tx, wanted)
