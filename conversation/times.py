"""Time as the house speaks it: aware UTC inside, the town's time at the edges, the clock always an argument."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from conversation.languages import SPOKEN, Spoken

#: Italy's time: the local one until a town of another zone is named.
ROME = ZoneInfo("Europe/Rome")
_local = ROME

#: Gives the present instant, aware and in UTC. Every function that needs the time takes one.
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def use_zone(name: str) -> None:
    """Take ``name`` (of the IANA database) for the local time of this process, which works for one town.

    Called once, at its start.
    """
    global _local  # noqa: PLW0603 - as the process's own TZ: docs/decisions/0026-one-town-a-process.md
    _local = ZoneInfo(name)


def local_zone() -> ZoneInfo:
    """The zone of the town's clocks."""
    return _local


def to_local(instant: datetime) -> datetime:
    """The same instant on the town's clocks."""
    return instant.astimezone(_local)


def to_utc(day: date, hour: time) -> datetime:
    """The instant at which the town's clocks show ``hour`` on ``day``.

    An hour that a daylight-saving night skips is read one hour later; one that it repeats is the first of the two
    (PEP 495, ``fold=0``).
    """
    local = datetime.combine(day, hour, tzinfo=_local)
    return local.astimezone(UTC)


def speak_day(day: date, language: str, *, today: date | None = None) -> str:
    """``giovedì 21 gennaio``; with the year when it is not the year of ``today``."""
    text = _spoken(language).speak_day(day)
    return text if today is None or today.year == day.year else f"{text} {day.year}"


def speak_hour(hour: time, language: str) -> str:
    """``ore 17.30`` or ``17:30``."""
    return _spoken(language).speak_hour(hour)


def _spoken(language: str) -> Spoken:
    return SPOKEN.get(language, SPOKEN["it"])
