"""The programme loaded again: what moved, what is new, what is over."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from db.engine import Database
from db.meetings import all_meetings
from delivery.reminders import Schedule
from office.programme import Loaded, load_programme
from office.programme_file import ProgrammeError

JANUARY = datetime(2021, 1, 15, 8, tzinfo=UTC)
MARCH = datetime(2021, 3, 1, 8, tzinfo=UTC)


async def load_text(database: Database, folder: Path, text: str, now: datetime) -> Loaded:
    file = folder / "programma.toml"
    file.write_text(f'[sectors]\nsport = {{ it = "sport" }}\n{text}', encoding="utf-8")
    async with database.begin() as tx:
        return await load_programme(tx, file, Schedule((), ()), now)


async def load(
    database: Database, folder: Path, *meetings: str, now: datetime = JANUARY, cancelled: bool = False
) -> Loaded:
    rows = [f'[[meetings]]\nsector = "sport"\nday = {day}\ncancelled = {str(cancelled).lower()}\n' for day in meetings]
    return await load_text(database, folder, "".join(rows), now)


async def days(database: Database) -> list[date]:
    async with database.begin() as tx:
        return sorted(m.day for m in await all_meetings(tx) if m.day)


async def test_a_coming_meeting_whose_day_changes_moves(database: Database, tmp_path: Path) -> None:
    await load(database, tmp_path, "2021-01-21")
    assert (await load(database, tmp_path, "2021-01-28")).changed == ["sport 2021-01-28: giorno"]
    assert await days(database) == [date(2021, 1, 28)]


async def test_a_meeting_that_was_cancelled_may_get_another_day(database: Database, tmp_path: Path) -> None:
    await load(database, tmp_path, "2021-01-21")
    await load(database, tmp_path, "2021-01-21", cancelled=True)
    assert (await load(database, tmp_path, "2021-01-28")).changed == ["sport 2021-01-28: giorno, annullamento"]


async def test_a_meeting_that_is_over_stays_where_it_was(database: Database, tmp_path: Path) -> None:
    """Who came in January is not registered for April."""
    await load(database, tmp_path, "2021-01-21")
    assert (await load(database, tmp_path, "2021-04-08", now=MARCH)).added == ["sport 2021-04-08"]
    assert await days(database) == [date(2021, 1, 21), date(2021, 4, 8)]


async def test_one_of_two_moves(database: Database, tmp_path: Path) -> None:
    await load(database, tmp_path, "2021-01-21", "2021-02-04")
    assert (await load(database, tmp_path, "2021-01-22", "2021-02-04")).changed == ["sport 2021-01-22: giorno"]
    assert await days(database) == [date(2021, 1, 22), date(2021, 2, 4)]


async def test_a_past_meeting_in_the_file_does_not_hide_that_the_coming_one_moves(
    database: Database, tmp_path: Path
) -> None:
    await load(database, tmp_path, "2021-01-21", "2021-04-08")
    assert (await load(database, tmp_path, "2021-01-21", "2021-04-15", now=MARCH)).changed == [
        "sport 2021-04-15: giorno"
    ]


async def test_when_it_cannot_be_told_which_one_moved_nothing_changes(database: Database, tmp_path: Path) -> None:
    await load(database, tmp_path, "2021-01-21", "2021-02-04")
    with pytest.raises(ProgrammeError, match="2021-01-21, 2021-02-04"):
        await load(database, tmp_path, "2021-01-22", "2021-02-05")
    assert await days(database) == [date(2021, 1, 21), date(2021, 2, 4)]


async def test_what_the_file_does_not_name_stays_and_is_said(database: Database, tmp_path: Path) -> None:
    await load(database, tmp_path, "2021-01-21", "2021-02-04")
    loaded = await load(database, tmp_path, "2021-01-21")
    assert (loaded.unchanged, loaded.missing) == (1, ["sport 2021-02-04"])


MEETING = '[[meetings]]\nsector = "sport"\nday = 2021-01-21\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (MEETING + "hour = 17.30", "hour = 17:30"),
        (MEETING + 'hour = "17.30"', "hour = 17:30"),
        (MEETING + 'cancelled = "no"', "true oppure false"),
        (MEETING + 'duration = "lunga"', "in minuti"),
        (MEETING + "duration = -10", "in minuti"),
        (MEETING + 'link = "zoom stanza 3"', "https://"),
        (MEETING + 'title = { it = "x" }', "testo fra virgolette"),
        (MEETING + MEETING, "nello stesso giorno"),
        ('[meetings]\nsector = "sport"', r"\[\[meetings\]\]"),
        ('[[meeting]]\nsector = "sport"', r"\[\[meetings\]\]"),
    ],
)
async def test_what_nobody_means_is_refused_with_what_to_write(
    one_database: Database, tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(ProgrammeError, match=says):
        await load_text(one_database, tmp_path, text, JANUARY)


@pytest.mark.parametrize("hour", ["17:30", "17:30:00", '"17:30"', "17:30   # ore locali"])
async def test_an_hour_is_written_as_people_write_it(one_database: Database, tmp_path: Path, hour: str) -> None:
    await load_text(
        one_database, tmp_path, f'[[meetings]]\nsector = "sport"\nday = 2021-01-21\nhour = {hour}\n', JANUARY
    )
    async with one_database.begin() as tx:
        assert [str(m.hour) for m in await all_meetings(tx)] == ["17:30:00"]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("day = 2021-01-21\nhour = 17.30", "hour = 17:30"),
        ("hour = 25:00", "riga 6, «hour = 25:00»: non si capisce"),
        ("day = 21/01/2021", "riga 6, «day = 21/01/2021»: non si capisce"),
        ("title = L'incontro", "riga 6, «title = L'incontro»: non si capisce"),
    ],
)
async def test_a_line_that_cannot_be_read_is_shown(
    one_database: Database, tmp_path: Path, line: str, part: str
) -> None:
    with pytest.raises(ProgrammeError) as error:
        await load_text(one_database, tmp_path, f'[[meetings]]\nsector = "sport"\nduration = 90\n{line}\n', JANUARY)
    assert part in str(error.value)


async def test_a_file_as_notepad_writes_it(one_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "programma.toml"
    file.write_text(
        (
            '[sectors]\r\nsport = { it = "sport" }\r\n[[meetings]]\r\nsector = "sport"\r\nday = '
            "2021-01-21\r\nhour = 9:05\r\n"
        ),
        encoding="utf-8-sig",
        newline="",
    )
    async with one_database.begin() as tx:
        assert (await load_programme(tx, file, Schedule((), ()), JANUARY)).added == ["sport 2021-01-21"]
