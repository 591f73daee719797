"""Writing registrations down, under the lock of their meetings, and the confirmation: day, link, way out, calendar file.

A registration belongs to a person and an association: who writes for another association adds one, who writes for the same again
updates it. Nobody loses a seat by asking for another: what does not fit leaves all as it was.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from conversation.invitation import Ending
from conversation.links import Purpose
from conversation.meeting import Meeting
from conversation.message import Reply
from conversation.open_questions import Draft
from conversation.outcome import TurnOutcome
from conversation.understanding.organisations import same_organisation
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
from db.meetings import lock_meeting
from db.models import RegistrationStatus
from db.people import organisation_id, update_person
from db.registrations import Registration, get_registrations, save_registration, seats_taken, withdraw
from db.requests import record
from db.seats import free_seats
from handlers.answer import Answer
from handlers.turn import NOTICE_VERSION, Turn

_LINK_DAYS = 30
Place = tuple[Registration, Meeting]


@dataclass(slots=True)
class Enrolled:
    """What became of a wish: each place as it is now; ``kept``: those that could not grow; ``left``: what was given up or waits.

    ``wanted``: how many were to come to a meeting, by its id.
    """

    confirmed: list[Place] = field(default_factory=list)
    waiting: list[Place] = field(default_factory=list)
    kept: list[Place] = field(default_factory=list)
    gone: list[Meeting] = field(default_factory=list)
    left: Place | None = None
    new: bool = False
    wanted: dict[int, int] = field(default_factory=dict)


def held_for(held: Sequence[Registration], organisation: str | None, *, adds: bool = False) -> Registration | None:
    """Which of a person's registrations at a meeting is meant by one who comes for ``organisation``; ``None``: a further one.

    ``None`` for the organisation: not said. A place taken for oneself becomes the association's that is named later, unless
    the words say that it is one more (``adds``).
    """
    same = [r for r in held if same_organisation(r.organisation, organisation or "")]
    if same:
        return same[0]
    if adds or len(held) != 1:
        return None
    return held[0] if not organisation or not held[0].organisation else None


async def places_at(turn: Turn, meeting_id: int) -> list[Registration]:
    """The person's active registrations at one meeting."""
    return [r for r, m in await turn.active_registrations() if m.id == meeting_id]


async def enrol(turn: Turn, draft: Draft) -> Answer | None:
    """Write the registrations and answer with all that belongs to them; only after the notice.

    ``None`` when no meeting of the draft can be attended any more, or one is not when it was said to be: nothing is written.
    """
    held = [await _hold(turn, number) for number in sorted(draft.meetings)]
    coming = [m for m in held if m.is_upcoming(turn.now)]
    if not coming or any(draft.shown.get(str(m.id), m.shown) != m.shown for m in coming):
        return None
    person = await turn.know(draft.name)
    if turn.vouched or not person.organisation:
        await update_person(turn.tx, person.id, organisation_id=await _organisation(turn, draft.organisation))
    done = Enrolled(gone=[m for m in held if m not in coming])
    for meeting in coming:
        before = held_for(await places_at(turn, meeting.id), draft.organisation, adds=draft.adds)
        name = draft.organisation
        if before and (name is None or same_organisation(before.organisation, name)):
            name = before.organisation  # as it was written first
        number = draft.people_at(meeting.id)
        await _save(turn, done, meeting, await _organisation(turn, name), number, before=before)
    turn.dialogue.last_meeting = coming[-1].id
    turn.dialogue.close()
    reply = await confirmation(turn, done, assumed=draft.participants is None and bool(draft.organisation))
    return Answer(reply, TurnOutcome.REGISTERED if done.new else TurnOutcome.CHANGED)


async def amend(turn: Turn, place: Place, draft: Draft) -> Answer | None:
    """Change one registration where it is: how many, for which association, who. ``None``: it is too late for that."""
    before, meeting = place[0], await _hold(turn, place[1].id)
    if not meeting.is_upcoming(turn.now):
        return None
    await turn.know(draft.name)
    done = Enrolled()
    number = draft.participants or before.participants
    await _save(turn, done, meeting, await _organisation(turn, draft.organisation), number, before=before)
    turn.dialogue.close()
    return Answer(await confirmation(turn, done), TurnOutcome.CHANGED)


async def move(turn: Turn, place: Place, draft: Draft) -> Answer | None:
    """Come to another meeting instead: the old place is given up only for a sure one. ``None``: there is no going there any more."""
    before, target = place[0], draft.meetings[0]
    held = {number: await _hold(turn, number) for number in sorted({before.meeting_id, target})}
    if not held[target].is_upcoming(turn.now) or draft.shown.get(str(target), held[target].shown) != held[target].shown:
        return None
    await turn.know(draft.name)
    done = Enrolled(left=place)
    number = draft.participants or before.participants
    organisation = await _organisation(turn, draft.organisation)
    free = await _fits(turn, held[target], number)
    await _save(turn, done, held[target], organisation, number, instead_of=None if free else before.id)
    if free:
        await give_up(turn, before)
        done.left = (await get_registrations(turn.tx, [before.id]))[before.id], held[before.meeting_id]
    turn.dialogue.last_meeting = target
    turn.dialogue.close()
    return Answer(await confirmation(turn, done), TurnOutcome.CHANGED)


