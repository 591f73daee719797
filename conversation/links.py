"""Links in letters.

Signed, each for one purpose and one address, good for a while, revocable for one address or for all.

Looking at a page changes nothing (GET); pressing its button does (POST). All links end with a new ``SECRET_KEY``; those
of one address with ``db.addresses.revoke_links``.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from itsdangerous import BadData, URLSafeTimedSerializer

#: Pages and mail addresses, as they stand in a text.
ADDRESS = re.compile(r"https?://[^\s<>\"«»]+[^\s<>\"«».,;:!?)]|[\w.+\-]+@[\w\-]+\.[\w.\-]*\w")


def mark(key: str) -> str:
    """What stands for an outbox key where it can be seen: in Message-IDs."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


class Purpose(StrEnum):
    """What a link is for; the value is its path."""

    UNSUBSCRIBE = "u"
    CONFIRM = "c"
    MANAGE = "m"


_GOOD_FOR = {
    Purpose.UNSUBSCRIBE: timedelta(days=366),
    Purpose.CONFIRM: timedelta(days=14),
    Purpose.MANAGE: timedelta(days=60),
}


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link that somebody opened: whose it is, what it is about, when it was made (to the second)."""

    address: str
    about: str
    made_at: datetime


class Links:
    """Makes and reads the links. ``base``: the public address of the web part; ``key``: what they are signed with."""

    def __init__(self, base: str, key: str) -> None:
        self._base = base.rstrip("/")
        self._signers = {purpose: URLSafeTimedSerializer(key, salt=purpose.value) for purpose in Purpose}

    def make(self, purpose: Purpose, address: str, about: str = "") -> str:
        """The link for ``address``; ``about``: what exactly is confirmed."""
        return f"{self._base}/{purpose}/{self._signers[purpose].dumps([address, about])}"

    def read(self, purpose: Purpose, token: str) -> OpenedLink | None:
        """What the token at the end of a link says.

        ``None`` when it is forged, cut, too old, or for another purpose.
        """
        age = int(_GOOD_FOR[purpose].total_seconds())
        try:
            (address, about), made_at = self._signers[purpose].loads(token, max_age=age, return_timestamp=True)
        except (BadData, ValueError, TypeError):
            return None
        return OpenedLink(str(address), str(about), made_at.astimezone(UTC))
