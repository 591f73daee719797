"""``resume``: lets go what was held back after a long stop or a restore."""

import sys

from bot.commands.opening import opened
from db.heartbeats import held_before, past_due, release


async def resume() -> int:
    """Release the hold and say how many messages go now."""
    async with opened() as work:
        held = await held_before(work.tx)
        number = await past_due(work.tx, held[0]) if held else 0
        await release(work.tx)
    if held is None:
        sys.stdout.write("non c'era niente di trattenuto\n")
    else:
        sys.stdout.write(f"messaggi che ora possono partire: {number}\n")
    return 0
