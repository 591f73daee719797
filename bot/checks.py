"""What a real installation needs, tried out; each fault says what to do.

``doctor`` and the console's Impostazioni run it.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from bot.errors import OF_A_SANDBOX, sentence
from bot.reaching import log_in, mailbox, read_or, relay, telegram
from bot.settings import Settings
from conversation.intents import check_intents
from db.engine import Database, sqlite_file
from db.migrate import require_newest
from db.pages import require_pages
from db.sandboxes import sandbox_shift
from knowledge.checking import KnowledgeError
from knowledge.library import load_library
from office.installation import AdviceError, Check, FaultError
from office.operators import Crew, crew_of

_LOOPBACK = ("http://127.0.0.1", "http://localhost")


def checks_of(settings: Settings, *, sandbox: bool = False) -> list[Check]:
    """All that can be tried out with these settings. ``sandbox``: they are those of one."""
    ways = [
        _far("conoscenze", _knowledge, settings),
        Check("database", partial(_database, settings, sandbox=sandbox), far=True),
        _far("Telegram", telegram, settings),
        _far("casella (IMAP)", mailbox, settings),
        _far("invio (SMTP)", relay, settings),
    ]
    if not settings.is_real or sandbox:
        return ways
    crew = _Crew(settings)
    return [
        *ways,
        *([_far("accesso del Comune", log_in, settings)] if settings.oidc_issuer else []),
        Check("console", partial(_console, settings, crew)),
        Check("codice dell'app", partial(_codes, settings, crew)),
        Check("proxy", partial(_proxy, settings)),
        Check("ufficio", partial(_office, settings)),
        Check("informativa", partial(_notice, settings)),
    ]


def _far(name: str, check: Callable[[Settings], Coroutine[Any, Any, str]], settings: Settings) -> Check:
    return Check(name, partial(check, settings), far=True)


async def _knowledge(settings: Settings) -> str:
    def read() -> int:
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
        msg = (
            f"il file {file} non c'è: se è il primo avvio, python -m bot migrate (run lo fa da sé); se "
            f"c'era, rimettere l'ultima copia"
        )
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


class _Crew:
    """Who works at the console; nobody, where the database cannot be asked. Checks that ask at once ask once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asking: asyncio.Task[Crew] | None = None

    async def ask(self) -> Crew:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(read_or(self._settings, crew_of, Crew()))
        return await asyncio.shield(self._asking)


async def _console(settings: Settings, works_here: _Crew) -> str:
    if not settings.public_url:
        msg = "PUBLIC_URL manca: la console non c'è, e le e-mail sono senza collegamenti"
        raise AdviceError(msg)
    crew = await works_here.ask()
    if not crew.managers:
        msg = (
            "nessun responsabile: python -m bot staff add NOME@COMUNE --role responsabile stampa il "
            "collegamento con cui entrare"
        )
        raise AdviceError(msg)
    if not crew.entered:
        msg = (
            "nessun responsabile è ancora entrato: se il collegamento è scaduto, python -m bot staff reset NOME@COMUNE"
        )
        raise AdviceError(msg)
    return f"operatori {crew.operators}, di cui responsabili {crew.managers}"


async def _codes(settings: Settings, works_here: _Crew) -> str:
    if settings.oidc_only:
        return "si entra solo con l'accesso del Comune"
    if settings.staff_totp == "required":
        return "chiesto a tutti"
    without = (await works_here.ask()).without_code
    if without:
        msg = f"responsabili che entrano con la sola password: {without}; STAFF_TOTP=required chiede il codice a tutti"
        raise AdviceError(msg)
    return "facoltativo (STAFF_TOTP)"


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


async def _office(settings: Settings) -> str:
    if settings.unheard:
        raise AdviceError("; ".join(settings.unheard))
    return "domande e segnalazioni arrivano a " + " e ".join(place.value for place in settings.office.staff_addresses)


async def _notice(settings: Settings) -> str:
    if not settings.dpo_contact:
        msg = "DPO_CONTACT non è impostata: l'informativa dice che il recapito è sul sito del Comune"
        raise AdviceError(msg)
    return "dice come contattare il responsabile della protezione dei dati"
