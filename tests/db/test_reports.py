"""The console's numbers that depend on what a database makes of time."""

from datetime import UTC, date, datetime

from sqlalchemy import insert

from db.engine import Database
from db.models import meetings, people, registrations, sectors
from db.reports import registered_by_day

#: Winter begins on 31 October 2021 in Italy: that day has 25 hours.
CAME = [
    ("2021-10-29T21:59", "email"),
    ("2021-10-29T22:00", "email"),
    ("2021-10-30T21:59", "telegram"),
    ("2021-10-30T22:00", "telegram"),
    ("2021-10-31T22:59", "telegram"),
    ("2021-10-31T23:00", "email"),
    ("2021-11-01T23:00", "email"),
]


async def test_registrations_are_counted_by_the_towns_own_days(database: Database) -> None:
    now = datetime(2021, 10, 1, tzinfo=UTC)
    async with database.begin() as tx:
        await tx.execute(insert(sectors).values(key="sport", names={}))
        await tx.execute(insert(meetings).values(id=1, sector="sport", changed_at=now))
        for number, (at, source) in enumerate(CAME, 1):
            when = datetime.fromisoformat(f"{at}+00:00")
            await tx.execute(insert(people).values(id=number, created_at=now))
            row = {"person_id": number, "meeting_id": 1, "status": "confirmed", "source": source}
            times = dict.fromkeys(("registered_at", "active_since", "changed_at"), when)
            await tx.execute(insert(registrations).values(row | times))
        found = await registered_by_day(tx, date(2021, 10, 30), 3)
    assert found == {
        (date(2021, 10, 30), "email"): 1,
        (date(2021, 10, 30), "telegram"): 1,
        (date(2021, 10, 31), "telegram"): 2,
        (date(2021, 11, 1), "email"): 1,
    }
