"""Where fitted state is kept between starts: arrays only, named by what they were made from, never pickled.

A cache that cannot be read or written is no fault: what it would have held is made again.
"""

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from knowledge.cache_folder import cache_folder

log = structlog.get_logger("understanding")

Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of ``.npy`` files, one folder per name. ``None``: keeps nothing."""

    folder: Path | None

    def load_or_make(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        """The arrays kept under ``name``; made and kept where there are none.

        It may take a minute of a core: one process does it, and those that start beside it wait.
        """
        found = self.load(name)
        if found is None:
            with self._alone():
                found = self.load(name)
                if found is None:
                    found = make()
                    self.save(name, found)
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other process makes something; where that cannot be known, each does."""
        if self.folder is None:
            yield
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            yield
            return
        try:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def load(self, name: str) -> Arrays | None:
        """The arrays kept under ``name``, mapped into memory; ``None`` when there are none."""
        if self.folder is None:
            return None
        place = self.folder / name
        try:
            found = {file.stem: np.load(file, mmap_mode="r", allow_pickle=False) for file in place.glob("*.npy")}
        except (OSError, ValueError) as error:
            log.warning("cache_unreadable", error=type(error).__name__)
            return None
        return found or None

    def save(self, name: str, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Keep ``arrays`` under ``name``: written aside and moved in one step, so that nobody reads a half.

        What stands there already could not be read, and goes; where another process was first, its own is the same.
        """
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder) as place:
                aside = Path(place) / name
                aside.mkdir()
                for key, array in arrays.items():
                    np.save(aside / f"{key}.npy", array, allow_pickle=False)
                with suppress(FileNotFoundError):
                    (self.folder / name).rename(Path(place) / "old")
                aside.rename(self.folder / name)
        except OSError as error:
            if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
                return
            log.warning("cache_not_written", error=type(error).__name__)


def user_cache() -> Cache:
    """What is kept in the user's own cache folder."""
    return Cache(cache_folder())
