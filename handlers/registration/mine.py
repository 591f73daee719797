"""What the person is registered for, and the link once more."""

from collections import Counter
from collections.abc import Iterable

from conversation.message import Button, Reply
from conversation.outcome import TurnOutcome
from conversation.understanding.organisations import named_among
from conversation.wording import (
    access_lines,
    attendee_of,
    calendar_file,
    highlight,
    leave_hint,
    link_buttons,
    named_apart,
)
from db.models import RegistrationStatus
from db.registrations import note_told
from handlers.answer import Answer
from handlers.turn import Booking, Turn, rows


def pick(turn: Turn, bookings: list[Booking]) -> list[Booking]:
    """Those of the person's bookings that the message is about: the ones it names, or all when it names none.

    "Non posso giovedì" names Thursday, "il Coro non viene" the choir. Empty when it names meetings that are not theirs.
    """
    heard = turn.heard.meeting
    named = {*heard.chosen, *heard.candidates, *heard.excluded}
    about = [(r, m) for r, m in bookings if m.id in named] if named and not heard.weak else bookings
    return pick_whose(turn, about)


def pick_whose(turn: Turn, bookings: list[Booking]) -> list[Booking]:
    """Those of the associations that the message names, when it names some of them; else all."""
    names = list({r.organisation for r, _ in bookings if r.organisation})
    said = set(named_among(turn.incoming.text, names)) if len(bookings) > 1 else set()
    return [p for p in bookings if p[0].organisation in said] if said else bookings


def name_bookings(turn: Turn, bookings: list[Booking]) -> list[str]:
    """Each as people tell them apart: by the meeting, and by the association where one meeting has two of them."""
    doubled = Counter(m.id for _, m in bookings)
    return [name_booking(turn, booking, whole=doubled[booking[1].id] > 1) for booking in bookings]


def name_booking(turn: Turn, booking: Booking, *, whole: bool) -> str:
    """The meeting's name; ``whole``: after the association's."""
    registration, meeting = booking
    name = turn.voice.name_meeting(meeting)
    if not whole:
        return name
    return f"{registration.organisation or turn.say('register.detail_private')}, {name}"


def booking_buttons(turn: Turn, bookings: list[Booking], verb: str) -> tuple[tuple[Button, ...], ...]:
    """One button per booking."""
    names = name_bookings(turn, bookings)
    return rows([Button(name[:60], data=f"{verb}:{r.id}") for name, (r, _) in zip(names, bookings, strict=True)])


def which_booking(turn: Turn, question: str, bookings: list[Booking]) -> Reply:
    """``question``, and the bookings to choose from: a letter names them, a chat has a button for each."""
    lines = [turn.say("programme.line", meeting=name) for name in name_bookings(turn, bookings)]
    text = "\n".join([f"{question}\n", *lines]) if turn.channel.is_letter else question
    return Reply(text, buttons=booking_buttons(turn, bookings, "place"))


async def show_mine(turn: Turn) -> Answer:
    """All bookings at coming meetings."""
    bookings = await turn.active_registrations()
    if not bookings:
        return Answer(
            Reply(turn.say("mine.none"), buttons=((Button(turn.say("button.register"), data="go:register"),),)),
            TurnOutcome.ANSWERED,
        )
    lines = []
    for registration, meeting in bookings:
        waits = registration.status is RegistrationStatus.WAITLISTED
        access = "" if waits else access_lines(turn.voice, meeting).replace("\n", "\n  ")
        lines.append(
            turn.say(
                "mine.line",
                meeting=turn.voice.name_meeting(meeting),
                who=turn.voice.name_who(registration),
                waiting=turn.say("mine.waiting") if waits else "",
                access=access,
            )
        )
    hint = leave_hint(turn.voice, turn.channel)
    reply = Reply("\n\n".join([*lines, hint]), title=turn.say("mine.title"))
    return Answer(reply, TurnOutcome.ANSWERED, registrations=_numbers(bookings))


async def resend_link(turn: Turn) -> Answer:
    """The link of the meeting asked for, of the only one, or of all."""
    bookings = [p for p in await turn.active_registrations() if p[0].status is RegistrationStatus.CONFIRMED]
    if not bookings:
        return await show_mine(turn)
    about = pick(turn, bookings) or bookings
    address = turn.incoming.address
    attendee = attendee_of(address.channel, address.value)
    parts, files = {}, []
    for registration, meeting in about:
        parts[meeting.id] = turn.say(
            "mine.link",
            when=meeting.speak_when(turn.language, turn.now),
            topic=turn.voice.name_topic(meeting),
            access=access_lines(turn.voice, meeting),
        )
        files.append(calendar_file(turn.voice, meeting, registration, attendee))
        await note_told(turn.tx, registration.id, meeting.as_told())
    buttons = link_buttons(turn.voice, about[0][1]) if len(parts) == 1 and turn.channel.buttons else ()
    text = "\n\n".join(parts.values())
    shown = tuple(h for meeting in {m.id: m for _, m in about}.values() for h in highlight(turn.voice, meeting))
    title = turn.say("mine.link_title")
    reply = Reply(text, title=title, buttons=buttons, files=named_apart(files), highlights=shown)
    return Answer(reply, TurnOutcome.ANSWERED, registrations=_numbers(about))


def _numbers(bookings: Iterable[Booking]) -> tuple[int, ...]:
    return tuple(r.id for r, _ in bookings)
