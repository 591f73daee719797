"""Templates as Python has compiled them, kept from one start to the next.

To compile one takes 10 to 60 ms of the loop, and leaves holes in the memory: 2 MB when all pages were opened.
"""

from contextlib import suppress
from pathlib import Path

from jinja2.bccache import Bucket, FileSystemBytecodeCache


class Compiled(FileSystemBytecodeCache):
    """What is in ``folder``, which nobody else may write: it is run. Each says of which text it was made.

    What cannot be read is compiled again, and what cannot be written is not kept.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill ``bucket``, or leave it empty."""
        try:
            super().load_bytecode(bucket)
        except Exception:
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what is in ``bucket``."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
