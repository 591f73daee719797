"""The public holidays of a country and its towns, as the library ``holidays`` knows them.

The library loads the calendars of every religion, and they stay in memory: 4 MB for a dozen days a year. A process of
its own is asked for ten years at once, and what it says is kept.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version

from knowledge.cache_folder import cache_folder

#: Years that are asked for at once: they begin with a round one.
_YEARS = 10
#: Seconds for the child; it takes half of one.
_PATIENCE = 60.0
#: Says ``null`` of what the library does not know.
_PROGRAM = """
import json, sys
from holidays import country_holidays
country, subdivision, first, years = sys.argv[1:]
try:
    found = country_holidays(country, subdiv=subdivision or None, years=range(int(first), int(first) + int(years)))
except NotImplementedError:
    found = None
json.dump(found and {day.isoformat(): name for day, name in found.items()}, sys.stdout)
"""


def public_holidays(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """By day, with their names: those of ``year`` and of others around it.

    ``country`` (ISO 3166-1) and ``subdivision`` (empty: none) as the library calls them. Raises ``LookupError`` for
    what it does not know.
    """
    return _of_years(country, subdivision, year - year % _YEARS)


@cache
def _of_years(country: str, subdivision: str, first: int) -> Mapping[date, str]:
    asked = [country, subdivision, str(first), str(_YEARS)]
    named = sha256(json.dumps([version("holidays"), *asked]).encode()).hexdigest()
    file = cache_folder() / f"holidays-{named[:32]}.json"
    try:
        return _read(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there yet, or half of it
        said = _ask(asked)
    found = _read(said)
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(said, encoding="utf-8")
    return found


def _read(said: str) -> Mapping[date, str]:
    """Raises ``LookupError`` where the library knew nothing, ``ValueError`` for what is no answer of it."""
    found = json.loads(said)
    if found is None:
        msg = "the library holidays knows no such country, or no such subdivision of it"
        raise LookupError(msg)
    return {date.fromisoformat(day): name for day, name in found.items()}


def _ask(asked: list[str]) -> str:
    import subprocess
    import sys

    done = subprocess.run(  # noqa: S603 - this interpreter, and words that are no options of it
        [sys.executable, "-P", "-c", _PROGRAM, *asked], capture_output=True, text=True, check=True, timeout=_PATIENCE
    )
    return done.stdout
