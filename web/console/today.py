"""Oggi: what needs a person, what comes next, whether all parts are alive."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from conversation.meeting import Meeting
from conversation.times import to_local, to_utc
from db.engine import Transaction
from db.meetings import programme
from db.operators import Role
from db.reports import COUNTED, Expected, expected_at, leaving_until, left_between, registered_by_day
from office.held import held
from office.kinds import say_kinds
from office.outgoing import late_reminders
from office.parts import parts_of
from office.today import cards_of
from web.console.frame import speak_number
from web.console.meetings import lacks
from web.console.parts import say_seen, say_silent
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import LEAST, channels, say_date, say_few

_NEXT = 5
_DAYS = 30
#: How far what is to go out is told.
_SOON = timedelta(days=7)


async def show(visit: Visit) -> Response:
    """The day. Who sees no names sees no number of people so small that it is somebody."""
    by_name = visit.may(Role.OPERATOR)
    async with visit.look() as tx:
        meetings, sectors = await programme(tx)
        coming = [m for m in meetings if m.is_upcoming(visit.times.now)]
        expected = await expected_at(tx, [m.id for m in coming])
        cards = await cards_of(tx, visit.world.office, meetings, visit.times.now, visit.operator.role)
        parts = await parts_of(tx, visit.world.parts, visit.times.real)
        stopped = await held(tx)
        late = await late_reminders(tx, visit.times.now)
        since = to_local(visit.times.now).date() - timedelta(days=_DAYS - 1)
        days = await registered_by_day(tx, since, _DAYS)
        traffic = await _traffic(visit, tx) if by_name else {}
    return await visit.show(
        "today.html",
        title="Oggi",
        cards=cards,
        stopped=stopped,
        late=late,
        coming=coming[:_NEXT],
        sectors=sectors,
        expected=expected,
        nobody=Expected(),
        lacks=lacks,
        silent=[say_silent(part, visit.times.real) for part in parts if part.silent],
        never=any(part.seen is None for part in parts),
        seen=[say_seen(part, visit.times.real) for part in parts if not part.silent],
        say=speak_number if by_name else say_few,
        least=0 if by_name else LEAST,
        days=_series(days, since),
        by_channel=_by_channel(days),
        by_sector=_by_sector(coming, sectors, expected, by_name=by_name),
        **traffic,
    )


async def _traffic(visit: Visit, tx: Transaction) -> dict[str, Any]:
    """What goes out in the next days, and what went out yesterday."""
    now = visit.times.now
    today = to_local(now).date()
    going = await leaving_until(tx, now + _SOON)
    left = await left_between(tx, to_utc(today - timedelta(days=1), time()), to_utc(today, time()))
    return {
        "going": [(say_kinds(one.kind, one.count), say_date(to_local(one.first).date(), now)) for one in going],
        "going_more": sum(one.count for one in going) >= COUNTED,
        "left": [say_kinds(kind, count) for kind, count in left.items()],
    }


def _by_sector(
    coming: Sequence[Meeting],
    sectors: Mapping[str, Mapping[str, str]],
    expected: Mapping[int, Expected],
    *,
    by_name: bool,
) -> list[tuple[str, int] | tuple[str, int, str]]:
    """Of each sector how many are expected, with their list for who may open it.

    Without names not of those with few, at any of their meetings: the sum and the others would tell how many.
    """
    there: dict[str, list[int]] = {}
    for meeting in coming:
        if meeting.id in expected:
            there.setdefault(meeting.sector, []).append(expected[meeting.id].people)
    said = {key: sectors[key]["it"].capitalize() for key in there}
    if by_name:
        theirs = f"{ROOT}/iscritti?stato=confirmed&incontri=futuri&settore="
        return [(said[key], sum(people), f"{theirs}{quote(key)}") for key, people in there.items()]
    return [(said[key], sum(people)) for key, people in there.items() if min(people) >= LEAST]


def _series(days: Mapping[tuple[date, str], int], since: date) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Labels and numbers of the last days, by channel."""
    all_days = [since + timedelta(days=n) for n in range(_DAYS)]
    series = [(called, [days.get((day, name), 0) for day in all_days]) for name, called in channels()]
    return [f"{d.day}/{d.month}" for d in all_days], series


def _by_channel(days: Mapping[tuple[date, str], int]) -> list[str]:
    """All of those days together, for who sees no names: «e-mail: 12», «Telegram: meno di 5»."""
    whole = {called: sum(n for (_, channel), n in days.items() if channel == name) for name, called in channels()}
    return [f"{called}: {say_few(count)}" for called, count in whole.items()]
