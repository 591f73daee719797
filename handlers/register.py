"""Registering: from one free sentence or step by step, in any order, corrections at any moment.

In chat the privacy notice comes first: it is shown with what was understood, and one "yes" answers both. Nothing is
stored before it. By mail a clear request is acted upon at once, the notice stands in the answer, and only a missing
or doubtful meeting is asked back.
"""

import re
import secrets
from dataclasses import replace
from datetime import timedelta

from conversation.dialogue import Asks, Draft
from conversation.meeting import Meeting
from conversation.message import Button, Reply
from conversation.understanding.closed import read_yes_no
from conversation.understanding.details import MAX_PEOPLE, bare_number, is_plain_name
from conversation.understanding.meetings import Choice, Doubt, choose_meeting
from conversation.wording import access_lines, attendee_of, calendar_file, link_buttons
from conversation.words import fold
from db.meetings import lock_meeting
from db.models import RegistrationStatus
from db.outbox import queue_seats
from db.people import make_link_token, organisation_id, update_person
from db.registrations import promote_waiting, save_registration, seats_taken
from db.requests import record
from handlers.programme import meeting_buttons, programme_lines
from handlers.turn import NOTICE_VERSION, Turn, clean, number_in, rows, says_no, says_yes, yes_no

ACTION = "register"
#: Above this many people the number is asked about once: a slip of the keyboard, or really a crowd?
LARGE = 20
_LINK_DAYS = 30
#: Likeness from which words that answer no open question are another wish.
LEAVES = 0.55
_FULL_NAME = re.compile(
    r"[A-ZÀ-Ý][a-zà-ÿ'’]+(?: (?:[Dd]e[li]?|[Dd]ella|[Dd]i|[Ll]a|[Ll]o))?(?: [A-ZÀ-Ý][a-zà-ÿ'’]+){1,3}"
)


async def start(turn: Turn) -> Reply:
    """A wish to register, with whatever the sentence already says."""
    draft = Draft()
    await _prefill(turn, draft)
    merge(turn, draft)
    return await proceed(turn, draft)


async def start_for(turn: Turn, meeting_id: int) -> Reply:
    """Register for one meeting: a button of the programme or a deep link."""
    draft = Draft(meetings=[meeting_id])
    await _prefill(turn, draft)
    return await proceed(turn, draft)


async def _prefill(turn: Turn, draft: Draft) -> None:
    """What is known of a person who registered before is proposed, not asked again."""
    if turn.person is None:
        return
    draft.name = turn.person.name
    if await turn.registrations():
        draft.organisation = turn.person.organisation


def merge(turn: Turn, draft: Draft) -> bool:
    """Put what this message says into the draft; whether it said anything."""
    heard, before = turn.heard, (list(draft.meetings), draft.organisation, draft.name, draft.participants)
    choice = heard.meeting
    if choice.chosen and not (choice.weak and draft.meetings) and _may_speak_of_meetings(turn):
        adds = draft.meetings and any(w in fold(turn.incoming.text) for w in ("anche ", "aggiung", "also "))
        kept = [m for m in draft.meetings if m not in choice.excluded] if adds else []
        draft.meetings = [*kept, *(m for m in choice.chosen if m not in kept)]
        draft.choices = []
    elif choice.excluded:
        draft.meetings = [m for m in draft.meetings if m not in choice.excluded]
    if heard.details.organisation is not None:
        draft.organisation = clean(heard.details.organisation)
    if heard.details.contact:
        draft.name = clean(heard.details.contact)
    if heard.details.participants is not None:
        draft.participants, draft.large_ok = heard.details.participants, False
    elif heard.details.more is not None:
        draft.participants = max(1, (draft.participants or 1) + heard.details.more)
    return before != (draft.meetings, draft.organisation, draft.name, draft.participants)


_ABOUT_MEETINGS = re.compile(r"\b(?:incontr|appuntament|riunion|invece|anzi|spost|cambi|meeting|instead)")
_CLOSED = frozenset({Asks.CONSENT, Asks.CONFIRM})
_WHO = frozenset({Asks.NAME, Asks.ORGANISATION, Asks.PARTICIPANTS})


