"""``doctor``: checks everything that a real installation needs and says what to do about each fault."""

import asyncio
import imaplib
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.commands.mailbox import describe
from bot.settings import Settings, SettingsError, read_settings
from db.cursors import Place, load_place
from db.engine import Database
from db.migrate import SchemaError, require_newest
from knowledge.checking import KnowledgeError
from knowledge.library import load_library

Check = Callable[[Settings], Awaitable[str]]


class FaultError(RuntimeError):
    """Something is wrong; the message says what to do."""


async def examine() -> int:
    """Run every check; 1 if any fails."""
    try:
        settings = read_settings()
    except SettingsError as error:
        sys.stdout.write(f"✗ impostazioni: {error}\n")
        return 1
    sys.stdout.write("✓ impostazioni leggibili\n")
    checks: list[tuple[str, Check]] = [
        ("conoscenze", _knowledge),
        ("database", _database),
        ("Telegram", _telegram),
        ("casella (IMAP)", _mailbox),
        ("invio (SMTP)", _relay),
    ]
    failed = False
    for name, check in checks:
        try:
            said = await check(settings)
        except FaultError as error:
            failed = True
            sys.stdout.write(f"✗ {name}: {error}\n")
        else:
            sys.stdout.write(f"✓ {name}: {said}\n")
    if settings.is_real and not settings.dpo_contact:
        sys.stdout.write("! DPO_CONTACT non è impostata: l'informativa dice che il recapito è sul sito del Comune\n")
    for sentence in settings.unheard:
        sys.stdout.write(f"! {sentence}\n")
    return int(failed)


async def _knowledge(_settings: Settings) -> str:
    try:
        library = load_library()
    except KnowledgeError as error:
        raise FaultError(str(error)) from error
    return f"{len(library.facts)} voci con fonte"


async def _database(settings: Settings) -> str:
    database = Database(settings.database_url)
    try:
        async with database.begin() as tx:
            await require_newest(tx)
    except SchemaError as error:
        raise FaultError(str(error)) from error
    except Exception as error:
        msg = f"non risponde ({type(error).__name__}): controllare DATABASE_URL e che il server sia acceso"
        raise FaultError(msg) from error
    finally:
        await database.close()
    return "SQLite (un solo processo)" if database.is_sqlite else "PostgreSQL"


async def _telegram(settings: Settings) -> str:
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


async def _mailbox(settings: Settings) -> str:
    server = settings.imap
    if server is None:
        return "non configurata (IMAP_URL)"
    from mail.connecting import open_mailbox
    from mail.tokens import TokenError

    waits = await _waits(settings, server.name)

    def look() -> str:
        client = open_mailbox(server, settings.mail_token)
        try:
            count = client.select_folder(server.folder, readonly=True)[b"EXISTS"]
            idle = "IDLE" if client.has_capability("IDLE") else "senza IDLE: si guarda una volta al minuto"
            return f"accesso riuscito, {count} messaggi, {idle}; {waits}"
        finally:
            client.logout()

    try:
        return await asyncio.to_thread(look)
    except imaplib.IMAP4.error as error:
        msg = "l'accesso è rifiutato: controllare utente, password (o token) e cartella in IMAP_URL"
        raise FaultError(msg) from error
    except (OSError, TokenError) as error:
        msg = f"non si raggiunge ({type(error).__name__}): controllare host, porta e certificato in IMAP_URL"
        raise FaultError(msg) from error


async def _waits(settings: Settings, mailbox: str) -> str:
    """What lies in the mailbox before the start line; a database that cannot be asked has its own check."""
    database = Database(settings.database_url)
    try:
        async with database.begin() as tx:
            return describe(await load_place(tx, mailbox))
    except Exception:
        return describe(Place())
    finally:
        await database.close()


async def _relay(settings: Settings) -> str:
    server = settings.smtp
    if server is None:
        return "non configurato (SMTP_URL)"
    import aiosmtplib

    from mail.sending import MailDoor
    from mail.threads import MessageIds

    ours = settings.mail_address
    door = MailDoor(
        server, mailbox=ours, ids=MessageIds(ours, ""), clock=lambda: datetime.now(UTC), token=settings.mail_token
    )
    try:
        await door.check()
    except aiosmtplib.SMTPAuthenticationError as error:
        msg = "l'accesso è rifiutato: controllare utente e password (o token) in SMTP_URL"
        raise FaultError(msg) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        msg = f"non si raggiunge ({type(error).__name__}): controllare host, porta e certificato in SMTP_URL"
        raise FaultError(msg) from error
    finally:
        await door.close()
    return "accesso riuscito"
