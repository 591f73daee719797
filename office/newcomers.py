"""Who is registered by hand, and whether they hear of it: what a form asks, before ``office.on_behalf`` does it."""

from dataclasses import dataclass
from enum import StrEnum

from conversation.message import Address


class Unheard(StrEnum):
    """Why a person is not to hear of what staff did for them."""

    #: They were told while it was done.
    TOLD_BY_VOICE = "told_by_voice"
    #: What staff had written down wrongly is put right.
    OWN_MISTAKE = "own_mistake"
    #: They can be written to nowhere. Nobody chooses it.
    NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is to be registered, as told by telephone or at the counter."""

    #: Where the confirmation goes, and by which they are known; ``None``: they can be written to nowhere, and are told
    #: by voice.
    address: Address | None
    name: str
    #: Empty for a private citizen.
    organisation: str
    participants: int
    #: The meeting's id.
    meeting: int
    #: Of who is not known yet.
    language: str = "it"
