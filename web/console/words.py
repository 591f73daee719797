"""What several pages say in the same words."""

from conversation.channel import Channel, channel_named
from office.errors import RefusedError

_CHANNELS = {Channel.EMAIL: "e-mail", Channel.TELEGRAM: "Telegram"}


def sentence(refused: RefusedError) -> str:
    """The refusal as a sentence."""
    text = str(refused)
    return f"{text[:1].upper()}{text[1:]}."


def say_channel(name: str) -> str:
    """The channel with this name in the database, for staff; a dash for none."""
    return _CHANNELS.get(channel_named(name), name) if name else "—"
