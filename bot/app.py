"""The composition root: settings in, a running system out. The only module that knows every room.

``System`` opens the database and the doors, wires the loops, and hands them to the supervisor. Roles: ``worker``
(listeners, inbox, outbox, maintenance) and ``web`` (the ASGI app); ``run`` has both in one process.
"""

import asyncio
import fcntl
import os
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from bot.errors import AlreadyRunningError
from bot.ports import open_socket
from bot.settings import Settings, SettingsError, read_networks
from conversation.channel import Channel
from conversation.links import Links
from conversation.message import Reading
from conversation.times import Clock
from conversation.transport import Transport
from db import inbox
from db.election import Election
from db.engine import Database, sqlite_file
from db.heartbeats import WORKER
from db.inbox import Arrival
from db.keys import signing_key
from db.migrate import migrate, require_newest
from db.office_alerts import Alert, tell_office
from db.pages import DatabaseLostError, require_pages
from db.retention import forget
from delivery.warnings import warn_of_unfinished_meetings
from knowledge.library import Library, load_library
from mail.threads import MessageIds
from workers.heartbeat import Witness, look_back, require_known, show_life
from workers.outgoing import OutboxWorker
from workers.rate_limit import RateLimit
from workers.supervisor import Loop, Supervisor

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from telegram import Bot

    from mail.imap.listening import Listener
    from mail.reading.confined import ConfinedReader
    from mail.smtp.sending import MailTransport
    from web.console.world import World
    from web.links.pages import Reception
    from workers.incoming import InboxWorker

Reader = Callable[[bytes], Reading]
Work = Callable[[], Coroutine[Any, Any, None]]

log = structlog.get_logger("app")
T = TypeVar("T")
_HEARTBEAT = 20.0
#: Seconds between two attempts at what Telegram refuses or does not answer.
_PATIENCE = 60.0
#: Seconds between two readings of all pages: a gigabyte takes seconds of one core, and a lost page is seldom noticed sooner.
_PAGES = 600.0


def system_clock() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Roles:
    """What this process does."""

    web: bool = True
    worker: bool = True


