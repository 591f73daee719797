"""What the municipality has set: the addresses of its office, and when somebody is there."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from conversation.channel import Channel
from conversation.message import Address
from conversation.times import to_local


@dataclass(frozen=True, slots=True)
class Office:
    """``mailbox``: ours. ``staff_email`` and ``staff_chat``: empty where there is no such channel. ``telegram_name``: the bot's @name, empty without Telegram. ``retention_months`` and ``retention_days``: stated in the notice; ``dpo``: how to reach the data protection officer.

    ``hours``: when the office opens and closes, local time; ``None``: not known, only the days are. ``holidays``: the country whose
    public holidays it keeps and, with its patron saint, the subdivision, as the library ``holidays`` calls them.
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
        if self._is_working_day(day) and not over:
            return None
        day += timedelta(days=1)
        while not self._is_working_day(day):
            day += timedelta(days=1)
        return day

    def _is_working_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in _holidays(*self.holidays, day.year)  # Monday to Friday


@cache
def _holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    """The public holidays of ``country`` and ``subdivision``, from the library ``holidays``."""
    import holidays

    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
