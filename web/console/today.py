"""Oggi: what needs a person, what comes next, whether all parts are alive."""

from datetime import date, timedelta

from starlette.responses import Response

from conversation.times import to_local
from db.meetings import programme
from db.reports import Expected, expected_at, registered_by_day
from office.held import held
from office.outgoing import late_reminders
from office.parts import parts_of
from office.today import cards_of
from web.console.meetings import lacks
from web.console.parts import say_heard, say_silent
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import channels

_NEXT = 5
_DAYS = 30


async def show(visit: Visit) -> Response:
    """The day."""
    async with visit.look() as tx:
        meetings, sectors = await programme(tx)
        coming = [m for m in meetings if m.is_upcoming(visit.times.now)]
        expected = await expected_at(tx, [m.id for m in coming])
        cards = await cards_of(tx, meetings, visit.times.now, visit.operator.role)
        parts = await parts_of(tx, visit.world.parts, visit.times.real)
        stopped = await held(tx)
        late = await late_reminders(tx, visit.times.now)
        since = to_local(visit.times.now).date() - timedelta(days=_DAYS - 1)
        days = await registered_by_day(tx, since, _DAYS)
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
        heard=[say_heard(part, visit.times.real) for part in parts if not part.silent],
        days=_series(days, since),
        by_sector=[
            (sectors[m.sector]["it"].capitalize(), expected[m.id].people, f"{ROOT}/incontri/{m.id}")
            for m in coming
            if m.id in expected
        ],
    )


def _series(days: dict[tuple[date, str], int], since: date) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Labels and numbers of the last days, by channel."""
    all_days = [since + timedelta(days=n) for n in range(_DAYS)]
    series = [(called, [days.get((day, name), 0) for day in all_days]) for name, called in channels()]
    return [f"{d.day}/{d.month}" for d in all_days], series
