"""What the municipality has set: the addresses of its office, and when somebody is there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from conversation.channel import CHANNELS, Channel
from conversation.message import Address
from conversation.times import to_local

#: Saturday.
_WEEKEND = 5


@dataclass(frozen=True, slots=True)
class Office:
    """``mailbox``: ours.

    ``staff_email`` and ``staff_chat``: empty where there is no such channel. ``telegram_name``: the bot's @name, empty
    without Telegram. ``retention_months`` and ``retention_days``: stated in the notice; ``dpo``: how to reach the data
    protection officer.

    ``hours``: when the office opens and closes, local time; ``None``: not known, only the days are. ``holidays``: the
    country whose public holidays it keeps and, with its patron saint, the subdivision, as the library ``holidays``
    calls them.
    """

    mailbox: str
    staff_email: str = ""
    staff_chat: str = ""
    telegram_name: str = ""
    retention_months: int = 12
    retention_days: int = 90
    dpo: str = ""
    hours: tuple[time, time] | None = None
    holidays: tuple[str, str] = ("IT", "")

    @property
    def staff_places(self) -> tuple[Address, ...]:
        """Where the office reads: its mailbox, its group, both or neither."""
        places = (Address(Channel.EMAIL, self.staff_email), Address(Channel.TELEGRAM, self.staff_chat))
        return tuple(p for p in places if p.value)

    def closed_until(self, now: datetime) -> date | None:
        """The next day on which somebody reads, when today nobody does any more; ``None`` when somebody does today."""
        local = to_local(now)
        day = local.date()
        over = self.hours is not None and local.time() >= self.hours[1]
        if self.is_working_day(day) and not over:
            return None
        day += timedelta(days=1)
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def holidays_from(self, today: date, count: int) -> list[tuple[date, str]]:
        """The next ``count`` public holidays that are no weekend, ``today`` among them, with their names."""
        days = {**_holidays(*self.holidays, today.year), **_holidays(*self.holidays, today.year + 1)}
        return sorted((day, name) for day, name in days.items() if day >= today and day.weekday() < _WEEKEND)[:count]

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, and no public holiday."""
        return day.weekday() < _WEEKEND and day not in _holidays(*self.holidays, day.year)


def say_actor(name: str) -> str:
    """Who of the staff did something, as the audit trail names them, in Italian.

    An operator by name, the office by its channel.
    """
    channel = CHANNELS.get(name)
    return f"l'ufficio, {channel.by}" if channel else name


@cache
def _holidays(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """The public holidays of ``country`` and ``subdivision``, by day, from the library ``holidays``."""
    return dict(_calendar(country)(subdiv=subdivision or None, years=year))


@cache
def _calendar(country: str) -> Callable[..., Mapping[date, str]]:
    """The library's class for one country; asked in its own way it loads those of all countries, 8 MB.

    Raises ``KeyError`` for a country (ISO 3166-1) that it does not know.
    """
    import holidays
    from holidays.registry import COUNTRIES

    module, name = {code: (module, name) for module, (name, *codes) in COUNTRIES.items() for code in codes}[country]
    file = Path(holidays.__path__[0], "countries", f"{module}.py")
    # By its file: the package that it stands in imports all of them.
    loader = SourceFileLoader(f"holidays.countries.{module}", str(file))
    loaded = ModuleType(loader.name)
    loader.exec_module(loaded)
    found: Callable[..., Mapping[date, str]] = getattr(loaded, name)
    return found
