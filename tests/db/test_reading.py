"""Long reading beside the turns: nobody waits for it, and it changes nothing."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import insert, select, update

from db.engine import Database
from db.life import gauges
from db.models import people

NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)


async def test_a_turn_does_not_wait_for_who_reads(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(insert(people).values(id=1, name="Anna", created_at=NOW))
    async with database.reading() as reader:
        assert (await reader.execute(select(people.c.name))).scalars().all() == ["Anna"]
        async with asyncio.timeout(10), database.begin() as tx:
            await tx.execute(insert(people).values(id=2, name="Ugo", created_at=NOW))
        assert (await gauges(reader, NOW, NOW))["hand_overs_open"] == 0
    async with database.reading() as reader:
        assert (await reader.execute(select(people.c.id).order_by(people.c.id))).scalars().all() == [1, 2]


async def test_what_a_rehearsal_does_is_undone(database: Database) -> None:
    async with database.rehearse() as tx:
        await tx.execute(insert(people).values(id=1, name="Anna", created_at=NOW))
        await tx.execute(update(people).values(name="Ugo"))
        assert (await tx.execute(select(people.c.name))).scalar() == "Ugo"
    async with database.begin() as tx:
        assert (await tx.execute(select(people.c.id))).all() == []
