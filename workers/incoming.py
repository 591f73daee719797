"""The worker behind the inbox: reads what was stored, has it answered, and commits effects and replies together.

1. Claim waiting messages, at most one per sender (their order is kept).
2. For each, in one transaction: read it with its channel's reader, dispatch it, queue the replies, settle the claim.
   If the claim was lost meanwhile (the lease ran out), everything is rolled back.
3. What raises is rolled back and tried again, later and later; after five times it is set aside, whole, and staff are
   told. It never blocks the next. Where the machine or the database failed, that does not count.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from conversation.channel import Channel
from conversation.message import Address, Glimpse, Reading
from conversation.outcome import TurnOutcome
from conversation.pressing import PRESSED, read_pressed
from conversation.times import Clock
from db import inbox
from db.engine import Database, Transaction, real_time
from db.faults import is_outage
from db.inbox import Claimed
from db.office_alerts import Alert, tell_office
from db.wakeups import Queue
from handlers.bounces import take_back
from handlers.dispatch import handle
from handlers.services import Services
from handlers.turn import clean

log = structlog.get_logger("incoming")

Reader = Callable[[bytes], Reading]
#: A turn takes milliseconds; what a killed worker held is free again after this.
_LEASE = timedelta(seconds=30)
_BATCH = 16
#: Seconds between two looks at a database that is out of reach.
_AGAIN = 1.0
#: Seconds that it sleeps at least: a timer may go off a little before its time.
_NAP = 0.05
#: Characters that staff are shown of a letter that is left to them.
_SHOWN = 1_000
_RETRY_SECONDS = (1, 5, 30, 120)
#: Claims that ended with a dead worker. A machine that is restarted again and again must not set good messages aside.
_GIVE_UP_AFTER = 12
_AT_ONCE_POSTGRES = 4
#: When a message is looked at again that met a full disk, too many open files, a database that was away.
_OUTAGE = timedelta(seconds=5)
#: How long a letter waits when there were too many.
_BRAKE = timedelta(minutes=5)


class LeaseLostError(RuntimeError):
    """Another worker has taken this message over; nothing of ours may be committed."""


class InboxWorker:
    """One per process. ``after``: called when something was handled, so that the mailbox is filed at once.

    ``letters_per_hour``: the brake on letters: what comes beyond it waits, and staff are told once a day.
    """

    def __init__(
        self,
        database: Database,
        readers: Mapping[Channel, Reader],
        *,
        services: Callable[[], Services],
        clock: Clock,
        after: Callable[[Sequence[Channel]], None] = lambda _channels: None,
        letters_per_hour: int = 300,
    ) -> None:
        self._letters_per_hour = letters_per_hour
        self._database = database
        self._readers = readers
        self._services = services
        self._clock = clock
        self._after = after
        self._wake = asyncio.Event()
        self._stopping = False
        self._blameless: list[Claimed] = []
        self._sleep = 0.0
        self._look_at = 0.0  # on the event loop's clock: what was put off is claimable again
        self._put_off = False
        self._more = False
        database.wakeups.answer(Queue.INBOX, self.wake)
        self._room = asyncio.Semaphore(1 if database.is_sqlite else _AT_ONCE_POSTGRES)

    def wake(self) -> None:
        """Something was stored: look now."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more; ``run`` returns when the messages at hand are handled."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Handle until stopped."""
        while not self._stopping:
            self._wake.clear()
            try:
                await self.cycle()
            except Exception as error:
                if not is_outage(error):
                    raise
                log.warning("inbox_out_of_reach", error=type(error).__name__)
                self._more, self._sleep = False, _AGAIN
            if not self._more and not self._stopping:
                try:
                    await asyncio.wait_for(self._wake.wait(), self._sleep)
                except TimeoutError:
                    continue

    async def cycle(self) -> int:
        """One round; how many messages were taken."""
        async with self._database.begin(lasting=False) as tx:  # what is claimed no more is claimed again
            real_now = await real_time(tx)
            for blameless in self._blameless:
                await inbox.postpone(tx, blameless, next_at=real_now + _OUTAGE)
            claimed = await inbox.claim(tx, real_now=real_now, lease=_LEASE, limit=_BATCH)
            if not claimed:
                self._sleep = self._until(await inbox.next_waiting(tx, real_now), real_now)
                self._look_at = asyncio.get_running_loop().time() + self._sleep
        self._blameless.clear()
        self._put_off = False
        if claimed:
            with self._database.wakeups.held():  # the outbox worker takes all answers together
                await asyncio.gather(*(self._take(c) for c in claimed))
            self._after([c.channel for c in claimed])
        self._more = bool(claimed) and self._may_be_more(claimed)
        return len(claimed)

    def _may_be_more(self, claimed: Sequence[Claimed]) -> bool:
        """Whether to look again at once: what came meanwhile wakes by itself, and what was put off has its time."""
        others = not self._database.is_sqlite  # they leave a sender's next message to whoever finds it
        if others or self._put_off or len(claimed) == _BATCH or any(c.followed for c in claimed):
            return True
        self._sleep = max(self._look_at - asyncio.get_running_loop().time(), _NAP)
        return False

    def _until(self, at: datetime | None, real_now: datetime) -> float:
        """Seconds until then; not longer than others' messages may lie here unheard."""
        patience = self._database.patience
        return patience if at is None else min(max((at - real_now).total_seconds(), _NAP), patience)

    async def _take(self, claimed: Claimed) -> None:
        async with self._room:
            try:
                await self._handle(claimed)
            except LeaseLostError:
                log.warning("lease_lost", inbox=claimed.id)
            except Exception as error:
                if is_outage(error):
                    log.warning("turn_put_off", inbox=claimed.id, error=type(error).__name__)
                    self._blameless.append(claimed)
                    self._put_off = True
                    return
                log.exception("turn_failed", inbox=claimed.id, attempts=claimed.attempts)
                await self._failed(claimed, f"{type(error).__name__}: {error}")

    async def _handle(self, claimed: Claimed) -> None:
        if claimed.attempts > _GIVE_UP_AFTER:
            await self._set_aside(claimed, "claimed again and again: it kills its worker or outlives its lease")
            return
        reading = await self._read(claimed)
        if reading.needs_person:
            await self._set_aside(claimed, reading.reason, reading.glimpse)
            return
        now = self._clock()
        async with self._database.begin() as tx:
            if self._may_wait(reading) and await self._brakes(tx, claimed, now):
                return
            kind = reading.kind
            evidence: dict[str, Any] = {"reason": reading.reason}
            if reading.incoming is not None:
                record = await handle(tx, reading.incoming, claimed.key, services=self._services(), now=now)
                if record.outcome is TurnOutcome.HANDED_OVER and claimed.channel.is_letter:
                    kind = "handed_over"
                evidence = {"intent": record.intent, "outcome": record.outcome, "evidence": list(record.evidence)}
            if reading.returned is not None:
                services = self._services()
                evidence["returned"] = await take_back(
                    tx, reading.returned, library=services.library, office=services.office, now=now
                )
            if not await inbox.settle(tx, claimed, kind=kind, now=now, evidence=evidence):
                raise LeaseLostError

    async def _read(self, claimed: Claimed) -> Reading:
        """What it says. A letter is read by another process, which is waited for in a thread.

        The rest takes less than a thread does.
        """
        if claimed.kind == PRESSED:
            return read_pressed(claimed.payload)
        reader = self._readers[claimed.channel]
        if claimed.channel.is_letter:
            return await asyncio.to_thread(reader, claimed.payload)
        return reader(claimed.payload)

    def _may_wait(self, reading: Reading) -> bool:
        """Whether the brake is for this: a letter that somebody wrote.

        Not a pressed button, not the office's answer.
        """
        incoming = reading.incoming
        if incoming is None or incoming.press or not incoming.address.channel.is_letter:
            return False
        return incoming.address not in self._services().office.staff_addresses

    async def _brakes(self, tx: Transaction, claimed: Claimed, now: datetime) -> bool:
        """Whether so many letters were answered in the last hour that this one waits: a flood, or a loop among many."""
        if await inbox.letters_handled(tx, now - timedelta(hours=1)) < self._letters_per_hour:
            return False
        self._put_off = True
        log.warning("letters_wait", per_hour=self._letters_per_hour)
        await inbox.postpone(tx, claimed, next_at=await real_time(tx) + _BRAKE)
        services = self._services()
        today, most = f"{now:%Y-%m-%d}", self._letters_per_hour
        await tell_office(tx, services.office, Alert.LETTERS_WAIT, today, library=services.library, now=now, most=most)
        return True

    async def _failed(self, claimed: Claimed, error: str) -> None:
        self._put_off = True
        if claimed.attempts > len(_RETRY_SECONDS):
            await self._set_aside(claimed, error)
            return
        wait = _RETRY_SECONDS[claimed.attempts - 1]
        async with self._database.begin() as tx:
            next_at = await real_time(tx) + timedelta(seconds=wait)
            await inbox.put_back(tx, claimed, error=error, next_at=next_at)

    async def _set_aside(self, claimed: Claimed, error: str, glimpse: Glimpse | None = None) -> None:
        now = self._clock()
        services = self._services()
        async with self._database.begin() as tx:
            await inbox.set_aside(tx, claimed, error=error, now=now)
            from_office = Address(claimed.channel, claimed.sender) in services.office.staff_addresses
            if claimed.channel.is_letter and from_office:
                return  # a machine of the office's own would answer each alert with the next
            alert, told = (
                Alert.SET_ASIDE,
                {"number": claimed.id, "channel": claimed.channel.value, "error": error[:200]},
            )
            if glimpse is not None:
                alert, told = Alert.TO_READ, _shown(glimpse) | {"reason": error[:200]}
            await tell_office(
                tx,
                services.office,
                alert,
                claimed.key,
                library=services.library,
                now=now,
                concerns=Address(claimed.channel, claimed.sender) if claimed.sender else None,
                **told,
            )


def _shown(glimpse: Glimpse) -> dict[str, Any]:
    words = "\n".join(clean(line, _SHOWN) for line in glimpse.words[:_SHOWN].split("\n"))
    return {"sender": clean(glimpse.sender) or "—", "subject": clean(glimpse.subject) or "—", "words": words or "—"}
