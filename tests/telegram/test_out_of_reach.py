"""Telegram is away when the program starts: no traceback, and all is made up for when it comes back."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from telegram import Bot
from telegram.error import InvalidToken, NetworkError

from bot.app import Roles, System, open_system
from bot.settings import Settings
from conversation.channel import Channel
from tests.support.town import until
from workers.supervisor import Loop


def system_on(url: str) -> AbstractAsyncContextManager[System]:
    settings = Settings(_env_file=None, database_url=url, telegram_token="1:x", telegram_api_url="http://127.0.0.1:9")
    return open_system(settings, roles=Roles(web=False, worker=True), migrate_first=True)


def loop_of(system: System, name: str) -> Loop:
    return next(loop for loop in system.channels[Channel.TELEGRAM].loops if loop.name == name)


async def test_name_and_commands_are_made_up_for(one_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
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

    async with system_on(one_database_url) as system:
        assert system.office.telegram_name == ""
        monkeypatch.setattr(asyncio, "sleep", nap)
        monkeypatch.setattr(Bot, "initialize", lambda _self: greet())
        monkeypatch.setattr(Bot, "username", "prova_bot")
        monkeypatch.setattr("bot.telegram.channel.introduce", introduce)
        await asyncio.wait_for(loop_of(system, "presence").run(), 10)
        assert system.office.telegram_name == "prova_bot"
        assert introduced == []
        assert pauses == [1.0, 2.0, 4.0, 60.0]


async def test_a_token_refused_later_does_not_end_the_loop(
    one_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def refuse(*_args: Any, **_kwargs: Any) -> None:
        nonlocal asked
        asked += 1
        raise InvalidToken

    async with system_on(one_database_url) as system:
        monkeypatch.setattr("bot.telegram.channel.poll", refuse)
        monkeypatch.setattr("bot.telegram.channel._PATIENCE", 0)
        task = asyncio.ensure_future(loop_of(system, "telegram").run())
        await until(lambda: asked >= 3, "three attempts")
        assert not task.done()
        task.cancel()
        await asyncio.wait({task})