def _may_speak_of_meetings(turn: Turn) -> bool:
    """Whether days and sectors in this message may be about the meeting.

    Where a name or a number is being asked, "3", "Domenica" or "Circolo 26 Gennaio" are just that, unless the person
    says that it is about the meeting.
    """
    if turn.dialogue.action == ACTION and turn.dialogue.asks in _CLOSED and _bare_count(turn) is not None:
        return False
    if turn.dialogue.asks not in _WHO or turn.dialogue.action != ACTION:
        return True
    return bool(_ABOUT_MEETINGS.search(fold(turn.incoming.text)) or turn.heard.meeting.excluded)


async def resume(turn: Turn) -> Reply | None:
    """The answer to the open question; ``None`` when the message is about something else."""
    draft = turn.dialogue.draft or Draft()
    asks = turn.dialogue.asks
    press = turn.incoming.press
    if (meeting := number_in(press, "meeting")) is not None:
        return await _choose(turn, draft, meeting)
    if press.startswith("fix:"):
        return await _fix(turn, draft, press.removeprefix("fix:"))
    if asks in {Asks.CONSENT, Asks.CONFIRM}:
        return await _resume_closed(turn, draft)
    if asks is Asks.PARTICIPANTS and draft.participants is not None and draft.participants > LARGE and says_yes(turn):
        draft.large_ok = True
        return await proceed(turn, draft)
    if _is_question(turn) or _wants_out(turn):
        return None
    if asks is Asks.MEETING:
        return await _resume_meeting(turn, draft)
    if _GIVES_UP.search(fold(turn.incoming.text)):
        turn.finish("done")
        return Reply(turn.say("register.dropped"))
    taken = _take_answer(turn, draft)
    if taken is not None:
        return taken
    return await proceed(turn, draft)


_GIVES_UP = re.compile(
    r"\b(?:lascia(?:mo)? (?:stare|perdere)|lasciate (?:stare|perdere)|non (?:mi |ci )?interessa piu|no grazie|can't (?:make|come)|cannot (?:make|come)|never ?mind)\b"
)


def _wants_out(turn: Turn) -> bool:
    """Whether the words clearly are another wish, not the answer that was asked for."""
    out = {"cancel", "resend_link", "my_registrations", "privacy_erase", "privacy_export", "privacy_info"}
    return not turn.incoming.press and turn.heard.intent in out and turn.heard.certainty >= LEAVES


def _is_question(turn: Turn) -> bool:
    text = turn.incoming.text.strip()
    return not turn.incoming.press and (text.endswith("?") or turn.heard.heard("human"))


async def _choose(turn: Turn, draft: Draft, meeting_id: int) -> Reply:
    if not any(m.id == meeting_id for m in turn.upcoming):
        return Reply(turn.say("register.past"), buttons=meeting_buttons(turn, turn.upcoming))
    draft.meetings, draft.choices = [meeting_id], []
    return await proceed(turn, draft)


async def _resume_meeting(turn: Turn, draft: Draft) -> Reply | None:
    if turn.incoming.press == "all":
        draft.meetings = draft.choices or [m.id for m in turn.upcoming]
        return await proceed(turn, draft)
    said = merge(turn, draft)
    among = [m for m in turn.upcoming if m.id in draft.choices]
    picked = choose_meeting(turn.incoming.text, among, turn.now, turn.library.sectors) if among else Choice()
    if picked.chosen:
        draft.meetings, draft.choices = list(picked.chosen), []
        return await proceed(turn, draft)
    if not said and not turn.heard.meeting.spoken_of:
        if says_no(turn):
            turn.finish("done")
            return Reply(turn.say("register.dropped"))
        return None
    narrowed = [m for m in turn.heard.meeting.candidates if m in draft.choices]
    if not draft.meetings and len(narrowed) == 1:
        draft.meetings, draft.choices = narrowed, []
    return await proceed(turn, draft)


