"""What was learnt is kept between starts, whoever writes at the same time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from structlog.testing import capture_logs

from conversation.understanding.cache import Cache

ARRAYS = {"words": np.arange(2000, dtype=np.float32)}


def test_writers_at_the_same_time_are_no_fault(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with capture_logs() as logs, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: cache.save("edition", ARRAYS), range(40)))
    assert logs == []
    found = cache.load("edition")
    assert found is not None
    assert found["words"][-1] == 1999
    assert [p.name for p in tmp_path.iterdir()] == ["edition"]


def test_what_cannot_be_read_is_written_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.save("edition", ARRAYS)
    (tmp_path / "edition" / "words.npy").write_bytes(b"torn")
    assert cache.load("edition") is None
    cache.save("edition", ARRAYS)
    assert cache.load("edition") is not None
