"""A meeting's fields as a form shows and sends them."""

import re
from collections.abc import Callable, Container, Iterable
from datetime import date, datetime, time
from typing import Any

from conversation.meeting import LOST, Meeting, Told
from conversation.office import say_actor
from db.meetings import as_day, as_hour
from office.errors import RefusedError
from office.overtaken import OvertakenError
from web.console.words import say_date, whole

#: What the form sets, in its order; also what is heard of when it changes.
FIELDS = ("title", "day", "hour", "duration", "link", "passcode", "capacity")
_SAID = {
    "title": "Titolo",
    "day": "Giorno",
    "hour": "Ora",
    "duration": "Durata (minuti)",
    "link": "Collegamento",
    "passcode": "Codice",
    "capacity": "Posti",
    "cancelled": "L'incontro",
}
_THE = {
    "day": "il giorno",
    "hour": "l'ora",
    "duration": "la durata",
    "link": "il collegamento",
    "passcode": "il codice",
    "title": "il titolo",
    "capacity": "i posti",
}
#: Before a field's name: how it was when the form was opened.
_SEEN = "era-"
#: Hours as people type them: 17, 17.30, 17:30.
_HOUR = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?")


def say_field(name: str) -> str:
    """The field's name for staff."""
    return _SAID[name]


def say_the(name: str) -> str:
    """The same within a sentence: «l'ora»."""
    return _THE[name]


def say_again(meeting: Meeting, name: str, now: datetime) -> str:
    """The field as it is again: «il giorno è di nuovo giovedì 21 gennaio»."""
    if name == "cancelled":
        return "l'incontro è di nuovo annullato" if meeting.cancelled else "l'incontro è di nuovo in programma"
    value = say_value(meeting, name, now)
    return f"{_THE[name]} " + (f"è di nuovo {value}" if value else "manca di nuovo")


def say_all_again(meeting: Meeting, names: Iterable[str], now: datetime) -> str:
    """The same of several, joined."""
    return ", ".join(say_again(meeting, name, now) for name in names)


def say_change(meeting: Meeting, names: Iterable[str], now: datetime) -> str:
    """What was changed, in a few words: «giorno giovedì 28 gennaio, ora 17.30, collegamento»."""
    return ", ".join(_say_changed(meeting, name, now) for name in names)


def _say_changed(meeting: Meeting, name: str, now: datetime) -> str:
    if name == "cancelled":
        return "annullamento" if meeting.cancelled else "di nuovo in programma"
    called, value = (
        _THE[name].removeprefix("il ").removeprefix("l'").removeprefix("la ").removeprefix("i "),
        say_value(meeting, name, now),
    )
    if not value:
        return f"{called} da comunicare" if name in {"day", "hour"} else f"{called} tolto"
    return called if name in {"link", "passcode"} else f"{called} {value}"


def say_meanwhile(overtaken: OvertakenError, now: datetime) -> str:
    """What a colleague changed while the page was open, and who."""
    changed = say_change(overtaken.meeting, overtaken.changed, now)
    by = say_actor(overtaken.by)
    who = f"{by} ha cambiato l'incontro" if by else "l'incontro è cambiato"
    return f"Nel frattempo {who}: {changed}."


def say_overtaken(overtaken: OvertakenError, now: datetime) -> str:
    """The same, and what becomes of the form."""
    then = "Qui c'è com'è adesso, con quello che hai cambiato tu: guarda, poi salva di nuovo."
    if overtaken.meeting.cancelled:
        then = "Quello che hai scritto non è salvato."
    return f"{say_meanwhile(overtaken, now)} {then}"


def say_value(meeting: Meeting, name: str, now: datetime) -> str:
    """What the field holds, for staff; empty for what is not set."""
    match name:
        case "day":
            return say_date(meeting.day, now) if meeting.day else ""
        case "hour":
            return f"{meeting.hour.hour}.{meeting.hour:%M}" if meeting.hour else ""
        case "duration":
            return f"{meeting.duration} minuti"
        case "capacity":
            return f"{meeting.capacity}" if meeting.capacity else "senza limite"
        case "cancelled":
            return "annullato" if meeting.cancelled else "in programma"
    return as_form(meeting)[name]


def say_told(told: Told, now: datetime, *, waiting: bool) -> str:
    """What somebody was told of a meeting last, for staff; empty where nobody knows.

    ``waiting``: on the waiting list, where nobody is told the link.
    """
    if not told:
        return ""
    if told == LOST:
        return "niente, la conferma non è arrivata"
    if told.get("cancelled"):
        return "che è annullato"
    day, hour = told.get("day"), told.get("hour")
    parts = [
        say_date(date.fromisoformat(day), now) if day else "giorno non noto",
        f"ore {time.fromisoformat(hour).hour}.{time.fromisoformat(hour):%M}" if hour else "ora da comunicare",
        "con il collegamento" if told.get("link") and not waiting else "senza collegamento",
    ]
    return ", ".join(parts)


def as_form(meeting: Meeting) -> dict[str, str]:
    """The fields as text; empty for what is not set."""
    return {
        "title": meeting.title,
        "day": f"{meeting.day or ''}",
        "hour": f"{meeting.hour:%H:%M}" if meeting.hour else "",
        "duration": f"{meeting.duration}",
        "link": meeting.link,
        "passcode": meeting.passcode,
        "capacity": f"{meeting.capacity or ''}",
        "cancelled": "sì" if meeting.cancelled else "no",
    }


def read_seen(form: Container[str], text: Callable[[str], str]) -> dict[str, Any]:
    """The fields as they were when the form was opened, for each that it says so of. Raises ``RefusedError``."""
    names = [name for name in (*FIELDS, "cancelled") if f"{_SEEN}{name}" in form]
    return read_fields(lambda name: text(f"{_SEEN}{name}"), names)


def renewed(meeting: Meeting, text: Callable[[str], str]) -> dict[str, str]:
    """What the form is to show once more: what was written into it, where nothing was, the meeting as it is now."""
    now = as_form(meeting)
    return {name: given if (given := text(name)) != text(f"{_SEEN}{name}") else now[name] for name in FIELDS}


def read_fields(text: Callable[[str], str], names: Iterable[str]) -> dict[str, Any]:
    """What the form says. Raises ``RefusedError`` for what is no day, hour or number."""
    return {name: _READ[name](text(name)) for name in names}


def _day(given: str) -> Any:
    try:
        return as_day(given or None)
    except ValueError:
        msg = "il giorno non si capisce: 21/01/2027"
        raise RefusedError(msg) from None


def _hour(given: str) -> Any:
    if not given:
        return None
    found = _HOUR.fullmatch(given)
    try:
        return as_hour(f"{int(found[1]):02}:{found[2] or '00'}") if found else as_hour(given)
    except ValueError:
        msg = "l'ora non si capisce: 17:30"
        raise RefusedError(msg) from None


def _whole(given: str) -> int:
    number = whole(given, digits=7)
    if number is not None:
        return number
    msg = f"«{given[:40]}» non è un numero"
    raise RefusedError(msg)


_READ: dict[str, Callable[[str], Any]] = {
    "title": str,
    "day": _day,
    "hour": _hour,
    "duration": _whole,
    "link": str,
    "passcode": str,
    "capacity": lambda given: _whole(given) if given else None,
    "cancelled": lambda given: given == "sì",
}
