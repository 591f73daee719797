"""The outbox worker: claims due messages, hands each to its transport, settles what became of it.

1. In one transaction: settle what came back since last time (what arrived with one statement), plan new reminders,
   claim what is due (answers first), write it.
2. Hand each message to its transport when its slot comes (``workers.rate_limit``), several at once; it answers with a
   Receipt within its own time-out.
3. Sleep until somebody queued something (``db.wakeups``), a few receipts have come, or the next message is due.
4. To stop: claim nothing more, wait for what is in flight, settle it. Nothing is left in doubt.

A process that dies between 2 and 1 leaves rows ``sending``; ``recover`` finds them after their lease. E-mail is sent
again with the same Message-ID; a Telegram message is sent again once, because a missed meeting is worse than a
doubled reminder, and parked as ``unsure`` after that. A broadcast is parked at once: staff may let it go again.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from conversation.channel import CHANNELS, Channel
from conversation.message import Address, Outcome, Outgoing, Receipt
from conversation.office import Office
from conversation.times import Clock
from conversation.transport import Transport
from db import outbox
from db.addresses import addresses_of, set_reachable
from db.engine import LONGEST_WAIT, Database, Transaction, real_time
from db.models import WRITTEN_LATE, Kind, Lane, OutboxState
from db.office_alerts import tell_moved, tell_refused
from db.outbox import Row
from db.rate_limits import hold_rate_limit, move_rate_limit, pause, take_rate_limit
from db.wakeups import Queue
from delivery.composing import PutOff, Skipped, Written, write
from delivery.failures import UNTOLD, tell_not_delivered
from delivery.reminders import Schedule, queue_reminders
from knowledge.library import Library
from workers.rate_limit import RateLimit

log = structlog.get_logger("delivery")

#: Part of the lease within which a transport must have answered; after it the message is in doubt.
_SHARE = 0.8
#: How often a message goes out again that was to be written only now, so that nobody knows where it went.
_RETRY_IN_DOUBT = 1
_MOMENT = 1.0
#: Answers for which slots are taken before it is known how many there are: those not used delay the next by a tenth of
#: a second at most.
_FEW = 4
#: Seconds that it sleeps at least: a timer may go off a little before its time.
_NAP = 0.05
#: When a message is looked at again that had no slot.
_LATER = timedelta(seconds=3)
#: Receipts are settled together: at most this many seconds after the first of them.
_GATHER = 0.15
_GIVE_UP_AFTER = timedelta(days=5)
#: What was held back for longer than that is still tried for hours.
_FEWEST_ATTEMPTS = 50
_BACK_OFF_MAX = 900.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A receipt with the row and message it is about."""

    row: Row
    outgoing: Outgoing
    receipt: Receipt


#: A message that may leave, with the moment at which (on the event loop's clock), where its channel has a rate limit.
Start = tuple[Row, Outgoing, float | None]
Settle = Callable[[Transaction, Sequence[Sent]], Awaitable[None]]
T = TypeVar("T")


class CannotSettleError(RuntimeError):
    """One of many messages cannot be settled: its transaction is lost for all of them."""


