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

    What is not planned yet is planned here and undone; else nobody's writing waits. Where only the first are wanted
    some hundreds are planned, and nobody waits long: a worker plans the others within seconds.
    """
    wanted = wanted or Wanted()
    async with database.look() as tx:
        if not await has_unplanned(tx):
            return await upcoming(tx, wanted)
    async with database.rehearse() as tx:
        while await plan(tx, schedule, now) and wanted.limit is None:
            continue
        return await upcoming(tx, wanted)
