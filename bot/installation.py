"""The settings as the console shows them to a manager: in groups, explained, with where each comes from.

Of secrets only that they are there.
"""

import re
from collections.abc import Callable
from typing import Any

from pydantic import SecretStr

from bot.checks import checks_of
from bot.settings import Settings
from db.engine import sqlite_file
from office.installation import Installation, Setting

#: Groups in the order of the page, by how the names of their settings begin; what fits none stands in the last.
_GROUPS = [
    ("Ufficio", re.compile(r"office_|staff_(?:email|chat)|dpo_|approve_")),
    ("Promemoria e aggiornamenti", re.compile(r"reminders|quiet_|change_|longest_|outbox_")),
    ("Posta", re.compile(r"imap_|smtp_|mail_|pec_")),
    ("Telegram", re.compile(r"telegram_")),
    ("Console e pagine", re.compile(r"public_|console_|staff_|oidc_|port$|secret_key")),
    ("Per quanto tempo", re.compile(r"retention_|audit_")),
    ("Programma", re.compile(r"")),
]
#: A name and a password inside an address.
_INSIDE = re.compile(r"//[^/@\s]*@")
_UNITS = {"d": ("giorno", "giorni"), "h": ("ora", "ore"), "m": ("minuto", "minuti")}


def installation_of(settings: Settings, *, sandbox: bool = False) -> Installation:
    """What the page needs. ``sandbox``: the settings are those of one."""
    shown: dict[str, list[Setting]] = {title: [] for title, _ in _GROUPS}
    for name in Settings.model_fields:
        title = next(title for title, begins in _GROUPS if begins.match(name))
        shown[title].append(_setting(settings, name))
    return Installation(
        [(title, found) for title, found in shown.items() if found], checks_of(settings, sandbox=sandbox)
    )


def _setting(settings: Settings, name: str) -> Setting:
    field, value = Settings.model_fields[name], getattr(settings, name)
    secret = "SecretStr" in str(field.annotation)
    say = _WORDS.get(name, _say)
    said = say(value)
    given = name in settings.model_fields_set
    return Setting(name.upper(), field.title or "", field.description or "", said, given, secret)


def _say_database(url: str) -> str:
    """Not where it is: the address may hold a password."""
    return "PostgreSQL" if sqlite_file(url) is None else "SQLite"


def _say_offsets(text: str) -> str:
    """«7d,1d,1h»: 7 giorni, 1 giorno e 1 ora prima; «1d@9,0d@9»: 1 giorno prima alle 9 e lo stesso giorno alle 9."""
    offsets = [part.strip() for part in text.split(",") if part.strip()]
    together = bool(offsets) and not any("@" in offset for offset in offsets)
    said = [_say_offset(offset, "" if together else " prima") for offset in offsets]
    return " e ".join(filter(None, [", ".join(said[:-1]), *said[-1:]])) + (" prima" if together else "")


def _say_offset(offset: str, before: str) -> str:
    ahead, _, at = offset.partition("@")
    count, (one, many) = int(ahead[:-1]), _UNITS[ahead[-1]]
    said = f"{count} {one if count == 1 else many}{before}" if count else "lo stesso giorno"
    return said + (f" alle {at}" if at else "")


def _say(value: Any) -> str:
    """A value in words; empty for what is not set."""
    if isinstance(value, SecretStr):
        return "impostato"
    if isinstance(value, bool):
        return "sì" if value else "no"
    return "" if value is None else _INSIDE.sub("//", str(value))


#: Settings whose value is said in other words than it is written in.
_WORDS: dict[str, Callable[[Any], str]] = {
    "approve_above": lambda above: str(above) if above else "mai",
    "database_url": _say_database,
    "reminders": _say_offsets,
    "reminders_untimed": _say_offsets,
}
