"""The programme: coming meetings from the database, never from text."""

from conversation.meeting import Meeting
from conversation.message import Button, Reply
from conversation.outcome import TurnOutcome
from conversation.understanding.meetings import Doubt
from handlers.answer import Answer
from handlers.turn import Turn, rows


def programme_lines(turn: Turn, mine: set[int] | None = None) -> str:
    """One line per coming meeting."""
    lines = []
    for meeting in turn.upcoming:
        name = turn.voice.name_meeting(meeting)
        if mine and meeting.id in mine:
            lines.append(turn.say("programme.line_mine", meeting=name))
        elif meeting.hour is None:
            lines.append(turn.say("programme.line_unknown_hour", meeting=name))
        else:
            lines.append(turn.say("programme.line", meeting=name))
    return "\n".join(lines)


def meeting_buttons(turn: Turn, meetings: list[Meeting]) -> tuple[tuple[Button, ...], ...]:
    """One button per meeting; pressing it chooses the meeting."""
    return rows([Button(turn.voice.name_meeting(m)[:60], data=f"meeting:{m.id}") for m in meetings])


async def show_programme(turn: Turn) -> Answer:
    """All coming meetings, or what was asked about one of them."""
    asked = [m for m in turn.meetings if m.id in turn.heard.meeting.chosen]
    if len(asked) == 1 and asked[0].is_upcoming(turn.now):
        turn.dialogue.last_meeting = asked[0].id
        line = turn.voice.name_meeting(asked[0])
        if asked[0].hour is None:
            when = asked[0].speak_when(turn.language, turn.now)
            topic = asked[0].title or turn.voice.name_sector(asked[0].sector)
            line = f"{line}\n{turn.say('programme.hour_unknown', topic=topic, when=when)}"
        button = Button(turn.say("button.register"), data=f"meeting:{asked[0].id}")
        return Answer(Reply(line, buttons=((button,),)), TurnOutcome.ANSWERED)
    gone = [m for m in turn.meetings if m.id in turn.heard.meeting.past]
    lead = turn.say("programme.over", topic=turn.voice.name_sector(gone[0].sector)) + "\n\n" if gone else ""
    if not gone and turn.upcoming and turn.heard.meeting.doubt in {Doubt.NO_SUCH_DAY, Doubt.CONTRADICTION}:
        lead = turn.say(f"register.{turn.heard.meeting.doubt}") + "\n\n"
    if not turn.upcoming:
        return Answer(Reply(lead + turn.say("programme.none")), TurnOutcome.ANSWERED)
    mine = {m.id for _, m in await turn.active_registrations()}
    text = f"{lead}{programme_lines(turn, mine)}\n\n{turn.say('programme.choose')}"
    return Answer(
        Reply(text, title=turn.say("programme.title"), buttons=meeting_buttons(turn, turn.upcoming)),
        TurnOutcome.ANSWERED,
    )
