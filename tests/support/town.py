"""A whole running town: the bot with real sockets to a Bot API, a mailbox and a database, and people who use it.

Tests talk like people: ``await anna.writes("…")``, ``await anna.presses("Confermo")``, ``await anna.hears("…")``.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any, TypeVar, overload

import aiosmtplib
from imapclient import IMAPClient

from bot.app import Roles, System, open_system
from bot.channels import OpenChannel
from bot.sandbox.clock import SandboxClock
from bot.sandbox.fake_bot_api import BotApi, Limits
from bot.sandbox.fake_mail import Post
from bot.sandbox.running import wait_started
from bot.serving import Server, make_server
from bot.settings import Settings
from conversation.channel import Channel
from conversation.times import ROME
from db.meetings import all_meetings
from knowledge.library import HERE
from office.moving import change_meeting
from office.programme import load_programme
from tests.support.outbox_workers import in_flight
from tests.support.rehearsal import START, payload_of, text_of
from tests.support.servers import PASSWORD, MailServers, free_port
from tests.support.weather import Weather
from workers.outgoing import OutboxWorker

TOKEN = "100000:test-token-that-opens-nothing-at-all"
OFFICE = "luccalearningcity@comune.lucca.example"
STAFF = "ufficio@lucca.example"
PATIENCE = 30.0


T = TypeVar("T")


@overload
async def until(look: Callable[[], Awaitable[T | None]], what: str, *, patience: float = PATIENCE) -> T: ...


@overload
async def until(look: Callable[[], T | None], what: str, *, patience: float = PATIENCE) -> T: ...


async def until(look: Callable[[], Any], what: str, *, patience: float = PATIENCE) -> Any:
    """The first true thing that ``look`` gives; a failure that says ``what`` was waited for.

    One that asks a server or a database is called ten times a second: each time costs more than what is waited for.
    """
    end = time.monotonic() + patience
    while True:
        found = look()
        asks = asyncio.iscoroutine(found)
        if asks:
            found = await found
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience} s in vain for {what}")
        await asyncio.sleep(0.1 if asks else 0.02)


@dataclass
class Citizen:
    """Somebody on Telegram."""

    town: "Town"
    id: int
    _read: int = 0

    @property
    def chat(self) -> Any:
        return self.town.telegram.chats[self.id]

    @property
    def from_bot(self) -> list[dict[str, Any]]:
        return [m for m in self.chat.messages if m["from"]["is_bot"]]

    async def writes(self, text: str, **extra: Any) -> dict[str, Any]:
        self._read = len(self.from_bot)
        return await self.town.telegram.says(self.id, text, **extra)

    async def edits(self, message_id: int, text: str) -> None:
        self._read = len(self.from_bot)
        await self.town.telegram.edits(self.id, message_id, text)

    async def presses(self, button: str) -> None:
        self._read = len(self.from_bot)
        await self.town.telegram.presses(self.id, button)

    async def hears(self, part: str, *, patience: float = PATIENCE) -> dict[str, Any]:
        """The bot's next message that contains ``part`` (since the person last did something)."""

        def look() -> dict[str, Any] | None:
            return next(
                (m for m in self.from_bot[self._read :] if part in (m.get("text") or m.get("caption") or "")), None
            )

        try:
            return await until(look, part, patience=patience)
        except AssertionError as error:
            heard = [m.get("text") or m.get("caption") for m in self.from_bot[self._read :]]
            raise AssertionError(f"{error}; heard instead: {heard}") from None

    async def blocks(self, *, blocked: bool = True) -> None:
        await self.town.telegram.blocks(self.id, blocked=blocked)

    def heard(self, part: str) -> list[dict[str, Any]]:
        return [m for m in self.from_bot if part in (m.get("text") or m.get("caption") or "")]


