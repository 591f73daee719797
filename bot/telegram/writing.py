"""Reply → what the Bot API takes: HTML text with the person's words escaped, and an inline keyboard."""

from html import escape

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from conversation.message import Reply

_DATA_BYTES = 64


def write_html(reply: Reply) -> str:
    """Title in bold, text escaped (Bot API, "HTML style"): nothing a person typed becomes markup."""
    title = f"<b>{escape(reply.title, quote=False)}</b>" if reply.title else ""
    text = escape(reply.text, quote=False)
    return f"{title}\n\n{text}" if title and text else title or text


def write_keyboard(reply: Reply) -> InlineKeyboardMarkup | None:
    """The buttons. Raises ``ValueError`` for data over 64 bytes, which Telegram would refuse."""
    if not reply.buttons:
        return None
    keyboard = []
    for row in reply.buttons:
        line = []
        for button in row:
            if button.url:
                line.append(InlineKeyboardButton(button.label, url=button.url))
                continue
            if not 1 <= len(button.data.encode()) <= _DATA_BYTES:
                msg = f"button data must have 1 to {_DATA_BYTES} bytes: {button.data!r}"
                raise ValueError(msg)
            line.append(InlineKeyboardButton(button.label, callback_data=button.data))
        keyboard.append(line)
    return InlineKeyboardMarkup(keyboard)
