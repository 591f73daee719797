"""``forecast``: every message that will go out, to whom, when, why. ``doubts``: those nobody knows to have arrived."""

import json
import sys
from collections.abc import AsyncIterator
from typing import Any

from bot.commands.opening import connected, opened, present
from conversation.times import to_local
from office.forecast import foresee_each
from office.kinds import say_kind, say_messages
from office.outgoing import try_again
from office.uncertain import uncertain


async def show_forecast(*, as_json: bool) -> int:
    """Print the forecast, each message as it is read."""
    async with connected() as (database, settings):
        async with database.look() as tx:
            now = await present(tx, settings)
        rows = foresee_each(database, settings.schedule, now)
        await (_print_json(rows) if as_json else _print_lines(rows))
    return 0


async def _print_json(rows: AsyncIterator[dict[str, Any]]) -> None:
    """As ``json.dumps`` writes the list of them."""
    before = "["
    async for row in rows:
        one = json.dumps(row, ensure_ascii=False, default=str, indent=1).replace("\n", "\n ")
        sys.stdout.write(f"{before}\n {one}")
        before = ","
    sys.stdout.write("[]\n" if before == "[" else "\n]\n")


async def _print_lines(rows: AsyncIterator[dict[str, Any]]) -> None:
    count = 0
    async for row in rows:
        when = to_local(row["due_at"])
        sys.stdout.write(
            f"{when:%d/%m/%Y %H.%M}  {say_kind(row['kind'], row['why']):<30}  {row['channel']}:{row['address']}  "
            f"{row['meeting']}\n"
        )
        count += 1
    sys.stdout.write(f"{say_messages(count)} in programma\n")


async def show_uncertain(*, as_json: bool) -> int:
    """Print the messages that were in doubt."""
    async with opened() as work:
        rows = await uncertain(work.tx)
    if as_json:
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, default=str, indent=1) + "\n")
        return 0
    for row in rows:
        sys.stdout.write(
            f"{row['id']:>6}  {say_kind(row['kind']):<30}  {row['channel']:<9} {row['state']:<8} in dubbio "
            f"{row['doubts']} {'volta' if row['doubts'] == 1 else 'volte'}  {row['key']}\n"
        )
    sys.stdout.write(f"{say_messages(len(rows))} in dubbio\n")
    return 0


async def let_go_again(number: int) -> int:
    """Send one that is parked, or failed and can arrive now, once more. Raises ``RefusedError`` where it may not go."""
    async with opened() as work:
        await try_again(work.tx, work.desk(), number)
    sys.stdout.write("parte di nuovo\n")
    return 0
