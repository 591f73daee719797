"""A clock that runs from a chosen instant and can be moved forward."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """``clock()`` is the present instant, ``shift`` its distance from the world's.

    ``listeners`` are called after each move.
    """

    def __init__(self, start: datetime) -> None:
        self.shift = start.astimezone(UTC) - datetime.now(UTC)
        self.listeners: list[Callable[[], None]] = []

    def __call__(self) -> datetime:
        """The present instant on this clock."""
        return datetime.now(UTC) + self.shift

    def move_to(self, instant: datetime) -> None:
        """Go to ``instant``. Raises ``ValueError`` for the past: what has been sent cannot be unsent."""
        ahead = instant.astimezone(UTC) - self()
        if ahead < timedelta(0):
            msg = "l'orologio va solo avanti"
            raise ValueError(msg)
        self.shift += ahead
        for listener in self.listeners:
            listener()
