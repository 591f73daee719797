"""Keeps a channel's limits: evenly spaced slots overall, shared by all workers, and a pause per recipient.

Telegram: about 30 messages a second overall and one a second per chat (Bot API FAQ); a burst at the start of a run is
what earns a 429, so slots are evenly spaced instead of filled from a bucket. The next free slot stands in the database
(``db.rate_limits``) and is moved in the transaction that claims the messages.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_REMEMBERED = 10_000
#: Slots are given out this far ahead: what waits for its slot is in doubt when its worker dies.
_AHEAD = timedelta(seconds=0.4)


@dataclass(slots=True)
class RateLimit:
    """``rate``: messages a second overall, of all workers. ``apart``: seconds between two to the same recipient."""

    rate: float
    apart: float
    _next_for: OrderedDict[str, float] = field(default_factory=OrderedDict)

    @property
    def gap(self) -> timedelta:
        """Between two slots."""
        return timedelta(seconds=1.0 / self.rate)

    def room(self, free_from: datetime, real_now: datetime) -> int:
        """How many slots may be given out now, when the next is free at ``free_from`` (real time)."""
        left = real_now + _AHEAD - max(free_from, real_now)
        return int(left / self.gap) + 1 if left >= timedelta() else 0

    def wait_for(self, recipient: str) -> float:
        """Seconds until this recipient may hear again."""
        return max(0.0, self._next_for.get(recipient, 0.0) - asyncio.get_running_loop().time())

    def note(self, recipient: str) -> None:
        """Something goes to this recipient now."""
        self._next_for[recipient] = asyncio.get_running_loop().time() + self.apart
        self._next_for.move_to_end(recipient)
        while len(self._next_for) > _REMEMBERED:
            self._next_for.popitem(last=False)
