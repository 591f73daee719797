"""Vectors of many phrases, kept from one learning to the next.

After a change of the knowledge only what is new is computed.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conversation.understanding.cache import Cache
from conversation.understanding.encoder import Encoder, Vectors

#: Vectors that are in memory at once when all are compared.
_BLOCK = 2048


def kept_vectors(encoder: Encoder, phrases: Sequence[str], cache: Cache) -> Vectors:
    """``(len(phrases), dimensions)``: what ``encoder`` makes of each, rounded to half precision whether kept or new."""
    name = f"vectors-{encoder.name}"
    keys = np.array([_key(phrase) for phrase in phrases], dtype=np.uint64)
    before = cache.load(name)
    known = dict(zip(before["keys"].tolist(), before["vectors"], strict=True)) if before else {}
    new = [i for i, key in enumerate(keys.tolist()) if key not in known]
    if new:
        fresh = encoder.encode([phrases[i] for i in new]).astype(np.float16)
        known |= dict(zip(keys[new].tolist(), fresh, strict=True))
        vectors = np.array([known[key] for key in keys.tolist()], dtype=np.float16)
        cache.save(name, {"keys": keys, "vectors": vectors})
        return vectors.astype(np.float32)
    return np.array([known[key] for key in keys.tolist()], dtype=np.float32)


class Nearest:
    """The vectors of ``phrases``, most of them in ``cache``, without having all of them in memory."""

    def __init__(self, encoder: Encoder, phrases: Sequence[str], cache: Cache) -> None:
        kept = cache.load(f"vectors-{encoder.name}") or {}
        self._encoder, self._phrases, self._kept = encoder, phrases, kept.get("vectors")
        places = {key: i for i, key in enumerate(kept["keys"].tolist())} if kept else {}
        self._places = np.array([places.get(_key(phrase), -1) for phrase in phrases], np.int64)

    def to(self, targets: Vectors) -> Vectors:
        """``(phrases,)``: the cosine of each to the nearest of ``targets``; -1 for those that are not kept."""
        found = np.full(len(self._places), -1.0, np.float32)
        for begin in range(0, len(self._places), _BLOCK):
            places = self._places[begin : begin + _BLOCK]
            if self._kept is not None and (here := np.flatnonzero(places >= 0)).size:
                rows = np.asarray(self._kept[places[here]], np.float32)
                found[begin + here] = (rows @ targets.T).max(axis=1)
        return found

    def vectors(self, numbers: NDArray[np.int64]) -> Vectors:
        """``(len(numbers), dimensions)``: those of some phrases, kept or not."""
        found = {
            i: self._kept[place] for i in numbers.tolist() if (place := self._places[i]) >= 0 and self._kept is not None
        }
        if new := [i for i in numbers.tolist() if i not in found]:
            found |= zip(new, self._encoder.encode([self._phrases[i] for i in new]), strict=True)
        return np.array([found[i] for i in numbers.tolist()], np.float32)


def _key(phrase: str) -> int:
    return int.from_bytes(hashlib.blake2b(phrase.encode(), digest_size=8).digest(), "little")
