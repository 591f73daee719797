"""The ticks go on, whatever the machine's clock does; one that fails is heard of."""

import asyncio
from datetime import datetime, timedelta, tzinfo
from typing import Self

import apscheduler.schedulers.base
import pytest

from workers import maintenance


class Behind(datetime):
    """A clock that was set back an hour."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) - timedelta(hours=1)


async def test_a_clock_set_back_stops_no_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_SECONDS", 0.05)
    ticks: list[str] = []

    async def tick() -> None:
        ticks.append("tick")

    task = asyncio.create_task(maintenance.keep_time(recover=tick, expire=tick, forget=tick))
    await asyncio.sleep(0.3)
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Behind)
    before = len(ticks)
    await asyncio.sleep(0.5)
    task.cancel()
    assert 0 < before < len(ticks)


async def test_a_tick_that_fails_is_the_supervisors() -> None:
    async def fail() -> None:
        msg = "no database"
        raise OSError(msg)

    with pytest.raises(OSError, match="no database"):
        await maintenance.keep_time(recover=fail, expire=fail, forget=fail)
