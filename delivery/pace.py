"""Keeps a channel's limits: evenly spaced slots overall, a pause per recipient, one pause for all after a refusal.

Telegram: about 30 messages a second overall and one a second per chat (Bot API FAQ); a burst at the start of a run is
what earns a 429, so slots are evenly spaced instead of filled from a bucket.
"""

import asyncio
from collections import OrderedDict

_REMEMBERED = 10_000


class Pace:
    """``await turn(recipient)`` returns when it is that recipient's turn, or ``False`` when that is too far off.

    ``rate``: messages a second overall. ``apart``: seconds between two to the same recipient. ``patience``: the
    longest wait in seconds; it must stay well under the outbox's lease.
    """

    def __init__(self, rate: float, apart: float, *, patience: float = 15.0) -> None:
        self._gap = 1.0 / rate
        self._apart = apart
        self._patience = patience
        self._next = 0.0
        self._paused_until = 0.0
        self._next_for: OrderedDict[str, float] = OrderedDict()

    async def turn(self, recipient: str) -> bool:
        """Wait for a slot; ``False`` when it would come later than the patience allows."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while True:
            now = loop.time()
            ready = max(now, self._next_for.get(recipient, 0.0), self._paused_until)
            at = ready if ready > now else max(now, self._next)
            if at - begun > self._patience:
                return False
            if ready > now:
                # The recipient's own pause, or everybody's: no slot is taken yet, others go on meanwhile.
                await asyncio.sleep(ready - now)
                continue
            self._next = at + self._gap
            if at > now:
                await asyncio.sleep(at - now)
                now = loop.time()
                if max(self._next_for.get(recipient, 0.0), self._paused_until) > now:
                    continue
            self._remember(recipient, now + self._apart)
            return True

    def _remember(self, recipient: str, until: float) -> None:
        self._next_for[recipient] = until
        self._next_for.move_to_end(recipient)
        while len(self._next_for) > _REMEMBERED:
            self._next_for.popitem(last=False)

    def pause(self, seconds: float) -> None:
        """Nothing goes out for ``seconds``: the channel asked for it."""
        self._paused_until = max(self._paused_until, asyncio.get_running_loop().time() + seconds)
