"""How many come to each of several meetings: "due giovedì e quattro venerdì"."""

import re
from collections.abc import Sequence
from datetime import datetime

from conversation.meeting import Meeting
from conversation.times import to_local
from conversation.understanding.dates import find_days
from conversation.understanding.headcount import bare_number, find_headcount
from conversation.understanding.meetings import choose_meeting
from conversation.understanding.phrases import SectorWords
from conversation.understanding.proper_names import NameFinder
from conversation.words import fold

_PIECES = re.compile(r"[;,\n]|\b(?:ed?|and|mentre|invece)\b", re.IGNORECASE)
_FILLING = re.compile(r"\b(?:il|al|a|per|in|siamo|saremo|veniamo|verremo|on|at)\b|[.:()]")


def counts_by_meeting(
    text: str, chosen: Sequence[Meeting], now: datetime, sectors: SectorWords, finder: NameFinder
) -> tuple[tuple[int, int], ...]:
    """``(meeting id, people)`` for each of ``chosen`` when every one has its own number beside it; else empty."""
    if len(chosen) < 2:
        return ()
    counts: dict[int, int] = {}
    for piece in _PIECES.split(text):
        named = choose_meeting(piece, chosen, now, sectors).chosen
        number = _number_beside(piece, now, finder) if len(named) == 1 else None
        if number is None:
            continue
        if counts.setdefault(named[0], number) != number:
            return ()
    return tuple(counts.items()) if len(counts) == len(chosen) else ()


def _number_beside(piece: str, now: datetime, finder: NameFinder) -> int | None:
    """The number of people in a piece that names a day: said as such, or all that is left but the day."""
    left = fold(piece)
    for mention in reversed(find_days(piece, to_local(now).date())):
        left = left[: mention.span[0]] + " " + left[mention.span[1] :]
    said = find_headcount(piece, finder.find(piece))[0]
    return said if said is not None else bare_number(" ".join(_FILLING.sub(" ", left).split()))
