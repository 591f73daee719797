"""What the office is warned of while there is still time: a meeting that is near and has no hour, or no link."""

from datetime import date, datetime, time, timedelta

from conversation.meeting import Meeting
from conversation.office import Office
from conversation.times import to_local
from conversation.wording import Voice
from db.engine import Transaction
from db.meetings import all_meetings, sector_names
from db.office_alerts import Alert, tell_office
from db.registrations import seats_taken
from knowledge.library import Library

#: From when on the day before, and on the morning itself: the first hour at which somebody may read it.
_FROM = time(7)


async def warn_of_unfinished_meetings(tx: Transaction, office: Office, *, library: Library, now: datetime) -> None:
    """Tell the office of each meeting of today or tomorrow that lacks its hour or its link, once on each of the two days."""
    local = to_local(now)
    if local.time() < _FROM:
        return
    today = local.date()
    near = {today, today + timedelta(days=1)}
    unfinished = [m for m in await all_meetings(tx) if m.day in near and m.is_upcoming(now) and _lacks(m)]
    if not unfinished:
        return
    voice = Voice(library, "it", now, await sector_names(tx), office.mailbox)
    for meeting in unfinished:
        await tell_office(
            tx,
            office,
            Alert.MEETING_UNFINISHED,
            f"{meeting.id} {today}",
            library=library,
            now=now,
            meeting=voice.name_meeting(meeting),
            day=_day_word(voice, meeting, today),
            missing=voice.join_words([voice.say(f"staff.missing_{part}") for part in _lacks(meeting)]),
            people=voice.count_people(await seats_taken(tx, meeting.id)),
        )


def _lacks(meeting: Meeting) -> list[str]:
    return ["hour"] * (meeting.hour is None) + ["link"] * (not meeting.link)


def _day_word(voice: Voice, meeting: Meeting, today: date) -> str:
    return voice.say("times.today" if meeting.day == today else "times.tomorrow")
