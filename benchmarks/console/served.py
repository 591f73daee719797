"""A web process as ``python -m bot web`` is one, at another time: ``python -m benchmarks.console.served NOW``.

It loads nothing besides.
"""

import asyncio
import sys
from datetime import datetime

from bot.app import Roles, open_system
from bot.settings import Settings


async def serve(now: datetime) -> None:
    """Answer until stopped, as if it were always ``now`` in the town."""
    async with open_system(Settings(_env_file=None), lambda: now, roles=Roles(worker=False)) as system:
        await system.run()


asyncio.run(serve(datetime.fromisoformat(sys.argv[1])))
