"""``resume``: lets go what was held back after a long stop or a restore."""

import sys

from bot.commands.opening import opened
from office.desk import TERMINAL
from office.held import let_go


async def resume() -> int:
    """Release the hold and say how many messages go now."""
    async with opened() as work:
        held = await let_go(work.tx, work.now, by=TERMINAL)
    if held is None:
        sys.stdout.write("non c'era niente di trattenuto\n")
    else:
        sys.stdout.write(f"messaggi che ora possono partire: {held.messages}\n")
    return 0
