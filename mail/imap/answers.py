"""What FETCH answers (RFC 9051 §7.5.2): at once where it is written as servers write it, else by IMAPClient's parser.

That one reads any answer, letter by letter: for sizes, moments and flags it took longer than the letters themselves.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from imapclient.response_parser import parse_fetch_response

_MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
#: Name, number; flags; moment; the part of a letter that follows as a literal.
_ITEM = re.compile(
    rb"(UID|RFC822\.SIZE) (\d{1,12})"
    rb'|FLAGS \(([^()"{}\[\]\r\n]*)\)'
    rb'|INTERNALDATE "([ \d]\d)-([A-Z][a-z][a-z])-((?:19|20)\d\d) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"'
    rb"|(BODY\[[A-Z]*\]) \{\d{1,12}\}"
)
_RESPONSE = re.compile(rb"(\d{1,12}) \((.*)\)", re.DOTALL)


def read_fetched(data: Sequence[Any]) -> dict[int, dict[bytes, Any]]:
    """What is said of each letter, by its place in the folder, from the FETCH responses as imaplib gives them.

    Raises ``ValueError`` and others for nonsense.
    """
    found = _at_once(data)
    return parse_fetch_response(data, normalise_times=False, uid_is_key=False) if found is None else found


def _at_once(data: Sequence[Any]) -> dict[int, dict[bytes, Any]] | None:
    """``None`` when something is written in another way."""
    found: dict[int, dict[bytes, Any]] = {}
    said, literals = b"", []
    for piece in data:
        if isinstance(piece, tuple):  # a line that ends with the size of a literal, and the literal
            said += piece[0]
            literals.append(piece[1])
            continue
        response = _RESPONSE.fullmatch(said + piece) if isinstance(piece, bytes) else None
        items = _items(response[2], literals) if response else None
        if response is None or items is None:
            return None
        found.setdefault(int(response[1]), {}).update(items)
        said, literals = b"", []
    return None if said else found


def _items(said: bytes, literals: list[bytes]) -> dict[bytes, Any] | None:
    items: dict[bytes, Any] = {}
    left, at = iter(literals), 0
    while (one := _ITEM.match(said, at)) is not None:
        if one[1]:
            items[one[1]] = int(one[2])
        elif one[4]:
            items[b"INTERNALDATE"] = _moment(one)
        elif one[13]:
            items[one[13]] = next(left, None)
        else:
            items[b"FLAGS"] = tuple(one[3].split())
        at = one.end()
        if at == len(said):
            return None if None in items.values() or next(left, None) is not None else items
        if said[at : at + 1] != b" ":
            return None
        at += 1
    return None


def _moment(said: "re.Match[bytes]") -> datetime | None:
    """``None`` where the calendar or the clock has none such."""
    day, month, year, hour, minute, second, sign, hours, minutes = said.groups()[3:12]
    away = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        zone = timezone(-away if sign == b"-" else away)
        return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=zone)
    except (KeyError, ValueError):
        return None
