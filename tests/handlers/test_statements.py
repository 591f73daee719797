"""What one message at a quiet hour costs: statements counted, from what comes in to the settled answer."""

import asyncio

from conversation.channel import Channel
from conversation.understanding.classifier import IntentClassifier
from db import inbox
from db.inbox import Arrival
from tests.support.outbox_workers import in_flight
from tests.support.rehearsal import rehearsing
from tests.support.statements import statements_of
from tests.support.town import until
from workers.rate_limit import RateLimit


async def test_an_answer_costs_ten_statements_with_the_pace(database_url: str, classifier: IntentClassifier) -> None:
    """As the program sends to Telegram: evenly spaced, each message in a slot that all workers share."""
    rate_limits = {Channel.TELEGRAM: RateLimit(25, 1.1)}
    async with rehearsing(database_url, classifier, rate_limits=rate_limits) as rehearsal:
        anna = rehearsal.citizen()
        await anna.writes("buongiorno")
        transport = rehearsal.transports[Channel.TELEGRAM]
        before = len(transport.taken)
        loops = [asyncio.create_task(work.run()) for work in (rehearsal.inbox_worker, rehearsal.outbox_worker)]
        await asyncio.sleep(1.5)
        with statements_of(rehearsal.database) as seen:
            async with rehearsal.database.begin() as tx:
                await inbox.store(tx, [_question(anna.id)], rehearsal.clock())
            await until(lambda: len(transport.taken) > before and not in_flight(rehearsal.outbox_worker), "the answer")
            await asyncio.sleep(1.5)
        rehearsal.inbox_worker.stop()
        rehearsal.outbox_worker.stop()
        await asyncio.gather(*loops)
    assert any("UPDATE paces" in statement for statement in seen)
    # On PostgreSQL three more: both look again for what other workers may have left to this one.
    assert len(seen) <= (10 if rehearsal.database.is_sqlite else 13), seen


def _question(chat: int) -> Arrival:
    words = "che cos'è il patto per l'apprendimento permanente?"
    payload = (
        f'{{"update_id": 990001, "message": {{"message_id": 9, "date": 1610000000, "text": "{words}",'
        f' "chat": {{"id": {chat}, "type": "private"}}, "from": {{"id": {chat}, "is_bot": false, '
        f'"first_name": "A"}}}}}}'
    )
    return Arrival("telegram:990001", Channel.TELEGRAM, str(chat), payload.encode())
