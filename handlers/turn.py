"""Everything that a handler may touch while it answers one message."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from conversation.channel import Channel
from conversation.dialogue import Dialogue
from conversation.intents import Trait, has_trait
from conversation.links import Links, Purpose, mark
from conversation.meeting import Meeting
from conversation.message import Button, Incoming, Reply, Thread, Trust, TurnRecord
from conversation.naming import holds_address
from conversation.office import Office
from conversation.open_questions import Draft, OpenQuestion
from conversation.understanding import SURE, Understanding
from conversation.understanding.yes_no import read_yes_no
from conversation.wording import SectorNames, Voice, form_for
from db.engine import Transaction
from db.people import Person, add_person, find_person, update_person
from db.registrations import Registration, registrations_of
from db.requests import Actor, record
from handlers.answer import Answer
from knowledge.library import Library

#: Grows with every change of the privacy notice's substance; what has changed is said by ``privacy.renewed_N``.
PRIVACY_NOTICE_VERSION = 4
#: A registration with its meeting.
Booking = tuple[Registration, Meeting]


@dataclass(slots=True)
class Turn:
    """One message being answered, inside one transaction. ``key`` names it; replies and effects carry it.

    ``forgets``: nothing of this conversation is kept, not even what was talked about. ``question``: the words of one
    that is asked in a letter, without how to say yes. ``draft``: the registration that is put together in this turn.
    ``command``: the chat command that stood before the words, without its slash; ``None``: none.
    ``by``: who of the staff does it for the person, who said nothing; ``None``: it is the person's own.
    """

    tx: Transaction
    key: str
    incoming: Incoming
    heard: Understanding
    dialogue: Dialogue
    library: Library
    office: Office
    meetings: Sequence[Meeting]
    sectors: SectorNames
    now: datetime
    person: Person | None = None
    links: Links | None = None
    forgets: bool = False
    command: str | None = None
    question: str = ""
    draft: Draft | None = None
    by: Actor | None = None
    record: TurnRecord = field(default_factory=TurnRecord)

    @property
    def language(self) -> str:
        """The language of the answer: what was spoken, where there are texts for it."""
        return (
            self.heard.language if self.heard.language in self.library.texts else "en" if self.heard.language else "it"
        )

    @property
    def is_foreign(self) -> bool:
        """Whether a language is spoken for which there are no texts, so that the answer is in another."""
        return bool(self.heard.language) and self.heard.language not in self.library.texts

    @property
    def voice(self) -> Voice:
        """The bot's voice in this turn."""
        form = form_for(self.channel, private=self._is_private)
        return Voice(self.library, self.language, self.now, self.sectors, self.office.mailbox, form)

    @property
    def _is_private(self) -> bool:
        """Whether they write for themselves: they said so now, or registered so before."""
        draft = self.draft or (self.dialogue.registering.draft if self.dialogue.registering else None)
        said = draft.organisation if draft and draft.organisation is not None else self.heard.details.organisation
        if said is None and self.person is not None:
            return not self.person.organisation
        return said == ""

    @property
    def channel(self) -> Channel:
        """Where this came in and is answered; its traits decide how."""
        return self.incoming.address.channel

    @property
    def vouched(self) -> bool:
        """Whether it is sure who speaks: a chat is; a letter whose domain vouches, or that answers one of ours."""
        return self.channel.proves_sender or self.incoming.trust is Trust.PASS

    @property
    def thread(self) -> Thread | None:
        """What the answer hangs on.

        The subject of somebody for whom nothing vouches is not repeated: we would send it to whom they name.
        """
        thread = self.incoming.thread
        return thread if thread is None or self.vouched else replace(thread, subject="")

    @property
    def confirmed(self) -> bool:
        """Whether this yes is surely the person's, and to the question that is open.

        A letter may answer another one, or nothing.
        """
        return self.vouched and (
            not self.channel.is_letter or self.incoming.proof.partition(".")[0] == self.dialogue.asked_in
        )

    @property
    def upcoming(self) -> list[Meeting]:
        """Meetings one can still attend, by day."""
        return [m for m in self.meetings if m.is_upcoming(self.now)]

    def say(self, key: str, **values: object) -> str:
        """A text of the locale."""
        return self.voice.say(key, **values)

    def meeting(self, meeting_id: int) -> Meeting | None:
        """A meeting of the programme by id."""
        return next((m for m in self.meetings if m.id == meeting_id), None)

    def leave_open(self, question: OpenQuestion) -> None:
        """What an answer asked waits for its own answer from now on."""
        self.dialogue.open = question
        self.dialogue.asked_in = mark(self.answer_key)

    @property
    def answer_key(self) -> str:
        """The outbox key of this turn's answer: what is asked in it is known by that."""
        return f"{self.key}:0"

    async def registrations(self) -> list[Registration]:
        """The person's registrations, withdrawn ones included."""
        return await registrations_of(self.tx, self.person.id) if self.person else []

    async def active_registrations(self) -> list[Booking]:
        """The person's bookings at coming meetings."""
        pairs = [(r, self.meeting(r.meeting_id)) for r in await self.registrations() if r.status != "withdrawn"]
        return [(r, m) for r, m in pairs if m is not None and m.is_upcoming(self.now)]

    async def know(self, name: str) -> Person:
        """The person, written down now if they were not: the notice has been accepted, or stands in this answer."""
        if self.person is None:
            self.person = await find_person(self.tx, self.incoming.address)
        if self.person is None:
            self.person = await add_person(
                self.tx,
                self.incoming.address,
                name=name,
                language=self.language,
                notice_version=PRIVACY_NOTICE_VERSION,
                now=self.now,
            )
            await self._note_accepted(self.person)
        elif name and name != self.person.name and self.vouched:
            await update_person(self.tx, self.person.id, name=name[:200])
            self.person = replace(self.person, name=name[:200])
        return self.person

    async def accept_notice(self) -> None:
        """The notice that this answer carries, or that was said yes to, is accepted, if the person had accepted none.

        What staff do for a person accepts nothing.
        """
        if self.by is not None or self.person is None or self.person.notice_version:
            return
        self.person = replace(self.person, notice_at=self.now, notice_version=PRIVACY_NOTICE_VERSION)
        await update_person(self.tx, self.person.id, notice_at=self.now, notice_version=PRIVACY_NOTICE_VERSION)
        await self._note_accepted(self.person)

    async def _note_accepted(self, person: Person) -> None:
        """In the log of consents: which notice was accepted, when, on which channel."""
        data = {"notice": PRIVACY_NOTICE_VERSION, "channel": self.incoming.address.channel.value}
        await record(self.tx, "notice_accepted", now=self.now, person_id=person.id, data=data)