class OutboxWorker:
    """One per process. ``transports``: the channels that can send here.

    Others' rows wait. ``office``: who hears of failures.

    ``rate_limits``: the limits of the channels that have some.
    """

    def __init__(
        self,
        database: Database,
        transports: Mapping[Channel, Transport],
        *,
        library: Library,
        schedule: Schedule,
        office: Office,
        clock: Clock,
        lease: timedelta = timedelta(seconds=90),
        rate_limits: Mapping[Channel, RateLimit] | None = None,
    ) -> None:
        self._office = office
        self._rate_limits = {c: p for c, p in (rate_limits or {}).items() if c in transports}
        self._gathering: asyncio.TimerHandle | None = None
        self._lease = lease
        self._database = database
        self._transports = transports
        self._library = library
        self._schedule = schedule
        self._clock = clock
        self._wake = asyncio.Event()
        self._stopping = False
        self._results: list[Sent] = []
        self._flying: Counter[Channel] = Counter()
        self._tasks: set[asyncio.Task[Receipt]] = set()
        self._in_hand: set[int] = set()
        self._lines: dict[Address, asyncio.Task[Receipt]] = {}
        self._sleep = 0.0
        self._look_at = 0.0  # on the event loop's clock: when something is to be done though nothing rings
        self._rung = False
        self._more = False
        self._at_rest = False
        database.wakeups.answer(Queue.OUTBOX, self._ring)
        database.wakeups.answer(Queue.PLAN, self._ring_for_more)

    def wake(self) -> None:
        """Something was queued or the clock was moved: look now."""
        self._more = True
        self._wake.set()

    def _ring(self) -> None:
        self._rung = True
        self._wake.set()

    def _ring_for_more(self) -> None:
        """Something else than an answer is to go out, or to be planned: taking the answers is not enough."""
        self._more = True
        self._ring()

    def stop(self) -> None:
        """Claim nothing more; ``run`` returns when what is in flight is settled."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Send until stopped."""
        try:
            while not self._stopping:
                self._wake.clear()
                if not await self.cycle():
                    await self._rest()
        finally:
            if self._stopping:
                await self._drain()

    async def _drain(self) -> None:
        """Settle each message as its transport answers; none waits for the slowest."""
        while self._tasks:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            await self._settle_only()
        await self._settle_only()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._sleep)
        except TimeoutError:
            return

    async def cycle(self) -> bool:
        """One round; whether there may be more to do at once."""
        planned, starts = await self._settling(self._round)
        for row, outgoing, start in starts:
            self._launch(row, outgoing, start)
        return planned and not self._stopping

    async def _settling(self, work: Callable[[Settle, list[Sent]], Awaitable[T]]) -> T:
        """Do ``work``, whose transaction begins with settling what came back.

        In one go, or one by one when that fails.
        """
        results, self._results = self._results, []
        try:
            try:
                done = await work(self._settle_together, results)
            except CannotSettleError as error:
                log.warning("settling_apart", rows=len(results), error=type(error.__cause__).__name__)
                done = await work(self._settle_apart, results)
        except BaseException:
            self._results = results + self._results
            raise
        self._flying.subtract(s.outgoing.address.channel for s in results)
        self._in_hand.difference_update(s.row.id for s in results)
        return done

    async def _round(self, settle: Settle, results: list[Sent]) -> tuple[bool, list[Start]]:
        """Whether anything was planned, and what is to be sent once this is committed."""
        now = self._clock()
        settling = Counter(s.outgoing.address.channel for s in results)
        rung, at_rest = self._rung, self._at_rest and not self._more
        self._rung = self._at_rest = self._more = False
        planned, starts = 0, []
        async with self._database.begin() as tx:
            await settle(tx, results)
            # Where nothing was to be done before it was woken, it is most likely for an answer.
            if rung and at_rest and (starts := await self._take_answers(tx, now, settling)):
                return False, starts
            if at_rest and not rung and self._still_at_rest(results):
                return False, []
            look = await outbox.look(tx, now)
            if look.unplanned:
                planned = await queue_reminders(tx, self._schedule, now)
                look = await outbox.look(tx, now)
            self._sleep_for((look.next_due - now) if look.next_due else None)
            self._look_at = asyncio.get_running_loop().time() + self._sleep
            self._at_rest = not look.due
            if look.due:
                starts = await self._take(tx, look.due, now, settling)
        return bool(planned), starts

    def _still_at_rest(self, results: Sequence[Sent]) -> bool:
        """Whether what came back were the last answers, all arrived.

        Nothing else is to be done before the time known from the last look.
        """
        left = self._look_at - asyncio.get_running_loop().time()
        if not results or left <= 0 or any(s.receipt.outcome is not Outcome.SENT for s in results):
            return False
        self._at_rest, self._sleep = True, max(left, _NAP)
        return True

    async def _take_answers(self, tx: Transaction, now: datetime, settling: Counter[Channel]) -> list[Start]:
        """Claim the first few answers and write them, with the slots from now on where their channel is idle."""
        real_now = await real_time(tx)
        taken = [
            c
            for c, limit in self._rate_limits.items()
            if await take_rate_limit(tx, c, real_now, real_now + limit.gap * _FEW)
        ]
        slots = {c: real_now if c in taken else await hold_rate_limit(tx, c, real_now) for c in self._rate_limits}
        room = {c: min(n, _FEW) if c in taken else n for c, n in self._room(slots, real_now, settling).items()}
        rows = await self._claim(tx, [Lane.REPLY], now, real_now, room)
        written = await self._write(tx, rows, now)
        starts, moved = self._give_slots(written, slots, real_now)
        for channel in moved.keys() - taken:
            await move_rate_limit(tx, channel, moved[channel])
        # On PostgreSQL another worker may have left some recipient's next message to this one.
        all_taken = 0 < len(rows) < min(room.values(), default=0) and len(starts) == len(rows)
        if all_taken and self._database.is_sqlite and not any(row.followed for row in rows):
            self._at_rest, self._sleep = True, max(self._look_at - asyncio.get_running_loop().time(), _NAP)
        elif rows and not self._stopping:
            self._look_again(_GATHER)
        return starts

    def _sleep_for(self, time: timedelta | None) -> None:
        """So long nothing is to be done, unless it is woken; ``None``: nobody knows."""
        patience = self._database.patience
        self._sleep = patience if time is None else min(max(time.total_seconds(), _NAP), patience)

    async def _take(
        self, tx: Transaction, lanes: Sequence[Lane], now: datetime, settling: Counter[Channel]
    ) -> list[Start]:
        """Claim what is due and there is room for, and write it."""
        real_now = await real_time(tx)
        slots = {c: await hold_rate_limit(tx, c, real_now) for c in self._rate_limits}
        room = self._room(slots, real_now, settling)
        rows = await self._claim(tx, lanes, now, real_now, room)
        written = await self._write(tx, rows, now)
        if not self._stopping and (rows or min(room.values(), default=1) <= 0):
            self._look_again(_GATHER)  # there may be more, for which there was no room
        elif (at := await outbox.next_try(tx, now, real_now)) is not None and (
            at - real_now
        ).total_seconds() < self._sleep:
            self._sleep_for(at - real_now)
        starts, moved = self._give_slots(written, slots, real_now)
        for channel, next_at in moved.items():
            await move_rate_limit(tx, channel, next_at)
        return starts

    async def _write(self, tx: Transaction, rows: Sequence[Row], now: datetime) -> list[Written]:
        """The messages of what was claimed; what is not to be sent, or not now, is settled."""
        letters = await write(
            tx, rows, library=self._library, schedule=self._schedule, mailbox=self._office.mailbox, now=now
        )
        for letter in letters:
            if isinstance(letter.result, Skipped):
                await self._skip(tx, letter.row, letter.result)
            elif isinstance(letter.result, PutOff):
                await outbox.put_off(tx, letter.row, letter.result.until)
            elif letter.row.address != letter.result.address:
                # If this process dies now, it is in doubt there: how often it may go again is the channel's own.
                await outbox.note_address(tx, letter.row, letter.result.address)
        return letters

    async def _skip(self, tx: Transaction, row: Row, skipped: Skipped) -> None:
        """Close a row that is not sent: its reason is gone, or (which staff must know) nobody can be reached."""
        if skipped.reason.fails:
            await self._fail(tx, row, str(skipped))
        else:
            await outbox.settle_as(tx, row, OutboxState.VOID, error=str(skipped))

    def _room(
        self, slots: Mapping[Channel, datetime | None], real_now: datetime, settling: Counter[Channel]
    ) -> dict[Channel, int]:
        """How many more each channel takes. What is not settled yet takes room: a crash would leave it in doubt.

        None while another worker gives its slots out, or stands frozen over them.
        """
        room = {c: c.max_in_flight - self._flying[c] + settling[c] for c in self._transports}
        return room | {c: min(room[c], self._rate_limits[c].room(at, real_now)) if at else 0 for c, at in slots.items()}

    async def _claim(
        self, tx: Transaction, lanes: Sequence[Lane], now: datetime, real_now: datetime, room: Mapping[Channel, int]
    ) -> list[Row]:
        full = [c for c in CHANNELS.values() if room.get(c, 0) <= 0]
        # Where a reminder goes is decided when it is written: it waits when a paced channel has no slot for it.
        without = [c.value for c in full] + [""] * any(c in full for c in self._rate_limits)
        rows: list[Row] = []
        for lane in lanes:
            free = min((room[c] for c in self._transports if c not in full), default=0) - len(rows)
            if free > 0:
                rows += await outbox.claim(
                    tx,
                    lane=lane,
                    now=now,
                    real_now=real_now,
                    lease=self._lease,
                    limit=free,
                    without=without,
                )
        return rows

    def _give_slots(
        self, letters: Sequence[Written], slots: Mapping[Channel, datetime | None], real_now: datetime
    ) -> tuple[list[Start], dict[Channel, datetime]]:
        """Each message with the moment (event loop's clock) when it may leave, where its channel has a rate limit.

        And each channel's next slot after those.
        """
        here = asyncio.get_running_loop().time()
        starts: list[Start] = []
        moved: dict[Channel, datetime] = {}
        for letter in letters:
            if isinstance(letter.result, Outgoing):
                channel = letter.result.address.channel
                free_from = slots.get(channel)
                at = (
                    None if channel not in slots else real_now + _LATER
                )  # meant for another channel when it was claimed
                if free_from is not None:
                    at = max(moved.get(channel, free_from), real_now)
                    moved[channel] = at + self._rate_limits[channel].gap
                start = None if at is None else here + (at - real_now).total_seconds()
                starts.append((letter.row, letter.result, start))
        return starts, moved

    def _launch(self, row: Row, outgoing: Outgoing, start: float | None) -> None:
        self._flying[outgoing.address.channel] += 1
        self._in_hand.add(row.id)
        before = self._lines.get(outgoing.address)
        task = asyncio.create_task(self._send(row, outgoing, before, start))
        self._lines[outgoing.address] = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(
        self, row: Row, outgoing: Outgoing, before: asyncio.Task[Receipt] | None, start: float | None
    ) -> Receipt:
        receipt = await self._attempt(row, outgoing, before, start)
        if self._lines.get(outgoing.address) is asyncio.current_task():
            del self._lines[outgoing.address]
        self._results.append(Sent(row, outgoing, receipt))
        if len(self._results) >= outgoing.address.channel.max_in_flight // 2:
            self._wake.set()
        else:
            self._look_again(_GATHER)
        return receipt

    def _look_again(self, seconds: float) -> None:
        """Wake up soon, once for all that happens until then."""
        if self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(seconds, self._gathered)

    def _gathered(self) -> None:
        self._gathering = None
        if self._results or any(self._flying[c] < c.max_in_flight for c in self._transports):
            self._wake.set()  # otherwise there is nothing to do until something comes back, which rings

    async def _attempt(
        self, row: Row, outgoing: Outgoing, before: asyncio.Task[Receipt] | None, start: float | None
    ) -> Receipt:
        """Hand over to the transport, after what was claimed earlier for the same address: their order is kept."""
        if before is not None:
            earlier = await before
            if earlier.outcome is Outcome.LATER:
                return earlier
        transport = self._transports.get(outgoing.address.channel)
        if transport is None:
            return Receipt(Outcome.LATER, reason="no transport for this channel", wait=60.0)
        if start is not None and (wait := await self._await_slot(outgoing.address, start)):
            return Receipt(Outcome.LATER, reason="one after the other", wait=wait)
        try:
            async with asyncio.timeout(self._lease.total_seconds() * _SHARE):
                return await transport.send(outgoing)
        except Exception as error:  # a transport must not raise; if it does, nobody knows what was sent
            log.exception("transport_raised", channel=outgoing.address.channel.value, row=row.id)
            return Receipt(Outcome.UNSURE, reason=type(error).__name__)

    async def _await_slot(self, address: Address, start: float) -> float:
        """Wait for the slot; seconds to come back after, when the recipient has heard something just now."""
        rate_limit = self._rate_limits[address.channel]
        delay = start - asyncio.get_running_loop().time()
        if delay > _MOMENT:
            return delay  # a pause began meanwhile: not a moment to sit on a message
        await asyncio.sleep(max(delay, 0.0))
        wait = rate_limit.wait_for(address.value)
        if not wait:
            rate_limit.note(address.value)
        return wait

    async def _settle_only(self) -> None:
        async def work(settle: Settle, results: list[Sent]) -> None:
            async with self._database.begin() as tx:
                await settle(tx, results)

        await self._settling(work)

    async def _settle_together(self, tx: Transaction, results: Sequence[Sent]) -> None:
        """Settle what arrived with one statement, the others each by itself. Raises ``CannotSettleError``."""
        arrived = [(s.row, s.receipt.reference) for s in results if s.receipt.outcome is Outcome.SENT]
        try:
            if arrived:
                await outbox.settle_all_sent(tx, arrived, self._clock())
        except Exception as error:
            raise CannotSettleError from error
        await self._settle_apart(tx, [s for s in results if s.receipt.outcome is not Outcome.SENT])

    async def _settle_apart(self, tx: Transaction, results: Sequence[Sent]) -> None:
        for sent in results:
            await self._settle_safely(tx, sent)

    async def _settle_safely(self, tx: Transaction, sent: Sent) -> None:
        """Settle one message; if that fails, this one is parked and the others go on."""
        try:
            async with tx.begin_nested():
                await self._settle(tx, sent)
        except Exception as error:
            log.exception("settling_failed", row=sent.row.id)
            state = OutboxState.SENT if sent.receipt.outcome is Outcome.SENT else OutboxState.UNSURE
            await outbox.settle_as(tx, sent.row, state, error=type(error).__name__)

    async def _settle(self, tx: Transaction, sent: Sent) -> None:
        row, receipt = sent.row, sent.receipt
        if receipt.outcome is Outcome.SENT:
            await outbox.settle_sent(tx, row, reference=receipt.reference, now=self._clock())
        elif receipt.outcome is Outcome.LATER:
            await self._settle_later(tx, sent)
        elif receipt.outcome is Outcome.UNSURE:
            await outbox.note_uncertain(tx, row)
            most = sent.outgoing.address.channel.retry_in_doubt
            await self._settle_unsure(tx, row, most, row.uncertain_attempts + 1, receipt.reason)
        elif receipt.outcome is Outcome.GONE:
            await self._settle_gone(tx, sent)
        else:
            log.warning("refused", row=row.id, kind=row.kind.value, reason=receipt.reason)
            await self._fail(tx, row, receipt.reason, sent.outgoing)
            if receipt.refuses_us:
                await tell_refused(tx, self._office, receipt.reason, library=self._library, now=self._clock())

    async def _settle_later(self, tx: Transaction, sent: Sent) -> None:
        row, receipt, channel = sent.row, sent.receipt, sent.outgoing.address.channel
        if self._clock() - row.due_at > _GIVE_UP_AFTER and row.attempts > _FEWEST_ATTEMPTS:
            await self._fail(tx, row, receipt.reason, sent.outgoing)
            return
        wait = receipt.wait if receipt.wait is not None else min(2.0 ** min(row.attempts, 12), _BACK_OFF_MAX)
        real_now = await real_time(tx)
        next_at = real_now + timedelta(seconds=min(wait, LONGEST_WAIT.total_seconds()))
        if receipt.pause:
            await pause(tx, channel, real_now + timedelta(seconds=receipt.pause), real_now)
        if wait < _MOMENT and not self._stopping:
            self._look_again(wait)
        await outbox.settle_later(tx, row, error=receipt.reason, next_at=next_at)

    async def _settle_unsure(self, tx: Transaction, row: Row, most: int, attempts: int, reason: str) -> None:
        if attempts <= (0 if row.kind is Kind.BROADCAST else most):
            pause = timedelta(seconds=0 if attempts == 1 else 60 * attempts)
            await outbox.settle_later(tx, row, error=f"in doubt: {reason}", next_at=await real_time(tx) + pause)
        else:
            await outbox.settle_as(tx, row, OutboxState.UNSURE, error=reason)

    async def _fail(self, tx: Transaction, row: Row, reason: str, outgoing: Outgoing | None = None) -> None:
        """Close it for good and tell staff, who can still reach the person another way."""
        await outbox.settle_as(tx, row, OutboxState.FAILED, error=reason)
        if row.kind in UNTOLD:
            return
        now = self._clock()
        await tell_not_delivered(tx, row, outgoing, reason, office=self._office, library=self._library, now=now)

    async def _settle_gone(self, tx: Transaction, sent: Sent) -> None:
        """The address is dead: note it, and use the person's other address where there is one."""
        row, address = sent.row, sent.outgoing.address
        if sent.receipt.moved_to:
            await outbox.move_row(tx, row, sent.receipt.moved_to)
            if address in self._office.staff_addresses:
                await tell_moved(tx, self._office, sent.receipt.moved_to, library=self._library, now=self._clock())
            return
        await set_reachable(tx, address, reachable=False, reason=sent.receipt.reason, now=self._clock())
        personal = row.kind in WRITTEN_LATE and row.person_id is not None
        if personal and row.person_id is not None and await addresses_of(tx, row.person_id):
            await outbox.settle_later(tx, row, error=sent.receipt.reason, next_at=await real_time(tx))
        else:
            await self._fail(tx, row, sent.receipt.reason, sent.outgoing)

    async def recover(self) -> int:
        """Decide on rows whose worker died; how many there were."""
        async with self._database.begin() as tx:
            rows = await outbox.claim_uncertain(tx, await real_time(tx), without=self._in_hand)
            for row in rows:
                most = row.address.channel.retry_in_doubt if row.address else _RETRY_IN_DOUBT
                await self._settle_unsure(tx, row, most, row.uncertain_attempts, "the sender died")
        if rows:
            log.warning("in_doubt", rows=len(rows))
            self.wake()
        return len(rows)

    async def expire(self) -> None:
        """Close what is too late to send."""
        async with self._database.begin() as tx:
            await outbox.expire(tx, self._clock())
