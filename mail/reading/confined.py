"""Letters are read in a process of their own, with limits.

No letter, whatever is in it, holds the loop, fills the memory or ends the bot.

One child reads one letter after the other. It ends when the parent does (its end of the socket closes), and a new one
is started for the next letter when it has died.
"""

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from conversation.message import Reading

#: CPU seconds for one letter: five times what the dearest shapes of the longest letters take
#: (``tests/mail/test_bounds.py``).
CPU_SECONDS = 20
#: Seconds for one letter, waiting included: less than the inbox worker's lease, after which another worker would take
#: it too.
_SECONDS = 25.0
#: Bytes that the child may take beyond what it holds at rest: a letter of 25 MB, as it comes and as it is read, and
#: what is made of it.
_MEMORY = 200 * 1024 * 1024
_SIZES = Path("/proc/self/statm")


class ConfinedReader:
    """Calls ``read`` in the child: a picklable function of a module that the child can import. Threads take turns.

    Raises ``TimeoutError`` when the machine had no time for the letter and ``ChildProcessError`` when the child died of
    something else than the letter's cost: the inbox worker tries again.
    """

    def __init__(self, read: Callable[[bytes], Reading], *, cpu_seconds: int = CPU_SECONDS) -> None:
        self._read = read
        self._cpu_seconds = cpu_seconds
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None

    def __call__(self, raw: bytes) -> Reading:
        """What ``read`` makes of ``raw``; a letter that costs too much goes to a person."""
        with self._turn:
            line = self._line or self._start()
            try:
                line.send_bytes(raw)
                answered = line.poll(_SECONDS)
                reading = line.recv() if answered else None
            except (EOFError, OSError):
                return self._died()
            if isinstance(reading, Reading):
                return reading
            self._end()
        msg = f"no time to read the letter within {_SECONDS:.0f} seconds"
        raise TimeoutError(msg)

    def close(self) -> None:
        """End the child."""
        with self._turn:
            self._end()

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(  # noqa: S603 - this module, by this interpreter
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        self._line = Connection(ours.detach())
        self._line.send((self._read, self._cpu_seconds))
        return self._line

    def _died(self) -> Reading:
        code = self._end()
        if code == -signal.SIGXCPU:
            return Reading(None, "unreadable", f"takes more than {self._cpu_seconds} s of CPU", needs_person=True)
        msg = f"the reader of letters ended with {code}"
        raise ChildProcessError(msg)

    def _end(self) -> int | None:
        """How the child ended; it is made to, unless its line was cut at its end."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._child is None:
            return None
        child, self._child = self._child, None
        with suppress(subprocess.TimeoutExpired):
            return child.wait(1)
        child.kill()
        return child.wait()


def _serve(line: Connection) -> None:
    """The child: read what comes, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a key pressed in the terminal is for the parent
    read, cpu_seconds = line.recv()
    if _SIZES.exists():
        held = int(_SIZES.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + _MEMORY, resource.RLIM_INFINITY))
    with suppress(EOFError, OSError):
        while True:
            raw = line.recv_bytes()
            used = resource.getrusage(resource.RUSAGE_SELF)
            limit = int(used.ru_utime + used.ru_stime) + cpu_seconds
            resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
            line.send(read(raw))


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
