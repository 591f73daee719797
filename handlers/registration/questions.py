"""The questions of a registration, in words and buttons; each waits for its answer."""

from collections.abc import Sequence

from conversation.meeting import Meeting
from conversation.message import Button, Reply
from conversation.naming import holds_address
from conversation.open_questions import Asks, Draft, Registering
from conversation.outcome import TurnOutcome
from conversation.understanding import cues
from conversation.understanding.headcount import MAX_PEOPLE
from conversation.understanding.meetings import Choice, Doubt
from conversation.words import fold
from handlers.answer import Answer
from handlers.programme import meeting_buttons, programme_lines
from handlers.turn import Turn, rows, to_confirm, yes_no

#: Above this many people the number is asked about once: a slip of the keyboard, or really a crowd?
LARGE = 20


def _ask(turn: Turn, asks: Asks, draft: Draft, reply: Reply) -> Answer:
    return Answer.asking(Registering(asks, draft, _was_consented(turn)), reply)


def _was_consented(turn: Turn) -> bool:
    return turn.dialogue.registering is not None and turn.dialogue.registering.consented


def ask_meeting(turn: Turn, draft: Draft) -> Answer | None:
    """Which meeting, unless that is clear: at once listing those that may be meant, and why it is asked."""
    draft.meetings = [m for m in draft.meetings if any(u.id == m for u in turn.upcoming)]
    choice = turn.heard.meeting
    doubtful = choice.doubt is not None and not choice.chosen and not (choice.weak and draft.meetings)
    fresh_doubt = doubtful and not turn.incoming.press and may_speak_of_meetings(turn)
    if draft.meetings and not fresh_doubt:
        return None
    if not turn.upcoming:
        turn.dialogue.close()
        return Answer(Reply(turn.say("programme.none")), TurnOutcome.ANSWERED)
    options = [m for m in turn.upcoming if m.id in choice.candidates] or turn.upcoming
    draft.meetings, draft.choices = [], [m.id for m in options]
    why = _why(turn, choice, options)
    letter = turn.channel.is_letter
    reply = _which_by_mail(turn, options, why if fresh_doubt else "") if letter else _which(turn, options, why)
    return _ask(turn, Asks.MEETING, draft, reply)


def _which_by_mail(turn: Turn, options: list[Meeting], why: str) -> Reply:
    example = turn.voice.name_meeting(options[0])
    listed = "\n".join(turn.say("programme.line", meeting=turn.voice.name_meeting(m)) for m in options)
    if why:
        return Reply(turn.say("register.doubt_mail", why=why, programme=listed, example=example))
    return Reply(turn.say("register.ask_meeting_mail", programme=listed, example=example))


def _which(turn: Turn, options: list[Meeting], why: str) -> Reply:
    buttons = meeting_buttons(turn, options)
    if len(options) > 1:
        buttons = (*buttons, (Button(turn.say("button.all"), data="all"),))
    return Reply(f"{why}\n\n{programme_lines(turn)}" if options == turn.upcoming else why, buttons=buttons)


def _why(turn: Turn, choice: Choice, options: Sequence[Meeting]) -> str:
    if choice.doubt is Doubt.AMBIGUOUS:
        return turn.say("register.ambiguous" if len(options) > 1 else "register.proposed")
    if choice.doubt is Doubt.CONTRADICTION:
        return turn.say("register.contradiction")
    if choice.doubt is Doubt.PAST:
        return turn.say("register.past")
    if choice.doubt is Doubt.NO_SUCH_DAY:
        return turn.say("register.no_such_day")
    return turn.say("register.ask_meeting")


_CLOSED = frozenset({Asks.CONSENT, Asks.CONFIRM})
_WHO = frozenset({Asks.NAME, Asks.ORGANISATION, Asks.PARTICIPANTS})


def may_speak_of_meetings(turn: Turn) -> bool:
    """Whether days and sectors in this message may be about the meeting.

    Where a name or a number is being asked, "3", "Domenica" or "Circolo 26 Gennaio" are just that, unless the person
    says that it is about the meeting.
    """
    asks = turn.dialogue.registering.asks if turn.dialogue.registering else None
    if asks in _CLOSED and bare_count(turn) is not None:
        return False
    if asks not in _WHO:
        return True
    return cues.is_about_meetings(turn.incoming.text) or bool(turn.heard.meeting.excluded)


def bare_count(turn: Turn) -> int | None:
    """The number that is all the message says: where a yes or no is open, it is the number of people."""
    return None if turn.incoming.press else cues.number_alone(turn.incoming.text.strip())


def ask_consent(turn: Turn, draft: Draft) -> Answer:
    """What was understood, the privacy notice, and one yes for both."""
    complete_ = draft.organisation is not None and (draft.participants is not None or draft.organisation == "")
    _show(turn, draft)
    understood = turn.say("register.summary", details=_details(turn, draft))
    notice = turn.say(
        "register.notice_again" if draft.noticed else "register.notice", months=turn.office.retention_months
    )
    draft.noticed = True
    yes = "button.yes_register" if complete_ and draft.name else "button.yes_notice"
    buttons = [Button(turn.say(yes), data="yes"), Button(turn.say("button.correct"), data="fix:ask")]
    understood = f"{understood}\n{draft.besides}".strip()
    reply = Reply(
        f"{understood}\n\n{notice}\n\n{turn.say('register.notice_question')}",
        buttons=(tuple(buttons), (Button(turn.say("button.no"), data="no"),)),
    )
    return _ask(turn, Asks.CONSENT, draft, reply)


