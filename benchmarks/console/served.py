"""A web process as ``python -m bot web`` is one, at another time: ``python -m benchmarks.console.served NOW``.

It loads what that loads, and collects garbage when that does.
"""

import sys

from bot.__main__ import run_work, start_quickly

start_quickly()

from datetime import datetime  # noqa: E402 - what is loaded from here on, the command loads

from bot.app import Roles, open_system  # noqa: E402
from bot.settings import Settings  # noqa: E402


async def serve(now: datetime) -> None:
    """Answer until stopped, as if it were always ``now`` in the town."""
    async with open_system(Settings(_env_file=None), lambda: now, roles=Roles(worker=False)) as system:
        await system.run()


run_work(serve(datetime.fromisoformat(sys.argv[1])))
