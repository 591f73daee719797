"""Oggi: what needs a person, what comes next, whether all parts are alive."""

from datetime import date, datetime, timedelta

from starlette.responses import Response

from conversation.times import to_local
from db.heartbeats import last_seen
from db.meetings import programme
from db.reports import Expected, expected_at, registered_by_day
from office.held import held
from office.today import cards_of
from web.console.meetings import lacks
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import channels

#: A part that was not heard of for so long is named in red: ten signs of life of ten seconds each, six times over.
_SILENT = timedelta(minutes=10)
_NEXT = 5
_DAYS = 30


async def show(visit: Visit) -> Response:
    """The day."""
    async with visit.look() as tx:
        meetings, sectors = await programme(tx)
        coming = [m for m in meetings if m.is_upcoming(visit.times.now)]
        expected = await expected_at(tx, [m.id for m in coming])
        cards = await cards_of(tx, meetings, visit.times.now, visit.operator.role)
        seen, stopped = await last_seen(tx), await held(tx)
        since = to_local(visit.times.now).date() - timedelta(days=_DAYS - 1)
        days = await registered_by_day(tx, since, _DAYS)
    return await visit.show(
        "today.html",
        title="Oggi",
        cards=cards,
        stopped=stopped,
        coming=coming[:_NEXT],
        sectors=sectors,
        expected=expected,
        nobody=Expected(),
        lacks=lacks,
        parts=_parts(seen, visit.times.real),
        days=_series(days, since),
        by_sector=[
            (sectors[m.sector]["it"].capitalize(), expected[m.id].people, f"{ROOT}/incontri/{m.id}")
            for m in coming
            if m.id in expected
        ],
    )


_NAMES = {"mailbox": "posta", "telegram": "Telegram", "worker": "programma", "sender": "invii"}


def _parts(seen: dict[str, datetime], real: datetime) -> list[tuple[str, datetime, bool]]:
    """Each part's name, when it was heard of, and whether that is too long ago."""
    return [(_NAMES.get(name, name), at, real - at > _SILENT) for name, at in sorted(seen.items())]


def _series(days: dict[tuple[date, str], int], since: date) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Labels and numbers of the last days, by channel."""
    all_days = [since + timedelta(days=n) for n in range(_DAYS)]
    series = [(called, [days.get((day, name), 0) for day in all_days]) for name, called in channels()]
    return [f"{d.day}/{d.month}" for d in all_days], series
