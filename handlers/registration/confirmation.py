"""What became of a wish to register, and how it is told: day, link, way out, calendar file."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from conversation.invitation import Ending
from conversation.links import Purpose
from conversation.meeting import Meeting
from conversation.message import Reply
from conversation.wording import (
    access_lines,
    attendee_of,
    calendar_file,
    highlight,
    leave_hint,
    link_buttons,
    named_apart,
)
from conversation.words import fold
from db.addresses import make_link_token
from handlers.turn import Booking, Turn

_LINK_DAYS = 30


@dataclass(slots=True)
class Enrolled:
    """What became of a wish: each booking as it is now; ``kept``: those that could not grow.

    ``left``: what was given up or waits.

    ``wanted``: how many were to come to a meeting, by its id.
    """

    confirmed: list[Booking] = field(default_factory=list)
    waiting: list[Booking] = field(default_factory=list)
    kept: list[Booking] = field(default_factory=list)
    gone: list[Meeting] = field(default_factory=list)
    left: Booking | None = None
    new: bool = False
    wanted: dict[int, int] = field(default_factory=dict)

    @property
    def registrations(self) -> tuple[int, ...]:
        """Those that are held now, by number."""
        return tuple(r.id for r, _ in (*self.confirmed, *self.kept, *self.waiting))


async def confirmation(turn: Turn, done: Enrolled, *, assumed: bool = False) -> Reply:
    """What was registered, per meeting, and what was not, with the calendar files."""
    parts = [] if turn.by is None else [turn.say("register.by_office" if done.new else "change.by_office")]
    parts += [turn.say("register.gone", meeting=turn.voice.name_meeting(m)) for m in done.gone]
    if done.left is not None:
        key = "change.left" if done.confirmed else "change.still"
        parts.append(turn.say(key, meeting=f"«{turn.voice.name_meeting(done.left[1])}»"))
    parts += [_told(turn, "register.done", booking) for booking in done.confirmed]
    for booking in done.kept:
        parts.append(
            _told(turn, "register.full_kept", booking, people=turn.voice.count_people(done.wanted[booking[1].id]))
        )
    parts += [_told(turn, "register.waitlisted", booking) for booking in done.waiting]
    parts.append(leave_hint(turn.voice, turn.channel))
    if turn.channel.is_letter:
        parts += await _letter_parts(turn, assumed=assumed)
    address = turn.incoming.address
    attendee = attendee_of(address.channel, address.value)
    files = [calendar_file(turn.voice, m, r, attendee) for r, m in done.confirmed]
    if done.left is not None and done.confirmed:
        files.append(calendar_file(turn.voice, done.left[1], done.left[0], attendee, ending=Ending.MOVED))
    single = len(done.confirmed) == 1 and turn.channel.buttons
    buttons = link_buttons(turn.voice, done.confirmed[0][1]) if single else ()
    shown = [h for _, m in (*done.confirmed, *done.kept) for h in highlight(turn.voice, m)]
    shown += [h for _, m in done.waiting for h in highlight(turn.voice, m, way_in=False)]
    return Reply(
        "\n\n".join(parts),
        title=turn.say(_title(done)),
        buttons=buttons,
        files=named_apart(files),
        highlights=tuple(shown),
    )


def _title(done: Enrolled) -> str:
    if done.confirmed:
        return "register.done_title" if done.new and done.left is None else "register.updated_title"
    return "register.full_title" if done.kept else "register.waitlisted_title"


def _told(turn: Turn, key: str, booking: Booking, **values: str) -> str:
    registration, meeting = booking
    who = turn.voice.name_who(registration)
    name = turn.person.name if turn.person is not None else ""
    if name and not registration.organisation:
        who = turn.say("register.who", name=name, people=who)
    elif name and fold(name) != fold(registration.organisation):
        who = turn.say("register.who_named", who=who, name=name)
    return turn.say(
        key,
        who=who,
        when=meeting.speak_when(turn.language, turn.now),
        topic=turn.voice.name_topic(meeting),
        access=access_lines(turn.voice, meeting),
        **values,
    )


async def _letter_parts(turn: Turn, *, assumed: bool) -> list[str]:
    parts = [turn.say("register.mail_assumed")] if assumed else []
    if turn.office.telegram_name and turn.person is not None:
        token = secrets.token_urlsafe(18)
        await make_link_token(turn.tx, turn.person.id, token, turn.now + timedelta(days=_LINK_DAYS))
        link = f"https://t.me/{turn.office.telegram_name}?start=l_{token}"
        parts.append(turn.say("register.mail_telegram", link=link))
    if turn.links is not None:
        link = turn.links.make(Purpose.MANAGE, turn.incoming.address.value)
        parts.append(turn.say("register.mail_manage", link=link))
    parts.append(turn.say("register.mail_notice", months=turn.office.retention_months))
    return parts
