"""What was held back after a long stop or a restore, until somebody has looked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from conversation.message import Outgoing
from db.engine import Transaction
from db.heartbeats import held_before, past_due, release
from db.outbox import Row, held_rows
from db.requests import Actor, record
from delivery.composing import PutOff, Written, write
from office.desk import Desk
from office.errors import RefusedError
from office.samples import chosen

#: Messages among which those that are shown are looked for, so that each kind is seen.
_AMONG = 60


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold."""

    #: What was due before then waits (UTC).
    before: datetime
    #: Why: "stopped" or "restored".
    reason: str
    #: How many messages wait that are not too late, by their kind.
    kinds: Mapping[str, int]

    @property
    def messages(self) -> int:
        """How many wait."""
        return sum(self.kinds.values())


async def held(tx: Transaction) -> Hold | None:
    """The hold, when there is one."""
    found = await held_before(tx)
    return Hold(*found, await past_due(tx, found[0])) if found else None


async def samples(tx: Transaction, desk: Desk, hold: Hold) -> list[Outgoing]:
    """Some of what would go out, as it would be read: first one of each kind.

    What is not true any more would not go.
    """
    written = await _write(tx, desk, await held_rows(tx, hold.before, most=_AMONG), desk.now)
    waiting = {one.row.id: one.result.until for one in written if isinstance(one.result, PutOff)}
    if waiting:  # it is night: as they will be read when it is over
        rest = [one.row for one in written if one.row.id in waiting]
        written += await _write(tx, desk, rest, max(waiting.values()))
    going = [(one.row.kind, one.result) for one in written if isinstance(one.result, Outgoing)]
    return [result for _, result in chosen(going, lambda one: one[0])]


async def _write(tx: Transaction, desk: Desk, rows: list[Row], now: datetime) -> list[Written]:
    return await write(tx, rows, library=desk.library, schedule=desk.schedule, mailbox=desk.office.mailbox, now=now)


async def let_go(
    tx: Transaction, now: datetime, *, by: Actor, before: datetime | None = None, most: int = 0
) -> Hold | None:
    """Send what was held; what it was, ``None`` when nothing was.

    ``before`` and ``most``: the hold that somebody has looked at, and how many messages they saw. Raises
    ``RefusedError`` when it is another by now, or they are more.
    """
    found = await held(tx)
    if found and before is not None and (found.before != before or found.messages > most):
        msg = "nel frattempo qualcosa è cambiato: guarda di nuovo prima di farli partire"
        raise RefusedError(msg)
    if await release(tx):
        await record(tx, "released", now=now, by=by)
    return found
