"""Outgoing → Bot API → Receipt. One call per message: text with buttons, or one document with its caption.

Refusals are told apart by status and a part of the text (design note: telegram.md): blocked or deactivated → gone;
429 → everybody pauses; a supergroup → the chat moved; network trouble before the request was written → later;
a time-out after it was written → unsure.
"""

from dataclasses import replace
from typing import Any

import structlog
from telegram import Bot, InputFile, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram.writing import write_html, write_keyboard
from conversation.message import Outcome, Outgoing, Receipt

log = structlog.get_logger("telegram")

_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "user not found", "bot was kicked")
#: The topic of the question was closed or deleted since: the answer goes to the group as a whole.
_NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted")


class TelegramTransport:
    """The sending half of the Telegram channel."""

    def __init__(self, bot: Bot, *, plain: bool = False) -> None:
        self._bot = bot
        # A server that knows only long-standing parameters may know neither name of "no preview".
        self._preview: dict[str, Any] = {} if plain else {"link_preview_options": LinkPreviewOptions(is_disabled=True)}

    async def send(self, outgoing: Outgoing) -> Receipt:
        """Send one message, now."""
        try:
            return Receipt(Outcome.SENT, reference=await self._call(outgoing))
        except TelegramError as error:
            if _topic(outgoing) is not None and any(part in error.message.lower() for part in _NO_TOPIC):
                return await self.send(replace(outgoing, thread=None))
            return self._judge(error)
        except ValueError as error:
            return Receipt(Outcome.REFUSED, reason=str(error))

    async def _call(self, outgoing: Outgoing) -> str:
        reply, chat = outgoing.reply, int(outgoing.address.value)
        text, keyboard = write_html(reply), write_keyboard(reply)
        if reply.files:
            return await self._documents(chat, outgoing, text)
        message = await self._bot.send_message(
            chat,
            text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            message_thread_id=_topic(outgoing),
            **self._preview,
        )
        return str(message.message_id)

    async def _documents(self, chat: int, outgoing: Outgoing, text: str) -> str:
        """The calendar file with its caption. The outbox gives one file per message."""
        file = outgoing.reply.files[0]
        message = await self._bot.send_document(
            chat,
            InputFile(file.content.encode(), filename=file.name),
            caption=text or None,
            parse_mode=ParseMode.HTML,
            reply_markup=write_keyboard(outgoing.reply),
            message_thread_id=_topic(outgoing),
        )
        return str(message.message_id)

    def _judge(self, error: TelegramError) -> Receipt:
        reason = f"{type(error).__name__}: {error.message}"
        text = error.message.lower()
        if isinstance(error, RetryAfter):
            seconds = error.retry_after.total_seconds()  # type: ignore[union-attr]  # see open_bot
            log.warning("too_many_requests", retry_after=seconds)
            return Receipt(Outcome.LATER, reason=reason, wait=seconds, pause=seconds)
        if isinstance(error, ChatMigrated):
            return Receipt(Outcome.GONE, reason=reason, moved_to=str(error.new_chat_id))
        if isinstance(error, Forbidden) or any(part in text for part in _GONE):
            return Receipt(Outcome.GONE, reason=reason)
        if isinstance(error, TimedOut):
            pool = "pool timeout" in text or isinstance(error.__cause__, _connect_errors())
            return Receipt(Outcome.LATER if pool else Outcome.UNSURE, reason=reason)
        if isinstance(error, BadRequest):
            return Receipt(Outcome.REFUSED, reason=reason)
        if isinstance(error, NetworkError):
            written = not isinstance(error.__cause__, _connect_errors()) and "httpx" in text
            return Receipt(Outcome.UNSURE if written else Outcome.LATER, reason=reason)
        if isinstance(error, InvalidToken):
            return Receipt(Outcome.LATER, reason=reason, wait=60.0)
        return Receipt(Outcome.LATER, reason=reason)


def _topic(outgoing: Outgoing) -> int | None:
    """The topic of the question; a letter's thread is none."""
    named = outgoing.thread.message_id if outgoing.thread else ""
    return int(named) if named.isdecimal() else None


def _connect_errors() -> tuple[type[Exception], ...]:
    import httpx

    return (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
