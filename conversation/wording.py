"""The texts that transports, handlers and delivery share.

How a meeting, a confirmation, a reminder, a change is worded.

Pure: everything comes in as an argument; the words themselves stand in ``knowledge/locales``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

from conversation.channel import Channel
from conversation.invitation import CalendarEntry, Ending
from conversation.links import ADDRESS
from conversation.meeting import Meeting, Told
from conversation.message import Address, Button, File, Highlight, Reply
from conversation.times import speak_day, speak_hour, to_local
from knowledge.library import Form, Library

SectorNames = Mapping[str, Mapping[str, str]]


class RegistrationView(Protocol):
    """What texts and calendars show of a registration. ``sequence``: its own part of iCalendar's."""

    @property
    def organisation(self) -> str:
        """Empty for a private citizen."""

    @property
    def participants(self) -> int:
        """How many come."""

    @property
    def uid(self) -> str:
        """Its calendar entry."""

    @property
    def sequence(self) -> int:
        """How often it changed."""

    @property
    def told(self) -> Told:
        """What the person last heard of the meeting."""


#: Minutes before a meeting within which one says how long is left, and from which on that is "an hour".
_SOON, _ABOUT_AN_HOUR = 75, 50


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, in which language, at what time.

    ``sectors``: key → language → name; ``mailbox``: our address; ``form``: to whom.
    """

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

    def name_who(self, registration: RegistrationView) -> str:
        """``Coro Le Rondini, 2 persone``."""
        name, people = registration.organisation, self.count_people(registration.participants)
        return self.say("register.who", name=name, people=people) if name else people

    def name_topic(self, meeting: Meeting) -> str:
        """The meeting's title, or its sector."""
        return meeting.title or self.name_sector(meeting.sector)

    def name_meeting(self, meeting: Meeting) -> str:
        """``giovedì 21 gennaio, associazioni sportive``."""
        topic = self.name_topic(meeting)
        when = meeting.speak_when(self.language, self.now)
        return f"{when}: {topic}" if when else topic

    def name_moment(self, meeting: Meeting) -> str:
        """``tra un'ora, alle ore 17.30``, ``domani, giovedì 21 gennaio, alle ore 17.30``.

        As one says it at this hour.
        """
        if meeting.day is None:
            return ""
        at = [self.say("times.at", hour=speak_hour(meeting.hour, self.language))] if meeting.hour else []
        starts = meeting.starts_at()
        left = (starts - self.now).total_seconds() / 60 if starts and meeting.hour else None
        if left is not None and 0 < left <= _SOON:
            minutes = max(5, round(left / 5) * 5)
            soon = "times.in_an_hour" if minutes >= _ABOUT_AN_HOUR else "times.in_minutes"
            return ", ".join([self.say(soon, number=minutes), *at])
        today = to_local(self.now).date()
        near = {today: "times.today", today + timedelta(days=1): "times.tomorrow"}.get(meeting.day)
        day = speak_day(meeting.day, self.language, today=today)
        return ", ".join([*([self.say(near)] if near else []), day, *at])

    def join_words(self, words: Sequence[str]) -> str:
        """``a, b e c``."""
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.say('and')} {words[-1]}"


def form_for(channel: Channel, *, private: bool) -> Form:
    """How people are addressed: one voice for each channel.

    ``private``: they write for themselves, for no association.
    """
    return channel.form_private if private else channel.form


def withdrawn_by_office(voice: Voice, registration: RegistrationView, meeting: Meeting) -> str:
    """What somebody reads whose registration the office has withdrawn: they have not said anything."""
    return voice.say("withdraw.by_office", meeting=voice.name_meeting(meeting), who=voice.name_who(registration))


#: How a text greets that needs no greeting above it.
_GREETS = re.compile(
    r"(?:buon ?\w+|gentil\w+|spett\w*|egregi\w*|car[aeio]|salve|ciao|dear|hello|good \w+)\b", re.IGNORECASE
)


def greet(voice: Voice, text: str) -> str:
    """The text of a letter below its greeting, of which there is one."""
    return text if _GREETS.match(text) else f"{voice.say('register.mail_greeting')}\n\n{text}"


def name_contact(voice: Voice, name: str, address: Address) -> str:
    """``Anna Esempio, su Telegram`` or ``Anna Esempio, anna@posta.example``.

    Somebody as the office would look for them.
    """
    where = voice.say(address.channel.place_text) if address.channel.place_text else address.value
    return f"{name}, {where}" if name else where


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


