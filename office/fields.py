"""What staff may set of a meeting, and what they cannot mean."""

from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any

from conversation.meeting import Meeting
from conversation.times import to_local
from office.desk import Desk
from office.errors import RefusedError

#: The longest texts, as the table holds them.
_TITLE, _LINK, _PASSCODE = 200, 500, 64
_DAY_MINUTES = 24 * 60


def _whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _text(value: object, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most


def _is_link(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LINK and (not value or value.startswith(("https://", "http://")))


#: For each field: whether a value may stand there, and what to say when it may not.
_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "title": (lambda v: _text(v, _TITLE), f"il titolo può avere {_TITLE} caratteri"),
    "day": (lambda v: type(v) is date, "manca il giorno"),
    "hour": (lambda v: v is None or isinstance(v, time), "l'ora si scrive 17:30, o resta da comunicare"),
    "duration": (lambda v: _whole(v, 1, _DAY_MINUTES), "la durata è in minuti, al più un giorno"),
    "link": (_is_link, "il collegamento comincia con https://"),
    "passcode": (lambda v: _text(v, _PASSCODE), f"il codice può avere {_PASSCODE} caratteri"),
    "capacity": (lambda v: v is None or _whole(v, 1, 100_000), "i posti sono un numero da 1 in su, o nessun limite"),
    "cancelled": (lambda v: type(v) is bool, "annullato: sì o no"),
}


def check_fields(desk: Desk, meeting: Meeting, values: Mapping[str, Any]) -> None:
    """Raises ``RefusedError`` for what is no field, no value for it, or a day that is over."""
    for name, value in values.items():
        known = _FIELDS.get(name)
        if known is None:
            msg = f"«{name}» non si può cambiare"
            raise RefusedError(msg)
        if not known[0](value):
            raise RefusedError(known[1])
    day = values.get("day")
    if day is not None and day != meeting.day and day < to_local(desk.now).date():
        msg = "il giorno nuovo è già passato"
        raise RefusedError(msg)


def names_its_day(desk: Desk, meeting: Meeting, typed: str) -> bool:
    """Whether what was typed names the meeting's day, with its month, and no other: «21/1», «giovedì 21 gennaio 2021».

    Who cancels one types it, so that nobody cancels another by a slip.
    """
    from conversation.understanding.dates import find_days  # what it stands among costs megabytes

    named = find_days(typed, to_local(desk.now).date())
    if meeting.day is None or len(named) != 1:
        return False
    return named[0].day is not None and named[0].month is not None and named[0].admits(meeting.day)
