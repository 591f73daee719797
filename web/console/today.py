"""Oggi: what needs a person, what comes next, whether all parts are alive."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.responses import Response

from conversation.meeting import Meeting
from db.heartbeats import last_seen
from db.meetings import programme
from db.operators import Role
from db.reports import Expected, expected_at, registered_by_day, signs_of, unreachable_coming
from office.held import held, let_go
from web.console.meetings import lacks
from web.console.pact import NEW_INTERESTS
from web.console.routes import ROOT
from web.console.visit import Visit

#: A part that was not heard of for so long is named in red: ten signs of life of ten seconds each, six times over.
_SILENT = timedelta(minutes=10)
#: Meetings so near must have their hour and link; nearer than the second it is urgent.
_NEAR, _URGENT = timedelta(days=14), timedelta(hours=48)
_NEXT = 5
_DAYS = 30


@dataclass(frozen=True, slots=True)
class Card:
    """Something that needs a person. ``tone``: red, amber or blue."""

    count: int
    what: str
    why: str
    href: str
    tone: str


async def show(visit: Visit) -> Response:
    """The day."""
    async with visit.look() as tx:
        meetings, sectors = await programme(tx)
        coming = [m for m in meetings if m.is_upcoming(visit.times.now)]
        expected = await expected_at(tx, [m.id for m in coming])
        signs = await signs_of(tx)
        lost = await unreachable_coming(tx, visit.times.now.date())
        seen, stopped = await last_seen(tx), await held(tx)
        since = visit.times.now.date() - timedelta(days=_DAYS - 1)
        days = await registered_by_day(tx, since)
    cards = [
        Card(signs["questions"].count, "domande da guardare", "qualcuno aspetta una risposta", "/domande", "red"),
        Card(signs["letters"].count, "messaggi da vedere", "il bot li lascia a una persona", "/posta", "amber"),
        Card(signs["outgoing"].count, "messaggi non arrivati", "o forse arrivati", "/uscita", "amber"),
        Card(lost, "iscritti non raggiungibili", "si avvisano per telefono", "/iscritti", "amber"),
        _incomplete(coming, visit.times.now),
    ]
    if visit.may(Role.OPERATOR):  # a reader's numbers are not so small that one is somebody
        cards.append(Card(signs["pact"].count, "interessi nuovi per il Patto", "da segnare", NEW_INTERESTS, "blue"))
    return await visit.show(
        "today.html",
        title="Oggi",
        cards=[c for c in cards if c.count],
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


def _incomplete(coming: list[Meeting], now: datetime) -> Card:
    near = [m for m in coming if lacks(m) and (start := m.starts_at()) and start - now <= _NEAR]
    urgent = any((start := m.starts_at()) and start - now <= _URGENT for m in near)
    return Card(
        len(near), "incontri incompleti", "manca l'ora o il collegamento", "/incontri", "red" if urgent else "amber"
    )


_NAMES = {"mailbox": "posta", "telegram": "Telegram", "worker": "programma", "sender": "invii"}


def _parts(seen: dict[str, datetime], real: datetime) -> list[tuple[str, datetime, bool]]:
    """Each part's name, when it was heard of, and whether that is too long ago."""
    return [(_NAMES.get(name, name), at, real - at > _SILENT) for name, at in sorted(seen.items())]


def _series(days: dict[tuple[date, str], int], since: date) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Labels and numbers of the last days, by channel."""
    all_days = [since + timedelta(days=n) for n in range(_DAYS)]
    channels = {"email": "e-mail", "telegram": "Telegram"}
    series = [(said, [days.get((day, name), 0) for day in all_days]) for name, said in channels.items()]
    return [f"{d.day}/{d.month}" for d in all_days], series


async def release(visit: Visit) -> Response:
    """What was held back goes out."""
    async with visit.begin() as tx:
        found = await let_go(tx, visit.times.now, by=visit.by)
    said = f"Partono {found.messages} messaggi." if found else "Non c'era niente di fermo."
    return await visit.redirect(f"{ROOT}/", said)
