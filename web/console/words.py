"""What several pages say in the same words."""

from conversation.channel import Channel, channel_named
from office.errors import RefusedError

_CHANNELS = {Channel.EMAIL: "e-mail", Channel.TELEGRAM: "Telegram", Channel.VOICE: "a voce"}


#: Digits of a number that the database can hold.
_DIGITS = 9


def whole(text: str, *, digits: int = _DIGITS) -> int | None:
    """The number that a form or an address gives; ``None`` for what is none, or has more digits."""
    return int(text) if text.isdecimal() and len(text) <= digits else None


def sentence(refused: RefusedError) -> str:
    """The refusal as a sentence."""
    text = str(refused)
    return f"{text[:1].upper()}{text[1:]}."


def say_channel(name: str) -> str:
    """The channel with this name in the database, for staff; a dash for none."""
    return _CHANNELS.get(channel_named(name), name) if name else "—"
