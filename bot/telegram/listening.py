"""Updates → inbox. Nothing is acknowledged before it is stored.

Polling: 1. ask getUpdates with the offset; 2. store the batch in one transaction; 3. only then ask with the next
offset, which is what acknowledges it. A webhook stores and then answers 200 (``web``). Both end in ``store_updates``;
the same update arriving twice is stored once, because its id is unique.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram.client import POLL_SECONDS
from conversation.message import Channel
from db.inbox import Arrival

log = structlog.get_logger("telegram")

#: What the bot wants to hear of; ``my_chat_member`` says that somebody blocked it.
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
Store = Callable[[Sequence[Arrival]], Awaitable[int]]
_BACK_OFF_MAX = 60.0


def as_arrival(update: dict[str, Any]) -> Arrival:
    """An update as the inbox stores it: keyed by ``update_id``, ordered per chat."""
    chat = _chat_id(update)
    return Arrival(
        key=f"telegram:{update['update_id']}",
        channel=Channel.TELEGRAM,
        sender=str(chat) if chat is not None else "",
        payload=json.dumps(update, ensure_ascii=False, separators=(",", ":")).encode(),
    )


def _chat_id(update: dict[str, Any]) -> int | None:
    for name in ("message", "edited_message", "my_chat_member"):
        if name in update:
            return int(update[name]["chat"]["id"])
    query = update.get("callback_query")
    if query:
        chat = (query.get("message") or {}).get("chat") or query.get("from") or {}
        return int(chat["id"]) if "id" in chat else None
    return None


async def poll(
    bot: Bot, store: Store, *, seconds: int = POLL_SECONDS, heard: Callable[[], object] = lambda: None
) -> None:
    """Long polling for ever. Raises only when the token is wrong; everything else is waited out.

    ``heard``: called whenever Telegram has answered.
    """
    offset = 0
    failures = 0
    courtesies: set[asyncio.Task[None]] = set()
    while True:
        try:
            updates = await bot.do_api_request(
                "getUpdates",
                api_kwargs={"offset": offset, "timeout": seconds, "limit": 100, "allowed_updates": ALLOWED},
                read_timeout=seconds + 10,
            )
            failures = 0
            heard()
        except InvalidToken:
            raise
        except RetryAfter as error:
            wait = error.retry_after
            await asyncio.sleep(wait if isinstance(wait, int | float) else wait.total_seconds())
            continue
        except (Conflict, NetworkError, TelegramError) as error:
            failures += 1
            log.warning("polling_failed", error=type(error).__name__, failures=failures)
            await asyncio.sleep(min(0.5 * 2 ** min(failures, 10), _BACK_OFF_MAX))
            continue
        if not isinstance(updates, list) or not updates:
            continue
        await store([as_arrival(u) for u in updates])
        offset = max(int(u["update_id"]) for u in updates) + 1
        for update in updates:
            if "callback_query" in update:
                task = asyncio.create_task(acknowledge_press(bot, update["callback_query"]))
                courtesies.add(task)
                task.add_done_callback(courtesies.discard)


async def acknowledge_press(bot: Bot, query: dict[str, Any]) -> None:
    """Stop the button's little clock and take the pressed keyboard away. A courtesy: failing is no matter."""
    try:
        await bot.answer_callback_query(query["id"])
        message = query.get("message") or {}
        if message.get("chat", {}).get("type") == "private" and not _opens_page(message):
            await bot.edit_message_reply_markup(chat_id=message["chat"]["id"], message_id=message["message_id"])
    except TelegramError as error:
        log.info("courtesy_failed", error=type(error).__name__)


def _opens_page(message: dict[str, Any]) -> bool:
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    return any("url" in button for row in rows for button in row)
