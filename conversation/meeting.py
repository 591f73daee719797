"""A meeting as the conversation sees it: a frozen view of the database row."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from conversation.times import speak_day, speak_hour, to_local, to_utc


@dataclass(frozen=True, slots=True)
class Meeting:
    """One virtual meeting. ``day`` is ``None`` for a past one whose day the sources do not give.

    ``hour``: local time in Lucca, ``None`` until staff set it. ``duration``: minutes. ``capacity``: people, ``None``
    without limit. ``revision`` grows with every change that people must hear of; ``sequence`` is iCalendar's.
    """

    id: int
    sector: str
    title: str
    day: date | None
    hour: time | None = None
    duration: int = 90
    link: str = ""
    passcode: str = ""
    capacity: int | None = None
    cancelled: bool = False
    revision: int = 1
    sequence: int = 0

    def starts_at(self) -> datetime | None:
        """The instant it begins; without an hour, the first instant of its day; ``None`` without a day."""
        return to_utc(self.day, self.hour or time(0)) if self.day else None

    def ends_at(self) -> datetime | None:
        """The instant it is over; without an hour, the last instant of its day."""
        if self.day is None:
            return None
        if self.hour is None:
            return to_utc(self.day + timedelta(days=1), time(0))
        return to_utc(self.day, self.hour) + timedelta(minutes=self.duration)

    def is_over(self, now: datetime) -> bool:
        """Whether its end has passed at ``now``; one without a day took place some time ago."""
        end = self.ends_at()
        return end is None or now >= end

    def is_upcoming(self, now: datetime) -> bool:
        """Whether one can still take part at ``now``."""
        return not self.cancelled and not self.is_over(now)

    def speak_when(self, language: str, now: datetime) -> str:
        """``giovedì 21 gennaio, ore 17.30``: the hour only when it is known."""
        if self.day is None:
            return ""
        text = speak_day(self.day, language, today=to_local(now).date())
        return f"{text}, {speak_hour(self.hour, language)}" if self.hour else text
