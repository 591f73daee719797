"""When reminders are due, and the pace at which they leave."""

from datetime import date, datetime, time

import pytest

from conversation.meeting import Meeting
from conversation.times import to_utc
from db.registrations import Unplanned
from delivery.reminders import Offset, OffsetError, Schedule, read_offsets, reminders_of

TIMED, UNTIMED = read_offsets("7d,1d,1h"), read_offsets("1d@9,0d@9")
QUIET = (time(21), time(8))


def due(
    meeting_hour: time | None,
    *,
    quiet: tuple[time, time] | None = None,
    day: date = date(2021, 1, 21),
    timed: tuple[Offset, ...] = TIMED,
) -> list[datetime]:
    meeting = Meeting(1, "sport", "", day, meeting_hour)
    return [instant for _, instant in Schedule(timed, UNTIMED, quiet).due_times(meeting)]


def test_with_an_hour() -> None:
    assert due(time(18)) == [
        to_utc(date(2021, 1, 14), time(18)),
        to_utc(date(2021, 1, 20), time(18)),
        to_utc(date(2021, 1, 21), time(17)),
    ]


def test_without_an_hour_the_day_before_and_the_same_morning() -> None:
    assert due(None) == [to_utc(date(2021, 1, 20), time(9)), to_utc(date(2021, 1, 21), time(9))]


def test_days_are_counted_on_the_calendar_across_a_daylight_saving_night() -> None:
    assert due(time(18), day=date(2021, 3, 28))[1] == to_utc(date(2021, 3, 27), time(18))


def test_same_morning_of_a_timed_meeting() -> None:
    assert due(time(18), timed=read_offsets("0d@9")) == [to_utc(date(2021, 1, 21), time(9))]


def test_quiet_hours_move_a_reminder_later_or_to_the_evening_before() -> None:
    assert due(time(22), quiet=QUIET, timed=read_offsets("1d")) == [to_utc(date(2021, 1, 21), time(8))]
    assert due(time(8, 15), quiet=QUIET, timed=read_offsets("1h")) == [to_utc(date(2021, 1, 20), time(20, 59))]
    assert due(time(18), quiet=QUIET) == due(time(18))


@pytest.mark.parametrize("text", ["1w", "x", "1d@", "-1d"])
def test_a_wrong_offset_says_how_to_write_it(text: str) -> None:
    with pytest.raises(OffsetError, match="7d"):
        read_offsets(text)


def test_what_quiet_hours_push_to_one_moment_goes_out_once() -> None:
    meeting = Meeting(1, "sport", "", date(2021, 1, 21), time(8, 15), revision=1)
    early = Schedule(tuple(read_offsets("2h,1h")), UNTIMED, (time(21), time(8)))
    since = to_utc(date(2021, 1, 16), time(9))
    rows = [due.as_row(None) for due in reminders_of(early, meeting, Unplanned(5, 2, 9, 1, since, since))]
    assert [r["key"] for r in rows] == ["reminder:5.2:1:1h"]


def test_passed_reminders_are_skipped_and_each_expires_when_the_next_is_due() -> None:
    meeting = Meeting(1, "sport", "", date(2021, 1, 21), time(18), revision=4)
    since = to_utc(date(2021, 1, 16), time(9))
    found = reminders_of(Schedule(TIMED, UNTIMED), meeting, Unplanned(5, 2, 9, 1, since, since))
    rows = [due.as_row(None) for due in found]
    assert [r["key"] for r in rows] == ["reminder:5.2:4:1d", "reminder:5.2:4:1h"]
    assert rows[0]["expires_at"] == rows[1]["due_at"]
    assert rows[1]["expires_at"] == meeting.starts_at()


def test_an_office_that_wants_no_reminders_gets_none() -> None:
    meeting = Meeting(1, "sport", "", date(2021, 1, 21), time(18), revision=1)
    since = to_utc(date(2021, 1, 16), time(9))
    assert reminders_of(Schedule((), ()), meeting, Unplanned(5, 2, 9, 1, since, since)) == []
