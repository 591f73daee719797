"""What stands under a number, kept as arrays: a dict or set of ten thousand entries takes six times their memory."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]


def members(among: Keys, keys: Keys) -> NDArray[np.bool_]:
    """Which of ``keys`` stand ``among`` others, which are sorted, each once; ``(len(keys),)``."""
    if not len(among):
        return np.zeros(len(keys), bool)
    places = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    found: NDArray[np.bool_] = among[places] == keys
    return found


class Lookup:
    """``values`` by ``keys``; of a key that stands there twice the last value counts."""

    def __init__(self, keys: Keys, values: NDArray[np.generic]) -> None:
        # The last of equal keys is the first of them when all are read from behind.
        self._keys, last = np.unique(keys[::-1], return_index=True)
        self._values = values[::-1][last]

    def of(self, keys: Keys, default: float) -> NDArray[np.float64]:
        """The values of ``keys``, ``default`` where there is none; ``(len(keys),)``."""
        found = members(self._keys, keys)
        values = np.full(len(keys), default, np.float64)
        values[found] = self._values[np.searchsorted(self._keys, keys[found])]
        return values

    def get(self, key: int) -> int | None:
        """The value of one key, where values are whole numbers; ``None``: there is none."""
        place = int(np.searchsorted(self._keys, key))
        return int(self._values[place]) if place < len(self._keys) and self._keys[place] == key else None

    def with_others(self, keys: Sequence[int], values: Sequence[int]) -> "Lookup":
        """One that knows others too; this one stays as it is."""
        return Lookup(
            np.concatenate([self._keys, np.array(keys, np.int64)]),
            np.concatenate([self._values, np.array(values, self._values.dtype)]),
        )
