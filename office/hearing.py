"""Who hears of what staff did for a person: that person, and who gets a seat by it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conversation.message import Address
from db.addresses import places_of
from db.engine import Transaction
from db.registrations import Registration, waiting_at
from office.newcomers import Unheard


@dataclass(frozen=True, slots=True)
class Hearing:
    """``place``: where ``name`` reads it; ``None``: nobody tells them, for the reason ``unheard``."""

    name: str
    place: Address | None
    unheard: Unheard | None
    #: Registrations of the waiting list that got a seat, whose people are told so; and those whose people are reached
    #: nowhere.
    seated: int = 0
    seated_unreached: int = 0


async def others_waiting(tx: Transaction, held: Registration) -> list[Registration]:
    """Who waits for a seat where ``held`` is registered."""
    return [r for r in await waiting_at(tx, held.meeting_id) if r.id != held.id]


async def with_seated(tx: Transaction, hearing: Hearing, held: Registration, waited: Sequence[Registration]) -> Hearing:
    """With those who ``waited`` beside ``held`` and have a seat now."""
    waiting = {r.id for r in await waiting_at(tx, held.meeting_id)}
    whose = [r.person_id for r in waited if r.id not in waiting]
    reached = await places_of(tx, whose)
    told = sum(person in reached for person in whose)
    return replace(hearing, seated=told, seated_unreached=len(whose) - told)
