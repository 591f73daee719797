"""How many messages there are in each state.

Counting reads their indexes: it is done now and then, and who asks does not wait. On PostgreSQL a state of a large
table that holds very many is not counted but estimated: the server keeps, for its planner, how its values are
distributed.
"""

import asyncio
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ScalarSelect, Table, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import Database
from db.models import IN_DOUBT, NOT_ARRIVED, InboxState, OutboxState, inbox, outbox

#: Numbers that are so many times older than they should be are not shown: who asks so seldom waits for new ones.
_TOO_OLD = 5
#: So many messages of a state are counted, and no more: they take some 4 ms.
_COUNTED = 10_000
#: The one state of each table that has no index of its own: what is in none of the others is in it.
_REST: Mapping[str, StrEnum] = {"outbox": OutboxState.VOID, "inbox": InboxState.DONE}
#: Those that share theirs: SQLite takes it when its own condition is said, too.
_SHARED: Mapping[StrEnum, str] = {OutboxState.FAILED: NOT_ARRIVED, OutboxState.UNSURE: NOT_ARRIVED}
_DISTRIBUTED = text(
    "SELECT c.reltuples, s.most_common_vals::text::text[], s.most_common_freqs FROM pg_class c JOIN pg_stats s"
    " ON s.tablename = c.relname AND s.schemaname = current_schema() AND s.attname = 'state'"
    " WHERE c.oid = to_regclass(:name)"
)


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
    sent, came = await _tally(tx, outbox), await _tally(tx, inbox)
    found = {f'outbox_messages{{state="{state}"}}': float(sent.get(state.value, 0)) for state in OutboxState}
    found |= {f'inbox_messages{{state="{state}"}}': float(came.get(state.value, 0)) for state in InboxState}
    uncertain = select(func.count()).select_from(outbox).where(text(IN_DOUBT))
    found["outbox_in_doubt_ever"] = float((await tx.execute(uncertain)).scalar_one())
    return found


async def _tally(tx: AsyncConnection, table: Table) -> dict[str, int]:
    """How many rows of each state there are, or nearly."""
    rest = _REST[table.name]
    states = [state for state in type(rest) if state is not rest]
    estimated = await _estimate(tx, table)
    most = _COUNTED if estimated else None
    row = (await tx.execute(select(*(_counted(table, state, most) for state in states)))).one()
    found = {state.value: int(n) for state, n in zip(states, row, strict=True)}
    if not estimated:
        all_of_them = (await tx.execute(select(func.count()).select_from(table))).scalar_one()
        return found | {rest.value: int(all_of_them) - sum(found.values())}
    return estimated | {state: n if n < _COUNTED else max(n, estimated.get(state, 0)) for state, n in found.items()}


async def _estimate(tx: AsyncConnection, table: Table) -> dict[str, int]:
    """Nothing for a table that is counted soon, and for one of which nothing is known yet."""
    if tx.dialect.name == "sqlite":
        return {}
    known = (await tx.execute(_DISTRIBUTED, {"name": table.name})).first()
    if known is None or known[1] is None or known[0] < _COUNTED:
        return {}
    rows, states, shares = known
    return {state: round(rows * share) for state, share in zip(states, shares, strict=True)}


def _counted(table: Table, state: StrEnum, most: int | None) -> ScalarSelect[int]:
    # As a literal: a bound parameter cannot prove a partial index to the planner of a prepared statement.
    some = select(table.c.id).where(table.c.state == literal_column(f"'{state}'")).limit(most)
    if state in _SHARED:
        some = some.where(text(_SHARED[state]))
    return select(func.count()).select_from(some.subquery()).scalar_subquery()
