"""Starts the loops, starts one again that fails, stops all in order.

1. Every loop runs as a task of its own; one that raises is logged and started again after a growing pause.
2. On SIGTERM or SIGINT: listeners first (nothing new comes in), then the inbox worker, then the outbox worker (it
   settles what is in flight), each given a few seconds.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger("supervisor")

_PAUSE_MAX = 30.0


@dataclass(frozen=True, slots=True)
class Loop:
    """``run`` returns only when it is stopped. ``stop`` asks it to; without one the task is cancelled.

    ``grace``: seconds it may take to stop by itself.
    """

    name: str
    run: Callable[[], Awaitable[None]]
    stop: Callable[[], None] | None = None
    grace: float = 20.0


class Supervisor:
    """Loops are started in the order given and stopped in the same order: listeners belong first."""

    def __init__(self, loops: Sequence[Loop] = ()) -> None:
        self._loops: list[Loop] = []
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        #: How often each loop had to be started again.
        self.restarts: dict[str, int] = {}
        self.add(*loops)

    def add(self, *loops: Loop) -> None:
        """Take these too, after the others; before it runs."""
        self._loops += loops
        self.restarts |= {loop.name: 0 for loop in loops}

    def count_restarts(self) -> int:
        """How often a loop had to be started again, all together."""
        return sum(self.restarts.values())

    def request_stop(self) -> None:
        """Begin to stop; from the event loop's own thread."""
        self._stopping.set()

    async def run(self) -> None:
        """Run until a signal or ``request_stop``."""
        running = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            running.add_signal_handler(number, self.request_stop)
        self.start()
        await self._stopping.wait()
        await self.stop()

    def start(self) -> None:
        """Start every loop."""
        for loop in self._loops:
            self._tasks[loop.name] = asyncio.create_task(self._keep(loop), name=loop.name)

    async def _keep(self, loop: Loop) -> None:
        pause = 0.5
        while not self._stopping.is_set():
            begun = asyncio.get_running_loop().time()
            try:
                await loop.run()
            except asyncio.CancelledError:
                raise
            except Exception:
                self.restarts[loop.name] += 1
                if asyncio.get_running_loop().time() - begun > _PAUSE_MAX:
                    pause = 0.5  # it had been well for a while: this is a new trouble
                log.exception("loop_failed", loop=loop.name, restarts=self.restarts[loop.name])
                await asyncio.sleep(pause)
                pause = min(pause * 2, _PAUSE_MAX)
            else:
                return

    async def stop(self) -> None:
        """Stop every loop in order."""
        self._stopping.set()
        for loop in self._loops:
            task = self._tasks[loop.name]
            if loop.stop is None:
                task.cancel()
            else:
                loop.stop()
            done, _ = await asyncio.wait({task}, timeout=loop.grace)
            if not done:
                log.warning("loop_did_not_stop", loop=loop.name)
                task.cancel()
                await asyncio.wait({task}, timeout=2)
