"""``run``, ``web``, ``worker``: the system as processes."""

import os
import sys
from typing import Any

from bot.app import Roles, System
from bot.logs import set_up_logs
from bot.sandbox.clock import SandboxClock
from bot.settings import SettingsError, read_settings


async def run(*, web: bool, worker: bool, **given: Any) -> int:
    """Run until stopped; with nothing configured ``run`` is the sandbox. Gives the exit code."""
    os.umask(0o077)  # the database holds people's data and the signing key
    settings = read_settings(**given)
    set_up_logs(json=not sys.stderr.isatty())
    if not settings.is_real:
        if not (web and worker):
            msg = "niente da fare: configurare TELEGRAM_TOKEN, oppure IMAP_URL e SMTP_URL (la prova parte con: python -m bot run)"
            raise SettingsError(msg)
        from bot.sandbox.running import run_sandbox

        await run_sandbox(settings)
        return 0
    start = settings.starting_clock()
    system = System(settings, roles=Roles(web=web, worker=worker), **({"clock": SandboxClock(start)} if start else {}))
    await system.open(migrate_first=web and worker)
    try:
        await system.run()
    finally:
        await system.close()
    return 0
