"""Changing a registration: how many come, for which association, which meeting, who."""

from dataclasses import replace

from conversation.intents import Intent
from conversation.meeting import Meeting
from conversation.message import Reply
from conversation.open_questions import Asks, Changing, Draft
from conversation.outcome import TurnOutcome
from conversation.understanding import SURE, cues
from conversation.understanding.headcount import MAX_PEOPLE, bare_number
from conversation.understanding.meetings import Doubt
from conversation.understanding.organisations import named_among, same_organisation
from conversation.words import fold
from db.meetings import all_meetings
from handlers.answer import Answer
from handlers.programme import meeting_buttons
from handlers.registration.enrol import amend, move
from handlers.registration.foretelling import foretell_move, foretell_number
from handlers.registration.mine import name_bookings, pick, pick_whose, which_booking
from handlers.registration.questions import LARGE
from handlers.turn import Booking, Turn, name_from, number_in, says_no, says_yes, to_confirm


def renames(turn: Turn, bookings: list[Booking]) -> bool:
    """Whether the words put right a name of somebody registered: the person's, or the association's."""
    details = turn.heard.details
    named = bool(details.contact or details.organisation)
    elsewhere = set(turn.heard.meeting.chosen) - {m.id for _, m in bookings}
    return named and not elsewhere and cues.corrects_name(turn.incoming.text)


async def start(turn: Turn) -> Answer:
    """A wish to change something."""
    bookings = await turn.active_registrations()
    if not bookings:
        return Answer(Reply(turn.say("change.none")), TurnOutcome.ANSWERED)
    bookings = pick_whose(turn, bookings)
    target = _moved_to(turn, bookings)
    wish = _wish(turn, bookings, target)
    about = bookings[:1] if wish.name and not _touches_booking(wish) else _from(turn, bookings, target)
    wish.choices = _may_move_to(turn, bookings) if target is None else []
    if len(about) != 1:
        reply = which_booking(turn, turn.say("change.which"), about or bookings)
        return Answer.asking(Changing(Asks.WHICH_REGISTRATION, wish), reply)
    return await _apply(turn, about[0], wish)


def _may_move_to(turn: Turn, bookings: list[Booking]) -> list[int]:
    """The meetings among which the words leave open: "a martedì", of two Tuesdays."""
    held = {m.id for _, m in bookings}
    left = [m for m in turn.heard.meeting.candidates if m not in held]
    return left if turn.heard.meeting.doubt is Doubt.AMBIGUOUS and len(left) > 1 else []


def _moved_to(turn: Turn, bookings: list[Booking]) -> int | None:
    """The meeting the person wants to come to instead: named, upcoming, and not theirs yet."""
    held = {m.id for _, m in bookings}
    fresh = [m for m in turn.heard.meeting.chosen if m not in held]
    if not fresh and turn.heard.meeting.candidates:
        left = [m for m in turn.heard.meeting.candidates if m not in held]
        fresh = left if len(left) == 1 else []
    return fresh[0] if len(fresh) == 1 else None


def _from(turn: Turn, bookings: list[Booking], target: int | None) -> list[Booking]:
    excluded = set(turn.heard.meeting.excluded)
    leaving = [p for p in bookings if p[1].id in excluded]
    if leaving:
        return leaving
    named = {*turn.heard.meeting.chosen, *turn.heard.meeting.candidates} - {target}
    about = [p for p in bookings if p[1].id in named]
    return about or (pick(turn, bookings) or bookings if target is None else bookings)


def _wish(turn: Turn, bookings: list[Booking], target: int | None) -> Draft:
    """What is to change.

    The name of an association that is registered says which booking is meant, not how it is called now.
    """
    details = turn.heard.details
    wish = Draft(meetings=[target] if target else [], participants=details.participants, more=details.more)
    names = [r.organisation for r, _ in bookings if r.organisation]
    known = any(same_organisation(name, details.organisation or "") for name in names)
    known = known or (not renames(turn, bookings) and bool(named_among(details.organisation or "", names)))
    wish.organisation = (name_from(details.organisation) or None) if details.organisation and not known else None
    wish.name = name_from(details.contact) if details.contact and renames(turn, bookings) else ""
    return wish


