"""``resume``: lets go what was held back after a long stop or a restore."""

import sys

from bot.settings import read_settings
from db.engine import Database
from db.life import held_before, past_due, release
from db.migrate import require_newest


async def resume() -> int:
    """Release the hold and say how many messages go now."""
    settings = read_settings()
    database = Database(settings.database_url)
    try:
        async with database.begin() as tx:
            await require_newest(tx)
            held = await held_before(tx)
            number = await past_due(tx, held[0]) if held else 0
            await release(tx)
    finally:
        await database.close()
    if held is None:
        sys.stdout.write("non c'era niente di trattenuto\n")
    else:
        sys.stdout.write(f"messaggi che ora possono partire: {number}\n")
    return 0
