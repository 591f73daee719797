"""Update → Incoming. What is no message for us becomes ``None`` and is recorded as such."""

import json
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update

from conversation.message import Address, Channel, Event, Incoming, Reading

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
    """The same for the clerk: what it is not for us is told by kind.

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
    if user is None or user.is_bot or message.chat.type == "channel":
        return None
    group = message.chat.type != "private"
    text = message.text or message.caption or ""
    if group and not _is_for_us(message, text, bot_name):
        return None
    if bot_name and text:
        text = text.replace(f"@{bot_name}", "").strip()
    if not text and _is_service(message):
        return None
    return Incoming(
        address=Address(Channel.TELEGRAM, str(message.chat.id)),
        text=text,
        event=Event.WORDS if text else Event.ATTACHMENT,
        at=message.edit_date if edited else message.date,
        name="" if group else user.full_name,
        language=user.language_code or "",
        group=group,
        edited=edited,
        answers=(message.reply_to_message.text or "")[:4096] if message.reply_to_message else "",
    )


def _is_for_us(message: Message, text: str, bot_name: str) -> bool:
    if text.startswith("/"):
        command = text.split(maxsplit=1)[0]
        return "@" not in command or command.endswith(f"@{bot_name}")
    if bot_name and f"@{bot_name}".lower() in text.lower():
        return True
    replied = message.reply_to_message
    return bool(replied and replied.from_user and replied.from_user.username == bot_name and bot_name)


def _is_service(message: Message) -> bool:
    """Pinned, joined, renamed…: nobody is speaking."""
    return not any(
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
        name="" if group else query.from_user.full_name,
        language=query.from_user.language_code or "",
        group=group,
    )


def _membership(change: ChatMemberUpdated) -> Incoming | None:
    """In a private chat this says only that the bot was blocked or unblocked (Bot API, ``my_chat_member``)."""
    if change.chat.type != "private":
        return None
    left = change.new_chat_member.status in _BLOCKED
    return Incoming(Address(Channel.TELEGRAM, str(change.chat.id)), event=Event.LEFT if left else Event.RETURNED)
