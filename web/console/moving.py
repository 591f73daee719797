"""Move, cancel, revive: what would happen is shown first, then done as it was seen, and can be taken back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.meeting import Meeting
from db.engine import Transaction
from db.meetings import get_meeting, sector_names
from office.errors import RefusedError
from office.fields import names_its_day
from office.hearing import Seated
from office.moving import Change, PlanChangedError, confirm, plan, plan_undo, redo, undo
from office.overtaken import OvertakenError, check_seen
from office.plan import Plan
from web.console.meeting_form import (
    FIELDS,
    as_form,
    read_fields,
    read_seen,
    renewed,
    say_all_again,
    say_field,
    say_meanwhile,
    say_overtaken,
    say_value,
)
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import name_meeting, say_at, say_leaving, say_notices, say_seats, sentence, whole

_PAGE = f"{ROOT}/incontri"


async def show_move(visit: Visit) -> Response:
    """The form with day and hour."""
    return await _move(visit)


async def _move(
    visit: Visit, *, given: Mapping[str, str] | None = None, fault: str = "", status: int = 200
) -> Response:
    async with visit.look() as tx:
        meeting = await meeting_of(visit, tx)
        title = _title("Sposta l'incontro", meeting, await sector_names(tx))
    was = as_form(meeting)
    given = given or {name: visit.text(name) or value for name, value in was.items()}
    return await visit.show("move.html", title=title, status=status, meeting=meeting, given=given, was=was, fault=fault)


async def move(visit: Visit) -> Response:
    """The plan of a new day or hour."""
    try:
        return await planned_page(visit, await changed_fields(visit, ("day", "hour")))
    except OvertakenError as overtaken:
        given, fault = renewed(overtaken.meeting, visit.text), say_overtaken(overtaken, visit.times.now)
        return await _move(visit, given=given, fault=fault, status=409)
    except RefusedError as refused:
        return await _move(visit, fault=sentence(refused), status=422)


async def changed_fields(visit: Visit, names: Iterable[str]) -> dict[str, Any]:
    """Of the fields that the form sets those that it would change.

    Raises ``OvertakenError`` when the meeting is not as the form showed it any more, and ``RefusedError``.
    """
    values, seen = read_fields(visit.text, names), read_seen(visit.form, visit.text)
    async with visit.look() as tx:
        meeting = await meeting_of(visit, tx)
        await check_seen(tx, visit.desk, meeting, seen)
    return {name: value for name, value in values.items() if value != getattr(meeting, name)}


async def show_cancel(visit: Visit) -> Response:
    """The form that asks for the day, so that nobody cancels another meeting by a slip."""
    return await _cancel(visit)


async def _cancel(visit: Visit, *, fault: str = "", status: int = 200) -> Response:
    async with visit.look() as tx:
        meeting = await meeting_of(visit, tx)
        title = _title("Annulla l'incontro", meeting, await sector_names(tx))
    given = visit.text("giorno")
    return await visit.show("cancel.html", title=title, status=status, meeting=meeting, given=given, fault=fault)


async def cancel(visit: Visit) -> Response:
    """The plan of cancelling, when the day that was typed is the meeting's."""
    if not await _day_is_typed(visit):
        return await _no_such_day(visit)
    return await planned_page(visit, {"cancelled": True})


async def _day_is_typed(visit: Visit) -> bool:
    async with visit.look() as tx:
        meeting = await meeting_of(visit, tx)
    return names_its_day(visit.desk, meeting, visit.text("giorno"))


async def _no_such_day(visit: Visit) -> Response:
    return await _cancel(visit, fault="Il giorno non è quello dell'incontro.", status=422)


async def revive(visit: Visit) -> Response:
    """The plan of holding it after all."""
    return await planned_page(visit, {"cancelled": False})


async def planned_page(visit: Visit, values: Mapping[str, Any], *, status: int = 200, meanwhile: str = "") -> Response:
    """The page that says what would happen. Nothing has happened yet. Raises ``RefusedError``.

    ``meanwhile``: what of the meeting a colleague changed since it was looked at.
    """
    async with visit.look() as tx:
        await meeting_of(visit, tx)
        planned, names = await plan(tx, visit.desk, _number(visit), values), await sector_names(tx)
    return await _show_plan(visit, planned, values, names, status=status, meanwhile=meanwhile)