def calendar_file(
    voice: Voice, meeting: Meeting, registration: RegistrationView, attendee: str, *, ending: Ending | None = None
) -> File:
    """The entry of this registration, or its end.

    Addressed to ``attendee`` (an e-mail address), or to import when empty.
    """
    description = voice.say(
        "calendar.description",
        who=voice.name_who(registration),
        access=access_lines(voice, meeting),
        mailbox=voice.mailbox,
    )
    return CalendarEntry(
        meeting,
        uid=registration.uid,
        sequence=registration.sequence,
        service=voice.library.town.service,
        organiser=voice.mailbox,
        attendee=attendee,
        now=voice.now,
        summary=voice.say("calendar.summary", topic=voice.name_topic(meeting)),
        description=voice.say(f"calendar.{ending}") if ending else description,
        ends=ending is not None,
    ).file()


def attendee_of(channel: Channel, value: str) -> str:
    """The address that goes on an invitation: a mail's; in chat there is none."""
    return value if channel.has_mailboxes else ""


def link_buttons(voice: Voice, meeting: Meeting) -> tuple[tuple[Button, ...], ...]:
    """A button that opens the meeting, when there is a link."""
    return ((Button(voice.say("button.open_link"), url=meeting.link),),) if meeting.link else ()


def highlight(voice: Voice, meeting: Meeting, *, way_in: bool = True) -> tuple[Highlight, ...]:
    """The meeting as a mail shows it large; nothing without a day. ``way_in``: with the button that opens it."""
    if meeting.day is None:
        return ()
    day = speak_day(meeting.day, voice.language, today=to_local(voice.now).date())
    hour = speak_hour(meeting.hour, voice.language) if meeting.hour else voice.say("meeting.no_hour_short")
    button = next((b for row in link_buttons(voice, meeting) for b in row), None) if way_in else None
    topic = voice.name_topic(meeting)
    return (Highlight(day[:1].upper() + day[1:], hour, topic[:1].upper() + topic[1:], button),)


def own_links(reply: Reply, meetings: Iterable[Meeting]) -> Reply:
    """The reply with the links of ``meetings`` that it names marked as ours."""
    return replace(reply, links=(*reply.links, *(m.link for m in meetings if m.link and m.link in reply.text)))


def reminder(voice: Voice, meeting: Meeting, channel: Channel, registration: RegistrationView) -> tuple[str, Reply]:
    """Subject and text of a reminder; it repeats the link, for that is what people look for."""
    when = voice.name_moment(meeting)
    topic = voice.name_topic(meeting)
    text = voice.say(
        "reminder.text",
        when=when,
        topic=topic,
        who=voice.name_who(registration),
        access=access_lines(voice, meeting),
        leave=leave_hint(voice, channel),
    )
    subject = voice.say("reminder.subject", when=when, topic=topic)
    buttons = link_buttons(voice, meeting) if channel.buttons else ()
    title = voice.say("reminder.title", when=when)
    return subject, Reply(text, title=title, buttons=buttons, highlights=highlight(voice, meeting))


def leave_hint(voice: Voice, channel: Channel) -> str:
    """How to withdraw or change, on this channel."""
    return voice.say("leave.email" if channel.is_letter else "leave.chat")


def change_notice(
    voice: Voice,
    meeting: Meeting,
    channel: Channel,
    value: str,
    registration: RegistrationView,
    *,
    waiting: bool,
    corrects: bool = False,
) -> tuple[str, Reply]:
    """Subject and text that tell a registered person what is not as they last heard, with the entry that follows it.

    ``corrects``: what they last heard is taken back.
    """
    topic = voice.name_topic(meeting)
    when = meeting.speak_when(voice.language, voice.now)
    attendee = attendee_of(channel, value)
    if meeting.cancelled:
        ending = () if waiting else (calendar_file(voice, meeting, registration, attendee, ending=Ending.CANCELLED),)
        corrected = "corrected_" if corrects else ""
        subject = voice.say(f"changed.{corrected}cancelled_subject", topic=topic)
        text = voice.say(f"changed.{corrected}cancelled", topic=topic, when=when, who=voice.name_who(registration))
        return subject, Reply(text, title=subject, files=ending)
    known = _is_hour_known(meeting, registration.told, waiting=waiting)
    kind = "corrected_" if corrects else "known_" if known else ""
    text = voice.say(
        f"changed.{kind}text",
        what="\n".join(_differences(voice, meeting, registration.told, waiting=waiting)),
        topic=topic,
        when=when,
        who=voice.name_who(registration),
        access="" if waiting else f"\n{access_lines(voice, meeting)}",
        leave=leave_hint(voice, channel),
    )
    subject = voice.say(f"changed.{kind}subject", topic=topic, when=when)
    files = () if waiting else (calendar_file(voice, meeting, registration, attendee),)
    shown = highlight(voice, meeting, way_in=not waiting)
    return subject, Reply(text, title=voice.say(f"changed.{kind}title"), files=files, highlights=shown)


