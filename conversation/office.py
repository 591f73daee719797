"""What the municipality has set: the addresses of its office, and when somebody is there."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from conversation.channel import CHANNELS, Channel
from conversation.message import Address
from conversation.times import to_local, to_utc
from knowledge.public_holidays import public_holidays

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
    def staff_addresses(self) -> tuple[Address, ...]:
        """Where the office reads: its mailbox, its group, both or neither."""
        addresses = (Address(Channel.EMAIL, self.staff_email), Address(Channel.TELEGRAM, self.staff_chat))
        return tuple(a for a in addresses if a.value)

    def closed_until(self, now: datetime) -> date | None:
        """The next day on which somebody reads, when today nobody does any more; ``None`` when somebody does today."""
        local = to_local(now)
        day = local.date()
        over = self.hours is not None and local.time() >= self.hours[1]
        if self.is_working_day(day) and not over:
            return None
        return self._working_day_after(day)

    def a_working_day_after(self, moment: datetime) -> datetime:
        """When a working day has gone by since: the same hour of the next one; of what came on a closed day its end."""
        local = to_local(moment)
        day = self._working_day_after(local.date())
        if self.is_working_day(local.date()):
            return to_utc(day, local.time())
        return to_utc(day + timedelta(days=1), time())

    def _working_day_after(self, day: date) -> date:
        day += timedelta(days=1)
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def holidays_from(self, today: date, count: int) -> list[tuple[date, str]]:
        """The next ``count`` public holidays that are no weekend, ``today`` among them, with their names."""
        days = {**public_holidays(*self.holidays, today.year), **public_holidays(*self.holidays, today.year + 1)}
        return sorted((day, name) for day, name in days.items() if day >= today and day.weekday() < _WEEKEND)[:count]

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, and no public holiday."""
        return day.weekday() < _WEEKEND and day not in public_holidays(*self.holidays, day.year)


def say_actor(name: str) -> str:
    """Who of the staff did something, as the audit trail names them, in Italian.

    An operator by name, the office by its channel.
    """
    channel = CHANNELS.get(name)
    return f"l'ufficio, {channel.by}" if channel else name
