"""The meeting's lock: who looks under it sees what was decided a moment before."""

import asyncio
from datetime import UTC, date, datetime

from sqlalchemy import insert

from db.engine import Database
from db.meetings import lock_meeting, update_meeting
from db.models import meetings, sectors

NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)


async def test_who_waits_for_the_lock_sees_the_meeting_cancelled(database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute(insert(sectors).values(key="sport", names={"it": "sport"}))
        await tx.execute(insert(meetings).values(id=1, sector="sport", day=date(2021, 1, 21), changed_at=NOW))
    held = asyncio.Event()

    async def cancels() -> None:
        async with database.begin() as tx:
            await update_meeting(tx, 1, NOW, cancelled=True)
            held.set()
            await asyncio.sleep(0.2)

    async def registers() -> bool:
        await held.wait()
        async with database.begin() as tx:
            found = await lock_meeting(tx, 1)
            return found is not None and found.is_upcoming(NOW)

    _, coming = await asyncio.gather(cancels(), registers())
    assert not coming
