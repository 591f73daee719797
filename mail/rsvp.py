"""What a calendar program answers to our invitation (RFC 5546 §3.2.3): not a message, but somebody may not be coming."""

import re
from email.message import Message

from mail.parts import content_of

_UID = re.compile(r"^incontro-(\d{1,9})@")


def is_calendar(part: Message) -> bool:
    """Whether this part is an iCalendar object: by its type, or by its file's name where the type says nothing."""
    is_named = (part.get_filename() or "").lower().endswith(".ics")
    return is_named or part.get_content_type() in {"text/calendar", "application/ics"}


def declined_meeting(message: Message) -> int | None:
    """The meeting that a ``METHOD:REPLY`` declines; ``None`` for any other answer, and for what cannot be read."""
    for part in message.walk():
        if is_calendar(part):
            found = _declined(content_of(part)[:100_000])
            if found is not None:
                return found
    return None


def _declined(raw: bytes) -> int | None:
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(raw)
        if str(calendar.get("METHOD", "")).upper() != "REPLY":
            return None
        for event in calendar.walk("VEVENT"):
            attendees = event.get("ATTENDEE", [])
            said = {
                str(a.params.get("PARTSTAT", "")).upper()
                for a in (attendees if isinstance(attendees, list) else [attendees])
            }
            named = _UID.match(str(event.get("UID", "")))
            if "DECLINED" in said and named:
                return int(named[1])
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
    return None
