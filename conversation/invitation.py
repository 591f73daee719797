"""The calendar file of one meeting for one person (RFC 5545, 5546, 6047). Written by `icalendar`; times in UTC.

``UID`` is stable per meeting, ``SEQUENCE`` grows with each change, so a newer file moves the entry instead of adding
a second one.
"""

from datetime import datetime, timedelta

from conversation.meeting import Meeting
from conversation.message import File


def invite(
    meeting: Meeting,
    *,
    organiser: str,
    attendee: str,
    now: datetime,
    summary: str,
    description: str,
    cancelled: bool = False,
) -> File:
    """The invitation (or its withdrawal) for ``attendee``, an e-mail address; without one, a file to import.

    With an attendee: ``METHOD:REQUEST`` or ``CANCEL``, this person alone on it (nobody sees who else comes),
    ``PARTSTAT=ACCEPTED`` because the registration was written. Without: ``METHOD:PUBLISH``, which must carry no
    ATTENDEE (RFC 5546 §3.2.1). A meeting without an hour is an all-day entry. Raises ``ValueError`` without a day.
    """
    from icalendar import Calendar, Event, vCalAddress

    if meeting.day is None:
        msg = f"meeting {meeting.id} has no day: no calendar entry can be made"
        raise ValueError(msg)
    method = ("CANCEL" if cancelled else "REQUEST") if attendee else "PUBLISH"
    calendar = Calendar()
    calendar.add("prodid", "-//Lucca Learning City//bot//IT")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    domain = organiser.rpartition("@")[2]
    event.add("uid", f"incontro-{meeting.id}@{domain}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", now)
    if meeting.hour is None:
        event.add("dtstart", meeting.day)
        event.add("dtend", meeting.day + timedelta(days=1))
    else:
        event.add("dtstart", meeting.starts_at())
        event.add("dtend", meeting.ends_at())
    event.add("summary", summary)
    event.add("description", description)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE")
    if meeting.link and not cancelled:
        event.add("url", meeting.link)
        event.add("location", meeting.link)
    if attendee:
        organizer = vCalAddress(f"mailto:{organiser}")
        organizer.params["CN"] = "Lucca Learning City"
        event.add("organizer", organizer)
        person = vCalAddress(f"mailto:{attendee}")
        person.params["PARTSTAT"], person.params["RSVP"], person.params["ROLE"] = "ACCEPTED", "FALSE", "REQ-PARTICIPANT"
        event.add("attendee", person)
    calendar.add_component(event)
    return File(name="incontro.ics", content=calendar.to_ical().decode(), method=method)
