"""Writing registrations down, under the lock of their meetings.

A registration belongs to a person and an association: who writes for another association adds one, who writes for the
same again updates it. Nobody loses a seat by asking for another: what does not fit leaves all as it was.
"""

from collections.abc import Sequence
from typing import Any

from conversation.meeting import Meeting
from conversation.open_questions import Draft
from conversation.outcome import TurnOutcome
from conversation.understanding.organisations import same_organisation
from db.meetings import lock_meeting
from db.models import RegistrationStatus
from db.people import organisation_id, update_person
from db.registrations import Registration, get_registrations, save_registration, seats_taken, withdraw
from db.requests import record
from db.seats import free_seats
from handlers.answer import Answer
from handlers.registration.confirmation import Enrolled, confirmation
from handlers.turn import PRIVACY_NOTICE_VERSION, Booking, Turn


def held_for(held: Sequence[Registration], organisation: str | None, *, adds: bool = False) -> Registration | None:
    """Which of a person's registrations at a meeting is meant by one who comes for ``organisation``.

    ``None``: a further one.

    ``None`` for the organisation: not said. A booking taken for oneself becomes the association's that is named later,
    unless the words say that it is one more (``adds``).
    """
    same = [r for r in held if same_organisation(r.organisation, organisation or "")]
    if same:
        return same[0]
    if adds or len(held) != 1:
        return None
    return held[0] if not organisation or not held[0].organisation else None


async def registrations_at(turn: Turn, meeting_id: int) -> list[Registration]:
    """The person's active registrations at one meeting."""
    return [r for r, m in await turn.active_registrations() if m.id == meeting_id]


async def enrol(turn: Turn, draft: Draft) -> Answer | None:
    """Write the registrations and answer with all that belongs to them; only after the notice.

    ``None`` when no meeting of the draft can be attended any more, or one is not when it was said to be: nothing is
    written.
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
        before = held_for(await registrations_at(turn, meeting.id), draft.organisation, adds=draft.adds)
        name = draft.organisation
        if before and (name is None or same_organisation(before.organisation, name)):
            name = before.organisation  # as it was written first
        number = draft.people_at(meeting.id)
        await _save(turn, done, meeting, await _organisation(turn, name), number, before=before)
    turn.dialogue.last_meeting = coming[-1].id
    turn.dialogue.close()
    reply = await confirmation(turn, done, assumed=draft.participants is None and bool(draft.organisation))
    outcome = TurnOutcome.REGISTERED if done.new else TurnOutcome.CHANGED
    return Answer(reply, outcome, registrations=done.registrations)


async def amend(turn: Turn, booking: Booking, draft: Draft) -> Answer | None:
    """Change one registration where it is: how many, for which association, who. ``None``: it is too late for that."""
    before, meeting = booking[0], await _hold(turn, booking[1].id)
    if not meeting.is_upcoming(turn.now):
        return None
    await turn.know(draft.name)
    done = Enrolled()
    number = draft.participants or before.participants
    await _save(turn, done, meeting, await _organisation(turn, draft.organisation), number, before=before)
    turn.dialogue.close()
    return Answer(await confirmation(turn, done), TurnOutcome.CHANGED, registrations=done.registrations)


async def move(turn: Turn, booking: Booking, draft: Draft) -> Answer | None:
    """Come to another meeting instead: the old booking is given up only for a sure one.

    ``None``: there is no going there any more.
    """
    before, target = booking[0], draft.meetings[0]
    held = {number: await _hold(turn, number) for number in sorted({before.meeting_id, target})}
    if not held[target].is_upcoming(turn.now) or draft.shown.get(str(target), held[target].shown) != held[target].shown:
        return None
    await turn.know(draft.name)
    done = Enrolled(left=booking)
    number = draft.participants or before.participants
    organisation = await _organisation(turn, draft.organisation)
    free = await fits(turn, held[target], number)
    await _save(turn, done, held[target], organisation, number, instead_of=None if free else before.id)
    if free:
        await give_up(turn, before)
        done.left = (await get_registrations(turn.tx, [before.id]))[before.id], held[before.meeting_id]
    turn.dialogue.last_meeting = target
    turn.dialogue.close()
    return Answer(await confirmation(turn, done), TurnOutcome.CHANGED, registrations=done.registrations)


async def give_up(turn: Turn, registration: Registration) -> None:
    """Withdraw it; its seats go on to who waits."""
    await withdraw(turn.tx, registration.id, turn.now)
    await _note(turn, "withdrawn", registration)
    await free_seats(turn.tx, registration.meeting_id, turn.now)


async def _note(turn: Turn, action: str, registration: Registration, *, before: Registration | None = None) -> None:
    """In the audit trail, as the person's own; what staff do for them is written down once, by staff's name."""
    if turn.by is None:
        data, about = changed_of(before, registration), f"registration:{registration.id}"
        await record(turn.tx, action, now=turn.now, person_id=registration.person_id, subject=about, data=data)


def changed_of(before: Registration | None, after: Registration) -> dict[str, Any] | None:
    """What of a registration is not as it was ``before``, for the audit trail.

    Of how many people come both numbers; no names, for it holds nobody's words. ``None``: nothing, or there was none.
    """
    if before is None:
        return None
    names = [name for name in ("participants", "organisation") if getattr(before, name) != getattr(after, name)]
    numbers = {"participants": [before.participants, after.participants]}
    return {"changed": names, "values": {name: numbers[name] for name in names if name in numbers}} if names else None


async def _hold(turn: Turn, meeting_id: int) -> Meeting:
    """The meeting as it is now, held to the end of the turn.

    All hold several in the order of their numbers: no two wait for each other.
    """
    meeting = await lock_meeting(turn.tx, meeting_id)
    if meeting is None:
        msg = f"meeting {meeting_id} vanished while it was held"
        raise LookupError(msg)
    return meeting


async def _organisation(turn: Turn, name: str | None) -> int | None:
    return await organisation_id(turn.tx, name, turn.now) if name else None


async def fits(turn: Turn, meeting: Meeting, number: int, before: Registration | None = None) -> bool:
    """Whether so many have a seat; whoever has one and asks for no more has it anyway."""
    if meeting.capacity is None:
        return True
    if before and before.status is RegistrationStatus.CONFIRMED and number <= before.participants:
        return True
    return await seats_taken(turn.tx, meeting.id, without=before.id if before else 0) + number <= meeting.capacity


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
    has_seat = await fits(turn, meeting, wanted, before)
    keeps = not has_seat and before is not None and before.status is RegistrationStatus.CONFIRMED
    assert turn.person is not None  # noqa: S101 - known since before the first of them
    number, new = await save_registration(
        turn.tx,
        person_id=turn.person.id,
        meeting_id=meeting.id,
        organisation_id=organisation,
        participants=before.participants if keeps and before else wanted,
        status=RegistrationStatus.CONFIRMED if has_seat or keeps else RegistrationStatus.WAITLISTED,
        source=turn.incoming.address.channel,
        notice_version=PRIVACY_NOTICE_VERSION,
        now=turn.now,
        held=before.id if before else None,
        instead_of=before.instead_of if before else instead_of,
    )
    saved = (await get_registrations(turn.tx, [number]))[number]
    await _note(turn, "registered" if new else "changed", saved, before=before)
    (done.kept if keeps else done.confirmed if has_seat else done.waiting).append((saved, meeting))
    done.new = done.new or new
    if not new:
        await free_seats(turn.tx, meeting.id, turn.now)
