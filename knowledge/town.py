"""The town that the bot works for: ``town.toml`` in its folder. Clear errors, no guesses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import rtoml

from knowledge.checking import KnowledgeError
from knowledge.public_holidays import public_holidays

_FILE = "town.toml"
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
#: What Telegram takes for the name of a bot (Bot API, "Create a new bot").
_BOT = re.compile(r"[A-Za-z0-9_]{2,29}bot", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox of the sandbox, of somebody invented. ``writes``: an example of what they write."""

    address: str
    name: str
    writes: str


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Who and when it is in the sandbox."""

    #: Where its clock begins, local time: the town's programme is upcoming then.
    start: datetime
    #: The bot's @name, without the @.
    bot: str
    #: The office's mailbox.
    staff: str
    #: Who sits at the chat.
    first_name: str
    last_name: str
    #: Examples of what one may say in the chat.
    says: tuple[str, ...]
    #: The mailboxes that one can write from.
    mailboxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Town:
    """What of the town stands in texts, letters and calendars, and what the program must know of it."""

    #: The town's name, as after "Comune di".
    name: str
    #: What the meetings are called together; ``short``: the same in the subjects of alerts to the office.
    service: str
    short: str
    #: The municipality, at the head and foot of each letter.
    office: str
    #: The name beside the address that letters come from.
    sender: str
    #: That address, unless MAIL_ADDRESS names another.
    mailbox: str
    #: Where the meetings are held.
    platform: str
    #: The time zone of every hour that is said or written (a name of the IANA database).
    zone: str
    #: The languages that the bot answers in (ISO 639-1), Italian among them.
    languages: tuple[str, ...]
    #: Folded words that begin no name of a person or association; with ``=`` before it, a word that is none when it
    #: stands alone.
    no_names: tuple[str, ...]
    #: The pact that associations may join, by language.
    pact: Mapping[str, str]
    #: Whose public holidays close the office: country (ISO 3166-1) and its subdivision, which may be empty.
    holidays: tuple[str, str]
    sandbox: Sandbox

    def names(self, language: str) -> dict[str, str]:
        """What fills the places of every text that name the town (``TOWN_NAMES``)."""
        pact = self.pact.get(language, self.pact["it"])
        return {
            "town": self.name, "service": self.service, "short": self.short, "platform": self.platform, "pact": pact
        }  # fmt: skip


def read_town(folder: Path) -> Town:
    """The town whose folder this is. Raises ``KnowledgeError`` at the first fault."""
    try:
        table = rtoml.loads((folder / _FILE).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        msg = f"{_FILE}: non si può leggere (un file di testo UTF-8 in formato TOML): {error}"
        raise KnowledgeError(msg) from error
    _check_names(table, _TOWN, "")
    languages = _strings(table, "languages")
    if "it" not in languages:
        _refuse("languages", 'un elenco di lingue fra cui l\'italiano, come ["it", "en"]')
    pact, holidays = _table(table, "pact"), _table(table, "holidays")
    for language in languages:
        _string(pact, language, "pact.")
    return Town(
        **{key: _string(table, key) for key in ("name", "service", "short", "office", "sender", "platform")},
        mailbox=_address(table, "mailbox"),
        zone=_zone(table),
        languages=languages,
        no_names=_strings(table, "no_names"),
        pact={language: _string(pact, language, "pact.") for language in pact},
        holidays=_holidays(holidays),
        sandbox=_sandbox(_table(table, "sandbox")),
    )


_TOWN = frozenset(Town.__annotations__)
_SANDBOX = frozenset(Sandbox.__annotations__)
_BOX = frozenset(Box.__annotations__)


def _sandbox(table: Mapping[str, Any]) -> Sandbox:
    _check_names(table, _SANDBOX, "sandbox.")
    if not isinstance(table.get("start"), datetime) or table["start"].tzinfo is not None:
        _refuse("sandbox.start", "un'ora senza virgolette e senza fuso, come 2021-01-15T09:00:00")
    bot = _string(table, "bot", "sandbox.")
    if not _BOT.fullmatch(bot):
        _refuse("sandbox.bot", "un nome di bot Telegram: lettere, cifre e _, con «bot» alla fine")
    boxes = table.get("mailboxes")
    if not isinstance(boxes, list) or not boxes or not all(isinstance(box, dict) for box in boxes):
        _refuse("sandbox.mailboxes", "una o più tabelle [[sandbox.mailboxes]]")
    return Sandbox(
        start=table["start"],
        bot=bot,
        staff=_address(table, "staff", "sandbox."),
        first_name=_string(table, "first_name", "sandbox."),
        last_name=_string(table, "last_name", "sandbox."),
        says=_strings(table, "says", "sandbox."),
        mailboxes=tuple(_box(box) for box in boxes),
    )


def _box(table: Mapping[str, Any]) -> Box:
    place = "sandbox.mailboxes."
    _check_names(table, _BOX, place)
    return Box(_address(table, "address", place), _string(table, "name", place), _string(table, "writes", place))


def _holidays(table: Mapping[str, Any]) -> tuple[str, str]:
    _check_names(table, frozenset({"country", "subdivision"}), "holidays.")
    country, subdivision = _string(table, "country", "holidays."), table.get("subdivision", "")
    if not re.fullmatch(r"[A-Z]{2}", country):
        _refuse("holidays.country", "un paese in due lettere maiuscole, come IT")
    if not isinstance(subdivision, str):
        _refuse("holidays.subdivision", "una sigla fra virgolette, come LU")
    try:
        public_holidays(country, subdivision, datetime.now(UTC).year)
    except LookupError:
        _refuse("holidays", "un paese, e una sua provincia se c'è, che la libreria holidays conosca")
    return country, subdivision


def _zone(table: Mapping[str, Any]) -> str:
    zone = _string(table, "zone")
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # no such zone is a KeyError
        _refuse("zone", "un fuso orario come Europe/Rome")
    return zone


def _address(table: Mapping[str, Any], key: str, place: str = "") -> str:
    value = _string(table, key, place)
    if not _ADDRESS.fullmatch(value):
        _refuse(place + key, "un indirizzo e-mail")
    return value


def _string(table: Mapping[str, Any], key: str, place: str = "") -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        _refuse(place + key, "un testo fra virgolette")
    return value.strip()


def _strings(table: Mapping[str, Any], key: str, place: str = "") -> tuple[str, ...]:
    value = table.get(key)
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        _refuse(place + key, "un elenco di testi fra virgolette")
    return tuple(value)


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = table.get(key)
    if not isinstance(value, dict):
        _refuse(key, f"una tabella [{key}]")
    return value


def _check_names(table: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    unknown = table.keys() - known
    if unknown:
        msg = f"{_FILE}: la voce «{place}{min(unknown)}» non esiste: le voci sono {', '.join(sorted(known))}"
        raise KnowledgeError(msg)


def _refuse(entry: str, wanted: str) -> NoReturn:
    msg = f"{_FILE}: alla voce «{entry}» serve {wanted}"
    raise KnowledgeError(msg)