class System:
    """Everything that runs, built from settings. Use: ``await open()``, ``await run()``, ``await close()``."""

    def __init__(self, settings: Settings, *, clock: Clock = system_clock, roles: Roles | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.roles = roles or Roles()
        self.database = Database(settings.database_url)
        self.library: Library = load_library()
        self.office = settings.office
        self.bot: Bot | None = None
        self.mail_transport: MailTransport | None = None
        self.listener: Listener | None = None
        self.sender: OutboxWorker | None = None
        self.clerk: InboxWorker | None = None
        self.supervisor: Supervisor | None = None
        self.web: Starlette | None = None
        self._started = system_clock()
        self._witness = Witness(settings.database_url)
        self._polled: datetime | None = None
        self._lock_file: Any = None
        self._readers: dict[Channel, Reader] = {}
        self._letters: ConfinedReader | None = None
        self._dismissed = False
        self._is_known = False
        self._lost: DatabaseLostError | None = None
        self._socket: socket.socket | None = None
        self.elections: dict[str, Election] = {}
        self._courtesies: set[asyncio.Task[None]] = set()

    async def open(self, *, migrate_first: bool = False) -> None:
        """Open the database, the socket and the transports; nothing is listened to or sent yet. Raises ``PortTakenError``, ``DatabaseLostError``, ``KnowledgeError``."""
        if self.roles.worker:
            await asyncio.to_thread(self._check_intents)
            self._claim_file()
            await require_pages(self.settings.database_url)
            await require_known(self.database, self._witness)
        if self.roles.web:
            self._socket = self._open_socket()
        if migrate_first:
            await migrate(self.database)
        async with self.database.begin() as tx:
            await require_newest(tx)
            secret = self.settings.secret_key
            key = secret.get_secret_value() if secret else await signing_key(tx)
        self.ids = MessageIds(self.office.mailbox, key)
        self.links = Links(self.settings.public_url, key) if self.settings.public_url else None
        transports: dict[Channel, Transport] = {}
        if self.settings.telegram_token is not None:
            transports[Channel.TELEGRAM], self._readers[Channel.TELEGRAM] = await self._open_telegram()
        if self.settings.smtp is not None and self.settings.imap is not None:
            transports[Channel.EMAIL], self._readers[Channel.EMAIL] = self._open_mail()
        if self.roles.worker:
            self.sender = OutboxWorker(
                self.database,
                transports,
                library=self.library,
                schedule=self.settings.schedule,
                clock=self.clock,
                lease=timedelta(seconds=self.settings.outbox_lease_seconds),
                office=self.office,
                paces={Channel.TELEGRAM: RateLimit(self.settings.telegram_rate, self.settings.telegram_chat_seconds)},
            )
            await look_back(
                self.database,
                self._witness,
                now=self.clock(),
                longest_stop=timedelta(hours=self.settings.longest_stop_hours),
                library=self.library,
                office=self.office,
            )
        self.supervisor = Supervisor(self._loops())

    async def _attend(self) -> None:
        """Handle what the inbox holds. What the handlers know is loaded here, in a thread: messages wait, safely stored."""
        self.clerk = await asyncio.to_thread(self._hire)
        if self._dismissed:
            self.clerk.stop()
        await self.clerk.run()

    def _check_intents(self) -> None:
        from handlers.intents import check_intents

        check_intents(self.library.intents)

    def _hire(self) -> "InboxWorker":
        from conversation.understanding.classifier import open_classifier
        from handlers.services import Services
        from workers.incoming import InboxWorker

        classifier = open_classifier(self.library)
        return InboxWorker(
            self.database,
            self._readers,
            services=lambda: Services(classifier, self.office, self.links),
            clock=self.clock,
            after=self._handled,
            letters_per_hour=self.settings.mail_answers_per_hour,
        )

    def _dismiss(self) -> None:
        self._dismissed = True
        if self.clerk is not None:
            self.clerk.stop()

    async def _open_telegram(self) -> tuple[Transport, Reader]:
        from bot.telegram.client import open_bot
        from bot.telegram.reading import read_stored
        from bot.telegram.sending import TelegramTransport

        token = self.settings.telegram_token
        assert token is not None  # noqa: S101 - asked by the caller
        self.bot = open_bot(token.get_secret_value(), self.settings.telegram_api_url)
        await self._greet_telegram(self.bot)
        transport = TelegramTransport(self.bot, plain=self.settings.telegram_plain)
        return transport, lambda payload: read_stored(payload, self.office.telegram_name)

    async def _greet_telegram(self, bot: "Bot") -> None:
        """Ask who the bot is. An outage of Telegram is no reason to leave the mail unread: ``_present`` asks again."""
        from telegram.error import InvalidToken, TelegramError

        try:
            await bot.initialize()
        except InvalidToken as error:
            msg = "TELEGRAM_TOKEN non è accettato da Telegram: prenderne uno da @BotFather"
            raise SettingsError(msg) from error
        except TelegramError as error:
            log.warning("telegram_unreachable", error=type(error).__name__)
        else:
            self.office = replace(self.office, telegram_name=bot.username or "")
            self._is_known = True

    def _open_mail(self) -> tuple[Transport, Reader]:
        from mail.reading.confined import ConfinedReader
        from mail.reading.message import read_stored
        from mail.smtp.links import own_links
        from mail.smtp.sending import MailTransport

        smtp = self.settings.smtp
        assert smtp is not None  # noqa: S101 - asked by the caller
        self.mail_transport = MailTransport(
            smtp,
            mailbox=self.office.mailbox,
            clock=self.clock,
            token=self.settings.mail_token,
            ids=self.ids,
            links=self.links,
            staff=self.office.staff_email,
            own=own_links(
                self.library,
                mailbox=self.office.mailbox,
                public_url=self.settings.public_url,
                telegram_name=self.office.telegram_name,
            ),
        )
        read = partial(
            read_stored,
            ours=self.office.mailbox,
            authserv_id=self.settings.mail_authserv_id,
            ids=self.ids,
            pec_ca=self.settings.pec_ca_file,
        )
        self._letters = ConfinedReader(read)
        return self.mail_transport, self._letters

    def _loops(self) -> list[Loop]:
        loops: list[Loop] = []
        if self.roles.worker:
            if self.bot is not None:
                polling = self.settings.telegram_mode == "polling"
                loops.append(
                    Loop("telegram", self._elect("telegram", self._poll if polling else self._invite).run, grace=3)
                )
                loops.append(Loop("presence", self._present, grace=1))
            if self.settings.imap is not None:
                mailbox = self._elect("mailbox", self._listen, self._stop_listening)
                loops.append(Loop("mailbox", mailbox.run, mailbox.stop, grace=10))
        if self.roles.web:
            loops.append(Loop("web", self._serve, self._stop_web, grace=25))
        if self.roles.worker and self.sender is not None:
            loops += [
                Loop("wakeups", self.database.hear_others, grace=2),
                Loop("heartbeat", self._live, grace=2),
                Loop("pages", self._read_pages, grace=2),
                Loop("incoming", self._attend, self._dismiss, grace=20),
                Loop("maintenance", self._elect("timetable", self._tick).run, grace=2),
                Loop("outgoing", self.sender.run, self.sender.stop, grace=35),
            ]
        return loops

    def _elect(self, name: str, work: Work, resign: Callable[[], None] | None = None) -> Election:
        """Of several workers on one database, one at a time does ``work``."""
        self.elections[name] = Election(self.database, name, work, resign)
        return self.elections[name]

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises ``DatabaseLostError`` when the database is damaged meanwhile, or taken away."""
        assert self.supervisor is not None  # noqa: S101 - open() comes first
        for sentence in self.settings.unheard:
            log.warning("office_unheard", problem=sentence)
        log.info("ready", telegram=self.bot is not None, mailbox=self.settings.imap is not None)
        await self.supervisor.run()
        if self._lost is not None:
            raise self._lost

    async def close(self) -> None:
        """Release everything; after ``run``."""
        if self.bot is not None:
            with suppress(Exception):
                await self.bot.shutdown()
        if self._letters is not None:
            await asyncio.to_thread(self._letters.close)
        if self.mail_transport is not None:
            await self.mail_transport.close()
        await self.database.close()
        if self._socket is not None:
            self._socket.close()
        if self._lock_file is not None:
            self._lock_file.close()

    def _claim_file(self) -> None:
        """SQLite: hold a lock on the file as long as this process lives, so that no second worker starts.

        On the file itself, for one beside it can be deleted. It is none of SQLite's own, which are of another kind (fcntl).
        """
        if self.database.is_sqlite and os.environ.get("DYNO"):
            msg = "DATABASE_URL: qui il disco si perde a ogni riavvio, SQLite perderebbe i dati; serve postgresql://…"
            raise SettingsError(msg)
        file = sqlite_file(self.settings.database_url)
        if file is None:
            return
        self._lock_file = file.open("ab")
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            msg = "un altro processo usa già questo database SQLite, che ne regge uno solo: fermarlo, oppure passare a postgresql://…"
            raise AlreadyRunningError(msg) from None

    # Telegram

    async def store_updates(self, arrivals: Sequence[Arrival]) -> int:
        """Store Telegram updates; how many were new."""
        async with self.database.begin() as tx:
            return await inbox.store(tx, arrivals, self.clock())

    async def _poll(self) -> None:
        from telegram.error import InvalidToken

        from bot.telegram.polling import poll

        assert self.bot is not None  # noqa: S101 - the loop exists only then
        while True:
            try:
                await poll(self.bot, self.store_updates, heard=self._heard)
            except InvalidToken:
                log.error("telegram_token_refused")  # noqa: TRY400 - the traceback says no more
                await asyncio.sleep(_PATIENCE)
            finally:
                self._polled = None  # what another worker hears is not for this one to tell

    async def _present(self) -> None:
        """In every worker: learn our name, by which groups call us, and tell our commands, as soon as Telegram answers."""
        assert self.bot is not None  # noqa: S101 - the loop exists only then
        pause = 1.0
        while not self._is_known:
            await asyncio.sleep(pause)
            pause = min(pause * 2, _PATIENCE)
            with suppress(SettingsError):  # the token is refused: polling says so
                await self._greet_telegram(self.bot)
        while self.settings.telegram_mode == "polling" and not await self._introduce(self.bot):  # noqa: ASYNC110 - Telegram decides
            await asyncio.sleep(_PATIENCE)

    def _heard(self) -> None:
        self._polled = datetime.now(UTC)

    async def receive_webhook(self, update: dict[str, Any]) -> None:
        """One update from the webhook."""
        from bot.telegram.polling import acknowledge_press, as_arrival

        await self.store_updates([as_arrival(update)])
        query = update.get("callback_query")
        if isinstance(query, dict) and self.bot is not None:
            task = asyncio.create_task(acknowledge_press(self.bot, query))
            self._courtesies.add(task)
            task.add_done_callback(self._courtesies.discard)

    async def _invite(self) -> None:
        """Webhook mode: tell Telegram where to knock, until it has heard."""
        from web.app import WEBHOOK_PATH

        assert self.bot is not None  # noqa: S101 - the loop exists only then
        address = self.settings.public_url.rstrip("/") + WEBHOOK_PATH
        while not await self._introduce(self.bot, webhook_url=address):  # noqa: ASYNC110 - Telegram decides
            await asyncio.sleep(_PATIENCE)
        await asyncio.Event().wait()

    async def _introduce(self, bot: "Bot", *, webhook_url: str = "") -> bool:
        from bot.telegram.introducing import introduce

        secret = self.settings.telegram_webhook_secret
        key = secret.get_secret_value() if secret else ""
        return await introduce(bot, self.library, webhook_url=webhook_url, webhook_secret=key)

    # Mailbox

    async def _listen(self) -> None:
        from bot.mail_store import LoopMailStore
        from mail.imap.listening import Listener

        assert self.settings.imap is not None  # noqa: S101 - the loop exists only then
        loop = asyncio.get_running_loop()
        self.listener = Listener(
            self.settings.imap,
            LoopMailStore(self.database, loop, clock=self.clock, library=self.library, office=self.office),
            folders=self.settings.folders,
            token=self.settings.mail_token,
            on_login_refused=lambda: asyncio.run_coroutine_threadsafe(self._login_refused(), loop).result(),
            max_bytes=int(self.settings.mail_max_mb * 1024 * 1024),
            max_age=timedelta(days=self.settings.mail_max_age_days),
            started=self._started,
            longest_stop=timedelta(hours=self.settings.longest_stop_hours),
        )
        try:
            await asyncio.to_thread(self.listener.run)
        finally:
            listener, self.listener = self.listener, None
            listener.close()

    def _stop_listening(self) -> None:
        if self.listener is not None:
            self.listener.stop()

    async def _login_refused(self) -> None:
        """The mailbox refuses the password: tell the office, once a day."""
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        async with self.database.begin() as tx:
            await tell_office(tx, self.office, Alert.LOGIN_REFUSED, today, library=self.library, now=self.clock())

    def _handled(self, channels: Sequence[Channel]) -> None:
        if Channel.EMAIL in channels and self.listener is not None:
            self.listener.wake()

    # Web and ticks

    async def _serve(self) -> None:
        from bot.serving import make_server

        transport, self._socket = self._socket or self._open_socket(), None  # uvicorn closes it when it ends
        self._server = make_server(self.web or self.build_web(), self._host, self.settings.port)
        await self._server.serve(sockets=[transport])

    @property
    def _host(self) -> str:
        return "0.0.0.0" if self.settings.is_real else "127.0.0.1"  # noqa: S104 - behind the host's own proxy

    def _open_socket(self) -> socket.socket:
        return open_socket(self._host, self.settings.port)

    def build_web(self) -> "Starlette":
        """The ASGI app of this system."""
        from web.app import build_web

        secret = self.settings.telegram_webhook_secret
        with_webhook = self.settings.telegram_mode == "webhook" and self.bot is not None
        self.web = build_web(
            self.database,
            clock=self.clock,
            reception=self._reception(),
            webhook_secret=secret.get_secret_value() if secret else "",
            receive=self.receive_webhook if with_webhook else None,
            parts=self._parts(),
            world=self.world() if self.settings.public_url else None,
        )
        return self.web

    def world(self, *, guests: Sequence[str] = ()) -> "World":
        """What the console works with. ``guests``: invented operators who enter without a password: a sandbox's."""
        from web.console.world import Entering, Oidc, World

        given, secret = self.settings, self.settings.oidc_client_secret
        oidc = (
            Oidc(given.oidc_issuer, given.oidc_client_id, secret.get_secret_value(), given.oidc_only)
            if secret
            else None
        )
        entering = Entering(
            networks=read_networks(given.console_networks),
            totp=given.staff_totp == "required",
            by_mail=given.staff_reset == "mail" and given.smtp is not None,
            oidc=oidc,
            guests=tuple(guests),
        )
        return World(
            self.database,
            self.library,
            self.clock,
            self.office,
            given.schedule,
            public_url=given.public_url.rstrip("/"),
            links=self.links,
            entering=entering,
        )

    def _parts(self) -> Sequence[str]:
        """Those whose signs of life are expected with these settings, whichever worker gives them."""
        polls = self.settings.telegram_token is not None and self.settings.telegram_mode == "polling"
        return (WORKER, *["telegram"] * polls, *["mailbox"] * (self.settings.imap is not None))

    def _reception(self) -> "Reception | None":
        """Links need an address that people can open."""
        from web.links.pages import Reception

        if self.links is None:
            return None
        return Reception(self.database, self.library, self.links, self.ids, self.office.mailbox, self.clock)

    def _stop_web(self) -> None:
        self._server.should_exit = True

    async def _tick(self) -> None:
        from workers.maintenance import keep_time

        assert self.sender is not None  # noqa: S101 - the loop exists only then
        sender = self.sender

        async def expire() -> None:
            await sender.expire()
            async with self.database.begin() as tx:
                await warn_of_unfinished_meetings(tx, self.office, library=self.library, now=self.clock())
            await self.database.tidy()

        await keep_time(recover=sender.recover, expire=expire, forget=self._forget)

    async def _live(self) -> None:
        """A sign of life every twenty seconds: this worker's, and what its listeners last heard."""
        while True:
            seen: dict[str, datetime] = {}
            if self.listener is not None and self.listener.last_contact is not None:
                seen["mailbox"] = datetime.now(UTC) - timedelta(seconds=time.monotonic() - self.listener.last_contact)
            if self._polled is not None:
                seen["telegram"] = self._polled
            restarts = sum(self.supervisor.restarts.values()) if self.supervisor else 0
            await show_life(self.database, self._witness, seen, restarts=restarts)
            await asyncio.sleep(_HEARTBEAT)

    async def _read_pages(self) -> None:
        """Now and then the whole file: on one that is damaged or gone each answer is wrong, and each word written is lost."""
        assert self.supervisor is not None  # noqa: S101 - it runs this loop
        while True:
            await asyncio.sleep(_PAGES)
            try:
                await require_pages(self.settings.database_url)
            except DatabaseLostError as error:
                log.critical("database_lost", error=str(error))
                self._lost = error
                self.supervisor.request_stop()
                return

    async def _forget(self) -> None:
        await forget(self.database, self.clock(), self.settings.periods)
