"""Vectors of many phrases, kept from one learning to the next: after a change of the knowledge only what is new is computed."""

import hashlib
from collections.abc import Sequence

import numpy as np

from conversation.understanding.cache import Cache
from conversation.understanding.encoder import Encoder, Vectors


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


def _key(phrase: str) -> int:
    return int.from_bytes(hashlib.blake2b(phrase.encode(), digest_size=8).digest(), "little")
