"""Tells Telegram about the bot: its commands in each language, its description, and where its webhook is."""

import structlog
from telegram import Bot, BotCommand
from telegram.error import TelegramError

from bot.telegram.polling import ALLOWED
from knowledge.library import Library

log = structlog.get_logger("telegram")

COMMANDS = ("start", "programma", "iscriviti", "iscrizioni", "domanda", "privacy", "annulla", "aiuto")


async def introduce(bot: Bot, library: Library, *, webhook_url: str = "", webhook_secret: str = "") -> bool:
    """Call setMyCommands per language, and setWebhook when ``webhook_url`` is given.

    Whether Telegram took it all; what fails is logged.
    """
    try:
        for language in library.texts:
            commands = [BotCommand(name, library.say(f"commands.{name}", language)) for name in COMMANDS]
            await bot.set_my_commands(commands, language_code=None if language == "it" else language)
        if webhook_url:
            await bot.set_webhook(webhook_url, secret_token=webhook_secret, allowed_updates=ALLOWED)
    except TelegramError as error:
        log.warning("introduction_failed", error=type(error).__name__)
        return False
    return True