def _take_answer(turn: Turn, draft: Draft) -> Reply | None:
    """Take the answer to an open question about who comes; a reply only when it cannot be one."""
    text, press, asks = turn.incoming.text.strip(), turn.incoming.press, turn.dialogue.asks
    if press == "private":
        draft.organisation = ""
        return None
    if (people := number_in(press, "people")) is not None:
        draft.participants = people
        return None
    said = merge(turn, draft)
    if asks is Asks.PARTICIPANTS and turn.heard.details.participants is None and turn.heard.details.more is None:
        number = bare_number(text)
        if number is None and not said:
            return Reply(turn.say("register.bad_number", most=MAX_PEOPLE), buttons=_number_buttons())
        draft.participants = draft.participants if number is None else number
    elif asks is Asks.ORGANISATION and turn.heard.details.organisation is None and not said:
        draft.organisation = "" if says_no(turn) else clean(text)
    elif asks is Asks.NAME and not turn.heard.details.contact:
        usable = is_plain_name(clean(text)) and read_yes_no(text) is None
        if not usable and not said:
            return Reply(turn.say("register.bad_name"))
        draft.name = clean(text) if usable else draft.name
    return None


async def _resume_closed(turn: Turn, draft: Draft) -> Reply | None:
    """Consent or confirmation is open: a correction in words, yes, or no."""
    if _is_question(turn) or _wants_out(turn):
        return None
    if (number := _bare_count(turn)) is not None:
        draft.participants = number
        return await proceed(turn, draft)
    corrected = merge(turn, draft) or _bare_name(turn, draft)
    if corrected or (turn.heard.meeting.doubt is not None and not turn.heard.meeting.weak):
        return await proceed(turn, draft)
    consent = turn.dialogue.asks is Asks.CONSENT
    if says_yes(turn):
        turn.dialogue.consented = turn.dialogue.consented or consent
        return await _ask_missing(turn, draft) or await complete(turn, draft)
    if not says_no(turn):
        return None
    if consent:
        turn.finish("declined")
        turn.dialogue.language = turn.dialogue.last_fact = ""
        turn.dialogue.last_meeting = None
        return Reply(turn.say("register.declined", mailbox=turn.office.mailbox))
    if turn.incoming.press == "no":
        turn.finish("done")
        return Reply(turn.say("register.dropped"))
    return await _what_to_fix(turn, draft)


_JUST_A_NUMBER = re.compile(r"(?:in |siamo |forse |saremo )?[\w]+", re.IGNORECASE)


def _bare_count(turn: Turn) -> int | None:
    """The number that is all the message says: where a yes or no is open, it is the number of people."""
    text = turn.incoming.text.strip()
    return bare_number(text) if not turn.incoming.press and _JUST_A_NUMBER.fullmatch(text) else None


def _bare_name(turn: Turn, draft: Draft) -> bool:
    """Take a name that is all the message says: "Luca Neri"."""
    text = clean(turn.incoming.text)
    if turn.incoming.press or not _FULL_NAME.fullmatch(text):
        return False
    draft.name = text
    return True


async def _what_to_fix(turn: Turn, draft: Draft) -> Reply:
    turn.dialogue.draft = draft
    turn.ask(Asks.CONFIRM if _has_consented(turn) else Asks.CONSENT, ACTION)
    turn.record.outcome = "asked"
    fields = ("meeting", "organisation", "participants", "name")
    buttons = [Button(turn.say(f"button.fix_{f}"), data=f"fix:{f}") for f in fields]
    return Reply(turn.say("register.what_to_fix"), buttons=rows(buttons, 2))


async def _fix(turn: Turn, draft: Draft, field: str) -> Reply:
    """Forget one thing and ask for it."""
    turn.dialogue.draft = draft
    if field == "meeting":
        draft.meetings = []
        return await proceed(turn, draft)
    if field == "organisation":
        draft.organisation = None
    elif field == "participants":
        draft.participants = None
        return _ask_participants(turn, draft) or await proceed(turn, draft)
    elif field == "name":
        draft.name, draft.corrected = "", True
    else:
        return await _what_to_fix(turn, draft)
    return await _ask_missing(turn, draft) or await proceed(turn, draft)


