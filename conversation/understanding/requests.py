"""What a message asks for, one thing after another: what handlers act upon, as ``explain`` shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """``act``: an intent.

    ``meetings``: ids; none where none is said or sure. ``organisation``: ``""`` a private citizen, ``None`` not said.

    ``people``: how many come, ``None`` not said. ``answer``: the fact that a question asks for, ``""`` where none is
    known. ``certainty``: 0 to 1. ``found``: where it was read, in words.
    """

    act: str
    meetings: tuple[int, ...] = ()
    organisation: str | None = None
    writer: str = ""
    people: int | None = None
    answer: str = ""
    certainty: float = 0.0
    found: tuple[str, ...] = ()