async def give_up(turn: Turn, registration: Registration) -> None:
    """Withdraw it; its seats go on to who waits."""
    await withdraw(turn.tx, registration.id, turn.now)
    about = f"registration:{registration.id}"
    await record(turn.tx, "withdrawn", now=turn.now, person_id=registration.person_id, subject=about)
    await free_seats(turn.tx, registration.meeting_id, turn.now)


async def foretell(turn: Turn, draft: Draft) -> str:
    """What a yes would do besides: which registration it changes, which ones stay, where there is no seat."""
    lines = []
    for meeting in (m for m in turn.upcoming if m.id in draft.meetings):
        held = await places_at(turn, meeting.id)
        before = held_for(held, draft.organisation, adds=draft.adds)
        names = {"meeting": f"«{turn.voice.name_meeting(meeting)}»"}
        if before is not None:
            lines.append(turn.say("register.updates", who=turn.voice.name_who(before), **names))
        lines += [
            turn.say("register.stays", who=turn.voice.name_who(other), **names) for other in held if other != before
        ]
        if not await _fits(turn, meeting, draft.people_at(meeting.id), before):
            keeps = before is not None and before.status is RegistrationStatus.CONFIRMED
            lines.append(turn.say("register.full_keeps" if keeps else "register.full_waits", **names))
    return "\n".join(lines)


async def foretell_move(turn: Turn, place: Place, target: Meeting, number: int) -> str:
    """What moving there would mean when there is no seat; empty when there is."""
    if await _fits(turn, target, number):
        return ""
    names = {"before": f"«{turn.voice.name_meeting(place[1])}»", "after": f"«{turn.voice.name_meeting(target)}»"}
    return turn.say("change.full_waits", **names)


async def foretell_number(turn: Turn, place: Place, number: int) -> str:
    """What asking for so many would mean when they do not fit; empty when they do."""
    registration, meeting = place
    if registration.status is RegistrationStatus.WAITLISTED or await _fits(turn, meeting, number, registration):
        return ""
    return turn.say("register.full_keeps", meeting=f"«{turn.voice.name_meeting(meeting)}»")


async def _hold(turn: Turn, meeting_id: int) -> Meeting:
    """The meeting as it is now, held to the end of the turn. All hold several in the order of their numbers: no two wait for each other."""
    meeting = await lock_meeting(turn.tx, meeting_id)
    if meeting is None:
        msg = f"meeting {meeting_id} vanished while it was held"
        raise LookupError(msg)
    return meeting


async def _organisation(turn: Turn, name: str | None) -> int | None:
    return await organisation_id(turn.tx, name, turn.now) if name else None


async def _fits(turn: Turn, meeting: Meeting, number: int, before: Registration | None = None) -> bool:
    """Whether so many have a seat; whoever has one and asks for no more has it anyway."""
    if meeting.capacity is None:
        return True
    if before and before.status is RegistrationStatus.CONFIRMED and number <= before.participants:
        return True
    return await seats_taken(turn.tx, meeting.id, besides=before.id if before else 0) + number <= meeting.capacity


async def _save(
    turn: Turn,
    done: Enrolled,
    meeting: Meeting,
    organisation: int | None,
    wanted: int,
    *,
    before: Registration | None = None,
    instead_of: int | None = None,
) -> None:
    done.wanted[meeting.id] = wanted
    fits = await _fits(turn, meeting, wanted, before)
    keeps = not fits and before is not None and before.status is RegistrationStatus.CONFIRMED
    assert turn.person is not None  # noqa: S101 - known since before the first of them
    number, new = await save_registration(
        turn.tx,
        person_id=turn.person.id,
        meeting_id=meeting.id,
        organisation_id=organisation,
        participants=before.participants if keeps and before else wanted,
        status=RegistrationStatus.CONFIRMED if fits or keeps else RegistrationStatus.WAITLISTED,
        source=turn.incoming.address.channel,
        notice_version=NOTICE_VERSION,
        now=turn.now,
        held=before.id if before else None,
        instead_of=before.instead_of if before else instead_of,
    )
    action, about = "registered" if new else "changed", f"registration:{number}"
    await record(turn.tx, action, now=turn.now, person_id=turn.person.id, subject=about)
    saved = (await get_registrations(turn.tx, [number]))[number]
    (done.kept if keeps else done.confirmed if fits else done.waiting).append((saved, meeting))
    done.new = done.new or new
    if not new:
        await free_seats(turn.tx, meeting.id, turn.now)


async def confirmation(turn: Turn, done: Enrolled, *, assumed: bool = False) -> Reply:
    """What was registered, per meeting, and what was not, with the calendar files."""
    parts = [turn.say("register.gone", meeting=turn.voice.name_meeting(m)) for m in done.gone]
    if done.left is not None:
        key = "change.left" if done.confirmed else "change.still"
        parts.append(turn.say(key, meeting=f"«{turn.voice.name_meeting(done.left[1])}»"))
    parts += [_told(turn, "register.done", place) for place in done.confirmed]
    for place in done.kept:
        parts.append(_told(turn, "register.full_kept", place, people=turn.voice.count_people(done.wanted[place[1].id])))
    parts += [_told(turn, "register.waitlisted", place) for place in done.waiting]
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


def _told(turn: Turn, key: str, place: Place, **values: str) -> str:
    registration, meeting = place
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
