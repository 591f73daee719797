"""What staff's work needs beside the transaction."""

from dataclasses import dataclass
from datetime import datetime

from conversation.links import Links
from conversation.office import Office
from db.requests import TERMINAL, Actor
from delivery.reminders import Schedule
from knowledge.library import Library

__all__ = ["TERMINAL", "Actor", "Desk"]


@dataclass(frozen=True, slots=True)
class Desk:
    """Whoever does something at the office, when, and with what."""

    #: Whose name the audit trail keeps.
    by: Actor
    #: By the clock that meetings follow.
    now: datetime
    library: Library
    office: Office
    schedule: Schedule
    #: Makes the links in letters; ``None`` where no public address is set.
    links: Links | None = None
