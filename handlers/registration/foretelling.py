"""What a yes would do besides what was asked: which registrations stay, and where there is no seat."""

from conversation.meeting import Meeting
from conversation.open_questions import Draft
from db.models import RegistrationStatus
from handlers.registration.enrol import fits, held_for, registrations_at
from handlers.turn import Booking, Turn


async def foretell(turn: Turn, draft: Draft) -> str:
    """What a yes would do besides: which registration it changes, which ones stay, where there is no seat."""
    lines = []
    for meeting in (m for m in turn.upcoming if m.id in draft.meetings):
        held = await registrations_at(turn, meeting.id)
        before = held_for(held, draft.organisation, adds=draft.adds)
        names = {"meeting": f"«{turn.voice.name_meeting(meeting)}»"}
        if before is not None:
            lines.append(turn.say("register.updates", who=turn.voice.name_who(before), **names))
        lines += [
            turn.say("register.stays", who=turn.voice.name_who(other), **names) for other in held if other != before
        ]
        if not await fits(turn, meeting, draft.people_at(meeting.id), before):
            keeps = before is not None and before.status is RegistrationStatus.CONFIRMED
            lines.append(turn.say("register.full_keeps" if keeps else "register.full_waits", **names))
    return "\n".join(lines)


async def foretell_move(turn: Turn, booking: Booking, target: Meeting, number: int) -> str:
    """What moving there would mean when there is no seat; empty when there is."""
    if await fits(turn, target, number):
        return ""
    names = {"before": f"«{turn.voice.name_meeting(booking[1])}»", "after": f"«{turn.voice.name_meeting(target)}»"}
    return turn.say("change.full_waits", **names)


async def foretell_number(turn: Turn, booking: Booking, number: int) -> str:
    """What asking for so many would mean when they do not fit; empty when they do."""
    registration, meeting = booking
    if registration.status is RegistrationStatus.WAITLISTED or await fits(turn, meeting, number, registration):
        return ""
    return turn.say("register.full_keeps", meeting=f"«{turn.voice.name_meeting(meeting)}»")
