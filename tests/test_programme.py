"""The programme loaded again: what moved, what is new, what is over."""

from datetime import UTC, date, datetime
from pathlib import Path

from bot.programme import Loaded, load_programme
from db.engine import Database
from db.meetings import all_meetings
from delivery.reminders import Schedule

JANUARY = datetime(2021, 1, 15, 8, tzinfo=UTC)
MARCH = datetime(2021, 3, 1, 8, tzinfo=UTC)


async def load(database: Database, folder: Path, day: str, now: datetime, *, cancelled: bool = False) -> Loaded:
    file = folder / "programma.toml"
    text = f'[sectors]\nsport = {{ it = "sport" }}\n[[meetings]]\nsector = "sport"\nday = {day}\n'
    file.write_text(text + f"cancelled = {str(cancelled).lower()}\n", encoding="utf-8")
    async with database.begin() as tx:
        return await load_programme(tx, file, Schedule((), ()), now)


async def days(database: Database) -> list[date | None]:
    async with database.begin() as tx:
        return sorted(m.day for m in await all_meetings(tx) if m.day)


async def test_a_coming_meeting_whose_day_changes_moves(database: Database, tmp_path: Path) -> None:
    await load(database, tmp_path, "2021-01-21", JANUARY)
    assert (await load(database, tmp_path, "2021-01-28", JANUARY)).changed == ["sport 2021-01-28: day"]
    assert await days(database) == [date(2021, 1, 28)]


async def test_a_meeting_that_was_cancelled_may_get_another_day(database: Database, tmp_path: Path) -> None:
    await load(database, tmp_path, "2021-01-21", JANUARY)
    await load(database, tmp_path, "2021-01-21", JANUARY, cancelled=True)
    assert (await load(database, tmp_path, "2021-01-28", JANUARY)).changed == ["sport 2021-01-28: day, cancelled"]


async def test_a_meeting_that_is_over_stays_where_it_was(database: Database, tmp_path: Path) -> None:
    """Who came in January is not registered for April."""
    await load(database, tmp_path, "2021-01-21", JANUARY)
    assert (await load(database, tmp_path, "2021-04-08", MARCH)).added == ["sport 2021-04-08"]
    assert await days(database) == [date(2021, 1, 21), date(2021, 4, 8)]
