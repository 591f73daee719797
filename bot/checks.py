"""What a real installation needs, tried out; each fault says what to do. ``doctor`` and the console's Impostazioni run it."""

import asyncio
import imaplib
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.errors import sentence
from bot.settings import Settings
from db.engine import Database, sqlite_file
from db.migrate import require_newest
from db.pages import require_pages
from db.sandboxes import sandbox_shift
from knowledge.checking import KnowledgeError
from knowledge.library import load_library
from office.installation import AdviceError, Check, FaultError
from office.mailbox import Place, describe, place_of
from office.operators import Crew, crew_of

if TYPE_CHECKING:
    from mail.imap.wire import Mailbox

OF_A_SANDBOX = "DATABASE_URL indica il database di una prova, con persone inventate: usarne un altro, oppure cancellarlo e ripartire"
#: How many of a mailbox's folders are named to choose from.
_SHOWN = 20
_SECONDS = 10.0
_LOOPBACK = ("http://127.0.0.1", "http://localhost")


def checks_of(settings: Settings, *, sandbox: bool = False) -> list[Check]:
    """All that can be tried out with these settings. ``sandbox``: they are those of one."""
    ways = [
        _far("conoscenze", _knowledge, settings),
        Check("database", partial(_database, settings, sandbox=sandbox), far=True),
        _far("Telegram", _telegram, settings),
        _far("casella (IMAP)", _mailbox, settings),
        _far("invio (SMTP)", _relay, settings),
    ]
    if not settings.is_real or sandbox:
        return ways
    return [
        *ways,
        *([_far("accesso del Comune", _log_in, settings)] if settings.oidc_issuer else []),
        Check("console", partial(_console, settings)),
        Check("codice dell'app", partial(_codes, settings)),
        Check("proxy", partial(_proxy, settings)),
        Check("ufficio", partial(_heard, settings)),
        Check("informativa", partial(_notice, settings)),
    ]


def _far(name: str, check: Callable[[Settings], Awaitable[str]], settings: Settings) -> Check:
    return Check(name, partial(check, settings), far=True)


async def _knowledge(settings: Settings) -> str:
    def read() -> int:
        from handlers.intents import check_intents

        library = load_library(settings.knowledge)
        check_intents(library.intents)
        return len(library.facts)

    try:
        return f"{await asyncio.to_thread(read)} voci con fonte"
    except KnowledgeError as error:
        raise FaultError(str(error)) from error


async def _database(settings: Settings, *, sandbox: bool) -> str:
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
    if tried and settings.is_real and not sandbox:
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


async def _log_in(settings: Settings) -> str:
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


async def _console(settings: Settings) -> str:
    if not settings.public_url:
        msg = "PUBLIC_URL manca: la console non c'è, e le e-mail sono senza collegamenti"
        raise AdviceError(msg)
    crew = await _crew(settings)
    if not crew.managers:
        msg = "nessun responsabile: python -m bot staff add NOME@COMUNE --role responsabile stampa il collegamento con cui entrare"
        raise AdviceError(msg)
    if not crew.entered:
        msg = (
            "nessun responsabile è ancora entrato: se il collegamento è scaduto, python -m bot staff reset NOME@COMUNE"
        )
        raise AdviceError(msg)
    return f"operatori {crew.operators}, di cui responsabili {crew.managers}"


async def _codes(settings: Settings) -> str:
    if settings.oidc_only:
        return "si entra solo con l'accesso del Comune"
    if settings.staff_totp == "required":
        return "chiesto a tutti"
    without = (await _crew(settings)).without_code
    if without:
        msg = f"responsabili che entrano con la sola password: {without}; STAFF_TOTP=required chiede il codice a tutti"
        raise AdviceError(msg)
    return "facoltativo (STAFF_TOTP)"


async def _crew(settings: Settings) -> Crew:
    """Who works at the console; nobody, where the database cannot be asked: it has its own check."""
    file = sqlite_file(settings.database_url)
    if file is not None and not file.is_file():
        return Crew()
    database = Database(settings.database_url)
    try:
        async with database.look() as tx:
            return await crew_of(tx)
    except Exception:
        return Crew()
    finally:
        await database.close()


async def _proxy(settings: Settings) -> str:
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "")
    if "*" in trusted.split(","):
        msg = "FORWARDED_ALLOW_IPS=* crede a chiunque da dove si collega: metterci l'indirizzo del proxy"
        raise AdviceError(msg)
    if trusted:
        return f"è creduto {trusted}"
    if not settings.public_url or settings.public_url.startswith(_LOOPBACK):
        return "non serve"
    return "è creduto quello su questa macchina; se è su un'altra, il suo indirizzo va in FORWARDED_ALLOW_IPS"


async def _heard(settings: Settings) -> str:
    if settings.unheard:
        raise AdviceError("; ".join(settings.unheard))
    return "domande e avvisi arrivano a " + " e ".join(place.value for place in settings.office.staff_places)


async def _notice(settings: Settings) -> str:
    if not settings.dpo_contact:
        msg = "DPO_CONTACT non è impostata: l'informativa dice che il recapito è sul sito del Comune"
        raise AdviceError(msg)
    return "dice come contattare il responsabile della protezione dei dati"
