"""What the municipality has set: the addresses of its office."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Office:
    """``mailbox``: ours. ``telegram_name``: the bot's @name, empty without Telegram. ``retention_months``: stated in the notice."""

    mailbox: str
    staff_email: str = ""
    staff_chat: str = ""
    telegram_name: str = ""
    retention_months: int = 12