async def _show_plan(
    visit: Visit,
    planned: Plan,
    fields: Iterable[str],
    sectors: Mapping[str, Mapping[str, str]],
    *,
    status: int = 200,
    taking_back: int = 0,
    meanwhile: str = "",
) -> Response:
    """``fields``: what was asked to be set; ``taking_back``: the number of the change that would be taken back."""
    now, fields = visit.times.now, [*fields]
    names = changed_of(planned, fields)
    doing = "Ritira l'ultimo cambiamento" if taking_back else _say_doing(planned, names)
    title = _title(doing, planned.before, sectors)
    kept = [(name, as_form(planned.after)[name]) for name in fields]
    kept += [("giorno", visit.text("giorno"))] if planned.after.cancelled and "cancelled" in fields else []
    return await visit.show(
        "plan.html",
        title=title,
        status=status,
        planned=planned,
        day=say_value(planned.before, "day", now),
        rows=say_rows(planned, names, now),
        kept=[("cambiamento", f"{taking_back}")] if taking_back else kept,
        taking_back=taking_back,
        stale=status == 409,
        meanwhile=meanwhile,
        was=as_form(planned.before),
        **seats_of(planned.seated),
        waits=not taking_back and waits(planned, now),
        leaving=say_planned(planned, now),
    )


def changed_of(planned: Plan, fields: Iterable[str]) -> list[str]:
    """Those of the fields that would hold something else."""
    return [name for name in fields if getattr(planned.before, name) != getattr(planned.after, name)]


def say_rows(planned: Plan, names: Iterable[str], now: datetime) -> list[tuple[str, str, str]]:
    """Of each field its name, what it holds, and what it would."""
    before, after = planned.before, planned.after
    return [(say_field(name), say_value(before, name, now), say_value(after, name, now)) for name in names]


def seats_of(seated: Sequence[Seated]) -> dict[str, Any]:
    """Who gets a seat and hears of it, and number and name of who cannot, as the template takes them."""
    told, lost = [s for s in seated if s.channel is not None], [(s.person, s.name) for s in seated if s.channel is None]
    return {"seated": told, "unseated": lost}


def waits(planned: Plan, now: datetime) -> bool:
    """Whether it can be taken back before anybody is told."""
    return bool(planned.leaving and planned.due is not None and planned.due > now)


def say_planned(planned: Plan, now: datetime) -> str:
    """«2 aggiornamenti partono fra 2 minuti»; empty where nobody is to hear of it."""
    return say_notices(planned.leaving, say_leaving(planned.due, now)) if planned.due else ""


def _say_doing(planned: Plan, names: Sequence[str]) -> str:
    if "cancelled" in names:
        return "Annulla l'incontro" if planned.after.cancelled else "Rimetti in programma"
    if names == ["hour"] and planned.before.hour is None:
        return "Fissa l'orario"
    return "Sposta l'incontro" if names and {*names} <= {"day", "hour"} else "Cambia l'incontro"


def _title(doing: str, meeting: Meeting, sectors: Mapping[str, Mapping[str, str]]) -> str:
    """«Sposta l'incontro: Associazioni sportive»."""
    return f"{doing}: {name_meeting(meeting, sectors)}"


async def accept(visit: Visit) -> Response:
    """Do what the plan said, if it is still so; else show the plan as it is now."""
    number, seen = _number(visit), whole(visit.text("visto"))
    if seen is None:
        raise HTTPException(400)
    sent = [name for name in (*FIELDS, "cancelled") if name in visit.form]
    try:
        values = read_fields(visit.text, sent)
        if values.get("cancelled") and not await _day_is_typed(visit):
            return await _no_such_day(visit)
        try:
            async with visit.begin() as tx:
                await meeting_of(visit, tx)
                change = await confirm(tx, visit.desk, number, values, seen=seen, digest=visit.text("piano"))
        except PlanChangedError:
            return await planned_page(visit, values, status=409, meanwhile=await _meanwhile(visit))
    except RefusedError as refused:
        return await visit.redirect(f"{_PAGE}/{number}", sentence(refused), bad=True)
    return await _told(visit, number, change)


async def _meanwhile(visit: Visit) -> str:
    """What of the meeting is not as the plan showed it, and who changed it; empty when it is."""
    seen = read_seen(visit.form, visit.text)
    try:
        async with visit.look() as tx:
            await check_seen(tx, visit.desk, await meeting_of(visit, tx), seen)
    except OvertakenError as overtaken:
        return say_meanwhile(overtaken, visit.times.now)
    return ""