#: Answers a turn.
Handler = Callable[[Turn], Awaitable[Answer]]


def rows(buttons: Sequence[Button], width: int = 1) -> tuple[tuple[Button, ...], ...]:
    """Buttons in rows of ``width``."""
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))


def yes_no(turn: Turn, yes: str = "button.yes", no: str = "button.no") -> tuple[tuple[Button, ...], ...]:
    """The two answers to a closed question."""
    return ((Button(turn.say(yes), data="yes"), Button(turn.say(no), data="no")),)


def to_confirm(turn: Turn, text: str, yes: str = "button.yes") -> Reply:
    """A closed question about what changes something. By mail only a reply to it, or its link, can say yes."""
    if not turn.channel.is_letter:
        return Reply(text, buttons=yes_no(turn, yes))
    turn.question = text
    lines = [text, turn.say("confirm.reply")]
    buttons: tuple[tuple[Button, ...], ...] = ()
    if turn.links is not None:
        link = turn.links.make(Purpose.CONFIRM, turn.incoming.address.value, turn.answer_key)
        lines.append(turn.say("confirm.link", link=link))
        buttons = ((Button(turn.say("button.confirm"), url=link),),)
    return Reply("\n\n".join(lines), buttons=buttons)


def says_yes(turn: Turn, about: frozenset[str] = frozenset()) -> bool:
    """Whether the person agreed, by button or in words.

    What was written before the question does not, however it is edited. ``about``: words of the question that a yes may
    repeat.
    """
    return turn.incoming.press == "yes" or (not turn.incoming.press and _said(turn, about) is True)


def says_no(turn: Turn) -> bool:
    """Whether the person refused, by button or in words."""
    return turn.incoming.press == "no" or (not turn.incoming.press and _said(turn) is False)


def _said(turn: Turn, about: frozenset[str] = frozenset()) -> bool | None:
    return None if turn.incoming.edited else read_yes_no(turn.incoming.text, about)


def speaks_of_something_else(turn: Turn) -> bool:
    """Where a name is asked for: whether the words are surely said to us, and no name."""
    return has_trait(turn.heard.intent, Trait.NO_NAME) and turn.heard.certainty >= SURE


def number_in(press: str, verb: str) -> int | None:
    """The number of a button ``verb:7``; ``None`` when it is not one."""
    name, _, argument = press.partition(":")
    return int(argument) if name == verb and argument.isdecimal() and len(argument) < 10 else None


def name_from(text: str) -> str:
    """A name that is shown back and stored: one clean line, and none at all when it holds an address."""
    name = clean(text)
    return "" if holds_address(name) else name


def clean(text: str, most: int = 120) -> str:
    """One line without control or direction-changing characters, for names that are shown back and stored."""
    kept = "".join(
        " " if c.isspace() else c
        for c in text
        if c.isspace()
        or (
            c.isprintable()
            and c not in "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
            and c not in "\u115f\u1160\u2800\u3164\uffa0"
        )  # blank letters: a name of them would be invisible
    )
    return " ".join(kept.split())[:most]


def clean_lines(text: str, most: int) -> str:
    """As ``clean``, line by line: for words that a person at the office reads."""
    return "\n".join(clean(line, most) for line in text[:most].split("\n")).strip()
