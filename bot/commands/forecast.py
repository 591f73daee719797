"""``forecast``: every message that will go out, to whom, when, why. ``doubts``: those nobody knows to have arrived."""

import json
import sys
from datetime import datetime
from typing import Any

from bot.app import system_clock
from bot.commands.opening import transaction
from bot.settings import Settings, read_settings
from conversation.times import to_local
from db.engine import Database
from db.migrate import require_newest
from db.outbox import doubtful, send_again, upcoming
from delivery.reminders import plan


class _UndoError(Exception):
    """Rolls the transaction back."""


async def foresee(database: Database, settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """What will go out, earliest first; what is not planned yet is planned here and rolled back."""
    rows: list[dict[str, Any]] = []
    try:
        async with database.begin() as tx:
            await require_newest(tx)
            while await plan(tx, settings.schedule, now):
                continue
            rows = await upcoming(tx)
            raise _UndoError  # noqa: TRY301 - the way to roll back
    except _UndoError:
        return rows


async def show_forecast(*, as_json: bool) -> int:
    """Print the forecast."""
    settings = read_settings()
    database = Database(settings.database_url)
    try:
        rows = await foresee(database, settings, settings.starting_clock() or system_clock())
    finally:
        await database.close()
    if as_json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, default=str, indent=1) + "\n")
        return 0
    for row in rows:
        when = to_local(row["due_at"])
        sys.stdout.write(
            f"{when:%d/%m/%Y %H.%M}  {row['kind']:<9} {row['why']:<8} {row['channel']}:{row['address']}  {row['meeting']}\n"
        )
    sys.stdout.write(f"{len(rows)} messaggi in programma\n")
    return 0


async def show_doubts(*, as_json: bool) -> int:
    """Print the messages that were in doubt."""
    async with transaction(read_settings().database_url) as tx:
        rows = await doubtful(tx)
    if as_json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, default=str, indent=1) + "\n")
        return 0
    for row in rows:
        sys.stdout.write(
            f"{row['id']:>6}  {row['kind']:<9} {row['channel']:<9} {row['state']:<8} in dubbio {row['doubts']} volte  {row['key']}\n"
        )
    sys.stdout.write(f"{len(rows)} messaggi in dubbio\n")
    return 0


async def let_go_again(number: int) -> int:
    """Send a parked message once more; 1 when it is not parked."""
    async with transaction(read_settings().database_url) as tx:
        done = await send_again(tx, number)
    sys.stdout.write("parte di nuovo\n" if done else f"il messaggio n. {number} non è fermo in dubbio\n")
    return 0 if done else 1
