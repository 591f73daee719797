"""The brakes: who writes faster than a person can is told once, then not answered; the counts are forgotten."""

from datetime import timedelta

from db.periods import Periods
from db.retention import forget
from tests.support.rehearsal import Citizen, Rehearsal, Said

GROUP = -100200300
PERIODS = Periods.of(months=12, days=90, audit_months=24, mail_days=30)


async def counts(rehearsal: Rehearsal) -> list[int]:
    return [row[0] for row in await rehearsal.rows("SELECT number FROM message_counts")]


async def begin_a_minute(rehearsal: Rehearsal) -> None:
    """What is counted must not fall into two minutes."""
    now = rehearsal.clock()
    rehearsal.clock.move_to(now.replace(second=0, microsecond=0) + timedelta(minutes=1))


async def says_in_group(anna: Citizen, words: str) -> Said:
    chat = {"id": GROUP, "type": "supergroup", "title": "Quartiere"}
    return await anna.does("message", anna.message(words) | {"chat": chat})


async def test_the_sixty_first_message_of_a_minute_is_told_so_once(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await begin_a_minute(rehearsal)
    answered = [await anna.says("/aiuto") for _ in range(60)]
    assert all(said.messages for said in answered)
    told = await anna.says("/aiuto")
    assert len(told.messages) == 1
    assert told.text != answered[0].text
    assert (await anna.says("/aiuto")).messages == ()
    assert await counts(rehearsal) == [62]
    await begin_a_minute(rehearsal)
    assert (await anna.says("/aiuto")).text == answered[0].text


async def test_a_group_is_answered_fifteen_times_a_minute(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await begin_a_minute(rehearsal)
    for _ in range(16):
        await says_in_group(anna, "/programma@prova_bot")
    sent = [o for transport in rehearsal.transports.values() for o in transport.taken if o.address.value == str(GROUP)]
    assert len(sent) == 15


async def test_the_counts_are_forgotten(rehearsal: Rehearsal) -> None:
    await rehearsal.citizen().says("/aiuto")
    await rehearsal.association().writes("Quante città fanno parte della rete?")
    assert len(await counts(rehearsal)) == 2
    await forget(rehearsal.database, rehearsal.clock() + timedelta(days=1), PERIODS)
    assert await counts(rehearsal) == []
