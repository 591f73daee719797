"""Incontri: what is planned and what is missing.

Created, and set: after one has seen who will hear of it (``moving``).
"""

from collections.abc import Mapping
from datetime import datetime

from starlette.responses import Response

from conversation.meeting import TOLD_FIELDS, Meeting
from db.attendance import count_present
from db.change_notices import notices_at
from db.doubled import count_doubled
from db.meetings import get_meeting, programme
from db.not_arrived import late_at
from db.outbox import count_notices
from db.reports import Expected, expected_at
from office.errors import RefusedError
from office.meetings import Queued, create_meeting, foresee_news
from office.moving import Correction, NotedChange, confirm, know_of, open_change, open_correction, plan
from office.overtaken import OvertakenError
from web.console.meeting_form import (
    FIELDS,
    as_form,
    read_fields,
    renewed,
    say_all_again,
    say_change,
    say_overtaken,
)
from web.console.moving import changed_fields, meeting_of, planned_page
from web.console.outgoing import say_hearing
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import count_people, name_meeting, say_at, say_notices, say_present, sentence, whole

_PAGE = f"{ROOT}/incontri"
#: Meetings that are over, on one page.
_PAST = 25
#: Of those who have not had an update, or a reminder, so many by name.
_NAMED = 50
_ANNOUNCE = [("", "no, per ora no"), ("1", "sì")]


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
        doubled = await count_doubled(tx, meeting.id)
        came = await count_present(tx, meeting.id)
        changed = await open_change(tx, visit.times.now, meeting.id)
        corrected = await open_correction(tx, visit.times.now, meeting.id)
        notices = await count_notices(tx, meeting.id)
        know = await know_of(tx, meeting, changed, visit.times.now) if changed else 0
        change = say_change(meeting, changed.before, visit.times.now) if changed else ""
        change_notices = await notices_at(tx, meeting.id, _NAMED)
        late, unreminded = await late_at(tx, meeting.id, most=_NAMED)
    return await visit.show(
        "meeting.html",
        title=name_meeting(meeting, sectors),
        status=status,
        meeting=meeting,
        expected=expected,
        doubled=doubled,
        missing=lacks(meeting),
        notices=change_notices,
        had=[(h.person, h.name) for h in change_notices.had],
        late=late,
        unreminded=unreminded,
        say_hearing=say_hearing,
        over=meeting.is_over(visit.times.now),
        given=given or as_form(meeting),
        was=as_form(meeting),
        fault=fault,
        changed=changed,
        until=visit.counts_down(changed.until) if changed and notices else 0,
        know=know,
        came=say_present(came),
        undoes=changed is not None and "cancelled" in changed.before and visit.query.get("ritirato") != "1",
        change=change,
        corrected=corrected,
        correction=_say_correction(corrected, notices, visit.times.now) if corrected else "",
        again=say_change(corrected.again, corrected.noted.before, visit.times.now) if corrected else "",
        corrects_until=visit.counts_down(corrected.noted.until) if corrected else 0,
        withdrawn=visit.query.get("ritirato") == "1",
        leaving=_say_open(changed, change, notices, know, visit.times.now) if changed else "",
    )


def _say_open(changed: NotedChange, change: str, notices: int, know: int, now: datetime) -> str:
    """What becomes of the last change while it can be taken back."""
    if not notices and not know:
        return f"L'ultimo cambiamento ({change}) si può ritirare: nessuno degli iscritti lo sa."
    said = []
    if notices and changed.until > now:
        said.append(f"{say_notices(notices, say_at(changed.until, now))}.")
    if know:
        who = "lo sa già un iscritto" if know == 1 else f"lo sanno già {know} iscritti"
        said.append(f"L'ultimo cambiamento ({change}) {who}: prima di ritirarlo vedi a quanti si scrive.")
    return " ".join(said or ["L'ultimo cambiamento è fatto."])


def _say_correction(corrected: Correction, notices: int, now: datetime) -> str:
    """What tells that a change was taken back, and what is so again without it."""
    leaving = say_notices(notices, say_at(corrected.noted.until, now))
    again = say_all_again(corrected.again, corrected.noted.before, now)
    return f"{leaving}, con la correzione di quel che è stato ritirato. Se rimetti il cambiamento, {again}."