async def _apply(turn: Turn, booking: Booking, wish: Draft) -> Answer:
    """Show what would change and ask; by mail do it."""
    registration, meeting = booking
    if wish.more is not None:
        wish.participants, wish.more = registration.participants + wish.more, None
    name = await _name(turn, booking)
    target = turn.meeting(wish.meetings[0]) if wish.meetings else None
    if wish.choices:
        options = [m for m in turn.upcoming if m.id in wish.choices]
        reply = Reply(turn.say("register.ambiguous"), buttons=meeting_buttons(turn, options))
        return Answer.asking(Changing(Asks.MEETING, wish, registration.id), reply)
    if wish.participants == registration.participants and target is None and not (wish.organisation or wish.name):
        turn.dialogue.close()
        return Answer(
            Reply(turn.say("change.same", meeting=name, people=turn.voice.count_people(registration.participants))),
            TurnOutcome.ANSWERED,
        )
    if wish.participants is not None and not 1 <= wish.participants <= MAX_PEOPLE:
        reply = Reply(turn.say("register.bad_number", most=MAX_PEOPLE))
        return Answer.asking(Changing(Asks.PARTICIPANTS, wish, registration.id), reply)
    if wish.organisation and await _is_taken(turn, booking, wish.organisation):
        turn.dialogue.close()
        return Answer(
            Reply(turn.say("change.taken", organisation=wish.organisation, meeting=turn.voice.name_meeting(meeting))),
            TurnOutcome.ANSWERED,
        )
    if not await _changes(turn, booking, wish, target):
        reply = Reply(turn.say("change.what", meeting=name))
        return Answer.asking(Changing(Asks.TOPIC, wish, registration.id), reply)
    large = wish.participants is not None and wish.participants > LARGE
    if turn.channel.is_letter and turn.vouched and not large:
        return await _do(turn, booking, wish)
    return await _ask(turn, booking, wish)


async def _ask(turn: Turn, booking: Booking, wish: Draft) -> Answer:
    target = turn.meeting(wish.meetings[0]) if wish.meetings else None
    wish.shown = {str(target.id): target.shown} if target else {}
    lines = [*await _changes(turn, booking, wish, target), turn.say("change.confirm")]
    reply = to_confirm(turn, "\n".join(lines), "button.confirm")
    return Answer.asking(Changing(Asks.CONFIRM, wish, booking[0].id), reply)


async def _name(turn: Turn, booking: Booking) -> str:
    """The booking's name, told apart from the person's others."""
    bookings = await turn.active_registrations()
    names = dict(zip([r.id for r, _ in bookings], name_bookings(turn, bookings), strict=True))
    return f"«{names[booking[0].id]}»"


async def _is_taken(turn: Turn, booking: Booking, organisation: str) -> bool:
    """Whether another registration of the person at the same meeting is that association's."""
    others = [r for r, m in await turn.active_registrations() if m.id == booking[1].id and r.id != booking[0].id]
    return any(same_organisation(r.organisation, organisation) for r in others)


async def _changes(turn: Turn, booking: Booking, wish: Draft, target: Meeting | None) -> list[str]:
    """Everything that would change, a sentence each, and what would not."""
    registration, _ = booking
    name, count, texts = await _name(turn, booking), turn.voice.count_people, []
    number = registration.participants if wish.participants is None else wish.participants
    if target is not None:
        texts.append(turn.say("change.confirm_meeting", before=name, after=f"«{turn.voice.name_meeting(target)}»"))
    if number != registration.participants:
        before, after = count(registration.participants), count(number)
        texts.append(turn.say("change.confirm_participants", meeting=name, before=before, after=after))
    if wish.organisation is not None:
        texts.append(turn.say("change.confirm_organisation", meeting=name, organisation=wish.organisation))
    if wish.name:
        texts.append(turn.say("change.confirm_name", before=turn.person.name if turn.person else "—", after=wish.name))
    if target is not None:
        texts.append(await foretell_move(turn, booking, target, number))
    else:
        texts.append(await foretell_number(turn, booking, number))
    return [text for text in texts if text]


