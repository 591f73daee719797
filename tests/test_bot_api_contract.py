"""An independent client (aiogram) drives the sandbox's Bot API: it must suit others than the one our bot uses.

It is imported where it is used: its types take seven seconds, which every process of the tests would spend.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.fake_bot_api import BotApi, Limits
from tests.support.town import TOKEN, serve

if TYPE_CHECKING:
    from aiogram import Bot


@pytest.fixture
async def api() -> AsyncIterator["tuple[BotApi, Bot]"]:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    stub = BotApi(TOKEN, limits=Limits(0, 0))
    server, task, port = await serve(stub.app)
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(f"http://127.0.0.1:{port}")))
    yield stub, bot
    await bot.session.close()
    await stub.close()
    server.should_exit = True
    await task


async def test_updates_messages_buttons_and_files(api: "tuple[BotApi, Bot]") -> None:
    from aiogram import types

    stub, bot = api
    stub.person(7, "Anna")
    me = await bot.get_me()
    assert me.is_bot
    await stub.says(7, "/start ciao")
    updates = await bot.get_updates(timeout=1)
    message = updates[0].message
    assert message is not None
    assert message.text == "/start ciao"
    assert message.entities is not None
    assert message.entities[0].type == "bot_command"
    assert await bot.get_updates(offset=updates[0].update_id + 1, timeout=0) == []
    keyboard = types.InlineKeyboardMarkup(
        inline_keyboard=[[types.InlineKeyboardButton(text="Sì", callback_data="yes")]]
    )
    sent = await bot.send_message(7, "<b>Ciao</b> Anna &amp; c.", parse_mode="HTML", reply_markup=keyboard)
    assert sent.text == "Ciao Anna & c."
    assert sent.entities is not None
    assert (sent.entities[0].type, sent.entities[0].offset, sent.entities[0].length) == ("bold", 0, 4)
    await stub.presses(7, "Sì")
    (pressed,) = await bot.get_updates(timeout=1, offset=updates[0].update_id + 1)
    assert pressed.callback_query is not None
    assert pressed.callback_query.data == "yes"
    assert await pressed.callback_query.answer()
    edited = await bot.edit_message_text("Fatto", chat_id=7, message_id=sent.message_id)
    assert isinstance(edited, types.Message)
    assert edited.text == "Fatto"
    document = await bot.send_document(7, types.BufferedInputFile(b"BEGIN:VCALENDAR", "incontro.ics"), caption="Ecco")
    assert document.document is not None
    content = await bot.download(document.document.file_id)
    assert content is not None
    assert content.read() == b"BEGIN:VCALENDAR"
    assert await bot.send_chat_action(7, "typing")
    await bot.set_my_commands([types.BotCommand(command="start", description="Inizia")])
    assert (await bot.get_my_commands())[0].command == "start"


async def test_refusals_come_in_telegrams_own_words(api: "tuple[BotApi, Bot]") -> None:
    from aiogram import exceptions as e
    from aiogram import types

    stub, bot = api
    stub.person(7, "Anna")
    stub.person(8, "Bruno")
    await stub.says(7, "ciao")
    with pytest.raises(e.TelegramBadRequest, match="message is too long"):
        await bot.send_message(7, "x" * 4097)
    with pytest.raises(e.TelegramBadRequest, match="can't parse entities"):
        await bot.send_message(7, "<b>ciao", parse_mode="HTML")
    with pytest.raises(e.TelegramBadRequest, match='Unsupported start tag "blink"'):
        await bot.send_message(7, "<blink>x</blink>", parse_mode="HTML")
    with pytest.raises(e.TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        markup = {"inline_keyboard": [[{"text": "x", "callback_data": "è" * 33}]]}
        await bot.send_message(7, "x", reply_markup=types.InlineKeyboardMarkup.model_validate(markup))
    with pytest.raises(e.TelegramBadRequest, match="chat not found"):
        await bot.send_message(99, "x")
    with pytest.raises(e.TelegramForbiddenError, match="can't initiate conversation"):
        await bot.send_message(8, "x")
    await stub.blocks(7)
    with pytest.raises(e.TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(7, "x")
    await stub.blocks(7, blocked=False)
    stub.limits.per_chat = 1
    await bot.send_message(7, "uno")
    with pytest.raises(e.TelegramRetryAfter) as refused:
        await bot.send_message(7, "due")
    assert refused.value.retry_after == 1
    with pytest.raises(e.TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query("none")
    sent = await bot.send_chat_action(7, "typing")
    assert sent


async def test_a_second_poller_ends_the_first_and_a_webhook_excludes_polling(api: "tuple[BotApi, Bot]") -> None:
    import asyncio

    from aiogram import exceptions as e

    stub, bot = api
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.2)
    second = asyncio.create_task(bot.get_updates(timeout=1))
    with pytest.raises(e.TelegramConflictError, match="terminated by other getUpdates"):
        await first
    await second
    await bot.set_webhook("http://127.0.0.1:9/x", secret_token="abc")
    assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/x"
    with pytest.raises(e.TelegramConflictError, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates(timeout=0)
    assert await bot.delete_webhook()


async def test_wrong_token_and_unknown_method(api: "tuple[BotApi, Bot]") -> None:
    import httpx

    stub, bot = api
    base = bot.session.api.base.split("/bot")[0]
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{base}/bot1:wrong/getMe")).json() == {
            "ok": False,
            "error_code": 401,
            "description": "Unauthorized",
        }
        assert (await client.get(f"{base}/bot{TOKEN}/flyToTheMoon")).status_code == 404
