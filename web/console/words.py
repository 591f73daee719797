"""What several pages say in the same words."""

from datetime import date, datetime

from conversation.channel import CHANNELS, Channel, channel_named
from conversation.times import speak_day, to_local
from office.errors import RefusedError

#: Digits of a number that the database can hold.
_DIGITS = 9
_MINUTE = 60


def whole(text: str, *, digits: int = _DIGITS) -> int | None:
    """The number that a form or an address gives; ``None`` for what is none, or has more digits."""
    return int(text) if text.isdecimal() and len(text) <= digits else None


def sentence(refused: RefusedError) -> str:
    """The refusal as a sentence."""
    text = str(refused)
    return f"{text[:1].upper()}{text[1:]}."


def say_channel(name: str) -> str:
    """The channel with this name in the database, for staff; a dash for none."""
    return channel_named(name).called if name else "—"


def say_by(name: str) -> str:
    """How something goes there, for staff: «per e-mail»; a dash for none."""
    return channel_named(name).by if name else "—"


def channels(*, written: bool = False) -> list[tuple[str, str]]:
    """The names of the channels that people use, in the database and for staff; ``written``: where they read us."""
    used = [channel for channel in CHANNELS.values() if channel is not Channel.TERMINAL]
    return [(channel.value, channel.called) for channel in used if channel.written or not written]


def say_date(day: date, now: datetime) -> str:
    """«venerdì 22 gennaio», with the year when it is not this one."""
    return speak_day(day, "it") + (f" {day.year}" if day.year != to_local(now).year else "")


def say_at(moment: datetime, now: datetime) -> str:
    """«alle 9.20»; with its day when that is not today."""
    local = to_local(moment)
    before = "all'" if local.hour == 1 else "alle "
    at = f"{before}{local.hour}.{local:%M}"
    return at if local.date() == to_local(now).date() else f"{say_date(local.date(), now)} {at}"


def say_leaving(due: datetime, now: datetime) -> str:
    """When something leaves: «adesso», «fra 30 secondi», «fra 2 minuti»; later, the hour."""
    seconds = round((due - now).total_seconds())
    if seconds <= 0:
        return "adesso"
    if seconds < _MINUTE:
        return f"fra {seconds} secondi" if seconds > 1 else "fra un secondo"
    minutes = round(seconds / _MINUTE)
    if minutes > _MINUTE:
        return say_at(due, now)
    return "fra un minuto" if minutes == 1 else f"fra {minutes} minuti"


def say_notices(count: int, when: str) -> str:
    """«1 aggiornamento parte adesso», «2 aggiornamenti partono adesso», «Non parte nessun aggiornamento»."""
    if not count:
        return "Non parte nessun aggiornamento"
    return f"1 aggiornamento parte {when}" if count == 1 else f"{count} aggiornamenti partono {when}"