async def resume(turn: Turn, question: Changing) -> Answer | None:
    """Which one, what, or the yes."""
    bookings = await turn.active_registrations()
    asks, wish = question.asks, question.draft
    if asks is Asks.WHICH_REGISTRATION:
        press = turn.incoming.press
        about = [p for p in bookings if press == f"place:{p[0].id}"] if press else pick(turn, bookings)
        if len(about) == 1 and (press or turn.heard.meeting.spoken_of or len(about) < len(bookings)):
            return await _apply(turn, about[0], wish)
        return None
    booking = next((p for p in bookings if p[0].id == question.registration), None)
    if booking is None:
        return None
    if asks is Asks.MEETING:
        among = {*turn.heard.meeting.chosen, *turn.heard.meeting.candidates} & set(wish.choices)
        pressed = number_in(turn.incoming.press, "meeting")
        chosen = [m for m in wish.choices if m == pressed or (pressed is None and among == {m})]
        if not chosen:
            return None
        wish.meetings, wish.choices = chosen, []
        return await _apply(turn, booking, wish)
    if asks in {Asks.TOPIC, Asks.PARTICIPANTS}:
        return await _take_wish(turn, bookings, booking)
    if says_yes(turn):
        return await _do(turn, booking, wish) if turn.confirmed else await _ask(turn, booking, wish)
    adds = turn.heard.means(Intent.REGISTER) and turn.heard.meeting.chosen and "anche" in fold(turn.incoming.text)
    gives_up = turn.heard.means(Intent.CANCEL) and turn.heard.certainty >= SURE and turn.heard.details.more is None
    if not turn.incoming.press and (adds or gives_up):
        return None  # another wish: the change that waited for its yes is not made
    if says_no(turn):
        turn.dialogue.close()
        return Answer(Reply(turn.say("change.kept")), TurnOutcome.DONE)
    fresh = _wish(turn, bookings, _moved_to(turn, [booking]))
    return await _apply(turn, booking, _both(wish, fresh)) if _says_something(fresh) else None


def _both(before: Draft, after: Draft) -> Draft:
    """What waited for its yes, with what was said since."""
    kept = replace(before, choices=after.choices or before.choices)
    kept.meetings = after.meetings or before.meetings
    kept.organisation = before.organisation if after.organisation is None else after.organisation
    kept.name = after.name or before.name
    if after.participants is not None:
        kept.participants, kept.more = after.participants, None
    elif after.more is not None and before.participants is not None:
        kept.participants = before.participants + after.more
    elif after.more is not None:
        kept.more = after.more
    return kept


async def _take_wish(turn: Turn, bookings: list[Booking], booking: Booking) -> Answer | None:
    fresh = _wish(turn, bookings, _moved_to(turn, [booking]))
    if fresh.participants is None and fresh.more is None:
        fresh.participants = bare_number(turn.incoming.text)
    if _says_something(fresh):
        return await _apply(turn, booking, fresh)
    if says_no(turn):
        turn.dialogue.close()
        return Answer(Reply(turn.say("change.kept")), TurnOutcome.DONE)
    return None


def _says_something(wish: Draft) -> bool:
    return bool(wish.name) or _touches_booking(wish)


def _touches_booking(wish: Draft) -> bool:
    numbers = wish.participants is not None or wish.more is not None
    return bool(wish.meetings) or numbers or wish.organisation is not None


async def _do(turn: Turn, booking: Booking, wish: Draft) -> Answer:
    registration, _ = booking
    draft = replace(
        wish,
        name=wish.name or (turn.person.name if turn.person else ""),
        organisation=wish.organisation if wish.organisation is not None else registration.organisation,
        participants=wish.participants if wish.participants is not None else registration.participants,
    )
    done = await (move if draft.meetings else amend)(turn, booking, draft)
    return done or await _too_late(turn, booking)


async def _too_late(turn: Turn, booking: Booking) -> Answer:
    """The meeting was moved or cancelled while its question was open: nothing is changed."""
    turn.meetings = await all_meetings(turn.tx)
    turn.dialogue.close()
    left = turn.meeting(booking[1].id)
    still = left is not None and left.is_upcoming(turn.now)
    text = turn.say(
        "change.too_late_kept" if still else "change.too_late", meeting=turn.voice.name_meeting(left or booking[1])
    )
    return Answer(Reply(text, buttons=meeting_buttons(turn, turn.upcoming)), TurnOutcome.ANSWERED)