def news_for(meeting: Meeting, told: Told, *, waiting: bool) -> tuple[str, ...]:
    """The fields that somebody does not know as they are now; who only waits was told neither link nor passcode."""
    unheard = {"link", "passcode"} if waiting else set()
    return tuple(field for field in meeting.differs_from(told) if field not in unheard)


def _is_hour_known(meeting: Meeting, told: Told, *, waiting: bool) -> bool:
    """Whether the hour that was still to be announced is there: nothing of what was told is otherwise."""
    now, news = meeting.as_told(), news_for(meeting, told, waiting=waiting)
    return "hour" in news and all(field in told and not told[field] and now[field] for field in news)


def _differences(voice: Voice, meeting: Meeting, told: Told, *, waiting: bool) -> list[str]:
    """A line for each: what it is now, and what it was if that was told."""
    lines = []
    for field in news_for(meeting, told, waiting=waiting):
        if field == "cancelled":
            lines += [voice.say("changed.revived")] if told.get(field) else []
            continue
        now, before = (_spoken(voice, field, value) for value in (meeting.as_told()[field], told.get(field)))
        key = "set" if not before else "gone" if not now else "from"
        lines.append(voice.say(f"changed.{field}_{key}", now=now, before=before))
    return lines


def _spoken(voice: Voice, field: str, value: object) -> str:
    """A told value as people say it; empty when there is none."""
    if not value:
        return ""
    if field == "day":
        return speak_day(date.fromisoformat(str(value)), voice.language, today=to_local(voice.now).date())
    return speak_hour(time.fromisoformat(str(value)), voice.language) if field == "hour" else str(value)


def staff_message(
    voice: Voice, title: str, text: str, meeting: Meeting | None, *, attended: bool = False
) -> tuple[str, Reply]:
    """Staff's own words, and why this person gets them.

    A place at ``meeting``, which may be over, or news asked for; ``attended``: it is for those alone who were there.
    """
    why = voice.say("broadcast.why_news")
    if meeting is not None:
        name = voice.name_meeting(meeting)
        past = "broadcast.why_past" if meeting.is_over(voice.now) else "broadcast.why_meeting"
        why = voice.say("broadcast.why_there" if attended else past, meeting=name)
    return title, Reply(f"{text}\n\n{why}", title=title, links=tuple(ADDRESS.findall(text)))


def meeting_news(voice: Voice, meetings: Sequence[Meeting], channel: Channel) -> tuple[str, Reply]:
    """The meetings that were added, with a button for each where there are buttons."""
    title = voice.say("broadcast.news_title")
    listed = "\n".join(f"• {voice.name_meeting(m)}" for m in meetings)
    how = voice.say("broadcast.join_email" if channel.is_letter else "broadcast.join_chat")
    buttons = tuple((Button(voice.name_meeting(m)[:60], data=f"meeting:{m.id}"),) for m in meetings)
    text = "\n\n".join((listed, how, voice.say("broadcast.why_news")))
    return title, Reply(text, title=title, buttons=buttons if channel.buttons else ())


def seat_notice(
    voice: Voice,
    meeting: Meeting,
    channel: Channel,
    value: str,
    registration: RegistrationView,
    left: tuple[RegistrationView, Meeting] | None = None,
) -> tuple[str, Reply]:
    """A seat became free: the waiting person is now registered and gets the link.

    ``left``: the place given up for it.
    """
    topic = voice.name_topic(meeting)
    when = meeting.speak_when(voice.language, voice.now)
    attendee = attendee_of(channel, value)
    subject = voice.say("waiting.promoted_subject", topic=topic, when=when)
    text = voice.say(
        "waiting.promoted",
        topic=topic,
        when=when,
        who=voice.name_who(registration),
        access=access_lines(voice, meeting),
        leave=leave_hint(voice, channel),
    )
    files = [calendar_file(voice, meeting, registration, attendee)]
    if left is not None:
        text = f"{voice.say('waiting.left', meeting=voice.name_meeting(left[1]))}\n\n{text}"
        files.append(calendar_file(voice, left[1], left[0], attendee, ending=Ending.MOVED))
    return subject, Reply(text, title=subject, files=named_apart(files), highlights=highlight(voice, meeting))


def named_apart(files: Sequence[File]) -> tuple[File, ...]:
    """Several files of one message, each with a name of its own."""
    if len(files) < 2:
        return tuple(files)
    return tuple(replace(f, name=f"incontro-{i}.ics") for i, f in enumerate(files, 1))
