"""The database of the sandbox, of ``chat`` and of ``explain``.

One that they made, with the town's sample programme in it.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.sandbox.clock import SandboxClock
from bot.settings import Settings, SettingsError
from conversation.times import local_zone
from db.engine import Database
from db.migrate import migrate
from db.operators import Role
from db.sandboxes import is_blank, mark_sandbox, sandbox_shift
from office.desk import TERMINAL
from office.entering import Times
from office.operators import invite
from office.programme import load_programme

_NOT_OURS = (
    "DATABASE_URL indica un database che non è di una prova: resta com'è. Per provare togliere DATABASE_URL "
    "(la prova ne usa uno suo, "
    "temporaneo); per il servizio vero impostare TELEGRAM_TOKEN, oppure IMAP_URL e SMTP_URL, e usare: python -m bot run"
)


@asynccontextmanager
async def sandbox_database(
    settings: Settings, at: datetime | None = None
) -> AsyncIterator[tuple[Database, SandboxClock]]:
    """A temporary database, or that of DATABASE_URL when it is new or a sandbox's; and its clock, at ``at`` when given.

    Raises ``SettingsError`` for a database that the sandbox did not make; it is not changed.
    """
    with tempfile.TemporaryDirectory(prefix="luccabot-") as folder:
        own = "database_url" in settings.model_fields_set
        database = Database(settings.database_url if own else f"sqlite:///{Path(folder) / 'prova.db'}")
        try:
            yield database, await _prepare(database, settings, at)
        finally:
            await database.close()


async def _prepare(database: Database, settings: Settings, at: datetime | None) -> SandboxClock:
    async with database.begin() as tx:
        blank, shift = await is_blank(tx), await sandbox_shift(tx)
    if not blank and shift is None:
        raise SettingsError(_NOT_OURS)
    await migrate(database)
    begin = settings.town.sandbox.start.replace(tzinfo=local_zone())
    start = begin if shift is None else datetime.now(UTC) + shift
    clock = SandboxClock(at or settings.starting_clock() or start)
    async with database.begin() as tx:
        await mark_sandbox(tx, clock.shift)
        if blank:
            await load_programme(tx, settings.knowledge / "programme.toml", settings.schedule, clock())
    return clock


#: Who works at a sandbox's console, invented: address, name, role. Nobody has their passwords; they enter without.
GUESTS = (
    ("paola@comune.example", "Paola Rossi", Role.OPERATOR),
    ("renzo@comune.example", "Renzo Bianchi", Role.MANAGER),
)


async def add_guests(database: Database, now: datetime) -> list[str]:
    """The addresses of the invented operators, who are there after this."""
    async with database.begin() as tx:
        for email, name, role in GUESTS:
            await invite(tx, email, Times(now, datetime.now(UTC)), role=role, name=name, by=TERMINAL)
    return [email for email, _, _ in GUESTS]
