"""What runs in a worker, in the order in which it is stopped: listeners first, the outbox last."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.answering import Answering
from bot.channels import Basis, OpenChannel, office_of
from conversation.channel import Channel
from db.election import Election
from workers.heartbeat import Witness, keep_alive
from workers.outgoing import OutboxWorker
from workers.pages import PageReader
from workers.rate_limit import RateLimit
from workers.supervisor import Loop, Supervisor


@dataclass(frozen=True, slots=True)
class Workers:
    """The long loops of a worker."""

    inbox: Answering
    outbox: OutboxWorker
    pages: PageReader
    witness: Witness


def make_workers(
    basis: Basis, channels: Mapping[Channel, OpenChannel], witness: Witness, on_loss: Callable[[], None]
) -> Workers:
    """The workers, at rest. ``on_loss``: called when the database is damaged or gone."""
    settings = basis.settings
    outbox = OutboxWorker(
        basis.database,
        {name: channel.transport for name, channel in channels.items()},
        library=basis.library,
        schedule=settings.schedule,
        clock=basis.clock,
        lease=timedelta(seconds=settings.outbox_lease_seconds),
        office=office_of(settings, channels),
        rate_limits={Channel.TELEGRAM: RateLimit(settings.telegram_rate, settings.telegram_chat_seconds)},
    )
    return Workers(Answering(basis, channels), outbox, PageReader(settings.database_url, on_loss), witness)


def working(
    basis: Basis,
    channels: Sequence[OpenChannel],
    workers: Workers,
    supervisor: Supervisor,
) -> list[Loop]:
    """All that a worker does but listening. ``supervisor``: who knows how often its loops had to be started again."""
    database, outbox = basis.database, workers.outbox

    def seen() -> dict[str, datetime]:
        contacts = {channel.part: channel.last_contact() for channel in channels}
        return {part: at for part, at in contacts.items() if at is not None}

    async def tick() -> None:
        from bot.timetable import keep_timetable  # what only the worker that is elected needs: scheduler, figures

        await keep_timetable(basis, outbox)

    return [
        Loop("wakeups", database.hear_others, grace=2),
        Loop("heartbeat", partial(keep_alive, database, workers.witness, seen, supervisor.count_restarts), grace=2),
        Loop("pages", workers.pages.run, grace=2),
        Loop("taught", workers.inbox.follow_office, grace=2),
        Loop("incoming", workers.inbox.run, workers.inbox.stop, grace=20),
        Loop("maintenance", Election(database, "timetable", tick).run, grace=2),
        Loop("outgoing", outbox.run, outbox.stop, grace=35),
    ]
