"""Incontri: what is planned and what is missing.

Set, moved, cancelled, revived, each after one has seen who will hear of it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.meeting import HEARD, Meeting
from db.engine import Transaction
from db.meetings import get_meeting, programme
from db.outbox import count_notices
from db.reports import Expected, expected_at
from db.single_messages import OutboxState, hearings
from office.errors import RefusedError
from office.meetings import create_meeting
from office.moving import Change, Noted, PlanChangedError, change_meeting, confirm, open_change, plan, undo
from office.plan import Plan
from web.console.meeting_form import FIELDS, as_form, read_fields, say_again, say_field, say_value
from web.console.outgoing import say_state
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import say_at, say_leaving, say_notices, sentence, whole

_PAGE = f"{ROOT}/incontri"
#: Meetings that are over, on one page.
_PAST = 25
_ANNOUNCE = [("", "no, per ora no"), ("1", "sì, subito (si può ritirare per dieci minuti)")]


async def show(visit: Visit) -> Response:
    """The meetings to come, then those that are over.

    The last ones, and the others a page at a time (``?passati=2``).
    """
    page = whole(visit.query.get("passati", ""), digits=4) or 1
    async with visit.look() as tx:
        meetings, sectors = await programme(tx)
        coming = [m for m in meetings if not m.is_over(visit.times.now)]
        over = [m for m in reversed(meetings) if m.is_over(visit.times.now)]
        past = over[(page - 1) * _PAST : page * _PAST]
        expected = await expected_at(tx, [m.id for m in (*coming, *past)])
    return await visit.show(
        "meetings.html",
        title="Incontri",
        coming=coming,
        past=past,
        over=len(over),
        page=page,
        others=len(over) > page * _PAST,
        sectors=sectors,
        expected=expected,
        nobody=Expected(),
        lacks=lacks,
    )


def lacks(meeting: Meeting) -> list[str]:
    """What staff still have to set of it, in words."""
    missing = [("l'ora", meeting.hour), ("il collegamento", meeting.link)]
    return [] if meeting.cancelled else [said for said, value in missing if not value]


# One meeting


async def show_one(visit: Visit) -> Response:
    """Everything about one, and the form to set it."""
    return await _one(visit)


async def _one(visit: Visit, *, fault: str = "", given: Mapping[str, str] | None = None, status: int = 200) -> Response:
    async with visit.look() as tx:
        meeting = await meeting_of(visit, tx)
        _, sectors = await programme(tx)
        expected = (await expected_at(tx, [meeting.id])).get(meeting.id, Expected())
        changed = await open_change(tx, visit.times.now, meeting.id)
        notices = await count_notices(tx, meeting.id)
        # One that is not sent because it was needless is told nothing: they know.
        heard = [h for h in await hearings(tx, meeting.id) if h.state != OutboxState.VOID.value or h.stopped_by]
    return await visit.show(
        "meeting.html",
        title=f"{sectors[meeting.sector]['it'].capitalize()}",
        status=status,
        meeting=meeting,
        expected=expected,
        missing=lacks(meeting),
        heard=heard,
        unheard=[h for h in heard if h.state != OutboxState.SENT.value],
        say_state=say_state,
        over=meeting.is_over(visit.times.now),
        given=given or as_form(meeting),
        fault=fault,
        changed=changed,
        until=visit.counts_down(changed.until) if changed else 0,
        leaving=_say_open(changed, notices, visit.times.now) if changed else "",
    )


def _say_open(changed: Noted, notices: int, now: datetime) -> str:
    """What becomes of the last change while it can be taken back."""
    if changed.until <= now:
        return "L'ultimo cambiamento è fatto. Se lo ritiri adesso, la correzione va a chi l'ha già saputo."
    leaving = f"{say_notices(notices)} {say_at(changed.until, now)}."
    return leaving if notices else "Nessuno da avvisare: il cambiamento si può ritirare."


async def save(visit: Visit) -> Response:
    """Set what the form says: at once where nobody hears of it, else after the plan was seen."""
    try:
        values = read_fields(visit.text, FIELDS)
        async with visit.look() as tx:
            meeting = await meeting_of(visit, tx)
        changed = {k: v for k, v in values.items() if v != getattr(meeting, k)}
        if not changed:
            return await visit.redirect(f"{_PAGE}/{meeting.id}", "Non è cambiato niente.")
        if any(name in HEARD for name in changed):
            return await _planned(visit, changed)
        async with visit.begin() as tx:
            await plan(tx, visit.desk, meeting.id, changed)
            await change_meeting(tx, meeting.id, visit.world.schedule, visit.times.now, by=visit.by, **changed)
    except RefusedError as refused:
        return await _one(visit, fault=sentence(refused), given=_sent(visit), status=422)
    return await visit.redirect(
        f"{_PAGE}/{meeting.id}", "Salvato. Nessuno viene avvisato: non è cambiato niente che serva sapere."
    )


def _sent(visit: Visit) -> dict[str, str]:
    return {name: visit.text(name) for name in FIELDS}


# Move, cancel, revive: the plan comes first


async def show_move(visit: Visit) -> Response:
    """The form with day and hour."""
    return await _move(visit)


async def _move(visit: Visit, *, fault: str = "", status: int = 200) -> Response:
    async with visit.look() as tx:
        meeting = await meeting_of(visit, tx)
        title = await _title(tx, "Sposta l'incontro", meeting)
    given = {name: visit.text(name) or value for name, value in as_form(meeting).items()}
    return await visit.show("move.html", title=title, status=status, meeting=meeting, given=given, fault=fault)


async def move(visit: Visit) -> Response:
    """The plan of a new day or hour."""
    try:
        return await _planned(visit, read_fields(visit.text, ("day", "hour")))
    except RefusedError as refused:
        return await _move(visit, fault=sentence(refused), status=422)


async def show_cancel(visit: Visit) -> Response:
    """The form that asks for the day, so that nobody cancels another meeting by a slip."""
    return await _cancel(visit)


async def _cancel(visit: Visit, *, fault: str = "", status: int = 200) -> Response:
    async with visit.look() as tx:
        meeting = await meeting_of(visit, tx)
        title = await _title(tx, "Annulla l'incontro", meeting)
    return await visit.show("cancel.html", title=title, status=status, meeting=meeting, fault=fault)


async def cancel(visit: Visit) -> Response:
    """The plan of cancelling, when the day that was typed is the meeting's."""
    async with visit.look() as tx:
        meeting = await meeting_of(visit, tx)
    if meeting.day is None or visit.text("giorno") not in _as_typed(meeting):
        return await _cancel(visit, fault="Il giorno non è quello dell'incontro.", status=422)
    return await _planned(visit, {"cancelled": True})


