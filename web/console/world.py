"""What every page of the console needs: the database, the clocks, the office, and how one enters here."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from conversation.links import Links
from conversation.office import Office
from conversation.times import Clock
from db.engine import Database
from db.reports import Sign, signs_of
from delivery.reminders import Schedule
from knowledge.library import OWN_TOWN, Library
from office.entering import Times
from office.installation import Installation


def real_clock() -> datetime:
    """The real time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Oidc:
    """The municipality's own log-in. ``issuer``: https://…; ``only``: nobody enters by password."""

    issuer: str
    client_id: str
    client_secret: str
    only: bool = False


@dataclass(frozen=True, slots=True)
class Entering:
    """How one enters. ``networks``: from where, empty for anywhere; ``totp``: everybody gives a code.

    ``by_mail``: links are mailed.

    ``guests``: invented operators (by address) who enter without a password: the sandbox's, on loopback only.
    """

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    totp: bool = False
    by_mail: bool = False
    oidc: Oidc | None = None
    guests: tuple[str, ...] = ()


class Numbers:
    """The numbers of the menu, kept for a moment: every page shows them, and every open tab asks twice a minute.

    ``seconds``: for how long one process shows the same ones.
    """

    def __init__(self, seconds: float = 15.0) -> None:
        self._seconds = seconds
        self._until = 0.0
        self._signs: dict[str, Sign] = {}

    async def get(self, database: Database) -> dict[str, Sign]:
        """What waits for a person, by name."""
        if time.monotonic() >= self._until:
            async with database.look() as tx:
                self._signs = await signs_of(tx)
            self._until = time.monotonic() + self._seconds
        return self._signs

    def forget(self) -> None:
        """Something was done just now: the next page counts again."""
        self._until = 0.0


@dataclass(frozen=True, slots=True)
class World:
    """``public_url``: ours, without a slash at its end; empty on loopback.

    ``links``: makes those in letters. ``clock``: the service's, ``real``: the real time.
    """

    database: Database
    library: Library
    clock: Clock
    office: Office
    schedule: Schedule
    public_url: str = ""
    links: Links | None = None
    entering: Entering = field(default_factory=Entering)
    real: Clock = real_clock
    #: Whose word on a letter's sender is believed (``mail.screening.authentication``); empty: nobody's.
    authserv_id: str = ""
    #: The town's folder, which the library was read from.
    knowledge: Path = OWN_TOWN
    #: To more people than that nobody writes alone; 0: everybody does.
    approve_above: int = 0
    #: Whether e-mail goes out of here: an operator's trial goes that way.
    writes_letters: bool = True
    #: Those that must give signs of life (``office.parts``).
    parts: tuple[str, ...] = ()
    numbers: Numbers = field(default_factory=Numbers)
    #: Whoever writes a long list to a file: one at a time, for it reads for seconds, and few can read at once.
    files: asyncio.Lock = field(default_factory=asyncio.Lock)
    installation: Installation = field(default_factory=Installation)

    @property
    def telling(self) -> tuple[str, ...]:
        """The town's names: what nobody should build a password on."""
        town = self.library.town
        return town.name, town.service, town.office, town.mailbox

    def times(self) -> Times:
        """Both times, now."""
        return Times(self.clock(), self.real())
