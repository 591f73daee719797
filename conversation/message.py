"""The data that flows: what comes in, what is answered, what goes out, what became of it.

A channel turns its own format into an ``Incoming``; handlers answer with ``Reply``; the outbox hands an ``Outgoing`` to
a transport, which answers with a ``Receipt``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from conversation.channel import Channel
from conversation.intents import Intent
from conversation.outcome import TurnOutcome


@dataclass(frozen=True, slots=True)
class Address:
    """A place on a channel: a chat id as decimal text, an e-mail address in lower case, a name in the terminal."""

    channel: Channel
    value: str


class Trust(StrEnum):
    """What the border said of the sender (RFC 8601): nobody vouched, the domain vouches, or the check failed."""

    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105 - the word of RFC 8601, not a password
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Thread:
    """What an answer must carry to stand under its question.

    By mail RFC 5322 §3.6.4, in a chat its topic as ``message_id``.
    """

    subject: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()

    def to_json(self) -> list[Any]:
        """A JSON array; ``from_json`` reads it back."""
        return [self.subject, self.message_id, list(self.references)]

    @classmethod
    def from_json(cls, data: Sequence[Any]) -> "Thread":
        """Read what ``to_json`` wrote."""
        subject, message_id, references = data
        return cls(subject, message_id, tuple(references))


class Event(StrEnum):
    """What happened, where it is not simply somebody saying something."""

    WORDS = "words"
    PRESS = "press"
    ATTACHMENT = "attachment"
    ENCRYPTED = "encrypted"
    MOVED = "moved"
    LEFT = "left"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a person did. ``text`` is the person's own words: quotes, signature and disclaimers stand apart.

    ``proof``: the mail of ours that a letter answers, as its Message-ID up to the @ (a mark, a point, a signature for
    the sender). ``answers``: the message that this one answers, or its subject: a reference of ours may stand there;
    ``answers_us``: it is ours. ``answer_to``: where the answer goes, when it is not to ``address``. ``number``: the
    message's own in its chat; ``album``: the name of the album that it is part of; ``attached``: files hang on it;
    ``moved_to``: the chat's new address. ``press``: the data of the button that was pressed; ``label``: what stood on
    it, empty where that is not known.
    """

    address: Address
    text: str = ""
    event: Event = Event.WORDS
    at: datetime | None = None
    name: str = ""
    language: str = ""
    press: str = ""
    label: str = ""
    signature: str = ""
    group: bool = False
    edited: bool = False
    thread: Thread | None = None
    trust: Trust = Trust.UNKNOWN
    proof: str = ""
    answers: str = ""
    answer_to: Address | None = None
    answers_us: bool = False
    number: str = ""
    album: str = ""
    attached: bool = False
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A choice under a message: ``data`` comes back when pressed (1 to 64 bytes), ``url`` opens a page."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, eq=False)
class File:
    """A file that goes with a message.

    An iCalendar object (RFC 5545) and its ``method`` (RFC 5546), or without one JSON or, as its name says (.txt), plain
    text. ``write``: gives its content, which nobody asks of a message that is only shown.
    """

    name: str
    write: Callable[[], str] = field(repr=False)
    method: str = ""

    @cached_property
    def content(self) -> str:
        """What stands in it, written when it is first asked for."""
        return self.write()


@dataclass(frozen=True, slots=True)
class Highlight:
    """A meeting as a mail shows it large, beside the text that says the same.

    Day, hour or that it is not known, topic, the way in.
    """

    day: str
    hour: str = ""
    topic: str = ""
    way_in: Button | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler says: plain text as the person reads it. ``title`` is its first line, shown in bold.

    ``highlights``: what mail shows large. ``links``: pages named in the text that are ours, and may be made links; an
    address that a stranger wrote never is one.
    """

    text: str
    title: str = ""
    buttons: tuple[tuple[Button, ...], ...] = ()
    files: tuple[File, ...] = ()
    highlights: tuple[Highlight, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """Title and text, as a terminal shows them."""
        return f"{self.title}\n\n{self.text}" if self.title and self.text else self.title or self.text


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for one address. ``key`` is unique for ever: the same key is the same message, sent again.

    ``for_office``: to who works there: nobody unsubscribes from that.
    """

    key: str
    address: Address
    reply: Reply
    subject: str = ""
    thread: Thread | None = None
    automatic: bool = False
    language: str = "it"
    for_office: bool = False


