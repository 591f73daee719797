"""How many messages there are in each state.

Counting reads all of them: it is done now and then, and who asks does not wait.
"""

import asyncio
from collections.abc import Mapping

from sqlalchemy import Column, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import Database
from db.models import IN_DOUBT, InboxState, OutboxState, inbox, outbox

#: Numbers that are so many times older than they should be are not shown: who asks so seldom waits for new ones.
_TOO_OLD = 5


class Counters:
    """Counts for whoever asks often, anew after ``every`` seconds, while they are shown the last numbers."""

    def __init__(self, database: Database, *, every: float = 60.0) -> None:
        self._database = database
        self._every = every
        self._counting: asyncio.Task[dict[str, float]] | None = None
        self._known: Mapping[str, float] = {}
        self._counted_at = 0.0

    async def read(self) -> Mapping[str, float]:
        """The numbers, named as the metrics page shows them."""
        now = asyncio.get_running_loop().time()
        age = now - self._counted_at
        if self._counting is None or (self._counting.done() and age >= self._every):
            self._counting, self._counted_at = asyncio.create_task(self._count()), now
        if not self._known or self._counting.done() or age >= self._every * _TOO_OLD:
            self._known = await asyncio.shield(self._counting)
        return self._known

    async def _count(self) -> dict[str, float]:
        async with self._database.look() as tx:
            return await count(tx)


async def count(tx: AsyncConnection) -> dict[str, float]:
    """The numbers as they are now."""
    sent, came = await _tally(tx, outbox.c.state), await _tally(tx, inbox.c.state)
    found = {f'outbox_messages{{state="{state}"}}': float(sent.get(state.value, 0)) for state in OutboxState}
    found |= {f'inbox_messages{{state="{state}"}}': float(came.get(state.value, 0)) for state in InboxState}
    doubts = select(func.count()).select_from(outbox).where(text(IN_DOUBT))
    found["outbox_in_doubt_ever"] = float((await tx.execute(doubts)).scalar_one())
    return found


async def _tally(tx: AsyncConnection, column: Column[str]) -> dict[str, int]:
    """How many rows there are of each value of ``column``."""
    return {row[0]: int(row[1]) for row in (await tx.execute(select(column, func.count()).group_by(column))).all()}
