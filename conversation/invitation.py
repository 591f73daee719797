"""The calendar entry of one registration (RFC 5545, 5546, 6047). Written by `icalendar`; times in UTC.

``UID`` is the registration's for ever, ``SEQUENCE`` grows with each change of the meeting or of the registration, so
that a newer file moves or ends the entry instead of adding a second one.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from conversation.meeting import Meeting
from conversation.message import File


class Ending(StrEnum):
    """Why an entry leaves the calendar.

    Staff cancelled the meeting, or the person withdrew, or comes to another one instead.
    """

    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"


def invite(
    meeting: Meeting,
    *,
    uid: str,
    sequence: int,
    service: str,
    organiser: str,
    attendee: str,
    now: datetime,
    summary: str,
    description: str,
    ends: bool = False,
) -> File:
    """The entry, or its end, for ``attendee``, an e-mail address; without one, a file to import.

    With an attendee: ``METHOD:REQUEST`` or ``CANCEL``, this person alone on it (nobody sees who else comes),
    ``PARTSTAT=ACCEPTED`` because the registration was written. Without: ``METHOD:PUBLISH``, updated and cancelled by
    the same UID (RFC 5546 §4.1), which must carry ORGANIZER and no ATTENDEE (§3.2.1). ``sequence``: the registration's
    own part; ``service``: who invites, by name, ``organiser`` by address. A meeting without an hour is an all-day entry
    that leaves the day free. Raises ``ValueError`` without a day.
    """
    from icalendar import Calendar, Event, vCalAddress

    if meeting.day is None:
        msg = f"meeting {meeting.id} has no day: no calendar entry can be made"
        raise ValueError(msg)
    method = "CANCEL" if ends else "REQUEST" if attendee else "PUBLISH"
    calendar = Calendar()
    calendar.add("prodid", f"-//{service}//bot//IT")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"{uid}@{organiser.rpartition('@')[2]}")
    event.add("sequence", meeting.sequence + sequence)
    event.add("dtstamp", now)
    event.add("last-modified", now)
    if meeting.hour is None:
        event.add("dtstart", meeting.day)
        event.add("dtend", meeting.day + timedelta(days=1))
    else:
        event.add("dtstart", meeting.starts_at())
        event.add("dtend", meeting.ends_at())
    event.add("summary", summary)
    event.add("description", description)
    event.add("status", "CANCELLED" if ends else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if meeting.hour is None or ends else "OPAQUE")
    if meeting.link and not ends:
        event.add("url", meeting.link)
        event.add("location", meeting.link)
    organizer = vCalAddress(f"mailto:{organiser}")
    organizer.params["CN"] = service
    event.add("organizer", organizer)
    if attendee:
        person = vCalAddress(f"mailto:{attendee}")
        person.params["PARTSTAT"], person.params["RSVP"], person.params["ROLE"] = "ACCEPTED", "FALSE", "REQ-PARTICIPANT"
        event.add("attendee", person)
    calendar.add_component(event)
    return File(name="incontro.ics", content=calendar.to_ical().decode(), method=method)