def _as_typed(meeting: Meeting) -> set[str]:
    day = meeting.day
    return (
        {f"{day:%d/%m/%Y}", f"{day:%d/%m}", f"{day.day}/{day.month}", f"{day.day}/{day.month}/{day.year}"}
        if day
        else set()
    )


async def revive(visit: Visit) -> Response:
    """The plan of holding it after all."""
    return await _planned(visit, {"cancelled": False})


async def _planned(visit: Visit, values: Mapping[str, Any]) -> Response:
    """The page that says what would happen. Nothing has happened yet. Raises ``RefusedError``."""
    number = _number(visit)
    async with visit.look() as tx:
        await meeting_of(visit, tx)
    async with visit.world.database.rehearse() as tx:
        planned = await plan(tx, visit.desk, number, values)
    return await _show_plan(visit, planned, values)


async def _show_plan(visit: Visit, planned: Plan, values: Mapping[str, Any], *, status: int = 200) -> Response:
    states, now = (planned.before, planned.after), visit.times.now
    names = [name for name in values if getattr(planned.before, name) != getattr(planned.after, name)]
    async with visit.look() as tx:
        title = await _title(tx, _say_doing(planned, names), planned.before)
    return await visit.show(
        "plan.html",
        title=title,
        status=status,
        planned=planned,
        day=say_value(planned.before, "day", now),
        rows=[(say_field(name), *(say_value(meeting, name, now) for meeting in states)) for name in names],
        kept=[(name, as_form(planned.after)[name]) for name in values],
        stale=status == 409,
        waits=planned.due is not None and planned.due > now,
        leaving=f"{say_notices(planned.notices)} {say_leaving(planned.due, now)}" if planned.due else "",
    )


def _say_doing(planned: Plan, names: Sequence[str]) -> str:
    if "cancelled" in names:
        return "Annulla l'incontro" if planned.after.cancelled else "Rimetti in programma"
    return "Sposta l'incontro" if names and {*names} <= {"day", "hour"} else "Cambia l'incontro"


