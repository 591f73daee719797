"""Another Bot API server than Telegram's (lo-bot-api-emulator), which refuses what it does not know.

With TELEGRAM_PLAIN it refuses nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import lo_bot_api_emulator as emulator
import pytest
from aiohttp import web
from sqlalchemy import func, select

from bot.app import Roles, System, open_system
from bot.sandbox.clock import SandboxClock
from bot.settings import Settings
from conversation.channel import Channel
from conversation.message import Address
from conversation.understanding.classifier import IntentClassifier
from db.dialogues import load_dialogue
from db.models import outbox
from knowledge.library import HERE
from office.programme import load_programme
from tests.support.rehearsal import START
from tests.support.servers import free_port
from tests.support.town import until

TOKEN = "100000:test-token-that-opens-nothing-at-all"
ANNA = {"id": 2001, "is_bot": False, "first_name": "Anna", "language_code": "it"}
CHAT = {"id": 2001, "type": "private", "first_name": "Anna"}


@asynccontextmanager
async def server() -> AsyncIterator[tuple[Any, int]]:
    opened = emulator.LoBotApiEmulator(allow_insecure_loopback_webhooks=True)
    runner = web.AppRunner(opened.app())
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield opened, port
    finally:
        await runner.cleanup()


@asynccontextmanager
async def bot_on(port: int, url: str, mode: str) -> AsyncIterator[System]:
    web_port = free_port()
    settings = Settings(
        _env_file=None,
        telegram_token=TOKEN,
        telegram_api_url=f"http://127.0.0.1:{port}",
        telegram_mode=mode,
        telegram_webhook_secret="parola_segreta-1",
        telegram_plain=True,
        telegram_chat_seconds=0,
        public_url=f"http://127.0.0.1:{web_port}",
        port=web_port,
        database_url=url,
        quiet_hours="-",
    )
    clock = SandboxClock(START)
    roles = Roles(web=mode == "webhook", worker=True)
    async with open_system(settings, clock, roles=roles, migrate_first=True) as system:
        async with system.database.begin() as tx:
            await load_programme(tx, HERE / "programme.toml", settings.schedule, clock())
        running = asyncio.create_task(system.run())
        await asyncio.sleep(0)
        try:
            yield system
        finally:
            system.supervisor.request_stop()
            await asyncio.wait({running}, timeout=40)


async def sent(system: System) -> int:
    """How many messages have gone out."""
    async with system.database.begin() as tx:
        query = select(func.count()).where(outbox.c.state == "sent")
        return int((await tx.execute(query)).scalar_one())


async def yes_button(system: System) -> str:
    """What the button under the open question sends back."""
    async with system.database.begin() as tx:
        return f"yes#{(await load_dialogue(tx, Address(Channel.TELEGRAM, '2001'), START)).asked_in}"


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_every_call_is_accepted(one_database_url: str, mode: str, classifier: IntentClassifier) -> None:
    async with server() as (api, port), bot_on(port, one_database_url, mode) as system:
        number = 0

        async def does(kind: str, **content: Any) -> None:
            nonlocal number
            number += 1
            message = {"message_id": number, "date": int(time.time()), "chat": CHAT}
            update = {kind: message | {"from": ANNA} | content}
            if kind == "callback_query":
                update = {kind: {"id": str(number), "from": ANNA, "chat_instance": "1", "message": message} | content}
            before = await sent(system)
            await until(lambda: mode == "polling" or ok(api, "setWebhook"), "the webhook")
            await api.enqueue_update(update, token=TOKEN)

            async def answered() -> bool:
                if mode == "webhook":
                    await api.deliver_updates(token=TOKEN)
                return await sent(system) > before

            await until(answered, f"an answer to {content}")

        await does("message", text="/start")
        await does("message", text="/programma")
        await does("message", text="siamo la Polisportiva Le Querce, veniamo in due giovedì")
        await does("callback_query", data=await yes_button(system))
        await until(lambda: ok(api, "sendDocument") and ok(api, "answerCallbackQuery"), "the calendar file")
        await until(lambda: ok(api, "editMessageReplyMarkup"), "the keyboard taken away")
        calls = {r["method"] for r in api.requests}
        assert {"getMe", "setMyCommands", "sendMessage"} <= calls
        assert {"setWebhook"} <= calls if mode == "webhook" else {"getUpdates", "deleteWebhook"} <= calls
        refused = [r for r in api.requests if r["status"] != 200]
        assert refused == []
        assert not {f for r in api.requests for f in r["fields"]} & {"link_preview_options", "disable_web_page_preview"}


def ok(api: Any, method: str) -> bool:
    return any(r["method"] == method and r["status"] == 200 for r in api.requests)