async def proceed(turn: Turn, draft: Draft) -> Reply:
    """Ask for the first thing that is missing; with nothing missing, confirm (chat) or register (mail)."""
    turn.dialogue.draft = draft
    turn.record.intent = "register"
    turn.record.outcome = "asked"
    if not draft.name and not draft.corrected:
        draft.name = clean(turn.incoming.name)
    asked = _ask_meeting(turn, draft)
    if asked is not None:
        return asked
    if turn.by_mail:
        large = draft.participants is not None and _ask_participants(turn, draft)
        return large or await complete(turn, draft)
    if not _has_consented(turn):
        return _ask_consent(turn, draft)
    return await _ask_missing(turn, draft) or _ask_confirm(turn, draft)


def _ask_meeting(turn: Turn, draft: Draft) -> Reply | None:
    draft.meetings = [m for m in draft.meetings if any(u.id == m for u in turn.upcoming)]
    choice = turn.heard.meeting
    doubtful = choice.doubt is not None and not choice.chosen and not (choice.weak and draft.meetings)
    fresh_doubt = doubtful and not turn.incoming.press and _may_speak_of_meetings(turn)
    if draft.meetings and not fresh_doubt:
        return None
    if not turn.upcoming:
        turn.finish("answered")
        return Reply(turn.say("programme.none"))
    options = [m for m in turn.upcoming if m.id in choice.candidates] or turn.upcoming
    draft.meetings, draft.choices = [], [m.id for m in options]
    turn.ask(Asks.MEETING, ACTION)
    why = _why(turn, choice)
    if turn.by_mail:
        example = turn.voice.name_meeting(options[0])
        listed = "\n".join(turn.say("programme.line", meeting=turn.voice.name_meeting(m)) for m in options)
        if fresh_doubt:
            return Reply(turn.say("register.doubt_mail", why=why, programme=listed, example=example))
        return Reply(turn.say("register.ask_meeting_mail", programme=listed, example=example))
    buttons = meeting_buttons(turn, options)
    if len(options) > 1:
        buttons = (*buttons, (Button(turn.say("button.all"), data="all"),))
    return Reply(f"{why}\n\n{programme_lines(turn)}" if options == turn.upcoming else why, buttons=buttons)


def _why(turn: Turn, choice: Choice) -> str:
    if choice.doubt is Doubt.AMBIGUOUS:
        return turn.say("register.ambiguous")
    if choice.doubt is Doubt.CONTRADICTION:
        return turn.say("register.contradiction")
    if choice.doubt is Doubt.PAST:
        return turn.say("register.past")
    if choice.doubt is Doubt.NO_SUCH_DAY:
        return turn.say("register.no_such_day")
    return turn.say("register.ask_meeting")


def _ask_consent(turn: Turn, draft: Draft) -> Reply:
    turn.ask(Asks.CONSENT, ACTION)
    complete_ = draft.organisation is not None and (draft.participants is not None or draft.organisation == "")
    understood = turn.say("register.summary", details=_details(turn, draft))
    notice = turn.say("register.notice", months=turn.office.retention_months)
    yes = "button.yes_register" if complete_ and draft.name else "button.yes_notice"
    buttons = [Button(turn.say(yes), data="yes"), Button(turn.say("button.correct"), data="fix:ask")]
    return Reply(
        f"{understood}\n\n{notice}\n\n{turn.say('register.notice_question')}",
        buttons=(tuple(buttons), (Button(turn.say("button.no"), data="no"),)),
    )


async def _ask_missing(turn: Turn, draft: Draft) -> Reply | None:
    turn.record.outcome = "asked"
    if not draft.name:
        turn.ask(Asks.NAME, ACTION)
        return Reply(turn.say("register.ask_name"))
    if draft.organisation is None:
        turn.ask(Asks.ORGANISATION, ACTION)
        return Reply(
            turn.say("register.ask_organisation"),
            buttons=((Button(turn.say("button.private"), data="private"),),),
        )
    if draft.participants is None and draft.organisation == "":
        draft.participants = 1
    return _ask_participants(turn, draft)


