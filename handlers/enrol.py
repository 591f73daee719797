"""Writing a registration down, and the confirmation: day, link, way out, calendar file."""

import secrets
from dataclasses import replace
from datetime import timedelta

from conversation.dialogue import Draft
from conversation.links import Purpose
from conversation.meeting import Meeting
from conversation.message import Reply
from conversation.wording import access_lines, attendee_of, calendar_file, link_buttons
from db.meetings import lock_meeting
from db.models import RegistrationStatus
from db.people import make_link_token, organisation_id, update_person
from db.registrations import save_registration, seats_taken
from db.requests import record
from db.seats import free_seats
from handlers.turn import NOTICE_VERSION, Turn

_LINK_DAYS = 30


async def enrol(turn: Turn, draft: Draft) -> Reply:
    """Write the registrations and answer with day, link, way out and calendar file; only after the notice."""
    person = await turn.know(draft.name)
    organisation = draft.organisation or ""
    place = await organisation_id(turn.tx, organisation, turn.now) if organisation else None
    if turn.vouched or not person.organisation:
        await update_person(turn.tx, person.id, organisation_id=place)
    number = draft.participants or 1
    waiting: list[Meeting] = []
    confirmed: list[Meeting] = []
    new = False
    for meeting_id in sorted(draft.meetings):  # all hold their meetings in one order: no two wait for each other
        meeting, status, fresh = await _save(turn, person.id, meeting_id, place, number)
        new = new or fresh
        (waiting if status is RegistrationStatus.WAITLISTED else confirmed).append(meeting)
    turn.dialogue.last_meeting = draft.meetings[-1]
    assumed = draft.participants is None
    turn.finish("registered" if new else "changed")
    return await confirmation(turn, confirmed, waiting, organisation, number, new=new, assumed=assumed)


async def _save(
    turn: Turn, person_id: int, meeting_id: int, place: int | None, number: int
) -> tuple[Meeting, RegistrationStatus, bool]:
    meeting = await lock_meeting(turn.tx, meeting_id)
    if meeting is None:
        msg = f"meeting {meeting_id} vanished while it was held"
        raise LookupError(msg)
    status = RegistrationStatus.CONFIRMED
    if meeting.capacity is not None:
        taken = await seats_taken(turn.tx, meeting_id, besides=person_id)
        status = RegistrationStatus.CONFIRMED if taken + number <= meeting.capacity else RegistrationStatus.WAITLISTED
    registration, new = await save_registration(
        turn.tx,
        person_id=person_id,
        meeting_id=meeting_id,
        organisation_id=place,
        participants=number,
        status=status,
        source=turn.incoming.address.channel,
        notice_version=NOTICE_VERSION,
        now=turn.now,
    )
    await record(
        turn.tx,
        "registered" if new else "changed",
        now=turn.now,
        person_id=person_id,
        subject=f"registration:{registration}",
    )
    if not new:
        await free_seats(turn.tx, meeting.id, turn.now)
    return meeting, status, new


async def confirmation(
    turn: Turn,
    confirmed: list[Meeting],
    waiting: list[Meeting],
    organisation: str,
    number: int,
    *,
    new: bool,
    assumed: bool,
) -> Reply:
    """What was registered, per meeting, with the calendar files."""
    people = turn.voice.count_people(number)
    who = (
        turn.say("register.who", name=organisation, people=people)
        if organisation
        else turn.say("register.who_private", people=people)
    )
    parts = []
    for meeting in confirmed:
        when, topic = (
            meeting.speak_when(turn.language, turn.now),
            meeting.title or turn.voice.name_sector(meeting.sector),
        )
        parts.append(
            turn.say("register.done", who=who, when=when, topic=topic, access=access_lines(turn.voice, meeting))
        )
    for meeting in waiting:
        when, topic = (
            meeting.speak_when(turn.language, turn.now),
            meeting.title or turn.voice.name_sector(meeting.sector),
        )
        parts.append(turn.say("register.waitlisted", when=when, topic=topic, people=people))
    parts.append(turn.say("leave.email" if turn.by_mail else "leave.chat"))
    if turn.by_mail:
        parts += await _letter_parts(turn, assumed=assumed and bool(organisation))
    title_key = (
        "register.waitlisted_title" if not confirmed else "register.done_title" if new else "register.updated_title"
    )
    address = turn.incoming.address
    files = tuple(calendar_file(turn.voice, m, attendee_of(address.channel, address.value)) for m in confirmed)
    buttons = link_buttons(turn.voice, confirmed[0]) if len(confirmed) == 1 and not turn.by_mail else ()
    if len(files) > 1:
        files = tuple(replace(f, name=f"incontro-{i}.ics") for i, f in enumerate(files, 1))
    return Reply("\n\n".join(parts), title=turn.say(title_key), buttons=buttons, files=files)


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
