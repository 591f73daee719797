"""Who is registered by hand, and whether they hear of it: what a form asks, before ``office.on_behalf`` does it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from conversation.message import Address
from db.finding import FoundPerson
from office.errors import RefusedError


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
    #: Of who has no address; empty where it was not told.
    phone: str = ""


class NamesakeError(RefusedError):
    """A second person would be made beside somebody of that name and association. ``found``: who is there."""

    def __init__(self, found: Sequence[FoundPerson]) -> None:
        super().__init__("c'è già qualcuno con questo nome e questa associazione")
        self.found = found


class AddressKnownError(RefusedError):
    """The address is that of somebody who is called otherwise. ``found``: whose it is."""

    def __init__(self, found: FoundPerson) -> None:
        super().__init__(f"questo indirizzo è già di {found.name}")
        self.found = found