async def _told(visit: Visit, number: int, change: Change) -> Response:
    said = [say_seats(change.seated)] if change.seated else []
    if change.people and change.due:
        said.append(_say_sending(change, change.due, visit.times.now))
    return await visit.redirect(f"{_PAGE}/{number}", " ".join(["Fatto.", *(said or ["Non c'è nessuno da avvisare."])]))


def _say_sending(change: Change, due: datetime, now: datetime) -> str:
    """«2 aggiornamenti partono alle 9.02.», and who gets none: words that stay true while the page is open."""
    said = f"{say_notices(change.leaving, say_at(due, now) if due > now else 'adesso')}."
    lost = change.people - change.leaving
    if lost > 1:
        return f"{said} {lost} iscrizioni non si possono raggiungere: avvisale tu."
    return f"{said} 1 iscrizione non si può raggiungere: avvisala tu." if lost else said


async def show_take_back(visit: Visit) -> Response:
    """The plan of taking the last change back: who hears of it, and what they read."""
    return await _take_back(visit)


async def _take_back(visit: Visit, *, status: int = 200) -> Response:
    number = _number(visit)
    try:
        async with visit.look() as tx:
            await meeting_of(visit, tx)
            noted, planned = await plan_undo(tx, visit.desk, number)
            sectors = await sector_names(tx)
    except RefusedError as refused:
        return await visit.redirect(f"{_PAGE}/{number}", sentence(refused), bad=True)
    return await _show_plan(visit, planned, noted.before, sectors, status=status, taking_back=noted.number)


async def take_back(visit: Visit) -> Response:
    """Undo the last change: at once where nobody knows of it, else after the plan was seen."""
    number, seen = _number(visit), whole(visit.text("cambiamento"))
    if seen is None:
        raise HTTPException(400)
    try:
        async with visit.begin() as tx:
            await meeting_of(visit, tx)
            change = await undo(tx, visit.desk, number, seen=seen, digest=visit.text("piano"))
            meeting = await meeting_of(visit, tx)
    except PlanChangedError:
        return await _take_back(visit, status=409)
    except RefusedError as refused:
        return await visit.redirect(f"{_PAGE}/{number}", sentence(refused), bad=True)
    said = say_all_again(meeting, change.changed, visit.times.now)
    return await visit.redirect(
        f"{_PAGE}/{number}?ritirato=1", f"Ritirato: {said}. {_say_told(change, visit.times.now)}"
    )


async def put_back(visit: Visit) -> Response:
    """Take a correction back before it leaves: what was taken back is so again."""
    number, seen = _number(visit), whole(visit.text("cambiamento"))
    if seen is None:
        raise HTTPException(400)
    try:
        async with visit.begin() as tx:
            await meeting_of(visit, tx)
            change = await redo(tx, visit.desk, number, seen=seen)
            meeting = await meeting_of(visit, tx)
    except RefusedError as refused:
        return await visit.redirect(f"{_PAGE}/{number}", sentence(refused), bad=True)
    now, told = visit.times.now, "Nessuno legge la correzione."
    if change.people and change.due:
        told = f"A chi ancora non lo sapeva: {_say_sending(change, change.due, now)}"
    said = f"Cambiamento rimesso: {say_all_again(meeting, change.changed, now)}. {told}"
    return await visit.redirect(f"{_PAGE}/{number}", said)


def _say_told(change: Change, now: datetime) -> str:
    """Who hears that a change was taken back, and why."""
    if not change.people or change.due is None:
        return "Non c'è nessuno da avvisare."
    remains = "Quello che era cambiato prima resta"
    if not change.knew:
        return f"{remains}. {_say_sending(change, change.due, now)}"
    others = change.people - change.knew
    rest = "un altro deve" if others == 1 else f"altri {others} devono"
    also = f" {remains}, e {rest} ancora saperlo." if others > 0 else ""
    goes = "A chi lo sapeva già va la correzione: " if change.leaving else ""
    return f"{goes}{_say_sending(change, change.due, now)}{also}"


def _number(visit: Visit) -> int:
    return int(visit.path["meeting"])


async def meeting_of(visit: Visit, tx: Transaction) -> Meeting:
    """The meeting that the address names. Raises ``HTTPException`` (404)."""
    meeting = await get_meeting(tx, _number(visit))
    if meeting is None:
        raise HTTPException(404)
    return meeting
