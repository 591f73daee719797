"""``run``, ``web``, ``worker``: the system as processes."""

import sys
from typing import Any

from bot.app import Roles, open_system
from bot.errors import OF_A_SANDBOX, UsageError
from bot.logs import set_up_logs
from bot.sandbox.clock import SandboxClock
from bot.settings import Settings, SettingsError, read_settings
from conversation.times import system_clock
from db.engine import Database
from db.sandboxes import sandbox_shift

NO_CHANNEL = "impostare TELEGRAM_TOKEN, oppure IMAP_URL e SMTP_URL"


async def run(*, web: bool, worker: bool, **given: Any) -> int:
    """Run until stopped; with nothing configured ``run`` is the sandbox. Gives the exit code."""
    settings = read_settings(**given)
    set_up_logs(json=not sys.stderr.isatty())
    if not settings.is_real:
        if not (web and worker):
            msg = f"niente da fare: {NO_CHANNEL} (la prova parte con: python -m bot run)"
            raise SettingsError(msg)
        await _try_out(settings)
        return 0
    start = settings.starting_clock()
    clock = SandboxClock(start) if start else system_clock
    await _refuse_sandbox(settings.database_url)
    async with open_system(
        settings, clock, roles=Roles(web=web, worker=worker), migrate_first=web and worker
    ) as system:
        await system.run()
    return 0


def half_written(names: list[str]) -> str:
    """What to do about settings that wait for a channel."""
    given = ", ".join(names)
    return f"configurazione a metà: {given} c'è, ma manca il canale: {NO_CHANNEL}; per la prova togliere {given}"


async def _try_out(settings: Settings) -> None:
    """The sandbox. A configuration of which only the channel is missing is none to try things out with."""
    half = settings.without_channel()
    if half:
        raise SettingsError(half_written(half))
    try:
        from bot.sandbox.running import run_sandbox
    except ModuleNotFoundError as error:
        msg = (
            f"la prova chiede librerie che in servizio non servono ({error.name}): pip install -r "
            f"requirements.txt (make run lo fa da sé)"
        )
        raise UsageError(msg) from error
    await run_sandbox(settings)


async def _refuse_sandbox(database_url: str) -> None:
    """Invented people and a clock of 2021 are not to be mixed with the town's."""
    database = Database(database_url)
    try:
        async with database.begin() as tx:
            if await sandbox_shift(tx) is not None:
                raise SettingsError(OF_A_SANDBOX)
    finally:
        await database.close()
