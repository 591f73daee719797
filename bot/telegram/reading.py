"""Update → Incoming. What is no message for us becomes ``None`` and is recorded as such."""

import json
import re
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update

from bot.telegram.introducing import COMMANDS
from conversation.channel import TELEGRAM_TEXT, Channel
from conversation.message import Address, Event, Incoming, Reading, Thread

_BLOCKED = {"kicked", "left"}


#: What an object that is no update of the Bot API makes its reader raise.
_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


class UnknownUpdateError(ValueError):
    """An update of a kind that this bot does not know; it is recorded."""


def read_update(data: dict[str, Any], bot_name: str = "") -> Incoming | None:
    """An update → what the person did; ``None`` for what needs no answer (other bots, group chatter).

    ``bot_name``: our @name, to see in a group whether we are spoken to. Raises ``UnknownUpdateError``.
    """
    update = Update.de_json(data, None)
    if update.callback_query is not None:
        return _press(update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    message = update.message or update.edited_message
    if message is None:
        raise UnknownUpdateError(_kinds(data))
    return _message(message, edited=update.edited_message is not None, bot_name=bot_name)


def read_stored(payload: bytes, bot_name: str) -> Reading:
    """The same for the inbox worker: what it is not for us is told by kind.

    What cannot be read is recorded; with a chat and words in it somebody wrote it, and a person looks.
    """
    data: dict[str, Any] = json.loads(payload)
    try:
        incoming = read_update(data, bot_name)
    except UnknownUpdateError as error:
        return Reading(None, "unknown", str(error))
    except _UNREADABLE as error:
        message = data.get("message")
        written = isinstance(message, dict) and bool(message.get("text")) and "chat" in message
        reason = f"{_kinds(data)} that cannot be read: {type(error).__name__}"
        return Reading(None, "unknown", reason, needs_person=written)
    return Reading(incoming, "human") if incoming else Reading(None, "ignored", "not for us")


def _kinds(data: dict[str, Any]) -> str:
    return f"an update with {', '.join(sorted(k for k in data if k != 'update_id')) or 'nothing'}"


def _message(message: Message, *, edited: bool, bot_name: str) -> Incoming | None:
    user = message.from_user
    group = message.chat.type != "private"
    if message.chat.type == "channel" or user is None or (user.is_bot and not _is_the_group_itself(message)):
        return None
    address = Address(Channel.TELEGRAM, str(message.chat.id))
    if message.migrate_to_chat_id is not None:
        return Incoming(address, event=Event.MOVED, group=True, moved_to=str(message.migrate_to_chat_id))
    text = (message.text or message.caption or "").replace("\0", "")[:TELEGRAM_TEXT]
    if group and not _is_for_us(message, text, bot_name):
        return None
    if bot_name and text:
        text = re.sub(rf"@{re.escape(bot_name)}\b", "", text, flags=re.IGNORECASE).strip()
    attached = _has_file(message)
    if not text and (edited or not attached):
        return None  # pinned, joined, renamed: nobody speaks; a place that moves, a photo that is changed: nobody asks
    replied = message.reply_to_message
    return Incoming(
        address=address,
        text=text,
        event=Event.WORDS if text else Event.ATTACHMENT,
        at=message.date,
        name="" if group else user.full_name,
        language=user.language_code or "",
        group=group,
        edited=edited,
        thread=_topic(message),
        answers=(replied.text or "")[:TELEGRAM_TEXT] if replied else "",
        answers_us=_is_ours(replied, bot_name),
        number=str(message.message_id),
        album=message.media_group_id or "",
        attached=attached,
    )


def _is_the_group_itself(message: Message) -> bool:
    """An administrator who stays anonymous writes in the name of the group (Bot API, Message.sender_chat)."""
    return message.sender_chat is not None and message.sender_chat.id == message.chat.id


def _topic(message: Message) -> Thread | None:
    """Where the answer belongs in a chat with topics; General has no number (Bot API, Message.is_topic_message)."""
    number = message.message_thread_id
    return Thread(message_id=str(number)) if message.is_topic_message and number is not None else None


def _is_ours(message: Message | None, bot_name: str) -> bool:
    author = message.from_user if message else None
    return bool(bot_name and author and (author.username or "").lower() == bot_name.lower())


def _is_for_us(message: Message, text: str, bot_name: str) -> bool:
    """In a group: an answer to us, our name, or a command of ours; a bare one that is none may be another bot's."""
    if _is_ours(message.reply_to_message, bot_name):
        return True
    if text.startswith("/"):
        name, at, whose = text[1:].split(maxsplit=1)[0].lower().partition("@") if text[1:].strip() else ("", "", "")
        return whose == bot_name.lower() if at else name in COMMANDS
    return bool(bot_name) and f"@{bot_name}".lower() in text.lower()


def _has_file(message: Message) -> bool:
    """Whether something hangs on it that is no words. Without that and without words nobody is speaking."""
    return any(
        (
            message.photo, message.voice, message.audio, message.video, message.video_note, message.document,
            message.sticker, message.animation, message.location, message.contact, message.venue, message.poll,
            message.dice, message.story,
        )
    )  # fmt: skip


def _press(query: CallbackQuery) -> Incoming | None:
    chat = query.message.chat if query.message else None
    if query.from_user.is_bot or not query.data:
        return None
    group = chat is not None and chat.type != "private"
    return Incoming(
        address=Address(Channel.TELEGRAM, str(chat.id if chat else query.from_user.id)),
        event=Event.PRESS,
        press=query.data,
        label=_label(query),
        name="" if group else query.from_user.full_name,
        language=query.from_user.language_code or "",
        group=group,
    )


def _label(query: CallbackQuery) -> str:
    """What stood on the button; Telegram does not show the keyboard of a message that is too old."""
    markup = query.message.reply_markup if isinstance(query.message, Message) else None
    buttons = [button for row in markup.inline_keyboard for button in row] if markup else []
    return next((button.text for button in buttons if button.callback_data == query.data), "")


def _membership(change: ChatMemberUpdated) -> Incoming | None:
    """In a private chat this says only that the bot was blocked or unblocked (Bot API, ``my_chat_member``)."""
    if change.chat.type != "private":
        return None
    left = change.new_chat_member.status in _BLOCKED
    return Incoming(Address(Channel.TELEGRAM, str(change.chat.id)), event=Event.LEFT if left else Event.RETURNED)
