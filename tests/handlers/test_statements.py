"""What one message at a quiet hour costs: statements counted, from what comes in to the settled answer."""

import asyncio

from conversation.channel import Channel
from db import inbox
from db.inbox import Arrival
from tests.support.rehearsal import Rehearsal
from tests.support.statements import statements_of
from tests.support.town import until


async def test_an_answer_costs_nine_statements(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.writes("buongiorno")
    transport = rehearsal.transports[Channel.TELEGRAM]
    before = len(transport.taken)
    loops = [asyncio.create_task(work.run()) for work in (rehearsal.inbox_worker, rehearsal.outbox_worker)]
    await asyncio.sleep(0.5)
    with statements_of(rehearsal.database) as seen:
        async with rehearsal.database.begin() as tx:
            await inbox.store(tx, [_question(anna.id)], rehearsal.clock())
        await until(lambda: len(transport.taken) > before and not rehearsal.outbox_worker.in_flight, "the answer")
        await asyncio.sleep(1.5)
    rehearsal.inbox_worker.stop()
    rehearsal.outbox_worker.stop()
    await asyncio.gather(*loops)
    assert len(seen) <= 9, seen


def _question(chat: int) -> Arrival:
    words = "che cos'è il patto per l'apprendimento permanente?"
    payload = (
        f'{{"update_id": 990001, "message": {{"message_id": 9, "date": 1610000000, "text": "{words}",'
        f' "chat": {{"id": {chat}, "type": "private"}}, "from": {{"id": {chat}, "is_bot": false, '
        f'"first_name": "A"}}}}}}'
    )
    return Arrival("telegram:990001", Channel.TELEGRAM, str(chat), payload.encode())
