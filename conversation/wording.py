"""The texts that doors, handlers and delivery share: how a meeting, a confirmation, a reminder, a change is worded.

Pure: everything comes in as an argument; the words themselves stand in ``knowledge/locales``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from conversation.invitation import invite
from conversation.meeting import Meeting
from conversation.message import Address, Button, Channel, File, Reply
from knowledge.library import Form, Library

SectorNames = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, in which language, at what time. ``sectors``: key → language → name; ``mailbox``: our address; ``form``: to whom."""

    library: Library
    language: str
    now: datetime
    sectors: SectorNames
    mailbox: str
    form: Form = Form.TU

    def say(self, key: str, **values: object) -> str:
        """A text of the locale."""
        return self.library.address(key, self.language, self.form, values)

    def name_sector(self, key: str) -> str:
        """The sector's name in this language, Italian where there is none."""
        names = self.sectors.get(key, {})
        return names.get(self.language) or names.get("it") or key.replace("_", " ")

    def count_people(self, number: int) -> str:
        """``1 persona``, ``3 persone``."""
        return self.say("people.one") if number == 1 else self.say("people.many", number=number)

    def name_meeting(self, meeting: Meeting) -> str:
        """``giovedì 21 gennaio, associazioni sportive``."""
        topic = meeting.title or self.name_sector(meeting.sector)
        when = meeting.speak_when(self.language, self.now)
        return f"{when}: {topic}" if when else topic

    def join_words(self, words: Sequence[str]) -> str:
        """``a, b e c``."""
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.say('and')} {words[-1]}"


def form_for(channel: Channel, *, private: bool) -> Form:
    """How people are addressed: one voice for each channel. ``private``: they write for themselves, for no association."""
    if channel is not Channel.EMAIL:
        return Form.TU
    return Form.LEI if private else Form.VOI


#: How a text greets that needs no greeting above it.
_GREETS = re.compile(
    r"(?:buon ?\w+|gentil\w+|spett\w*|egregi\w*|car[aeio]|salve|ciao|dear|hello|good \w+)\b", re.IGNORECASE
)


def greet(voice: Voice, text: str) -> str:
    """The text of a letter below its greeting, of which there is one."""
    return text if _GREETS.match(text) else f"{voice.say('register.mail_greeting')}\n\n{text}"


def name_contact(voice: Voice, name: str, address: Address) -> str:
    """``Anna Esempio, su Telegram`` or ``Anna Esempio, anna@posta.example``: somebody as the office would look for them."""
    place = voice.say("staff.on_telegram") if address.channel is Channel.TELEGRAM else address.value
    return f"{name}, {place}" if name else place


def access_lines(voice: Voice, meeting: Meeting) -> str:
    """Link and passcode, and what is not known yet."""
    lines = []
    if meeting.hour is None:
        lines.append(voice.say("meeting.no_hour"))
    if meeting.link:
        lines.append(voice.say("meeting.link", link=meeting.link))
        if meeting.passcode:
            lines.append(voice.say("meeting.passcode", passcode=meeting.passcode))
    else:
        lines.append(voice.say("meeting.no_link"))
    return "\n".join(lines)


def calendar_file(voice: Voice, meeting: Meeting, attendee: str, *, cancelled: bool = False) -> File:
    """The invitation for this meeting: addressed to ``attendee`` (an e-mail address), or to import when empty."""
    description = voice.say("calendar.description", access=access_lines(voice, meeting), mailbox=voice.mailbox)
    return invite(
        meeting,
        organiser=voice.mailbox,
        attendee=attendee,
        now=voice.now,
        summary=voice.say("calendar.summary", topic=meeting.title or voice.name_sector(meeting.sector)),
        description=voice.say("calendar.cancelled") if cancelled else description,
        cancelled=cancelled,
    )


def attendee_of(channel: Channel, value: str) -> str:
    """The address that goes on an invitation: a mail's; in chat there is none."""
    return value if channel is Channel.EMAIL else ""


def link_buttons(voice: Voice, meeting: Meeting) -> tuple[tuple[Button, ...], ...]:
    """A button that opens Zoom, when there is a link."""
    return ((Button(voice.say("button.open_zoom"), url=meeting.link),),) if meeting.link else ()


