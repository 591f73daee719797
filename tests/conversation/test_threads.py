"""A sentence is understood in one thread, whoever starts the program.

Sharing so small a sum costs eight times the time.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_COUNT = "import os; print('threads', len(os.listdir('/proc/self/task')))"
_SUM = f"import numpy; numpy.ones((600, 600)) @ numpy.ones((600, 600)); {_COUNT}"
#: The web application is what is loaded first; what comes in by its webhook is understood, and OpenBLAS is asked.
_SERVED = """
import asyncio, ctypes, sys
import httpx
from web.app import WEBHOOK_PATH, build_web
from conversation.times import system_clock
from db.engine import Database

async def receive(update):
    from conversation.dialogue import Dialogue
    from conversation.understanding import understand
    from conversation.understanding.classifier import open_classifier
    from knowledge.library import load_library
    heard = understand(update["words"], Dialogue(), open_classifier(load_library()), system_clock())
    (name,) = {line.split()[-1] for line in open("/proc/self/maps") if "openblas" in line}
    print(heard.intent, ctypes.CDLL(name).scipy_openblas_get_num_threads64_())

async def serve():
    database = Database(sys.argv[1])
    app = build_web(database, clock=system_clock, webhook_secret="segreto", receive=receive)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        secret = {"X-Telegram-Bot-Api-Secret-Token": "segreto"}
        update = {"update_id": 1, "words": "vorrei iscrivermi all'incontro di giovedì"}
        assert (await client.post(WEBHOOK_PATH, json=update, headers=secret)).status_code == 200
    await database.close()

asyncio.run(serve())
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="threads are counted where Linux lists them"
)


def _said(program: str, *given: str) -> list[str]:
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    command = [sys.executable, "-c", program, *given]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, text=True).stdout.split()


@pytest.mark.parametrize("first", ["bot.app", "web.app", "conversation.understanding.classifier"])
def test_whatever_is_loaded_first_sums_stay_in_one_thread(first: str) -> None:
    assert _said(f"import {first}\n{_SUM}")[-1] == "1"


@pytest.mark.usefixtures("classifier")  # learnt by now, and only read there
def test_what_comes_in_through_the_web_application_is_understood_in_one_thread(one_database_url: str) -> None:
    assert _said(_SERVED, one_database_url) == ["register", "1"]