def ask_missing(turn: Turn, draft: Draft) -> Answer | None:
    """Name, organisation, how many: the first that is not known."""
    if not draft.name:
        return _ask(turn, Asks.NAME, draft, Reply(turn.say("register.ask_name")))
    if draft.organisation is None:
        reply = Reply(turn.say("register.ask_organisation"), buttons=private_button(turn))
        return _ask(turn, Asks.ORGANISATION, draft, reply)
    if draft.participants is None and draft.organisation == "":
        draft.participants = 1
    return ask_participants(turn, draft)


def ask_participants(turn: Turn, draft: Draft) -> Answer | None:
    """How many, unless a sensible number is known."""
    number = draft.participants
    if number is not None and 1 <= number <= LARGE:
        return None
    if number is not None and LARGE < number <= MAX_PEOPLE and draft.large_ok:
        return None
    if number is not None and LARGE < number <= MAX_PEOPLE:
        reply = Reply(turn.say("register.ask_large", number=number), buttons=yes_no(turn))
        return _ask(turn, Asks.PARTICIPANTS, draft, reply)
    draft.participants = None
    key = "register.ask_participants" if number is None else "register.bad_number"
    return _ask(turn, Asks.PARTICIPANTS, draft, Reply(turn.say(key, most=MAX_PEOPLE), buttons=number_buttons()))


def private_button(turn: Turn) -> tuple[tuple[Button, ...], ...]:
    """The way past the association: somebody comes for themselves."""
    return ((Button(turn.say("button.private"), data="private"),),)


def number_buttons() -> tuple[tuple[Button, ...], ...]:
    """One to six people."""
    return rows([Button(str(n), data=f"people:{n}") for n in range(1, 7)], 3)


def _details(turn: Turn, draft: Draft) -> str:
    people = (
        [turn.voice.count_people(draft.participants)] if draft.participants is not None and not draft.counts else []
    )
    if draft.organisation:
        named = bool(draft.name) and fold(draft.name) != fold(draft.organisation)
        by = [turn.say("register.in_the_name_of", name=draft.name)] if named else []
        who = [draft.organisation, *people, *by]
    else:
        private = [turn.say("register.detail_private")] if draft.organisation == "" else []
        who = [*([draft.name] if draft.name else []), *people, *private]
    names = [_detail(turn, draft, m) for m in turn.upcoming if m.id in draft.meetings]
    meetings = [turn.say("register.for_meetings", meetings=turn.voice.join_words(names))] if names else []
    return ", ".join([*who, *meetings])


def _detail(turn: Turn, draft: Draft, meeting: Meeting) -> str:
    name = f"«{turn.voice.name_meeting(meeting)}»"
    return f"{name} ({turn.voice.count_people(draft.people_at(meeting.id))})" if draft.counts else name


def ask_confirm(turn: Turn, draft: Draft) -> Answer:
    """Everything once more, and the yes."""
    buttons = (
        (Button(turn.say("button.confirm"), data="yes"),),
        (Button(turn.say("button.correct"), data="fix:ask"), Button(turn.say("button.stop"), data="no")),
    )
    _show(turn, draft)
    text = f"{draft.besides}\n{turn.say('register.confirm', details=_details(turn, draft))}".strip()
    reply = to_confirm(turn, text) if turn.channel.is_letter else Reply(text, buttons=buttons)
    return _ask(turn, Asks.CONFIRM, draft, reply)


def _show(turn: Turn, draft: Draft) -> None:
    """A yes is to the meetings as they are now."""
    draft.shown = {str(m.id): m.shown for m in turn.upcoming if m.id in draft.meetings}


def ask_plain_name(turn: Turn, draft: Draft) -> Answer | None:
    """The association's name once more, when it holds an address: the town repeats nobody's."""
    if not holds_address(draft.organisation or ""):
        return None
    draft.organisation = None
    reply = Reply(turn.say("register.address_in_name"), buttons=private_button(turn))
    return _ask(turn, Asks.ORGANISATION, draft, reply)


def ask_whose(turn: Turn, draft: Draft, names: Sequence[str]) -> Answer:
    """For which of the person's associations: nothing says it, and each has its own registration."""
    listed = "\n".join(f"• {name or turn.say('register.detail_private')}" for name in names)
    return _ask(turn, Asks.ORGANISATION, draft, Reply(turn.say("register.ask_whose", names=listed)))


def has_consented(turn: Turn) -> bool:
    """Whether the notice was accepted: now, or when the person registered before. A letter's answer carries it.

    Whom the office registered has accepted none.
    """
    before = turn.person is not None and turn.person.notice_version > 0
    return turn.channel.is_letter or before or _was_consented(turn)


def what_to_fix(turn: Turn, draft: Draft) -> Answer:
    """Which of the particulars is wrong."""
    asks = Asks.CONFIRM if has_consented(turn) else Asks.CONSENT
    fields = ("meeting", "organisation", "participants", "name")
    buttons = [Button(turn.say(f"button.fix_{f}"), data=f"fix:{f}") for f in fields]
    return _ask(turn, asks, draft, Reply(turn.say("register.what_to_fix"), buttons=rows(buttons, 2)))


def reask(turn: Turn) -> Answer | None:
    """The yes of a registration asked for again, from what is known by now.

    ``None``: the question is as it was shown.
    """
    open_now = turn.dialogue.registering
    if open_now is None or open_now.asks not in _CLOSED:
        return None
    return (ask_consent if open_now.asks is Asks.CONSENT else ask_confirm)(turn, open_now.draft)