class Outcome(StrEnum):
    """What became of an attempt to send."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    GONE = "gone"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The transport's word: sent, try later (after ``wait`` seconds), refused for good, address gone, or unsure.

    ``UNSURE``: the request was written but nobody answered: it may or may not have arrived. ``moved_to``: the address
    has a new value (a group that became a supergroup). ``pause``: seconds for which the server wants nothing from
    anybody. ``refuses_us``: not the recipient is refused but our server, our domain or our text.
    """

    outcome: Outcome
    reference: str = ""
    reason: str = ""
    wait: float | None = None
    moved_to: str = ""
    pause: float = 0.0
    refuses_us: bool = False


def utf16_length(text: str) -> int:
    """Length as Telegram counts it: characters beyond the basic plane count twice."""
    return len(text.encode("utf-16-le")) // 2


def split_reply(reply: Reply, channel: Channel) -> list[Reply]:
    """The reply as the messages of a channel: one, unless its limits ask for more.

    Cuts at paragraphs, then lines, then words. Buttons stay with the last piece of text, where a person finds them;
    where files are messages of their own, a single one with a short text has it as its caption.
    """
    reply = reply if channel.buttons or channel.is_letter else _spelled_out(reply)
    together = channel.files_per_message is None or len(reply.files) <= channel.files_per_message
    limit = channel.caption_limit if reply.files else channel.text_limit
    if together and (limit is None or utf16_length(reply.plain) <= limit):
        return [reply]
    most = channel.text_limit
    pieces = [reply.text] if most is None else _cut(reply.text, most - utf16_length(reply.title) - 2)
    whole = [Reply(piece) for piece in pieces]
    whole[0] = replace(whole[0], title=reply.title)
    whole[-1] = replace(whole[-1], buttons=reply.buttons)
    size = channel.files_per_message or len(reply.files)
    parts = [reply.files[i : i + size] for i in range(0, len(reply.files), size or 1)]
    return [*whole, *(Reply("", files=part) for part in parts)]


def _spelled_out(reply: Reply) -> Reply:
    """The reply with its choices as lines of the text, to be answered in words."""
    choices = [f"• {b.label}{f': {b.url}' if b.url else ''}" for row in reply.buttons for b in row]
    return replace(reply, text="\n".join([reply.text, *choices]), buttons=())


def _cut(text: str, limit: int) -> list[str]:
    pieces: list[str] = []
    while utf16_length(text) > limit:
        window = text.encode("utf-16-le")[: limit * 2].decode("utf-16-le", "ignore")
        cut = next(
            (p for p in (window.rfind("\n\n"), window.rfind("\n"), window.rfind(" ")) if p > limit // 4), len(window)
        )
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text] if text or not pieces else pieces


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from: a seed document with its title and date."""

    id: str
    title: str
    date: str


@dataclass(slots=True)
class TurnRecord:
    """What one turn did, for the terminal, for staff and for the evidence kept with it."""

    replies: list[Reply] = field(default_factory=list)
    intent: str = Intent.OTHER
    outcome: TurnOutcome = TurnOutcome.UNCLEAR
    asks: str | None = None
    sources: list[Source] = field(default_factory=list)
    #: The registrations that the last reply tells of, by number.
    registrations: tuple[int, ...] = ()
    language: str = "it"
    evidence: tuple[str, ...] = ()


class DeliveryStatus(StrEnum):
    """What a provider reports of a mail of ours. ``HARD``: it will never arrive; ``SOFT``: not this time."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    SOFT = "soft"
    HARD = "hard"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A report on mail of ours: ``message_ids`` it may be about, likeliest first; ``recipients`` it names.

    ``status`` as given.

    ``refuses_us``: the server's words where it is our server, our domain or our text that it refuses.
    """

    outcome: DeliveryStatus
    message_ids: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    status: str = ""
    refuses_us: str = ""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What staff are shown of a letter that is left to them; each may be empty.

    ``words``: the sender's own; ``files``: their names.
    """

    sender: str = ""
    subject: str = ""
    words: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of something stored: an ``incoming`` to answer, or none and the ``reason`` in a few words.

    ``kind``: ``human``, or what else it was; ``needs_person``: to be set aside for staff, whole, who are shown a
    ``glimpse`` of it. ``returned``: what a provider reports of a mail of ours.
    """

    incoming: Incoming | None
    kind: str
    reason: str = ""
    needs_person: bool = False
    returned: DeliveryReport | None = None
    glimpse: Glimpse | None = None
