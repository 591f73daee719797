"""Updates → inbox. Nothing is acknowledged before it is stored.

Polling: 1. ask getUpdates with the offset; 2. store the batch in one transaction; 3. only then ask with the next
offset, which is what acknowledges it. A webhook stores and then answers 200 (``web``). Both end in what
``bot.channels`` hands them to store by; the same update arriving twice is stored once, because its id is unique.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeGuard

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.telegram.client import POLL_SECONDS
from conversation.channel import Channel
from db.inbox import Arrival

log = structlog.get_logger("telegram")

#: What the bot wants to hear of; ``my_chat_member`` says that somebody blocked it.
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
#: Bytes of one update: a message has 4,096 characters, with all that may hang on it some hundred thousand bytes.
MOST_BYTES = 2 * 1024 * 1024
#: Bot API, "Chat": an id has at most 52 significant bits.
_CHATS_END = 2**52
Store = Callable[[Sequence[Arrival]], Awaitable[int]]
_BACK_OFF_MAX = 60.0
#: Seconds between two questions that brought nothing new: a server that does not wait must not be asked without pause.
_BREATH = 1.0


def as_arrival(update: dict[str, Any]) -> Arrival:
    """An update as the inbox stores it: keyed by ``update_id``, ordered per chat.

    Half a surrogate pair is no character and could be stored nowhere: it becomes a question mark. Of an update larger
    or deeper than any that Telegram makes only the number is kept.
    """
    chat = _chat_id(update)
    try:
        payload = json.dumps(update, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    except RecursionError:
        payload = b""
    if not 0 < len(payload) <= MOST_BYTES:
        payload = json.dumps({"update_id": update["update_id"], "too_large": True}).encode()
    return Arrival(
        key=f"telegram:{update['update_id']}",
        channel=Channel.TELEGRAM,
        sender=str(chat) if chat is not None else "",
        payload=payload,
    )


def is_update(found: object) -> TypeGuard[dict[str, Any]]:
    """Whether this is an update at all: an object with its number."""
    return isinstance(found, dict) and type(found.get("update_id")) is int


def _chat_id(update: dict[str, Any]) -> int | None:
    """The chat that an update comes from; ``None`` when it names none."""
    query = _part(update, "callback_query")
    places = [_part(_part(update, name), "chat") for name in ("message", "edited_message", "my_chat_member")]
    places += [_part(_part(query, "message"), "chat"), _part(query, "from")]
    number = next((place["id"] for place in places if "id" in place), None)
    return number if type(number) is int and abs(number) < _CHATS_END else None


def _part(whole: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of an update that is an object; an empty one when it is missing, or something else."""
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


async def poll(
    bot: Bot, store: Store, *, seconds: int = POLL_SECONDS, contact: Callable[[], object] = lambda: None
) -> None:
    """Long polling for ever. Raises only when the token is wrong; everything else is waited out.

    ``contact``: called whenever Telegram has answered.
    """
    offset = 0
    failures = 0
    may_ask = False
    courtesies: set[asyncio.Task[None]] = set()
    while True:
        asked = time.monotonic()
        try:
            if not may_ask:
                await bot.delete_webhook()  # while one is set, nobody may ask (Bot API, getUpdates)
                may_ask = True
            found = await bot.do_api_request(
                "getUpdates",
                api_kwargs={"offset": offset, "timeout": seconds, "limit": 100, "allowed_updates": ALLOWED},
                read_timeout=seconds + 10,
            )
            failures = 0
            contact()
        except InvalidToken:
            raise
        except RetryAfter as error:
            wait = error.retry_after
            await asyncio.sleep(wait if isinstance(wait, int | float) else wait.total_seconds())
            continue
        except (Conflict, NetworkError, TelegramError) as error:
            failures += 1
            may_ask = may_ask and not isinstance(error, Conflict)
            log.warning("polling_failed", error=type(error).__name__, failures=failures)
            await asyncio.sleep(min(0.5 * 2 ** min(failures, 10), _BACK_OFF_MAX))
            continue
        updates = [u for u in found if is_update(u)] if isinstance(found, list) else []
        if not updates or not await store([as_arrival(u) for u in updates]):
            await asyncio.sleep(max(0.0, asked + _BREATH - time.monotonic()))
        offset = max([offset, *(u["update_id"] + 1 for u in updates)])
        for update in updates:
            if query := _part(update, "callback_query"):
                task = asyncio.create_task(acknowledge_press(bot, query))
                courtesies.add(task)
                task.add_done_callback(courtesies.discard)


async def acknowledge_press(bot: Bot, query: dict[str, Any]) -> None:
    """Stop the button's little clock and take the pressed keyboard away. A courtesy: failing is no matter."""
    message = _part(query, "message")
    chat = _part(message, "chat")
    try:
        await bot.answer_callback_query(str(query.get("id", "")))
        if chat.get("type") == "private" and not _opens_page(message):
            await bot.edit_message_reply_markup(chat_id=chat.get("id"), message_id=message.get("message_id"))
    except TelegramError as error:
        log.info("courtesy_failed", error=type(error).__name__)


def _opens_page(message: dict[str, Any]) -> bool:
    rows = _part(message, "reply_markup").get("inline_keyboard") or []
    return any("url" in button for row in rows for button in row)
