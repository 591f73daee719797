"""Telegram is away when the program starts: no traceback, and all is made up for when it comes back."""

import asyncio
from typing import Any

import pytest
from telegram.error import InvalidToken, NetworkError

from bot import app
from bot.app import Roles, System
from bot.settings import Settings
from tests.support.town import until


def system_on(url: str) -> System:
    settings = Settings(_env_file=None, database_url=url, telegram_token="1:x", telegram_api_url="http://127.0.0.1:9")
    return System(settings, roles=Roles(web=False, worker=True))


async def test_name_and_commands_are_made_up_for(one_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    system = system_on(one_database_url)
    await system.open(migrate_first=True)
    assert system.office.telegram_name == ""
    answers: list[Any] = [NetworkError("away"), NetworkError("away"), None]
    introduced: list[bool] = [False, True]

    async def greet() -> None:
        if error := answers.pop(0):
            raise error

    async def introduce(*_args: Any, **_kwargs: Any) -> bool:
        return introduced.pop(0)

    pauses: list[float] = []
    sleep = asyncio.sleep

    async def nap(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", nap)
    monkeypatch.setattr(type(system.bot), "initialize", lambda _self: greet())
    monkeypatch.setattr(type(system.bot), "username", "prova_bot")
    monkeypatch.setattr(system, "_introduce", introduce)
    await asyncio.wait_for(system._present(), 10)
    assert system.office.telegram_name == "prova_bot"
    assert introduced == []
    assert pauses == [1.0, 2.0, 4.0, 60.0]
    await system.close()


async def test_a_token_refused_later_does_not_end_the_loop(
    one_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = system_on(one_database_url)
    await system.open(migrate_first=True)
    asked = 0

    async def refuse(*_args: Any, **_kwargs: Any) -> None:
        nonlocal asked
        asked += 1
        raise InvalidToken

    monkeypatch.setattr("bot.telegram.polling.poll", refuse)
    monkeypatch.setattr(app, "_PATIENCE", 0)
    task = asyncio.create_task(system._poll())
    await until(lambda: asked >= 3, "three attempts")
    assert not task.done()
    task.cancel()
    await asyncio.wait({task})
    await system.close()
