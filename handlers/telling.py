"""What an answer says of the meetings that somebody is registered for: they perhaps know it, then."""

from collections.abc import Iterator

from conversation.meeting import Meeting
from conversation.wording import news_for
from db.models import RegistrationStatus
from db.registrations import note_told
from handlers.turn import Turn


async def note_said(turn: Turn, text: str) -> None:
    """Note what ``text`` says to the person of their meetings that they were not told yet, because it changed just now.

    They still hear of it with everybody else: here it is said in passing. But if it is taken back, they hear of that.
    """
    said = {m.id: [*_said_of(turn, m, text)] for m in turn.upcoming if m.revision > 1}  # else it never changed
    if not any(said.values()):
        return
    for registration, meeting in await turn.active_registrations():
        waiting = registration.status is RegistrationStatus.WAITLISTED
        news = {*news_for(meeting, registration.told, waiting=waiting)} & {*said.get(meeting.id, ())}
        if news & {*registration.told}:
            # Who perhaps knows that it is held after all is told all there is.
            kept = {} if "cancelled" in news else {k: v for k, v in registration.told.items() if k not in news}
            await note_told(turn.tx, registration.id, kept)


def _said_of(turn: Turn, meeting: Meeting, text: str) -> Iterator[str]:
    """Fields of the meeting that the text says: with its day, that it is held."""
    if meeting.day and meeting.speak_when(turn.language, turn.now) in text:
        yield from ("day", "hour", "cancelled")
    if meeting.link and meeting.link in text:
        yield from ("link", "passcode")
