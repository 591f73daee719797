"""The ticks: what happens every so often. Running one twice changes nothing: the truth is in the database.

What must not stop when the machine's clock is set back is counted in elapsed seconds. What belongs to an hour of the
night is APScheduler's, with its memory store only: its persistent stores lose one-shot jobs that a restart overtakes,
so no reminder is ever a job.
"""

import asyncio
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from conversation.times import local_zone

Tick = Callable[[], Awaitable[object]]
_SECONDS = 30.0
#: So many ticks lie between two looks for what expired.
_EXPIRE_EVERY = 2


async def keep_time(*, recover: Tick, expire: Tick, forget: Tick) -> None:
    """Tick until cancelled; a tick that fails ends it, and the supervisor starts it again."""
    scheduler = AsyncIOScheduler(
        timezone=local_zone(), job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(forget, CronTrigger(hour=3, minute=30), id="forget")
    scheduler.start()
    number = 0
    try:
        while True:
            await recover()
            if number % _EXPIRE_EVERY == 0:
                await expire()
            number += 1
            await asyncio.sleep(_SECONDS)
    finally:
        scheduler.shutdown(wait=False)
