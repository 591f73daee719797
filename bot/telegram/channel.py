"""Telegram as a channel: who the bot is, how it listens (polling or webhook), how what comes in is read.

An outage of Telegram is no reason to leave the mail unread: nothing here waits for its answer before the program
starts.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot.telegram.introducing import introduce
from bot.telegram.polling import Store, acknowledge_press, as_arrival, poll
from bot.telegram.reading import read_stored
from conversation.message import Reading
from knowledge.library import Library

log = structlog.get_logger("telegram")

#: Seconds between two attempts at what Telegram refuses or does not answer.
_PATIENCE = 60.0


class RefusedTokenError(Exception):
    """Telegram knows no bot with this token."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram is to knock, and what it says there to be let in.

    Without a URL it is asked for updates instead.
    """

    url: str = ""
    secret: str = ""


class TelegramChannel:
    """One bot. ``store``: puts updates into the inbox before they are acknowledged."""

    def __init__(self, bot: Bot, library: Library, store: Store, webhook: Webhook) -> None:
        self._bot = bot
        self._library = library
        self._store = store
        self._webhook = webhook
        self._is_known = False
        self._polled: datetime | None = None
        self._courtesies: set[asyncio.Task[None]] = set()
        #: The bot's @name, by which groups call it; empty until Telegram has answered for the first time.
        self.name = ""

    def read(self, payload: bytes) -> Reading:
        """What a stored update says."""
        return read_stored(payload, self.name)

    async def greet(self) -> None:
        """Ask who the bot is; an outage is logged. Raises ``RefusedTokenError``."""
        try:
            await self._bot.initialize()
        except InvalidToken as error:
            raise RefusedTokenError from error
        except TelegramError as error:
            log.warning("telegram_unreachable", error=type(error).__name__)
        else:
            self.name = self._bot.username or ""
            self._is_known = True

    async def present(self) -> None:
        """As soon as Telegram answers, in every worker.

        Learn our name, which groups call us by, and tell our commands.
        """
        pause = 1.0
        while not self._is_known:
            await asyncio.sleep(pause)
            pause = min(pause * 2, _PATIENCE)
            with suppress(RefusedTokenError):  # polling says so
                await self.greet()
        if not self._webhook.url:
            await self._until(self._introduce)

    async def listen(self) -> None:
        """Ask for updates for ever; or tell Telegram where to knock, and leave it at that."""
        if not self._webhook.url:
            await self._poll()
        await self._until(self._introduce)
        await asyncio.Event().wait()

    async def _poll(self) -> None:
        while True:
            try:
                await poll(self._bot, self._store, contact=self._note_contact)
            except InvalidToken:
                log.error("telegram_token_refused")  # noqa: TRY400 - the traceback says no more
                await asyncio.sleep(_PATIENCE)
            finally:
                self._polled = None  # what another worker hears is not for this one to tell

    def _note_contact(self) -> None:
        self._polled = datetime.now(UTC)

    def last_contact(self) -> datetime | None:
        """When Telegram last answered this worker's polling (real time)."""
        return self._polled

    async def receive(self, update: dict[str, Any]) -> None:
        """Store one update from the webhook."""
        await self._store([as_arrival(update)])
        query = update.get("callback_query")
        if isinstance(query, dict):
            task = asyncio.create_task(acknowledge_press(self._bot, query))
            self._courtesies.add(task)
            task.add_done_callback(self._courtesies.discard)

    async def _introduce(self) -> bool:
        return await introduce(
            self._bot, self._library, webhook_url=self._webhook.url, webhook_secret=self._webhook.secret
        )

    @staticmethod
    async def _until(done: Callable[[], Awaitable[bool]]) -> None:
        while not await done():  # noqa: ASYNC110 - Telegram decides
            await asyncio.sleep(_PATIENCE)

    async def close(self) -> None:
        """Let go of the connections."""
        with suppress(Exception):
            await self._bot.shutdown()
