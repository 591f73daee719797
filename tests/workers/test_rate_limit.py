"""The pace at which messages leave.

One for all workers, even, sparing each recipient, and stopped by the server's word.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from conversation.channel import Channel
from conversation.message import Address, Outcome, Outgoing, Receipt, Reply
from db.engine import Database
from db.outbox import queue_reply
from tests.support.outbox_workers import make_outbox_worker
from tests.support.town import until
from workers.rate_limit import RateLimit


class Transport:
    """Remembers who was sent something when; refuses the first with a 429 if told to."""

    def __init__(self, pause: float = 0.0) -> None:
        self.sent: list[tuple[float, str]] = []
        self.pause = pause

    async def send(self, outgoing: Outgoing) -> Receipt:
        now = asyncio.get_running_loop().time()
        if self.pause:
            pause, self.pause = self.pause, 0.0
            return Receipt(Outcome.LATER, wait=pause, pause=pause)
        self.sent.append((now, outgoing.address.value))
        return Receipt(Outcome.SENT)


async def sent_by(
    database: Database, workers: int, chats: Sequence[str], rate_limit: tuple[float, float], *, pause: float = 0.0
) -> list[tuple[float, str]]:
    """What so many ``workers`` on one database send to ``chats``: when, to whom."""
    transport = Transport(pause)
    started = [
        make_outbox_worker(
            database, {Channel.TELEGRAM: transport}, rate_limits={Channel.TELEGRAM: RateLimit(*rate_limit)}
        )
        for _ in range(workers)
    ]
    now = datetime.now(UTC) - timedelta(seconds=1)
    async with database.begin() as tx:
        for number, chat in enumerate(chats):
            await queue_reply(tx, f"k{number}", Address(Channel.TELEGRAM, chat), Reply(f"n. {number}"), now=now)
    tasks = [asyncio.create_task(worker.run()) for worker in started]
    await until(lambda: len(transport.sent) == len(chats), "all sent")
    for worker in started:
        worker.stop()
    await asyncio.gather(*tasks)
    return sorted(transport.sent)


async def test_three_workers_keep_one_rate_limit(database: Database) -> None:
    sent = await sent_by(database, 3, [str(n) for n in range(1, 61)], (30, 0))
    # However busy the machine: in no second more than the rate and the slots given out ahead.
    for begin, _ in sent:
        assert sum(begin <= at < begin + 1 for at, _ in sent) <= 30 * 1.4 + 3
    assert sent[-1][0] - sent[0][0] >= 59 / 30 * 0.8


async def test_one_recipient_is_spared_and_does_not_hold_up_the_others(database: Database) -> None:
    sent = await sent_by(database, 1, ["1"] * 4 + [str(n) for n in range(2, 12)], (200, 0.5))
    mine = [at for at, chat in sent if chat == "1"]
    assert all(later - earlier >= 0.49 for earlier, later in pairwise(mine))
    assert max(at for at, chat in sent if chat != "1") < mine[3]


async def test_nothing_leaves_while_the_server_wants_a_pause(database: Database) -> None:
    sent = await sent_by(database, 2, [str(n) for n in range(1, 61)], (40, 0), pause=2.0)
    # What had its slot when the server refused still left; then nobody spoke until the pause was over.
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(sent)]
    assert max(gaps) >= 1.3


async def test_a_hundred_messages_for_one_chat_keep_their_order_and_nobody_waiting(database: Database) -> None:
    transport = await sent_by(database, 1, ["1"] * 8 + ["2"], (50, 0.1))
    assert [chat for _, chat in transport].index("2") <= 2
