"""A loop that dies is started again, is counted, and the others go on."""

import asyncio

import pytest

from workers.supervisor import Loop, Supervisor


async def test_a_loop_that_dies_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def nap(seconds: float) -> None:
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", nap)
    runs = {"bad": 0, "good": 0}
    done = asyncio.Event()

    async def bad() -> None:
        runs["bad"] += 1
        if runs["bad"] > 3:
            await asyncio.Event().wait()
        if runs["bad"] == 3:
            done.set()
        msg = "broken"
        raise OSError(msg)

    async def good() -> None:
        runs["good"] += 1
        await asyncio.Event().wait()

    kept = Supervisor([Loop("bad", bad), Loop("good", good)])
    kept.start()
    await asyncio.wait_for(done.wait(), 5)
    while runs["bad"] < 4:
        await sleep(0)
    await kept.stop()
    assert kept.restarts == {"bad": 3, "good": 0}
    assert runs["good"] == 1
    assert waits[:3] == [0.5, 1.0, 2.0]  # later and later
