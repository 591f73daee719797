"""How long what is kept is kept; ``db.retention`` deletes it."""

from dataclasses import dataclass
from datetime import timedelta

_MONTH = timedelta(days=30.44)


@dataclass(frozen=True, slots=True)
class Periods:
    """``people``: after the last meeting or contact; ``letters``: set aside, answered, come back.

    ``mail_age``: the oldest mail read.
    """

    people: timedelta
    letters: timedelta
    audit: timedelta
    mail_age: timedelta

    @classmethod
    def of(cls, *, months: int, days: int, audit_months: int, mail_days: int) -> "Periods":
        """From the settings."""
        return cls(months * _MONTH, timedelta(days=days), audit_months * _MONTH, timedelta(days=mail_days))