def reminder(voice: Voice, meeting: Meeting, channel: Channel, *, participants: int) -> tuple[str, Reply]:
    """Subject and text of a reminder; it repeats the link, for that is what people look for."""
    when = meeting.speak_when(voice.language, voice.now)
    topic = meeting.title or voice.name_sector(meeting.sector)
    text = voice.say(
        "reminder.text",
        when=when,
        topic=topic,
        people=voice.count_people(participants),
        access=access_lines(voice, meeting),
        leave=leave_hint(voice, channel),
    )
    subject = voice.say("reminder.subject", when=when, topic=topic)
    buttons = link_buttons(voice, meeting) if channel is Channel.TELEGRAM else ()
    return subject, Reply(text, title=voice.say("reminder.title", when=when), buttons=buttons)


def leave_hint(voice: Voice, channel: Channel) -> str:
    """How to withdraw or change, on this channel."""
    return voice.say("leave.email" if channel is Channel.EMAIL else "leave.chat")


def change_notice(
    voice: Voice, meeting: Meeting, channel: Channel, value: str, changed: Sequence[str], *, waiting: bool
) -> tuple[str, Reply]:
    """Subject and text that tell a registered person what changed, with the calendar entry that follows it."""
    topic = meeting.title or voice.name_sector(meeting.sector)
    when = meeting.speak_when(voice.language, voice.now)
    attendee = attendee_of(channel, value)
    if meeting.cancelled:
        files = (calendar_file(voice, meeting, attendee, cancelled=True),) if attendee and not waiting else ()
        subject = voice.say("changed.cancelled_subject", topic=topic)
        return subject, Reply(voice.say("changed.cancelled", topic=topic, when=when), title=subject, files=files)
    known = [
        voice.say(f"changed.{field}") for field in changed if field in {"day", "hour", "link", "passcode", "duration"}
    ]
    if "cancelled" in changed:
        known.insert(0, voice.say("changed.revived"))
    text = voice.say(
        "changed.text",
        what=voice.join_words(known),
        topic=topic,
        when=when,
        access="" if waiting else access_lines(voice, meeting),
        leave=leave_hint(voice, channel),
    )
    subject = voice.say("changed.subject", topic=topic, when=when)
    files = () if waiting else (calendar_file(voice, meeting, attendee),)
    return subject, Reply(text, title=voice.say("changed.title"), files=files)


def staff_message(voice: Voice, title: str, text: str, meeting: Meeting | None) -> tuple[str, Reply]:
    """Staff's own words, and why this person gets them: a place at ``meeting``, or news asked for."""
    why = (
        voice.say("broadcast.why_meeting", meeting=voice.name_meeting(meeting))
        if meeting
        else voice.say("broadcast.why_news")
    )
    return title, Reply(f"{text}\n\n{why}", title=title)


def meeting_news(voice: Voice, meetings: Sequence[Meeting], channel: Channel) -> tuple[str, Reply]:
    """The meetings that were added, with a button for each where there are buttons."""
    title = voice.say("broadcast.news_title")
    listed = "\n".join(f"• {voice.name_meeting(m)}" for m in meetings)
    how = voice.say("broadcast.join_email" if channel is Channel.EMAIL else "broadcast.join_chat")
    buttons = tuple((Button(voice.name_meeting(m)[:60], data=f"meeting:{m.id}"),) for m in meetings)
    text = "\n\n".join((listed, how, voice.say("broadcast.why_news")))
    return title, Reply(text, title=title, buttons=buttons if channel is Channel.TELEGRAM else ())


def seat_notice(voice: Voice, meeting: Meeting, channel: Channel, value: str) -> tuple[str, Reply]:
    """A seat became free: the waiting person is now registered and gets the link."""
    topic = meeting.title or voice.name_sector(meeting.sector)
    when = meeting.speak_when(voice.language, voice.now)
    subject = voice.say("waiting.promoted_subject", topic=topic, when=when)
    text = voice.say(
        "waiting.promoted",
        topic=topic,
        when=when,
        access=access_lines(voice, meeting),
        leave=leave_hint(voice, channel),
    )
    return subject, Reply(text, title=subject, files=(calendar_file(voice, meeting, attendee_of(channel, value)),))
