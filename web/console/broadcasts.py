"""Avvisi: whom one writes to and what they read; drafts, what waits for approval, what is leaving, what has left."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.office import say_actor
from db.broadcast_rows import Missed, missed
from db.broadcasts import last_step, was_thrown_away
from db.engine import Transaction
from db.meetings import programme
from db.operators import Role, names_of_operators
from db.people import names_of
from office.broadcasts import (
    GRACE,
    TEXT,
    TITLE,
    BroadcastState,
    Progress,
    Stored,
    all_broadcasts,
    begun_before,
    chosen_of,
    get_broadcast,
    newcomers,
    nobody_left,
    preview,
    progress_of,
    save_draft,
    written,
)
from office.errors import RefusedError
from office.preview import NAMED
from web.console.broadcast_form import PRESENT, REGISTERED, BroadcastForm, as_given, read_given, say_whom
from web.console.log_words import ACTIONS
from web.console.outgoing import say_state
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import channels, say_at, say_unreached, sentence, whole

PAGE = f"{ROOT}/avvisi"
#: Past meetings that the form names: the list of an older one leads to the form, too.
_PAST = 30
#: Of those who did not get one that was sent, so many by name.
_MISSED = 50
_CHANNELS = [("", "su ogni canale"), *((name, f"solo {called}") for name, called in channels(written=True))]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where one stands. ``group``: the list's part; ``tone``: of its tag."""

    group: str
    said: str
    tone: str = ""


def stage_of(held: Stored, done: Progress, now: datetime) -> Stage:
    """In words."""
    match held.state:
        case BroadcastState.DRAFT:
            return Stage("Bozze", "bozza")
        case BroadcastState.WAITING:
            return Stage("Da approvare", "aspetta l'approvazione", "tag-amber")
        case BroadcastState.PAUSED:
            planned = f", in programma {say_at(done.planned, now)}" if done.planned and done.planned > now else ""
            return Stage("In partenza", f"in pausa{planned}", "tag-amber")
        case BroadcastState.STOPPED:
            return Stage("Fermati", "fermato", "tag-red")
    if nobody_left(held, done, now):
        return Stage("Senza destinatari", "nessuno a cui scrivere", "tag-amber")
    if done.due and not done.left:
        return Stage("In partenza", f"parte {say_at(done.due, now)}", "tag-amber")
    if done.waiting or done.leaving:
        return Stage("In partenza", "sta partendo", "tag-amber")
    return Stage("Mandati", "mandato", "tag-green")


_GROUPS = ("Da approvare", "Bozze", "In partenza", "Senza destinatari", "Mandati", "Fermati")


async def show(visit: Visit) -> Response:
    """All of them, what waits for somebody first."""
    async with visit.look() as tx:
        newest = await all_broadcasts(tx)
        done = await progress_of(tx, [held.number for held in newest])
        meetings, sectors = await programme(tx)
    groups: dict[str, list[tuple[Stored, Stage, Progress, str]]] = {name: [] for name in _GROUPS}
    for held in newest:
        stage = stage_of(held, done[held.number], visit.times.now)
        groups[stage.group].append((held, stage, done[held.number], say_whom(held.said, meetings, sectors)))
    shown = {name: lines for name, lines in groups.items() if lines}
    return await visit.show("broadcasts.html", title="Avvisi", groups=shown)


# Written


async def show_new(visit: Visit) -> Response:
    """The form; the address may say for whom (``a_chi``, ``incontri``…; ``scelti``: ticked in a list).

    ``copia``: what another one says, and for whom.
    """
    copied = whole(visit.query.get("copia", ""))
    if copied is not None:
        async with visit.look() as tx:
            held = await get_broadcast(tx, copied)
        if held is not None and held.said.text:
            return await _form(visit, as_given(held.said))
    ticked = [number for n in visit.query.getlist("scelti") if (number := whole(n)) is not None]
    async with visit.look() as tx:
        chosen = await chosen_of(tx, ticked)
    return await _form(visit, replace(read_given(visit.query), chosen=chosen))


