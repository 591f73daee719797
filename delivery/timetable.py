"""The ticks: what happens every so often. APScheduler with its memory store only; the truth is in the database.

Its persistent stores lose one-shot jobs that a restart overtakes, so no reminder is ever a job: a job here is a tick
that looks into the outbox, and running it twice changes nothing.
"""

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from conversation.times import ROME

Tick = Callable[[], Awaitable[object]]


def start_timetable(*, recover: Tick, expire: Tick, forget: Tick) -> AsyncIOScheduler:
    """Start the ticks in the running loop; ``shutdown(wait=False)`` ends them."""
    scheduler = AsyncIOScheduler(
        timezone=ROME, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(recover, IntervalTrigger(seconds=5), id="recover")
    scheduler.add_job(expire, IntervalTrigger(minutes=1), id="expire")
    scheduler.add_job(forget, CronTrigger(hour=3, minute=30), id="forget")
    scheduler.start()
    return scheduler
