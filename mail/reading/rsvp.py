"""What calendar programs send (RFC 5546 §3.2): answers to our invitations, and other people's events.

An answer is no message, but somebody may not be coming; and the words that a person wrote with it are a letter's.
"""

import re
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from typing import Any

from mail.reading.parts import content_of, inner_parts

_UID = re.compile(r"(incontro-\d{1,9}|[0-9a-f]{32})@")
_METHOD = re.compile(rb"^METHOD:[ \t]*([A-Z]{3,20})\s*$", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(rb"\r?\n[ \t]")
_ORGANIZER = re.compile(rb"^ORGANIZER\b[^\r\n]*?mailto:([^\s\"<>]{3,254})", re.IGNORECASE | re.MULTILINE)
_READ = 100_000


class Method(StrEnum):
    """RFC 5546 §1.4."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    REPLY = "REPLY"
    ADD = "ADD"
    CANCEL = "CANCEL"
    REFRESH = "REFRESH"
    COUNTER = "COUNTER"
    DECLINECOUNTER = "DECLINECOUNTER"


@dataclass(frozen=True, slots=True)
class CalendarReply:
    """A ``METHOD:REPLY`` or ``COUNTER``.

    The entry of ours (a registration's ``uid``) that it ``declined``, and what was written with it.
    """

    declined: str | None = None
    comment: str = ""


def is_calendar(part: Message) -> bool:
    """Whether this part is an iCalendar object: by its type, or by its file's name where the type says nothing."""
    is_named = (part.get_filename() or "").lower().endswith(".ics")
    return is_named or part.get_content_type() in {"text/calendar", "application/ics"}


def calendar_method(message: Message) -> Method | None:
    """What a mail that is a calendar program's does; ``None`` for a letter.

    An event that is only attached to a letter is a file that somebody sends along; an answer is one wherever it stands.
    """
    for part in [message, *inner_parts(message)]:
        method = _method(part) if is_calendar(part) else None
        if method in {Method.REPLY, Method.COUNTER} or (method and part.get_content_disposition() != "attachment"):
            return method
    return None


def is_about_us(message: Message, ours: str) -> bool:
    """Whether the event is one that we invited to: a letter may carry our invitation back."""
    found = [
        m[1].decode("ascii", "replace").lower() for raw in _calendars(message) for m in [_ORGANIZER.search(raw)] if m
    ]
    return ours in found


def read_answer(message: Message) -> CalendarReply:
    """What a calendar's answer says; empty when it cannot be read, or says nothing that matters."""
    from icalendar import Calendar

    for raw in _calendars(message):
        try:
            calendar = Calendar.from_ical(raw)
            for event in calendar.walk("VEVENT"):
                return CalendarReply(_declined(event), _comment(event))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError):
            continue
    return CalendarReply()


def _calendars(message: Message) -> list[bytes]:
    parts = [message, *inner_parts(message)]
    return [_FOLD.sub(b"", content_of(part)[:_READ]) for part in parts if is_calendar(part)]


def _method(part: Message) -> Method | None:
    said = _METHOD.search(content_of(part)[:_READ])
    named = (said[1].decode() if said else str(part.get_param("method") or "")).upper()
    return Method(named) if named in set(Method) else None


def _attendees(event: Any) -> list[Any]:
    found = event.get("ATTENDEE", [])
    return found if isinstance(found, list) else [found]


def _declined(event: Any) -> str | None:
    named = _UID.match(str(event.get("UID", "")))
    said = {str(a.params.get("PARTSTAT", "")).upper() for a in _attendees(event)}
    return named[1] if named and "DECLINED" in said else None


def _comment(event: Any) -> str:
    """The words with an answer: COMMENT (RFC 5545 §3.8.1.4), or where Google puts them."""
    said = event.get("COMMENT", [])
    comments = [str(c) for c in (said if isinstance(said, list) else [said])]
    return "\n".join(comments).strip() or next(
        (str(a.params["X-RESPONSE-COMMENT"]).strip() for a in _attendees(event) if "X-RESPONSE-COMMENT" in a.params), ""
    )
