"""What the office is warned of while there is still time: a meeting that is near and has no hour, or no link."""

from datetime import datetime, time, timedelta

from conversation.meeting import Meeting
from conversation.office import Office
from conversation.times import to_local, to_utc
from conversation.wording import Voice
from db.engine import Transaction
from db.meetings import all_meetings, sector_names
from db.office_alerts import Alert, tell_office
from db.registrations import seats_taken
from knowledge.library import Library

#: How long before it begins the office is told: time to ask who knows, then the last call.
_STAGES = (timedelta(hours=48), timedelta(hours=6))
#: When a meeting without an hour is taken to begin: the last call comes on its morning, at eight.
_ASSUMED = time(14)
#: The first hour at which somebody may read it.
_FROM = time(7)


async def warn_of_unfinished_meetings(tx: Transaction, office: Office, *, library: Library, now: datetime) -> None:
    """Tell the office of each coming meeting that lacks its hour or its link: once at each stage before it."""
    if to_local(now).time() < _FROM:
        return
    lacking = [m for m in await all_meetings(tx) if m.is_upcoming(now) and _lacks(m)]
    near = [(m, stage) for m in lacking if (stage := _stage(m, now)) is not None]
    if not near:
        return
    voice = Voice(library, "it", now, await sector_names(tx), office.mailbox)
    for meeting, stage in near:
        await tell_office(
            tx,
            office,
            Alert.MEETING_UNFINISHED,
            f"{meeting.id} {meeting.shown} {stage}",
            library=library,
            now=now,
            meeting=voice.name_meeting(meeting),
            day=_day_word(voice, meeting),
            missing=voice.join_words([voice.say(f"staff.missing_{part}") for part in _lacks(meeting)]),
            people=voice.count_people(await seats_taken(tx, meeting.id)),
        )


def _lacks(meeting: Meeting) -> list[str]:
    return ["hour"] * (meeting.hour is None) + ["link"] * (not meeting.link)


def _stage(meeting: Meeting, now: datetime) -> timedelta | None:
    """The last stage that has come; ``None`` for one still far."""
    if meeting.day is None:
        return None
    left = to_utc(meeting.day, meeting.hour or _ASSUMED) - now
    return min((stage for stage in _STAGES if left <= stage), default=None)


def _day_word(voice: Voice, meeting: Meeting) -> str:
    today = to_local(voice.now).date()
    if meeting.day == today:
        return voice.say("times.today")
    if meeting.day == today + timedelta(days=1):
        return voice.say("times.tomorrow")
    return meeting.speak_when(voice.language, voice.now)
