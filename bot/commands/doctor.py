"""``doctor``: checks everything that a real installation needs and says what to do about each fault."""

import asyncio
import imaplib
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.commands.mailbox import describe
from bot.commands.serving import NO_CHANNEL, OF_A_SANDBOX, half_written
from bot.errors import sentence
from bot.settings import Settings, SettingsError, read_settings
from db.engine import Database, sqlite_file
from db.migrate import require_newest
from db.pages import require_pages
from db.sandboxes import sandbox_shift
from knowledge.checking import KnowledgeError
from knowledge.library import load_library
from office.mailbox import Place, place_of

if TYPE_CHECKING:
    from mail.imap.wire import Mailbox

#: How many of a mailbox's folders are named to choose from.
_SHOWN = 20
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
    half = settings.without_channel()
    if half:
        sys.stdout.write(f"✗ impostazioni: {half_written(half)}\n")
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
    for unheard in settings.unheard:
        sys.stdout.write(f"! {unheard}\n")
    if not settings.is_real:
        sys.stdout.write(
            f"Nessun canale è configurato: python -m bot run avvia la prova. Per il servizio vero {NO_CHANNEL}\n"
        )
    return int(failed)


async def _knowledge(settings: Settings) -> str:
    from handlers.intents import check_intents

    try:
        library = load_library(settings.knowledge)
        check_intents(library.intents)
    except KnowledgeError as error:
        raise FaultError(str(error)) from error
    return f"{len(library.facts)} voci con fonte"


async def _database(settings: Settings) -> str:
    if not settings.is_real and "database_url" not in settings.model_fields_set:
        return "la prova ne usa uno suo, temporaneo"
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        msg = f"il file {file} non c'è: se è il primo avvio, python -m bot migrate (run lo fa da sé); se c'era, rimettere l'ultima copia"
        raise FaultError(msg)
    try:
        await require_pages(settings.database_url)
        tried = await _is_sandbox(settings.database_url)
    except Exception as error:
        said = (
            sentence(error)
            or f"non risponde ({type(error).__name__}): controllare DATABASE_URL e che il server sia acceso"
        )
        raise FaultError(said.removeprefix("database: ")) from error
    if tried and settings.is_real:
        raise FaultError(OF_A_SANDBOX)
    if file is not None and file.stat().st_mode & 0o077:
        msg = f"{file} ha i dati delle persone e non è solo di chi lo usa: chmod 600 {file}"
        raise FaultError(msg)
    kind = "PostgreSQL" if file is None else "SQLite (un solo processo)"
    return f"{kind}, di una prova" if tried else kind


async def _is_sandbox(url: str) -> bool:
    database = Database(url)
    try:
        async with database.begin() as tx:
            await require_newest(tx)
            return await sandbox_shift(tx) is not None
    finally:
        await database.close()


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
    from mail.imap.connecting import open_mailbox
    from mail.tokens import TokenError

    waits = await _waits(settings, server.name)

    def look() -> str:
        client = open_mailbox(server, settings.mail_token)
        try:
            count = _count(client, server.folder)
            idle = "IDLE" if client.has_capability("IDLE") else "senza IDLE: si guarda una volta al minuto"
            return f"accesso riuscito, {count} messaggi, {idle}; {waits}"
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


def _count(client: "Mailbox", folder: str) -> int:
    """How many letters lie in the folder."""
    try:
        return int(client.select_folder(folder, readonly=True)[b"EXISTS"])
    except imaplib.IMAP4.error as error:
        names = ", ".join(f"«{name}»" for _, _, name in client.list_folders()[:_SHOWN])
        msg = f"l'accesso riesce, ma la cartella «{folder}» non si apre: in IMAP_URL metterne una di queste: {names}"
        raise FaultError(msg) from error


async def _waits(settings: Settings, mailbox: str) -> str:
    """What lies in the mailbox before the start line; a database that cannot be asked has its own check."""
    file = sqlite_file(settings.database_url)
    if file is not None and not file.is_file():
        return describe(Place())
    database = Database(settings.database_url)
    try:
        async with database.begin() as tx:
            return describe(await place_of(tx, mailbox))
    except Exception:
        return describe(Place())
    finally:
        await database.close()


async def _relay(settings: Settings) -> str:
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
