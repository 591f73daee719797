"""A meeting as the conversation sees it: a frozen view of the database row."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from conversation.times import speak_day, speak_hour, to_local, to_utc

#: What people must hear of when it changes, and what their calendar must follow.
TOLD_FIELDS = ("day", "hour", "duration", "link", "passcode", "cancelled")
#: What a meeting's people were told of it: its ``TOLD_FIELDS`` as JSON; one that is missing was perhaps never told.
Told = dict[str, Any]
#: What somebody was told whose confirmation did not arrive: surely nothing.
LOST: Told = {"lost": True}


@dataclass(frozen=True, slots=True)
class Meeting:
    """One virtual meeting. ``day`` is ``None`` for a past one whose day the sources do not give.

    ``hour``: the town's local time, ``None`` until staff set it. ``duration``: minutes. ``capacity``: people, ``None``
    without limit. ``revision`` grows with every change that people must hear of; ``sequence`` is its part of
    iCalendar's.
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
    changed_at: datetime | None = None
    #: Grows with everything that is changed of it, heard of or not: whoever changes it says which one they saw.
    version: int = 1

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

    def is_on(self, now: datetime) -> bool:
        """Whether it has begun at ``now`` and is not over; without an hour nobody knows."""
        start = self.starts_at()
        return self.is_upcoming(now) and self.hour is not None and start is not None and start <= now

    def is_upcoming(self, now: datetime) -> bool:
        """Whether one can still take part at ``now``."""
        return not self.cancelled and not self.is_over(now)

    def as_told(self) -> Told:
        """What is told of it now."""
        return dict(_told_now(self))

    def differs_from(self, told: Told) -> tuple[str, ...]:
        """The fields of ``TOLD_FIELDS`` that are not as they were told.

        Of a meeting known to be cancelled nothing matters.
        """
        now = _told_now(self)
        if self.cancelled and told.get("cancelled"):
            return ()
        return tuple(field for field in TOLD_FIELDS if field not in told or told[field] != now[field])

    @property
    def shown(self) -> str:
        """Day and hour, as they are compared with what somebody was shown before saying yes."""
        return f"{self.day} {self.hour}"

    def speak_when(self, language: str, now: datetime) -> str:
        """``giovedì 21 gennaio, ore 17.30``: the hour only when it is known."""
        if self.day is None:
            return ""
        text = speak_day(self.day, language, today=to_local(now).date())
        return f"{text}, {speak_hour(self.hour, language)}" if self.hour else text


@lru_cache(maxsize=64)  # asked once for each of thousands who come
def _told_now(meeting: Meeting) -> Told:
    return {field: _as_json(getattr(meeting, field)) for field in TOLD_FIELDS}


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, date | time) else value
