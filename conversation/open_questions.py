"""The questions that the bot leaves open, each with what its answer needs."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, ClassVar


class Asks(StrEnum):
    """What the bot waits for.

    The contract keeps two more names, ``email`` and ``hand_over``, which nothing asks for now.
    """

    MEETING = "meeting"
    NAME = "name"
    ORGANISATION = "organisation"
    PARTICIPANTS = "participants"
    CONSENT = "consent"
    CONFIRM = "confirm"
    WHICH_REGISTRATION = "which_registration"
    ADHESION = "adhesion"
    TOPIC = "topic"


@dataclass(slots=True)
class Draft:
    """A registration being put together, or changed.

    ``organisation``: ``None`` not said, ``""`` a private citizen; ``supposed``: it is the one known of the person,
    nobody said it; ``adds``: it is said to come beside another. ``choices``: the meetings that were offered; ``shown``:
    day and hour of each (by number) when the yes was asked for; ``besides``: what that yes would do besides. ``more``:
    people to add to those already coming. ``counts``: how many come to a meeting (by number) where each has its own.
    ``noticed``: the privacy notice was shown whole.
    """

    meetings: list[int] = field(default_factory=list)
    choices: list[int] = field(default_factory=list)
    name: str = ""
    organisation: str | None = None
    participants: int | None = None
    more: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    large_ok: bool = False
    corrected: bool = False
    supposed: bool = False
    adds: bool = False
    shown: dict[str, str] = field(default_factory=dict)
    besides: str = ""
    noticed: bool = False

    def people_at(self, meeting_id: int) -> int:
        """How many come to this meeting."""
        return self.counts.get(str(meeting_id)) or self.participants or 1


def read_draft(data: dict[str, Any]) -> Draft:
    """Read it from JSON; names that are not known are passed over."""
    return Draft(**{k: v for k, v in data.items() if k in Draft.__slots__})


@dataclass(frozen=True, slots=True)
class Registering:
    """The next thing that a registration needs, or its yes."""

    action: ClassVar = "register"
    asks: Asks
    draft: Draft
    #: The privacy notice was accepted in this thread.
    consented: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """Which registration is withdrawn, or the yes."""

    action: ClassVar = "withdraw"
    asks: Asks
    #: Ids of those that the yes withdraws.
    registrations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Changing:
    """Which registration changes and how, or the yes."""

    action: ClassVar = "change"
    asks: Asks
    #: What is to be so.
    draft: Draft
    #: Its id; ``None`` while it is asked which.
    registration: int | None = None


@dataclass(frozen=True, slots=True)
class Guessing:
    """Whether one of the facts that are offered was asked for."""

    action: ClassVar = "ask"
    #: The person's words.
    question: str
    asks: Asks = Asks.TOPIC


@dataclass(frozen=True, slots=True)
class Adhering:
    """Whether interest in the Patto is to be noted, and for whom."""

    action: ClassVar = "adhere"
    asks: Asks
    #: What the office is shown.
    words: str
    #: For whom; ``None``: not said.
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class SubscribingToNews:
    """Whether news of new meetings is wanted."""

    action: ClassVar = "updates"
    asks: Asks = Asks.CONSENT


@dataclass(frozen=True, slots=True)
class EndingNews:
    """Whether news is to stop."""

    action: ClassVar = "updates_off"
    asks: Asks = Asks.CONFIRM


@dataclass(frozen=True, slots=True)
class EndingAll:
    """Whether nothing more is to be written that was not asked for."""

    action: ClassVar = "stop"
    asks: Asks = Asks.CONFIRM


@dataclass(frozen=True, slots=True)
class Erasing:
    """Whether all that is known of the person is to be erased."""

    action: ClassVar = "erase"
    asks: Asks = Asks.CONFIRM


@dataclass(frozen=True, slots=True)
class Exporting:
    """Whether the copy of their data is really wanted: the letter could be anybody's."""

    action: ClassVar = "export"
    asks: Asks = Asks.CONFIRM


@dataclass(frozen=True, slots=True)
class Joining:
    """Whether this chat is that of the person who got the link by mail."""

    action: ClassVar = "join"
    #: What the link carried.
    token: str
    asks: Asks = Asks.CONFIRM


OpenQuestion = (
    Registering | Withdrawing | Changing | Guessing | Adhering
    | SubscribingToNews | EndingNews | EndingAll | Erasing | Exporting | Joining
)  # fmt: skip
_KINDS: dict[str, type[OpenQuestion]] = {
    kind.action: kind
    for kind in (
        Registering, Withdrawing, Changing, Guessing, Adhering,
        SubscribingToNews, EndingNews, EndingAll, Erasing, Exporting, Joining,
    )
}  # fmt: skip


def as_json(question: OpenQuestion | None) -> dict[str, Any]:
    """A JSON object whose ``action`` is the kind; ``read_question`` reads it back."""
    return {} if question is None else {"action": question.action, **asdict(question)}


def read_question(data: dict[str, Any]) -> OpenQuestion | None:
    """Read what ``as_json`` wrote; ``None`` where nothing is open, or a kind that is not known."""
    kind = _KINDS.get(data.get("action", ""))
    if kind is None:
        return None
    values = {k: v for k, v in data.items() if k in kind.__slots__}
    values["asks"] = Asks(values["asks"])
    if "draft" in values:
        values["draft"] = read_draft(values["draft"])
    if "registrations" in values:
        values["registrations"] = tuple(values["registrations"])
    return kind(**values)
