"""What is done by the clock, by the one worker that is elected for it."""

from bot.channels import Basis
from db.retention import forget
from delivery.warnings import warn_of_unfinished_meetings
from office.morning import queue_mornings
from workers.maintenance import keep_time
from workers.outgoing import OutboxWorker


async def keep_timetable(basis: Basis, outbox: OutboxWorker) -> None:
    """Do it until cancelled."""
    database, settings = basis.database, basis.settings
    console = f"{settings.public_url.rstrip('/')}/console" if settings.public_url else ""

    async def expire() -> None:
        await outbox.expire()
        async with database.begin() as tx:
            await warn_of_unfinished_meetings(tx, settings.office, library=basis.library, now=basis.clock())
            if settings.smtp is not None:
                await queue_mornings(tx, settings.office, basis.library.town, now=basis.clock(), console=console)
        await database.tidy()

    async def forget_old() -> None:
        await forget(database, basis.clock(), settings.periods)

    await keep_time(recover=outbox.recover, expire=expire, forget=forget_old)
