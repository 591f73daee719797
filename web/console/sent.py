"""Partiti: all that went out, by day, the newest first; from In uscita, which says what is still to go."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from conversation.channel import CHANNELS
from conversation.meeting import Meeting
from conversation.times import to_local
from db.meetings import programme
from db.not_arrived import own_copy_of
from db.operators import names_of_operators
from db.retention import SENT_REPLIES
from db.sent import Left, Position, SentFilter, sent_messages
from office.kinds import say_kind
from office.questions import answer_of
from office.set_aside import letter_of
from web.console.frame import say_day
from web.console.outgoing import CHANNEL_CHOICES, KIND_CHOICES, KINDS, answer_at
from web.console.visit import Visit
from web.console.words import name_meeting, say_channel, whole

_ROWS = 30
#: Meetings among which one is chosen: the last ones, by day.
_MEETINGS = 40
_EPOCH, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


async def show(visit: Visit) -> Response:
    """A page of them; the address says from which message on."""
    kind, channel = visit.query.get("genere", ""), visit.query.get("canale", "")
    meeting, before = whole(visit.query.get("incontro", "")), _read_position(visit.query.get("prima", ""))
    wanted = SentFilter(_ROWS + 1, KINDS.get(kind), CHANNELS.get(channel), meeting, before)
    async with visit.look() as tx:
        found = await sent_messages(tx, wanted)
        meetings, sectors = await programme(tx)
        operators = await names_of_operators(tx)
    rows, filters = found[:_ROWS], {"genere": kind, "canale": channel, "incontro": meeting or ""}
    return await visit.show(
        "messages_sent.html",
        title="Partiti",
        days=[(say_day(day), list(of_day)) for day, of_day in groupby(rows, lambda m: to_local(m.at).date())],
        first=before is None,
        after="?" + urlencode(filters | {"prima": _say_position(rows[-1].position)}) if len(found) > _ROWS else "",
        newest="?" + urlencode(filters),
        kinds=KIND_CHOICES,
        channels=CHANNEL_CHOICES,
        meetings=[("", "tutti"), *_meetings(meetings, sectors, meeting)],
        filters=filters,
        sectors=sectors,
        operators=operators,
        kept=SENT_REPLIES.days,
        hour=_say_hour,
        what=_say_what,
        own_copy_of=own_copy_of,
        answer_at=answer_at,
        answer_of=answer_of,
        say_channel=say_channel,
    )


def _meetings(meetings: Sequence[Meeting], sectors: Any, chosen: int | None) -> list[tuple[str, str]]:
    """The last by day, and the one that is chosen."""
    by_day = sorted((m for m in meetings if m.day), key=lambda m: (m.day, m.id), reverse=True)
    some = [m for n, m in enumerate(by_day) if n < _MEETINGS or m.id == chosen]
    return [(str(m.id), f"{name_meeting(m, sectors)}, {say_day(m.day)}") for m in some]


def _say_hour(message: Left) -> str:
    """«9.05», on the town's clocks."""
    at = to_local(message.at)
    return f"{at.hour}.{at:%M}"


def _say_what(message: Left) -> str:
    """Of an answer of the office what it answers; of others what they are."""
    if (letter := letter_of(message.key)) is not None:
        return f"risposta al messaggio n. {letter}"
    return say_kind(message.kind, message.detail)


def _say_position(position: Position) -> str:
    """In an address: microseconds since 1970, and the message's number."""
    return f"{(position.at - _EPOCH) // _TICK}-{position.id}"


def _read_position(text: str) -> Position | None:
    """What that says; ``None`` for what says nothing."""
    at, number = (whole(part, digits=16) for part in (text.partition("-")[0], text.partition("-")[2]))
    return None if at is None or number is None else Position(_EPOCH + at * _TICK, number)