async def add(visit: Visit) -> Response:
    """A new draft."""
    given = read_given(visit.form)
    try:
        async with visit.begin() as tx:
            said = await written(tx, given.title, given.text, segment=given.segment())
            number = await save_draft(tx, visit.desk, said)
    except RefusedError as refused:
        return await _form(visit, given, fault=sentence(refused), status=422)
    return await visit.redirect(f"{PAGE}/{number}", "Bozza salvata. Non è partito niente.")


async def edit(visit: Visit) -> Response:
    """The form with what the draft says."""
    held = await _found(visit)
    if held.state is not BroadcastState.DRAFT:
        return await visit.redirect(f"{PAGE}/{held.number}", "Si può cambiare solo una bozza.", bad=True)
    return await _form(visit, as_given(held.said), held=held)


async def save(visit: Visit) -> Response:
    """Other words, or for others. When a colleague was quicker, both are shown.

    Once it is no draft, that nothing was saved.
    """
    number, given, seen = number_of(visit), read_given(visit.form), seen_by(visit)
    try:
        async with visit.begin() as tx:
            said = await written(tx, given.title, given.text, segment=given.segment())
            await save_draft(tx, visit.desk, said, number=number, seen=seen)
    except RefusedError as refused:
        async with visit.look() as tx:
            held = await get_broadcast(tx, number)
        if held is None or held.state is not BroadcastState.DRAFT:
            return await _too_late(visit, held, given)
        stale = held.version != seen
        status = 409 if stale else 422
        return await _form(visit, given, held=held, theirs=stale, fault=sentence(refused), status=status)
    return await visit.redirect(f"{PAGE}/{number}", "Bozza salvata. Non è partito niente.")


async def _too_late(visit: Visit, held: Stored | None, given: BroadcastForm) -> Response:
    """It is no draft any more: where it stands, by whose hand, and the words that were not saved.

    ``held``: ``None`` when it was thrown away.
    """
    stage = step = None
    if held is not None:
        async with visit.look() as tx:
            done = (await progress_of(tx, [held.number]))[held.number]
            step = await last_step(tx, held)
        stage = stage_of(held, done, visit.times.now)
    return await visit.show(
        "broadcast_late.html",
        title=_title_of(held) if held else "Cambia l'avviso",
        status=409,
        held=held,
        stage=stage,
        step=f"{say_actor(step[0])} {ACTIONS[step[1]]}" if step and step[0] and step[1] in ACTIONS else "",
        given=given,
    )


async def _form(
    visit: Visit,
    given: BroadcastForm,
    *,
    held: Stored | None = None,
    theirs: bool = False,
    fault: str = "",
    status: int = 200,
) -> Response:
    async with visit.look() as tx:
        meetings, sectors = await programme(tx)
    coming = [m for m in meetings if not m.is_over(visit.times.now)]
    past = [m for m in reversed(meetings) if m not in coming]
    return await visit.show(
        "broadcast_form.html",
        title="Cambia l'avviso" if held else "Scrivi un avviso",
        status=status,
        given=given,
        held=held,
        theirs=held.said if held and theirs else None,
        sectors=sectors,
        coming=coming,
        past=[m for i, m in enumerate(past) if i < _PAST or str(m.id) in given.meetings],
        older=len(past) > _PAST,
        registered=REGISTERED,
        present=PRESENT,
        channels=_CHANNELS,
        most=(TITLE, TEXT),
        fault=fault,
    )


# One


async def show_one(visit: Visit) -> Response:
    """A draft as it would leave; what was sent, and how far it is."""
    return await one(visit)


