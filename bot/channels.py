"""The channels of this installation, opened from its settings.

What a channel is made of is loaded only where it is set up: the web and each library cost time at the start.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.settings import Settings, SettingsError
from conversation.channel import Channel
from conversation.links import Links
from conversation.message import Reading
from conversation.office import Office
from conversation.times import Clock
from conversation.transport import Transport
from db import inbox
from db.election import Election
from db.engine import Database
from db.inbox import Arrival
from db.office_alerts import Alert, tell_office
from knowledge.library import Library
from mail.server import MailServer
from mail.threads import MessageIds
from workers.supervisor import Loop

if TYPE_CHECKING:
    from bot.telegram.channel import Webhook

Receive = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Basis:
    """What channels are opened with."""

    settings: Settings
    clock: Clock
    database: Database
    library: Library
    #: Signs and recognises the ids of our mails.
    ids: MessageIds
    #: ``None`` without an address that people can open.
    links: Links | None
    #: When this program began (real time): what reaches a mailbox after that is new at first contact too.
    started: datetime


@dataclass(frozen=True, slots=True)
class OpenChannel:
    """One channel, ready to be read and sent on; it is listened to when its loops run."""

    transport: Transport
    read: Callable[[bytes], Reading]
    #: What a worker runs for it, listeners first.
    loops: Sequence[Loop]
    #: What ``/health`` calls it, and the heartbeats.
    part: str
    #: When it last had contact here (real time); ``None``: not yet, or another worker listens.
    last_contact: Callable[[], datetime | None]
    #: Whether signs of its life are expected: a webhook only speaks when somebody writes.
    beats: bool = True
    #: Called when something of it was handled.
    note_handled: Callable[[], None] = lambda: None
    #: Takes what comes in over the web; ``None``: nothing does.
    receive: Receive | None = None
    #: The bot's own name on it, as far as it is known.
    own_name: Callable[[], str] = lambda: ""


async def open_channels(stack: AsyncExitStack, basis: Basis) -> dict[Channel, OpenChannel]:
    """Every channel that the settings name; ``stack`` closes them. Raises ``SettingsError``."""
    settings = basis.settings
    opened: dict[Channel, OpenChannel] = {}
    if settings.telegram_token is not None:
        token = settings.telegram_token.get_secret_value()
        opened[Channel.TELEGRAM] = await _open_telegram(stack, basis, token)
    if settings.smtp is not None and settings.imap is not None:
        office = office_of(settings, opened)  # letters name the bot on Telegram
        opened[Channel.EMAIL] = _open_mailbox(stack, basis, settings.imap, settings.smtp, office)
    return opened


def office_of(settings: Settings, channels: Mapping[Channel, OpenChannel]) -> Office:
    """The office as the settings and the channels know it by now."""
    return replace(settings.office, telegram_name="".join(one.own_name() for one in channels.values()))


async def _open_telegram(stack: AsyncExitStack, basis: Basis, token: str) -> OpenChannel:
    from bot.telegram.channel import RefusedTokenError, TelegramChannel
    from bot.telegram.client import open_bot
    from bot.telegram.sending import TelegramTransport

    settings, database = basis.settings, basis.database

    async def store(arrivals: Sequence[Arrival]) -> int:
        async with database.begin() as tx:
            return await inbox.store(tx, arrivals, basis.clock())

    webhook = _webhook(settings)
    bot = open_bot(token, settings.telegram_api_url)
    telegram = TelegramChannel(bot, basis.library, store, webhook)
    stack.push_async_callback(telegram.close)
    try:
        await telegram.greet()
    except RefusedTokenError as error:
        msg = "TELEGRAM_TOKEN non è accettato da Telegram: prenderne uno da @BotFather"
        raise SettingsError(msg) from error
    listening = Election(database, "telegram", telegram.listen)
    return OpenChannel(
        TelegramTransport(bot, plain=settings.telegram_plain),
        telegram.read,
        [Loop("telegram", listening.run, grace=3), Loop("presence", telegram.present, grace=1)],
        part="telegram",
        last_contact=telegram.last_contact,
        beats=not webhook.url,
        receive=telegram.receive if webhook.url else None,
        own_name=lambda: telegram.name,
    )


def _webhook(settings: Settings) -> "Webhook":
    from bot.telegram.channel import Webhook

    if settings.telegram_mode != "webhook":
        return Webhook()
    from web.app import WEBHOOK_PATH

    secret = settings.telegram_webhook_secret
    return Webhook(settings.public_url.rstrip("/") + WEBHOOK_PATH, secret.get_secret_value() if secret else "")


def _open_mailbox(
    stack: AsyncExitStack, basis: Basis, imap: MailServer, smtp: MailServer, office: Office
) -> OpenChannel:
    from bot.mail_store import LoopMailStore
    from mail.channel import MailChannel
    from mail.imap.listening import Listener
    from mail.reading.confined import ConfinedReader
    from mail.reading.message import read_stored
    from mail.smtp.links import own_links
    from mail.smtp.sending import MailTransport

    settings, loop = basis.settings, asyncio.get_running_loop()
    mail_store = LoopMailStore(basis.database, loop, clock=basis.clock, library=basis.library, office=office)
    tell_refused = partial(_tell_login_refused, basis, office)

    def listener() -> Listener:
        return Listener(
            imap,
            mail_store,
            folders=settings.folders,
            token=settings.mail_token,
            on_login_refused=lambda: asyncio.run_coroutine_threadsafe(tell_refused(), loop).result(),
            max_bytes=int(settings.mail_max_mb * 1024 * 1024),
            max_age=timedelta(days=settings.mail_max_age_days),
            started=basis.started,
            longest_stop=timedelta(hours=settings.longest_stop_hours),
        )

    own = own_links(
        basis.library, mailbox=office.mailbox, public_url=settings.public_url, telegram_name=office.telegram_name
    )
    transport = MailTransport(
        smtp,
        mailbox=office.mailbox,
        town=basis.library.town,
        clock=basis.clock,
        token=settings.mail_token,
        ids=basis.ids,
        links=basis.links,
        own=own,
    )
    read = ConfinedReader(
        partial(
            read_stored,
            ours=office.mailbox,
            authserv_id=settings.mail_authserv_id,
            ids=basis.ids,
            pec_ca=settings.pec_ca_file,
        )
    )
    mailbox = MailChannel(transport, read, listener)
    stack.push_async_callback(mailbox.close)
    listening = Election(basis.database, "mailbox", mailbox.listen, mailbox.stop_listening)
    return OpenChannel(
        transport,
        read,
        [Loop("mailbox", listening.run, listening.stop, grace=10)],
        part="mailbox",
        last_contact=mailbox.last_contact,
        note_handled=mailbox.note_handled,
    )


async def _tell_login_refused(basis: Basis, office: Office) -> None:
    """The mailbox refuses the password: tell the office, once a day."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    async with basis.database.begin() as tx:
        await tell_office(tx, office, Alert.LOGIN_REFUSED, today, library=basis.library, now=basis.clock())
