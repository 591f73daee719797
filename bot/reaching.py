"""The servers that the settings name, asked whether they let us in: each fault says what to do."""

import asyncio
import imaplib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from bot.settings import Settings
from db.engine import Database, Transaction, sqlite_file
from office.installation import FaultError
from office.mailbox import MailCursor, cursor_of, describe

if TYPE_CHECKING:
    from mail.imap.wire import MailboxClient

#: How many of a mailbox's folders are named to choose from.
_SHOWN = 20
_SECONDS = 10.0
T = TypeVar("T")


async def telegram(settings: Settings) -> str:
    """The token, with Telegram. Raises ``FaultError``."""
    if settings.telegram_token is None:
        return "non configurato (TELEGRAM_TOKEN)"
    from telegram.error import InvalidToken, TelegramError

    from bot.telegram.client import open_bot

    bot = open_bot(settings.telegram_token.get_secret_value(), settings.telegram_api_url)
    try:
        await bot.initialize()
    except InvalidToken as error:
        msg = "il token non è accettato: prenderne uno da @BotFather e metterlo in TELEGRAM_TOKEN"
        raise FaultError(msg) from error
    except TelegramError as error:
        msg = f"non si raggiunge ({type(error).__name__}): controllare la rete e TELEGRAM_API_URL"
        raise FaultError(msg) from error
    else:
        return f"risponde come @{bot.username}"
    finally:
        await bot.shutdown()


def _say_letters(count: int) -> str:
    return {0: "nessun messaggio nella casella", 1: "un messaggio nella casella"}.get(
        count, f"{count} messaggi nella casella"
    )


async def mailbox(settings: Settings) -> str:
    """The mailbox, and what lies in it. Raises ``FaultError``."""
    server = settings.imap
    if server is None:
        return "non configurata (IMAP_URL)"
    from mail.imap.connecting import open_mailbox
    from mail.tokens import TokenError

    waits = await _waits(settings, server.name)

    def look() -> str:
        client = open_mailbox(server, settings.mail_token)
        try:
            count = _count(client, server.folder)
            news = "la posta nuova si vede subito" if client.has_capability("IDLE") else "si guarda una volta al minuto"
            return f"accesso riuscito, {_say_letters(count)}, {news}; {waits}"
        finally:
            client.logout()

    try:
        return await asyncio.to_thread(look)
    except imaplib.IMAP4.error as error:
        msg = "l'accesso è rifiutato: controllare utente e password (o token) in IMAP_URL"
        raise FaultError(msg) from error
    except (OSError, TokenError) as error:
        msg = f"non si raggiunge ({type(error).__name__}): controllare host, porta e certificato in IMAP_URL"
        raise FaultError(msg) from error


def _count(client: "MailboxClient", folder: str) -> int:
    """How many letters lie in the folder."""
    try:
        return int(client.select_folder(folder, readonly=True)[b"EXISTS"])
    except imaplib.IMAP4.error as error:
        names = ", ".join(f"«{name}»" for _, _, name in client.list_folders()[:_SHOWN])
        msg = f"l'accesso riesce, ma la cartella «{folder}» non si apre: in IMAP_URL metterne una di queste: {names}"
        raise FaultError(msg) from error


async def _waits(settings: Settings, mailbox: str) -> str:
    """What lies in the mailbox before the start line."""
    return describe(await read_or(settings, lambda tx: cursor_of(tx, mailbox), MailCursor()))


async def read_or(settings: Settings, read: Callable[[Transaction], Awaitable[T]], otherwise: T) -> T:
    """What ``read`` finds; ``otherwise`` where the database cannot be asked: that has a check of its own."""
    file = sqlite_file(settings.database_url)
    if file is not None and not file.is_file():
        return otherwise
    database = Database(settings.database_url)
    try:
        async with database.look() as tx:
            return await read(tx)
    except Exception:
        return otherwise
    finally:
        await database.close()


async def relay(settings: Settings) -> str:
    """The server that sends our mail. Raises ``FaultError``."""
    server = settings.smtp
    if server is None:
        return "non configurato (SMTP_URL)"
    import aiosmtplib

    from mail.smtp.sending import MailTransport
    from mail.threads import MessageIds

    ours = settings.mailbox
    transport = MailTransport(
        server,
        mailbox=ours,
        town=settings.town,
        ids=MessageIds(ours, ""),
        clock=lambda: datetime.now(UTC),
        token=settings.mail_token,
    )
    try:
        await transport.check()
    except aiosmtplib.SMTPAuthenticationError as error:
        msg = "l'accesso è rifiutato: controllare utente e password (o token) in SMTP_URL"
        raise FaultError(msg) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        msg = f"non si raggiunge ({type(error).__name__}): controllare host, porta e certificato in SMTP_URL"
        raise FaultError(msg) from error
    finally:
        await transport.close()
    return "accesso riuscito"


async def log_in(settings: Settings) -> str:
    """The municipality's own log-in. Raises ``FaultError``."""
    import httpx

    address = f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            found = (await client.get(address)).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        msg = f"non risponde come dovrebbe ({type(error).__name__}): controllare OIDC_ISSUER e la rete"
        raise FaultError(msg) from error
    if not isinstance(found, dict) or "authorization_endpoint" not in found:
        msg = "risponde, ma non è un accesso OpenID Connect: controllare OIDC_ISSUER"
        raise FaultError(msg)
    return "risponde"