async def one(visit: Visit, *, fault: str = "", status: int = 200) -> Response:
    """One as it stands now; ``fault``: why what was asked was not done."""
    async with visit.look() as tx:
        held = await found(visit, tx)
        done = (await progress_of(tx, [held.number]))[held.number]
        meetings, sectors = await programme(tx)
        operators = await names_of_operators(tx)
        more = await _before(visit, tx, held) if held.is_open else await _after(visit, tx, held, done)
    return await visit.show(
        "broadcast.html",
        title=_title_of(held),
        status=status,
        held=held,
        stage=stage_of(held, done, visit.times.now),
        whom=say_whom(held.said, meetings, sectors),
        announced=[m for m in meetings if m.id in held.said.announces],
        sectors=sectors,
        done=done,
        author=operators.get(held.author or 0, ""),
        approver=operators.get(held.approver or 0, ""),
        is_open=held.is_open,
        states=BroadcastState,
        fault=fault,
        **more,
    )


async def show_end(visit: Visit) -> Response:
    """The second look, before it is stopped for good."""
    async with visit.look() as tx:
        held = await found(visit, tx)
        done = (await progress_of(tx, [held.number]))[held.number]
    title = _title_of(held)
    return await visit.show("broadcast_end.html", title=title, held=held, done=done, is_open=held.is_open)


def _title_of(held: Stored) -> str:
    """Its page's."""
    return held.said.title or "Nuovi incontri in programma"


async def _before(visit: Visit, tx: Transaction, held: Stored) -> dict[str, Any]:
    """What would go out."""
    shown = await preview(tx, visit.desk, held.said)
    names = await names_of(tx, shown.unreached[:NAMED])
    count, above = sum(shown.people.values()), visit.world.approve_above
    soonest = visit.times.now + GRACE
    return {
        "begun": await begun_before(tx, held, max(held.send_at or soonest, soonest)),
        "shown": shown,
        "count": count,
        "unreached": sorted(names.items()),
        "unnamed": len(shown.unreached) - len(names),
        "asks": bool(above and count > above),
        "above": above,
        "tries": visit.world.writes_letters,
        "approves": visit.may(Role.MANAGER) and held.author != visit.operator.id,
        "given": {"day": visit.text("day"), "hour": visit.text("hour")},
    }


async def _after(visit: Visit, tx: Transaction, held: Stored, done: Progress) -> dict[str, Any]:
    """How far it is, and until when it can be taken back."""
    wait = (done.due - visit.times.now).total_seconds() if done.due else 0
    taken_back = (done.waiting or done.paused) and not done.left and not held.said.announces
    near = 0 < wait <= GRACE.total_seconds()
    leaves = done.due or (max(done.planned, visit.times.now) if done.planned else None)
    lost, some = await missed(tx, held.number, most=_MISSED)
    return {
        "begun": await begun_before(tx, held, leaves) if leaves else [],
        "nobody": nobody_left(held, done, visit.times.now),
        "lost": lost,
        "missed": [(m, _say_missed(m)) for m in some],
        "taken_back": taken_back,
        "until": (visit.times.real + timedelta(seconds=wait)).timestamp() if near else 0,
        "newcomers": await newcomers(tx, held) if taken_back else 0,
    }


def _say_missed(one: Missed) -> str:
    """Why somebody did not get it."""
    return say_unreached(*one.unreached, None) if one.unreached else say_state(one.state, seen_to_by=one.seen_to_by)


def number_of(visit: Visit) -> int:
    """The address's."""
    return int(visit.path["number"])


def seen_by(visit: Visit) -> int:
    """The version that was looked at. Raises ``HTTPException`` (400)."""
    seen = whole(visit.text("vista"))
    if seen is None:
        raise HTTPException(400)
    return seen


async def _found(visit: Visit) -> Stored:
    async with visit.look() as tx:
        return await found(visit, tx)


async def found(visit: Visit, tx: Transaction) -> Stored:
    """The one that the address names. Raises ``HTTPException`` (404; 410 for a draft that was thrown away)."""
    held = await get_broadcast(tx, number_of(visit))
    if held is None:
        raise HTTPException(410 if await was_thrown_away(tx, number_of(visit)) else 404)
    return held