def _ask_participants(turn: Turn, draft: Draft) -> Reply | None:
    number = draft.participants
    if number is not None and 1 <= number <= LARGE:
        return None
    if number is not None and LARGE < number <= MAX_PEOPLE and draft.large_ok:
        return None
    turn.ask(Asks.PARTICIPANTS, ACTION)
    turn.record.outcome = "asked"
    if number is None:
        return Reply(turn.say("register.ask_participants"), buttons=_number_buttons())
    if LARGE < number <= MAX_PEOPLE:
        return Reply(turn.say("register.ask_large", number=number), buttons=yes_no(turn))
    draft.participants = None
    return Reply(turn.say("register.bad_number", most=MAX_PEOPLE), buttons=_number_buttons())


def _number_buttons() -> tuple[tuple[Button, ...], ...]:
    return rows([Button(str(n), data=f"people:{n}") for n in range(1, 7)], 3)


def _details(turn: Turn, draft: Draft) -> str:
    names = [turn.voice.name_meeting(m) for m in turn.upcoming if m.id in draft.meetings]
    parts = [f"«{name}»" for name in names]
    if draft.organisation:
        parts.append(draft.organisation)
    elif draft.organisation == "":
        parts.append(turn.say("register.detail_private"))
    if draft.name:
        parts.append(draft.name)
    if draft.participants is not None:
        parts.append(turn.voice.count_people(draft.participants))
    return turn.voice.join_words(parts)


def _ask_confirm(turn: Turn, draft: Draft) -> Reply:
    turn.ask(Asks.CONFIRM, ACTION)
    buttons = (
        (Button(turn.say("button.confirm"), data="yes"),),
        (Button(turn.say("button.correct"), data="fix:ask"), Button(turn.say("button.stop"), data="no")),
    )
    return Reply(turn.say("register.confirm", details=_details(turn, draft)), buttons=buttons)


def _has_consented(turn: Turn) -> bool:
    """Whether the notice was accepted: now, or when the person registered before. A letter's answer carries it."""
    return turn.by_mail or turn.person is not None or turn.dialogue.consented


async def complete(turn: Turn, draft: Draft) -> Reply:
    """Write the registrations and answer with day, link, way out and calendar file; never before the notice."""
    if not _has_consented(turn):
        return _ask_consent(turn, draft)
    person = await turn.know(draft.name)
    organisation = draft.organisation or ""
    place = await organisation_id(turn.tx, organisation, turn.now) if organisation else None
    await update_person(turn.tx, person.id, organisation_id=place)
    number = draft.participants or 1
    waiting: list[Meeting] = []
    confirmed: list[Meeting] = []
    new = False
    for meeting_id in draft.meetings:
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
        await free_seats(turn, meeting)
    return meeting, status, new


async def free_seats(turn: Turn, meeting: Meeting) -> None:
    """Seats may have become free: give them to the waiting list and leave word for the notices."""
    held = await lock_meeting(turn.tx, meeting.id)
    if held is not None and held.capacity is not None:
        promoted = await promote_waiting(turn.tx, meeting.id, held.capacity, turn.now)
        await queue_seats(turn.tx, promoted, turn.now)


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
    parts.append(turn.say("register.mail_notice", months=turn.office.retention_months))
    return parts


def reask(turn: Turn) -> Reply | None:
    """The open question again, after something else was answered in the middle of it."""
    draft, asks = turn.dialogue.draft, turn.dialogue.asks
    if draft is None:
        return None
    if asks is Asks.CONSENT:
        return _ask_consent(turn, draft)
    if asks is Asks.CONFIRM:
        return _ask_confirm(turn, draft)
    if asks is Asks.MEETING:
        options = [m for m in turn.upcoming if m.id in draft.choices] or turn.upcoming
        return Reply(turn.say("register.ask_meeting"), buttons=meeting_buttons(turn, options))
    if asks is Asks.NAME:
        return Reply(turn.say("register.ask_name"))
    if asks is Asks.ORGANISATION:
        return Reply(
            turn.say("register.ask_organisation"), buttons=((Button(turn.say("button.private"), data="private"),),)
        )
    return Reply(turn.say("register.ask_participants"), buttons=_number_buttons())
