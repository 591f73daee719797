"""What was learnt is kept between starts, whoever writes at the same time."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from structlog.testing import capture_logs

from conversation.understanding.cache import Arrays, Cache

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


def test_those_who_start_together_learn_once(tmp_path: Path) -> None:
    learnt: list[int] = []

    def learn() -> Arrays:
        learnt.append(1)
        time.sleep(0.1)
        return dict(ARRAYS)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: Cache(tmp_path).load_or_make("edition", learn), range(4)))
    assert [one["words"][-1] for one in found] == [1999] * 4
    assert learnt == [1]


def test_where_nothing_can_be_kept_each_learns(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for cache in (Cache(None), Cache(tmp_path / "file")):
        with capture_logs():
            assert cache.load_or_make("edition", lambda: dict(ARRAYS)).keys() == ARRAYS.keys()
