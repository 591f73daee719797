"""Letters are read in one process for all tests: to start one for each takes a quarter of a second of CPU."""

import pickle
from collections.abc import Callable

import mail.reading.message  # noqa: F401 - before the process's memory is limited, as where it reads nothing else
from conversation.message import Reading
from mail.reading.confined import ConfinedReader


class SharedReader:
    """A ``ConfinedReader`` that calls ``read`` in the process of ``shared``, which stays."""

    def __init__(self, shared: ConfinedReader, read: Callable[[bytes], Reading]) -> None:
        self._shared = shared
        self._read = read

    def __call__(self, raw: bytes) -> Reading:
        return self._shared(pickle.dumps((self._read, raw)))

    def close(self) -> None:
        """Nothing: the next test reads there too."""


def read_as_told(pickled: bytes) -> Reading:
    """What the pickled reader makes of the letter that is pickled with it."""
    read, raw = pickle.loads(pickled)  # noqa: S301 - of this very test
    found: Reading = read(raw)
    return found
