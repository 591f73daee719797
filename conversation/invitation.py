"""The calendar entry of one registration (RFC 5545, 5546, 6047). Written by `icalendar`; times in UTC.

``UID`` is the registration's for ever, ``SEQUENCE`` grows with each change of the meeting or of the registration, so
that a newer file moves or ends the entry instead of adding a second one.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from conversation.meeting import Meeting
from conversation.message import File


class Ending(StrEnum):
    """Why an entry leaves the calendar.

    Staff cancelled the meeting, or the person withdrew, or comes to another one instead.
    """

    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """The entry of one registration, or its end, for ``attendee``, an e-mail address; without one, a file to import.

    ``sequence``: the registration's own part; ``service``: who invites, by name, ``organiser`` by address. A meeting
    without an hour is an all-day entry that leaves the day free.
    """

    meeting: Meeting
    uid: str
    sequence: int
    service: str
    organiser: str
    attendee: str
    now: datetime
    summary: str
    description: str
    ends: bool = False

    @property
    def method(self) -> str:
        """With an attendee ``REQUEST`` or ``CANCEL``, without ``PUBLISH`` (RFC 5546)."""
        return "CANCEL" if self.ends else "REQUEST" if self.attendee else "PUBLISH"

    def file(self) -> File:
        """The file that goes with a message. Raises ``ValueError`` for a meeting without a day."""
        self._day()
        return File("incontro.ics", self.write, self.method)

    def write(self) -> str:
        """The iCalendar object.

        With an attendee this person alone is on it (nobody sees who else comes), with ``PARTSTAT=ACCEPTED`` because the
        registration was written. Without, it is updated and cancelled by the same UID (RFC 5546 §4.1), and must carry
        ORGANIZER and no ATTENDEE (§3.2.1).
        """
        from icalendar import Calendar, vCalAddress

        calendar = Calendar()
        calendar.add("prodid", f"-//{self.service}//bot//IT")
        calendar.add("version", "2.0")
        calendar.add("method", self.method)
        event = self._event()
        organizer = vCalAddress(f"mailto:{self.organiser}")
        organizer.params["CN"] = self.service
        event.add("organizer", organizer)
        if self.attendee:
            who = vCalAddress(f"mailto:{self.attendee}")
            who.params["PARTSTAT"], who.params["RSVP"], who.params["ROLE"] = "ACCEPTED", "FALSE", "REQ-PARTICIPANT"
            event.add("attendee", who)
        calendar.add_component(event)
        written: bytes = calendar.to_ical()
        return written.decode()

    def _event(self) -> Any:
        """What happens when, without who."""
        from icalendar import Event

        meeting, event = self.meeting, Event()
        event.add("uid", f"{self.uid}@{self.organiser.rpartition('@')[2]}")
        event.add("sequence", meeting.sequence + self.sequence)
        event.add("dtstamp", self.now)
        event.add("last-modified", self.now)
        if meeting.hour is None:
            event.add("dtstart", self._day())
            event.add("dtend", self._day() + timedelta(days=1))
        else:
            event.add("dtstart", meeting.starts_at())
            event.add("dtend", meeting.ends_at())
        event.add("summary", self.summary)
        event.add("description", self.description)
        event.add("status", "CANCELLED" if self.ends else "CONFIRMED")
        event.add("transp", "TRANSPARENT" if meeting.hour is None or self.ends else "OPAQUE")
        if meeting.link and not self.ends:
            event.add("url", meeting.link)
            event.add("location", meeting.link)
        return event

    def _day(self) -> date:
        if self.meeting.day is None:
            msg = f"meeting {self.meeting.id} has no day: no calendar entry can be made"
            raise ValueError(msg)
        return self.meeting.day
