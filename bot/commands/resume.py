"""``resume``: lets go what was held back after a long stop or a restore."""

import sys

from bot.commands.opening import transaction
from bot.settings import read_settings
from db.life import held_before, past_due, release


async def resume() -> int:
    """Release the hold and say how many messages go now."""
    settings = read_settings()
    async with transaction(settings.database_url) as tx:
        held = await held_before(tx)
        number = await past_due(tx, held[0]) if held else 0
        await release(tx)
    if held is None:
        sys.stdout.write("non c'era niente di trattenuto\n")
    else:
        sys.stdout.write(f"messaggi che ora possono partire: {number}\n")
    return 0