async def save(visit: Visit) -> Response:
    """Set what the form says: at once where nobody hears of it, else after the plan was seen."""
    number = int(visit.path["meeting"])
    try:
        changed = await changed_fields(visit, FIELDS)
        if not changed:
            return await visit.redirect(f"{_PAGE}/{number}", "Non è cambiato niente.")
        if any(name in TOLD_FIELDS for name in changed):
            return await planned_page(visit, changed)
        async with visit.look() as tx:
            seen = await plan(tx, visit.desk, number, changed)
        if seen.promoted:
            return await planned_page(visit, changed)
        async with visit.begin() as tx:
            await confirm(tx, visit.desk, number, changed, seen=seen.version, digest=seen.digest)
    except OvertakenError as overtaken:
        given, fault = renewed(overtaken.meeting, visit.text), say_overtaken(overtaken, visit.times.now)
        return await _one(visit, fault=fault, given=given, status=409)
    except RefusedError as refused:
        return await _one(visit, fault=sentence(refused), given=_sent(visit), status=422)
    return await visit.redirect(
        f"{_PAGE}/{number}", "Salvato. Nessuno viene avvisato: non è cambiato niente che serva sapere."
    )


def _sent(visit: Visit) -> dict[str, str]:
    return {name: visit.text(name) for name in FIELDS}


# A new one


async def show_new(visit: Visit) -> Response:
    """The form; ``?copia=7``: with what meeting 7 has, less its day."""
    given = dict.fromkeys(FIELDS, "") | {"duration": "90", "sector": "", "annuncia": ""}
    copied = whole(visit.query.get("copia", ""))
    if copied is not None:
        async with visit.look() as tx:
            meeting = await get_meeting(tx, copied)
        if meeting is not None:
            given = as_form(meeting) | {"sector": meeting.sector, "day": "", "link": "", "passcode": "", "annuncia": ""}
    return await _new(visit, given)


async def _new(visit: Visit, given: Mapping[str, str], *, fault: str = "", status: int = 200) -> Response:
    async with visit.look() as tx:
        _, sectors = await programme(tx)
        news = await foresee_news(tx, visit.desk)
    options = [("", "—"), *((key, names["it"]) for key, names in sectors.items())]
    return await visit.show(
        "meeting_new.html",
        title="Nuovo incontro",
        status=status,
        given=given,
        sectors=options,
        announce=_ANNOUNCE,
        announcing=_say_announcing(news, visit.times.now),
        fault=fault,
    )


def _say_announcing(news: Queued | None, now: datetime) -> str:
    """Beside the choice: who hears of it, and when."""
    if news is None:
        return "Adesso nessuno ha chiesto le novità: non parte niente."
    return f"Chi ha chiesto le novità: adesso {count_people(news.people)}. Se sì, {_say_news(news, now)}."


def _say_news(news: Queued, now: datetime) -> str:
    return f"l'avviso parte {say_at(news.due, now)}; fino ad allora si può fermare in Avvisi"


async def add(visit: Visit) -> Response:
    """Create it, and say whether anybody hears of it."""
    announce = visit.text("annuncia") == "1"
    try:
        values = read_fields(visit.text, FIELDS)
        async with visit.begin() as tx:
            number, told = await create_meeting(tx, visit.desk, visit.text("sector"), values, announce=announce)
            untold = None if announce else await foresee_news(tx, visit.desk)
    except RefusedError as refused:
        return await _new(
            visit,
            _sent(visit) | {n: visit.text(n) for n in ("sector", "annuncia")},
            fault=sentence(refused),
            status=422,
        )
    return await visit.redirect(f"{_PAGE}/{number}", f"Incontro creato. {_say_told(told, untold, visit.times.now)}")


def _say_told(told: Queued | None, untold: Queued | None, now: datetime) -> str:
    """Who hears of the new meeting and when; ``untold``: who would, if it had been announced."""
    if told is not None:
        who = "saprà una persona che vuole" if told.people == 1 else f"sapranno {told.people} persone che vogliono"
        return f"Lo {who} le novità: {_say_news(told, now)}."
    if untold is None:
        return "Non parte nessun avviso: nessuno ha chiesto le novità."
    who = "la persona che vuole le novità non lo sa"
    if untold.people > 1:
        who = f"le {untold.people} persone che vogliono le novità non lo sanno"
    return f"Non parte nessun avviso: {who}. Per dirlo dopo, scrivi un avviso."
