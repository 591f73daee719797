"""Splitting for Telegram, the dialogue as JSON, the calendar file."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from icalendar import Calendar, vDDDTypes

from conversation.channel import Channel
from conversation.dialogue import Dialogue
from conversation.invitation import CalendarEntry
from conversation.meeting import Meeting
from conversation.message import Button, File, Reply, split_reply, utf16_length
from conversation.open_questions import Asks, Draft, Registering
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
    files = (File("1.ics", str, "PUBLISH"), File("2.ics", str, "PUBLISH"))
    assert [len(p.files) for p in split_reply(Reply("breve", files=files), Channel.TELEGRAM)] == [0, 1, 1]
    assert [len(p.files) for p in split_reply(Reply("breve", files=files[:1]), Channel.TELEGRAM)] == [1]
    assert len(split_reply(Reply("x" * 9000, files=files), Channel.EMAIL)) == 1


def test_a_dialogue_survives_json_and_unknown_names() -> None:
    talk = Dialogue(
        open=Registering(Asks.CONFIRM, Draft(meetings=[2], organisation="", participants=3), consented=True)
    )
    assert Dialogue.from_json(talk.to_json()) == talk
    assert Dialogue.from_json(talk.to_json() | {"from_the_future": 1}) == talk


def test_what_was_said_is_kept_with_its_hour_up_to_a_whole_word() -> None:
    talk = Dialogue()
    talk.remember("Salve", "una parola " * 60, NOW)
    them, (_, said, at) = talk.lines
    assert (them, at) == (("them", "Salve", NOW.isoformat()), NOW.isoformat())
    assert said.endswith(("una …", "parola …"))
    assert Dialogue.from_json(json.loads(json.dumps(talk.to_json()))).lines == talk.lines
    assert Dialogue.from_json({"lines": [["them", "Salve"]]}).lines == [("them", "Salve", "")]


def meeting(**values: Any) -> Meeting:
    return replace(Meeting(7, "sport", "", date(2021, 1, 21), link="https://zoom.example/j/x"), **values)


def entry(held: Meeting, *, attendee: str = "a@b.example", sequence: int = 0, ends: bool = False) -> File:
    return CalendarEntry(
        held,
        uid="0a1b",
        sequence=sequence,
        service="S",
        organiser="b@c.example",
        attendee=attendee,
        now=NOW,
        summary="S",
        description="D",
        ends=ends,
    ).file()


def test_an_invitation_has_one_attendee_and_utc_times() -> None:
    file = entry(meeting(hour=time(17, 30), sequence=3), sequence=2)
    event = Calendar.from_ical(file.content).walk("VEVENT")[0]
    assert file.method == "REQUEST"
    begins = event["DTSTART"]
    assert isinstance(begins, vDDDTypes)
    assert begins.dt == datetime(2021, 1, 21, 16, 30, tzinfo=UTC)
    assert "DTSTART:20210121T163000Z" in file.content
    assert event["SEQUENCE"] == 5
    assert str(event["UID"]) == "0a1b@c.example"
    assert str(event["ATTENDEE"]) == "mailto:a@b.example"
    assert event["TRANSP"] == "OPAQUE"


def test_a_meeting_without_hour_is_an_all_day_entry_that_leaves_the_day_free() -> None:
    file = entry(meeting())
    assert "DTSTART;VALUE=DATE:20210121" in file.content
    assert "TRANSP:TRANSPARENT" in file.content


#: RFC 5546 §3.2.1, §3.2.2, §3.2.5: what each method must carry, and must not.
_TABLES = {
    "PUBLISH": ({"DTSTAMP", "DTSTART", "ORGANIZER", "SUMMARY", "UID"}, {"ATTENDEE", "REQUEST-STATUS"}),
    "REQUEST": ({"ATTENDEE", "DTSTAMP", "DTSTART", "ORGANIZER", "SEQUENCE", "SUMMARY", "UID"}, {"REQUEST-STATUS"}),
    "CANCEL": ({"DTSTAMP", "ORGANIZER", "SEQUENCE", "UID"}, {"REQUEST-STATUS"}),
}


@pytest.mark.parametrize("attendee", ["", "a@b.example"])
@pytest.mark.parametrize("ends", [False, True])
@pytest.mark.parametrize("hour", [None, time(17, 30)])
def test_each_method_carries_what_the_standard_wants(attendee: str, *, ends: bool, hour: time | None) -> None:
    file = entry(meeting(hour=hour), attendee=attendee, ends=ends)
    calendar = Calendar.from_ical(file.content)
    event = calendar.walk("VEVENT")[0]
    must, must_not = _TABLES[file.method]
    assert str(calendar["METHOD"]) == file.method
    assert must <= set(event)
    assert not must_not & set(event)
    assert str(event["STATUS"]) == ("CANCELLED" if ends else "CONFIRMED")
    assert calendar.errors == []
    assert event.errors == []


def test_without_a_day_there_is_no_entry() -> None:
    with pytest.raises(ValueError, match="no day"):
        entry(meeting(day=None))


def test_hours_in_daylight_saving_nights() -> None:
    assert to_utc(date(2021, 3, 28), time(2, 30)) == datetime(2021, 3, 28, 1, 30, tzinfo=UTC)
    assert to_utc(date(2021, 10, 31), time(2, 30)) == datetime(2021, 10, 31, 0, 30, tzinfo=UTC)


def test_a_meeting_without_hour_lasts_its_whole_day() -> None:
    assert meeting().is_upcoming(to_utc(date(2021, 1, 21), time(23, 59)))
    assert not meeting().is_upcoming(to_utc(date(2021, 1, 22), time(0, 0)))
    assert not meeting(cancelled=True).is_upcoming(NOW)
    assert not meeting(day=None).is_upcoming(NOW)


def test_a_file_is_written_when_it_is_asked_for_and_once() -> None:
    written: list[int] = []

    def write() -> str:
        written.append(1)
        return "BEGIN:VCALENDAR"

    file = File("incontro.ics", write, "PUBLISH")
    assert written == []
    assert [file.content, file.content] == ["BEGIN:VCALENDAR"] * 2
    assert written == [1]
