"""A sentence is understood in one thread, whoever starts the program.

Sharing so small a sum costs eight times the time.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_SUM = "import os, numpy; numpy.ones((600, 600)) @ numpy.ones((600, 600)); print(len(os.listdir('/proc/self/task')))"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted where Linux lists them")
@pytest.mark.parametrize("first", ["bot.app", "web.app", "conversation.understanding.classifier"])
def test_whatever_is_loaded_first_sums_stay_in_one_thread(first: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", f"import {first}\n{_SUM}"], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    assert done.stdout.split()[-1] == b"1"
