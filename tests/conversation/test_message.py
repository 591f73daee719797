"""Splitting for Telegram, the dialogue as JSON, the calendar file."""

from datetime import UTC, date, datetime, time

import pytest
from icalendar import Calendar

from conversation.dialogue import Asks, Dialogue, Draft
from conversation.invitation import invite
from conversation.meeting import Meeting
from conversation.message import Button, Channel, File, Reply, split_reply, utf16_length
from conversation.times import to_utc

NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)


def test_a_long_text_is_cut_at_words_and_loses_nothing() -> None:
    text = " ".join(f"parola{n} 🎉" for n in range(1500))
    pieces = split_reply(Reply(text, title="Titolo", buttons=((Button("x", data="y"),),)), Channel.TELEGRAM)
    assert all(utf16_length(p.plain) <= 4096 for p in pieces)
    assert " ".join(p.text for p in pieces).split() == text.split()
    assert pieces[0].title == "Titolo"
    assert [bool(p.buttons) for p in pieces] == [False] * (len(pieces) - 1) + [True]


def test_each_file_is_a_message_and_mail_is_never_split() -> None:
    files = (File("1.ics", "x", "PUBLISH"), File("2.ics", "x", "PUBLISH"))
    assert [len(p.files) for p in split_reply(Reply("breve", files=files), Channel.TELEGRAM)] == [0, 1, 1]
    assert [len(p.files) for p in split_reply(Reply("breve", files=files[:1]), Channel.TELEGRAM)] == [1]
    assert len(split_reply(Reply("x" * 9000, files=files), Channel.EMAIL)) == 1


def test_a_dialogue_survives_json_and_unknown_names() -> None:
    talk = Dialogue(
        asks=Asks.CONFIRM, action="register", draft=Draft(meetings=[2], organisation="", participants=3), consented=True
    )
    assert Dialogue.from_json(talk.to_json()) == talk
    assert Dialogue.from_json(talk.to_json() | {"from_the_future": 1}) == talk


def meeting(**values) -> Meeting:
    return Meeting(
        **{"id": 7, "sector": "sport", "title": "", "day": date(2021, 1, 21), "link": "https://zoom.example/j/x"}
        | values
    )


def test_an_invitation_has_one_attendee_and_utc_times() -> None:
    file = invite(
        meeting(hour=time(17, 30), sequence=3),
        organiser="b@c.example",
        attendee="a@b.example",
        now=NOW,
        summary="S",
        description="D",
    )
    event = Calendar.from_ical(file.content).walk("VEVENT")[0]
    assert file.method == "REQUEST"
    assert event["DTSTART"].dt == datetime(2021, 1, 21, 16, 30, tzinfo=UTC)
    assert "DTSTART:20210121T163000Z" in file.content
    assert event["SEQUENCE"] == 3
    assert str(event["UID"]) == "incontro-7@c.example"
    assert str(event["ATTENDEE"]) == "mailto:a@b.example"


def test_a_meeting_without_hour_is_an_all_day_entry_and_a_file_for_chat_names_nobody() -> None:
    file = invite(meeting(), organiser="b@c.example", attendee="", now=NOW, summary="S", description="D")
    assert file.method == "PUBLISH"
    assert "ATTENDEE" not in file.content
    assert "DTSTART;VALUE=DATE:20210121" in file.content


def test_without_a_day_there_is_no_entry() -> None:
    with pytest.raises(ValueError, match="no day"):
        invite(meeting(day=None), organiser="b@c.example", attendee="", now=NOW, summary="S", description="D")


def test_hours_in_daylight_saving_nights() -> None:
    assert to_utc(date(2021, 3, 28), time(2, 30)) == datetime(2021, 3, 28, 1, 30, tzinfo=UTC)
    assert to_utc(date(2021, 10, 31), time(2, 30)) == datetime(2021, 10, 31, 0, 30, tzinfo=UTC)


def test_a_meeting_without_hour_lasts_its_whole_day() -> None:
    assert meeting().is_upcoming(to_utc(date(2021, 1, 21), time(23, 59)))
    assert not meeting().is_upcoming(to_utc(date(2021, 1, 22), time(0, 0)))
    assert not meeting(cancelled=True).is_upcoming(NOW)
    assert not meeting(day=None).is_upcoming(NOW)
