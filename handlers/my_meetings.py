"""What the person is registered for, and the link once more."""

from conversation.meeting import Meeting
from conversation.message import Button, Reply
from conversation.wording import access_lines, attendee_of, calendar_file, link_buttons
from db.models import RegistrationStatus
from db.registrations import Registration
from handlers.turn import Turn, rows


def pick(turn: Turn, places: list[tuple[Registration, Meeting]]) -> list[tuple[Registration, Meeting]]:
    """Those of the person's places that the message is about: the ones it names, or all when it names none.

    "Non posso giovedì" names Thursday. Empty when it names meetings that are not theirs.
    """
    heard = turn.heard.meeting
    named = {*heard.chosen, *heard.candidates, *heard.excluded}
    return [(r, m) for r, m in places if m.id in named] if named and not heard.weak else places


def place_buttons(turn: Turn, places: list[tuple[Registration, Meeting]], verb: str) -> tuple[tuple[Button, ...], ...]:
    """One button per place."""
    return rows([Button(turn.voice.name_meeting(m)[:60], data=f"{verb}:{r.id}") for r, m in places])


def _who(turn: Turn, registration: Registration) -> str:
    people = turn.voice.count_people(registration.participants)
    if registration.organisation:
        return turn.say("register.who", name=registration.organisation, people=people)
    return turn.say("register.who_private", people=people)


async def show_mine(turn: Turn) -> Reply:
    """All places at coming meetings."""
    places = await turn.active_registrations()
    turn.record.outcome = "answered"
    if not places:
        return Reply(turn.say("mine.none"), buttons=((Button(turn.say("button.register"), data="go:register"),),))
    lines = []
    for registration, meeting in places:
        waits = registration.status is RegistrationStatus.WAITLISTED
        access = "" if waits else access_lines(turn.voice, meeting).replace("\n", "\n  ")
        lines.append(
            turn.say(
                "mine.line",
                meeting=turn.voice.name_meeting(meeting),
                who=_who(turn, registration),
                waiting=turn.say("mine.waiting") if waits else "",
                access=access,
            )
        )
    hint = turn.say("leave.email" if turn.by_mail else "leave.chat")
    return Reply("\n\n".join([*lines, hint]), title=turn.say("mine.title"))


async def resend_link(turn: Turn) -> Reply:
    """The link of the meeting asked for, of the only one, or of all."""
    places = [p for p in await turn.active_registrations() if p[0].status is RegistrationStatus.CONFIRMED]
    if not places:
        return await show_mine(turn)
    turn.record.outcome = "answered"
    about = pick(turn, places) or places
    parts, files = [], []
    address = turn.incoming.address
    for _, meeting in about:
        parts.append(
            turn.say(
                "mine.link",
                when=meeting.speak_when(turn.language, turn.now),
                topic=meeting.title or turn.voice.name_sector(meeting.sector),
                access=access_lines(turn.voice, meeting),
            )
        )
        files.append(calendar_file(turn.voice, meeting, attendee_of(address.channel, address.value)))
    buttons = link_buttons(turn.voice, about[0][1]) if len(about) == 1 and not turn.by_mail else ()
    kept = tuple(files) if len(files) == 1 else ()
    return Reply("\n\n".join(parts), title=turn.say("mine.link_title"), buttons=buttons, files=kept)
