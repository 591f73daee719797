"""``person export``, ``person erase``, ``person revoke``."""

import sys

from bot.commands.opening import opened
from conversation.own_data import as_json
from office import personal_data
from office.desk import TERMINAL

_NOTHING = "nessun dato per questo indirizzo\n"


async def export(address: str) -> int:
    """Print everything stored about the person at ``address``; 1 when nothing is."""
    async with opened() as work:
        data = await personal_data.export(work.tx, address, work.now, by=TERMINAL)
    if data is None:
        sys.stderr.write(_NOTHING)
        return 1
    sys.stdout.write(as_json(data))
    return 0


async def erase(address: str) -> int:
    """Delete everything about the person at ``address``; 1 when nothing was there."""
    async with opened() as work:
        found = await personal_data.erase(work.tx, address, work.now, by=TERMINAL)
    sys.stdout.write("dati cancellati\n" if found else _NOTHING)
    return 0 if found else 1


async def revoke(address: str) -> int:
    """The links in letters sent to this mail address until now open nothing any more."""
    async with opened() as work:
        known = await personal_data.revoke(work.tx, address, work.now, by=TERMINAL)
    sys.stdout.write("collegamenti annullati\n" if known else _NOTHING)
    return 0 if known else 1
