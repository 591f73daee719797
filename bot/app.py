"""The composition root: settings in, a running system out. The only module that knows every room.

``open_system`` opens the database, the sockets and the channels; ``System.run`` says "ready" and runs the loops until
it is told to stop. Roles: ``worker`` (listeners, inbox, outbox, maintenance) and ``web`` (the ASGI app); ``run`` has
both in one process.
"""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.channels import Basis, OpenChannel, office_of, open_channels
from bot.locking import only_worker
from bot.loops import Workers, make_workers, working
from bot.settings import Settings
from bot.web import WebServer, build_app
from conversation.channel import Channel
from conversation.intents import check_intents
from conversation.links import Links
from conversation.office import Office
from conversation.times import Clock, system_clock
from db.engine import Database
from db.keys import signing_key
from db.migrate import migrate, require_newest
from db.pages import require_pages
from knowledge.library import Library, load_library
from mail.threads import MessageIds
from workers.heartbeat import Witness, look_back, require_known
from workers.supervisor import Loop, Supervisor

log = structlog.get_logger("app")


@dataclass(frozen=True, slots=True)
class Roles:
    """What this process does."""

    web: bool = True
    worker: bool = True


EVERYTHING = Roles()


@dataclass(frozen=True, slots=True)
class System:
    """Everything that runs, whole; made by ``open_system``."""

    basis: Basis
    channels: Mapping[Channel, OpenChannel]
    workers: Workers
    web: WebServer
    supervisor: Supervisor

    @property
    def settings(self) -> Settings:
        """What it was opened with."""
        return self.basis.settings

    @property
    def database(self) -> Database:
        """Where everything is kept."""
        return self.basis.database

    @property
    def library(self) -> Library:
        """The texts and facts."""
        return self.basis.library

    @property
    def office(self) -> Office:
        """The office, with what the channels know of it by now."""
        return office_of(self.settings, self.channels)

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT.

        Raises ``DatabaseLostError`` when the database is damaged meanwhile, or taken away.
        """
        for sentence in self.settings.unheard:
            log.warning("office_unheard", problem=sentence)
        log.info(
            "ready",
            telegram=Channel.TELEGRAM in self.channels,
            mailbox=Channel.EMAIL in self.channels,
            cpu_seconds=round(time.process_time(), 2),
        )
        await self.supervisor.run()
        if self.workers.pages.loss is not None:
            raise self.workers.pages.loss


@asynccontextmanager
async def open_system(
    settings: Settings, clock: Clock = system_clock, *, roles: Roles = EVERYTHING, migrate_first: bool = False
) -> AsyncIterator[System]:
    """A system with its sockets and channels open; nothing is listened to or sent yet. It is closed at the end.

    Raises ``PortTakenError``, ``AlreadyRunningError``, ``DatabaseLostError``, ``KnowledgeError``, ``SchemaError``,
    ``SettingsError``.
    """
    started, library = system_clock(), load_library(settings.knowledge)
    database, witness = Database(settings.database_url), Witness(settings.database_url)
    async with AsyncExitStack() as stack:
        if roles.worker:
            check_intents(library.intents)
            stack.enter_context(only_worker(database))
        stack.push_async_callback(database.close)
        if roles.worker:
            await require_pages(settings.database_url)
            await require_known(database, witness)
        web = WebServer(settings)
        stack.callback(web.close)
        if roles.web:
            web.open()
        if migrate_first:
            await migrate(database)
        basis = await _basis(settings, clock, database, library, started)
        channels, supervisor = await open_channels(stack, basis), Supervisor()
        workers = make_workers(basis, channels, witness, supervisor.request_stop)
        system = System(basis, channels, workers, web, supervisor)
        if roles.worker:
            stop = timedelta(hours=settings.longest_stop_hours)
            await look_back(database, witness, now=clock(), longest_stop=stop, library=library, office=system.office)
        supervisor.add(*_loops(system, roles))
        yield system


async def _basis(settings: Settings, clock: Clock, database: Database, library: Library, started: datetime) -> Basis:
    async with database.begin() as tx:
        await require_newest(tx)
        secret = settings.secret_key
        key = secret.get_secret_value() if secret else await signing_key(tx)
    links = Links(settings.public_url, key) if settings.public_url else None
    return Basis(settings, clock, database, library, MessageIds(settings.office.mailbox, key), links, started)


def _loops(system: System, roles: Roles) -> list[Loop]:
    channels, basis = list(system.channels.values()), system.basis
    serve = partial(system.web.serve, partial(build_app, basis, system.channels))
    listeners = [loop for channel in channels for loop in channel.loops] if roles.worker else []
    web = [Loop("web", serve, system.web.stop, grace=25)] if roles.web else []
    rest = working(basis, channels, system.workers, system.supervisor) if roles.worker else []
    return [*listeners, *web, *rest]
