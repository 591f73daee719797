"""Who hears of what staff did: the person for whom they did it, and who gets a seat by it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from conversation.channel import Channel
from conversation.message import Address
from db.addresses import reachable_addresses
from db.engine import Transaction
from db.people import names_of
from db.registrations import Registration, waiting_at
from office.newcomers import Unheard


@dataclass(frozen=True, slots=True)
class Hearing:
    """``address``: where ``name`` reads it; ``None``: nobody tells them, for the reason ``unheard``."""

    name: str
    address: Address | None
    unheard: Unheard | None
    #: Registrations of the waiting list that got a seat, whose people are told so; and those whose people are reached
    #: nowhere.
    seated: int = 0
    seated_unreached: int = 0


class Seated(NamedTuple):
    """Somebody who gets a seat: number and name. ``channel``: on which they read it; ``None``: they are not reached."""

    person: int
    name: str
    channel: Channel | None


async def seated_by(tx: Transaction, promoted: Iterable[Registration]) -> tuple[Seated, ...]:
    """Whose registrations these are, each once, in their order."""
    whose = [*dict.fromkeys(r.person_id for r in promoted)]
    if not whose:
        return ()
    names, found = await names_of(tx, whose), await reachable_addresses(tx, whose)
    return tuple(Seated(n, names.get(n, ""), found[n][0].channel if n in found else None) for n in whose)


async def others_waiting(tx: Transaction, held: Registration) -> list[Registration]:
    """Who waits for a seat where ``held`` is registered."""
    return [r for r in await waiting_at(tx, held.meeting_id) if r.id != held.id]


async def with_seated(tx: Transaction, hearing: Hearing, held: Registration, waited: Sequence[Registration]) -> Hearing:
    """With those who ``waited`` beside ``held`` and have a seat now."""
    waiting = {r.id for r in await waiting_at(tx, held.meeting_id)}
    whose = [r.person_id for r in waited if r.id not in waiting]
    reached = await reachable_addresses(tx, whose)
    told = sum(person in reached for person in whose)
    return replace(hearing, seated=told, seated_unreached=len(whose) - told)