@dataclass
class Correspondent:
    """Somebody with a mailbox. Sends by SMTP, reads by IMAP, like any mail program."""

    town: "Town"
    address: str
    name: str

    async def writes(
        self,
        text: str,
        *,
        subject: str = "Partecipazione incontro",
        answers: EmailMessage | None = None,
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        message = EmailMessage(policy=policy.SMTP)
        message["From"] = f'"{self.name}" <{self.address}>'
        message["To"] = OFFICE
        message["Subject"] = f"Re: {answers['Subject']}" if answers else subject
        message["Date"] = format_datetime(self.town.clock())
        message["Message-ID"] = make_msgid(domain=self.address.rpartition("@")[2])
        if answers:
            message["In-Reply-To"] = answers["Message-ID"]
            message["References"] = f"{answers['References'] or ''} {answers['Message-ID']}".strip()
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content(text)
        await self.sends(message.as_bytes())
        return message

    async def sends(self, raw: bytes) -> None:
        await aiosmtplib.send(
            raw, sender=self.address, recipients=[OFFICE], hostname="127.0.0.1", port=self.town.mx_port, start_tls=False
        )

    async def mailbox(self, folder: str = "INBOX") -> list[EmailMessage]:
        return await asyncio.to_thread(self.town.read_mailbox, self.address, folder)

    async def gets(self, part: str, *, patience: float = PATIENCE, count: int = 1) -> EmailMessage:
        """The newest mail whose subject or text contains ``part``; waits until there are ``count``."""

        async def look() -> EmailMessage | None:
            mails = [m for m in await self.mailbox() if part in str(m["Subject"]) or part in text_of(m)]
            return mails[-1] if len(mails) >= count else None

        try:
            return await until(look, f"a mail with {part!r} at {self.address}", patience=patience)
        except AssertionError as error:
            got = [f"{m['Subject']}: {text_of(m)[:400]}" for m in (await self.mailbox())[-2:]]
            raise AssertionError(f"{error}; the last were: {got}") from None


def calendars_of(message: EmailMessage) -> list[str]:
    return [payload_of(part).decode() for part in message.walk() if part.get_content_type() == "text/calendar"]


@dataclass
class Town:
    """Everything that runs."""

    settings: Settings
    system: System
    telegram: BotApi
    clock: SandboxClock
    mx_port: int
    imap_port: int
    imap_weather: Weather
    smtp_weather: Weather
    post: Post | None = None
    _fetched: dict[tuple[str, str, int, int], EmailMessage] = field(default_factory=dict)

    @property
    def outbox_worker(self) -> OutboxWorker:
        return self.system.workers.outbox

    @property
    def mailbox(self) -> OpenChannel:
        return self.system.channels[Channel.EMAIL]

    def citizen(self, name: str = "Anna", chat_id: int = 2001, *, language: str = "it") -> Citizen:
        self.telegram.person(chat_id, name, last_name="Esempio", language=language)
        return Citizen(self, chat_id)

    def association(
        self, address: str = "segreteria@lequerce.example", name: str = "Polisportiva Le Querce"
    ) -> Correspondent:
        return Correspondent(self, address, name)

    @property
    def staff(self) -> Correspondent:
        return Correspondent(self, STAFF, "Ufficio")

    @property
    def office(self) -> Correspondent:
        return Correspondent(self, OFFICE, "Lucca Learning City")

    def read_mailbox(self, user: str, folder: str) -> list[EmailMessage]:
        """Every mail that lies there, oldest first; each is fetched once, however often is looked."""
        client = IMAPClient("127.0.0.1", self.imap_port, ssl=False)
        try:
            client.login(user, PASSWORD)
            if not client.folder_exists(folder):
                return []
            place = user, folder, client.select_folder(folder, readonly=True)[b"UIDVALIDITY"]
            uids = client.search("ALL")
            new = [uid for uid in uids if (*place, uid) not in self._fetched]
            for uid, found in (client.fetch(new, ["BODY.PEEK[]"]) if new else {}).items():
                if found[b"BODY[]"] is not None:  # as of a mail that was moved meanwhile
                    self._fetched[*place, uid] = message_from_bytes(found[b"BODY[]"], policy=policy.default)
            return [self._fetched[*place, uid] for uid in sorted(uids) if (*place, uid) in self._fetched]
        finally:
            client.logout()

    def goes_to(self, when: str) -> None:
        """Move the clock to a local time."""
        self.clock.move_to(datetime.fromisoformat(when).replace(tzinfo=ROME))

    async def changes(self, sector: str, **values: Any) -> None:
        """Staff change a meeting."""
        async with self.system.database.begin() as tx:
            meeting = next(m for m in await all_meetings(tx) if m.sector == sector)
            await change_meeting(tx, meeting.id, self.settings.schedule, self.clock(), **values)
        self.outbox_worker.wake()

    async def rows(self, statement: str) -> list[Any]:
        from sqlalchemy import text

        async with self.system.database.begin() as tx:
            return list((await tx.execute(text(statement))).all())

    async def quiet(self, *, patience: float = PATIENCE) -> None:
        """Until nothing waits to be handled or sent."""

        async def look() -> bool:
            new = await self.rows("SELECT count(*) FROM inbox WHERE state = 'new'")
            async with self.system.database.begin() as tx:
                from sqlalchemy import select

                from db.models import outbox

                due = select(outbox.c.id).where(
                    outbox.c.state.in_(["pending", "sending"]), outbox.c.due_at <= self.clock()
                )
                left = (await tx.execute(due)).first()
            return new[0][0] == 0 and left is None and in_flight(self.outbox_worker) == 0

        await until(look, "quiet", patience=patience)


async def serve(app: Any) -> tuple[Server, asyncio.Task[None], int]:
    """An ASGI app on a free port."""
    port = free_port()
    server = make_server(app, "127.0.0.1", port)
    task = asyncio.create_task(server.serve())
    await wait_started(server)
    return server, task, port


@asynccontextmanager
async def open_town(
    database_url: str,
    *,
    mail: MailServers | None = None,
    limits: Limits | None = None,
    mode: str = "polling",
    load: bool = True,
    weather: bool = False,
    **given: Any,
) -> AsyncIterator[Town]:
    """A town on ``database_url``. ``mail``: real servers; without them the embedded pair.

    ``weather``: the bot reaches its mail servers through ``town.imap_weather`` and ``town.smtp_weather``.
    """
    telegram = BotApi(TOKEN, username="lucca_learning_city_bot", limits=limits or Limits(0, 0))
    api, api_task, api_port = await serve(telegram.app)
    clock = SandboxClock(START)
    post = None
    user = OFFICE.replace("@", "%40")
    if mail is None:
        imap_port, mx_port = free_port(), free_port()
        people = [
            OFFICE,
            STAFF,
            "segreteria@lequerce.example",
            "anna@posta.example",
            "asdpolisportiva@pec-prova.example",
        ]
        post = Post(dict.fromkeys(people, PASSWORD), imap_port=imap_port, smtp_port=mx_port)
        await post.start()
        imap_weather, smtp_weather = Weather(imap_port), Weather(mx_port)
        if weather:
            await imap_weather.open()
            await smtp_weather.open()
        imap_url = f"imap://{user}:{PASSWORD}@127.0.0.1:{imap_weather.port if weather else imap_port}/INBOX"
        smtp_url = f"smtp://127.0.0.1:{smtp_weather.port if weather else mx_port}"
    else:
        imap_port, mx_port = mail.imap_port, mail.mx_port
        imap_weather, smtp_weather = Weather(mail.imaps_port), Weather(mail.submission_port)
        imap_url = f"imaps://{user}:{PASSWORD}@localhost:{mail.imaps_port}/INBOX?ca={mail.ca}"
        smtp_url = f"smtp://{user}:{PASSWORD}@localhost:{mail.submission_port}?starttls=required&ca={mail.ca}"
    web_port = free_port()
    plain: dict[str, Any] = {
        "telegram_token": TOKEN,
        "telegram_api_url": f"http://127.0.0.1:{api_port}",
        "telegram_mode": mode,
        "telegram_webhook_secret": "parola_segreta-1",
        "telegram_rate": 1000,
        "telegram_chat_seconds": 0,
        "imap_url": imap_url,
        "smtp_url": smtp_url,
        "mail_address": OFFICE,
        "staff_email": STAFF,
        "database_url": database_url,
        "public_url": f"http://127.0.0.1:{web_port}",
        "port": web_port,
        "quiet_hours": "-",
        "change_grace": 0,
    }
    settings = Settings(_env_file=None, **plain | given)
    opened = open_system(settings, clock, roles=Roles(web=mode == "webhook", worker=True), migrate_first=True)
    stack = AsyncExitStack()
    system = await stack.enter_async_context(opened)
    if load:
        async with system.database.begin() as tx:
            await load_programme(tx, HERE / "programme.toml", settings.schedule, clock())
    town = Town(settings, system, telegram, clock, mx_port, imap_port, imap_weather, smtp_weather, post)
    clock.listeners.append(town.outbox_worker.wake)
    running = asyncio.create_task(system.run())
    try:
        await asyncio.sleep(0)
        yield town
    finally:
        system.supervisor.request_stop()
        await asyncio.wait({running}, timeout=40)
        await stack.aclose()
        await telegram.close()
        api.should_exit = True
        await asyncio.wait({api_task}, timeout=5)
        await imap_weather.close()
        await smtp_weather.close()
        if post is not None:
            await post.stop()
        if running.done() and not running.cancelled() and (error := running.exception()):
            raise error


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'bot.db'}"