async def _title(tx: Transaction, doing: str, meeting: Meeting) -> str:
    """«Sposta l'incontro: Associazioni sportive»."""
    _, sectors = await programme(tx)
    return f"{doing}: {sectors[meeting.sector]['it'].capitalize()}"


async def accept(visit: Visit) -> Response:
    """Do what the plan said, if it is still so; else show the plan as it is now."""
    number, seen = _number(visit), whole(visit.text("visto"))
    if seen is None:
        raise HTTPException(400)
    sent = [name for name in (*FIELDS, "cancelled") if name in visit.form]
    try:
        values = read_fields(visit.text, sent)
        async with visit.begin() as tx:
            await meeting_of(visit, tx)
            change = await confirm(tx, visit.desk, number, values, seen=seen, digest=visit.text("piano"))
    except PlanChangedError as changed:
        return await _show_plan(visit, changed.plan, values, status=409)
    except RefusedError as refused:
        return await visit.redirect(f"{_PAGE}/{number}", sentence(refused), bad=True)
    return await _told(visit, number, change)


async def _told(visit: Visit, number: int, change: Change) -> Response:
    said = "Fatto. Non c'è nessuno da avvisare."
    if change.people and change.due:
        said = f"Fatto. {say_notices(change.people)} {say_leaving(change.due, visit.times.now)}."
    return await visit.redirect(f"{_PAGE}/{number}", said)


async def take_back(visit: Visit) -> Response:
    """Undo the last change."""
    number, seen = _number(visit), whole(visit.text("cambiamento"))
    if seen is None:
        raise HTTPException(400)
    try:
        async with visit.begin() as tx:
            await meeting_of(visit, tx)
            change = await undo(tx, visit.desk, number, seen=seen)
            meeting = await meeting_of(visit, tx)
    except RefusedError as refused:
        return await visit.redirect(f"{_PAGE}/{number}", sentence(refused), bad=True)
    said = ", ".join(say_again(meeting, name, visit.times.now) for name in change.changed)
    if change.heard and change.people:
        who = "a chi l'aveva già avuto" if change.people == 1 else f"ai {change.people} che l'avevano già avuto"
        told = f"L'avviso era già partito: {who} va la correzione."
    else:
        told = "Quello che era cambiato prima resta." if change.people else "Nessuno ne sa nulla."
    return await visit.redirect(f"{_PAGE}/{number}", f"Ritirato: {said}. {told}")


# A new one


async def show_new(visit: Visit) -> Response:
    """The form; ``?copia=7``: with what meeting 7 has, less its day."""
    given = dict.fromkeys(FIELDS, "") | {"duration": "90", "sector": ""}
    copied = whole(visit.query.get("copia", ""))
    if copied is not None:
        async with visit.look() as tx:
            meeting = await get_meeting(tx, copied)
        if meeting is not None:
            given = as_form(meeting) | {"sector": meeting.sector, "day": "", "link": "", "passcode": ""}
    return await _new(visit, given)


async def _new(visit: Visit, given: Mapping[str, str], *, fault: str = "", status: int = 200) -> Response:
    async with visit.look() as tx:
        _, sectors = await programme(tx)
    options = [("", "—"), *((key, names["it"]) for key, names in sectors.items())]
    return await visit.show(
        "meeting_new.html",
        title="Nuovo incontro",
        status=status,
        given=given,
        sectors=options,
        announce=_ANNOUNCE,
        fault=fault,
    )


async def add(visit: Visit) -> Response:
    """Create it."""
    try:
        values = read_fields(visit.text, FIELDS)
        async with visit.begin() as tx:
            number, told = await create_meeting(
                tx, visit.desk, visit.text("sector"), values, announce=visit.text("annuncia") == "1"
            )
    except RefusedError as refused:
        return await _new(visit, _sent(visit) | {"sector": visit.text("sector")}, fault=sentence(refused), status=422)
    said = "Incontro creato."
    if told is not None and told.people:
        said += (
            f" Lo sapranno {told.people} persone che vogliono le novità."
            if told.people > 1
            else " Lo saprà una persona."
        )
    return await visit.redirect(f"{_PAGE}/{number}", said)


def _number(visit: Visit) -> int:
    return int(visit.path["meeting"])


async def meeting_of(visit: Visit, tx: Transaction) -> Meeting:
    """The meeting that the address names. Raises ``HTTPException`` (404)."""
    meeting = await get_meeting(tx, _number(visit))
    if meeting is None:
        raise HTTPException(404)
    return meeting
