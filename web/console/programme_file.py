"""The programme from a file: first what it would do, then that, if it is still so."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from starlette.datastructures import UploadFile
from starlette.responses import Response

from conversation.meeting import Meeting
from db.meetings import programme
from office.errors import RefusedError
from office.plan import Plan
from office.programme_file import written
from office.programme_plan import Loaded, PlanChangedError, ProgrammePlan, confirm_programme, plan_programme
from web.console.meeting_form import FIELDS, as_form, say_the, say_value
from web.console.moving import changed_of, say_planned, say_rows, seats_of, waits
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import name_meeting, say_at, say_notices
from web.headers import CONSOLE

#: What the file is called: downloaded, and in what is said of its faults.
_NAME = "programma.toml"
#: What people need to take part, and a file may lack.
_LOST = ("hour", "link", "passcode")


class _Changed(NamedTuple):
    """A meeting that the file changes."""

    #: As staff know it: «Associazioni sportive, giovedì 21 gennaio».
    called: str
    #: Of each field its name, what it holds, and what it would.
    rows: list[tuple[str, str, str]]
    planned: Plan
    #: When the notices leave, as a sentence.
    leaving: str
    #: Whether it can be taken back before.
    waits: bool


async def show(visit: Visit) -> Response:
    """The form; with ``?formato=toml`` the programme as it is, as such a file."""
    if visit.query.get("formato") == "toml":
        async with visit.look() as tx:
            meetings, sectors = await programme(tx)
        coming = [meeting for meeting in meetings if not meeting.is_over(visit.times.now)]
        headers = {**CONSOLE, "Content-Disposition": f'attachment; filename="{_NAME}"'}
        return Response(written(coming, sectors), headers=headers, media_type="application/toml")
    return await visit.show("programme_file.html", title="Carica il programma", fault="")


async def load(visit: Visit) -> Response:
    """What the file would do; with ``conferma``, done, unless something is not as it was seen."""
    words, stale = await _words(visit), False
    try:
        with _file(words) as path:
            if visit.text("conferma"):
                try:
                    async with visit.begin() as tx:
                        loaded = await confirm_programme(tx, visit.desk, path, visit.text("piano"))
                    return await visit.redirect(f"{ROOT}/incontri", _said(loaded, visit.times.now))
                except PlanChangedError:
                    stale = True
            async with visit.look() as tx:
                planned = await plan_programme(tx, visit.desk, path)
    except RefusedError as refused:
        return await visit.show("programme_file.html", title="Carica il programma", status=422, fault=str(refused))
    return await _show_plan(visit, planned, words, stale=stale)


async def _show_plan(visit: Visit, planned: ProgrammePlan, words: str, *, stale: bool) -> Response:
    now = visit.times.now
    changed = [_as_shown(one, planned.sectors, now) for one in planned.changed]
    return await visit.show(
        "programme_plan.html",
        title="Prima di caricare",
        status=409 if stale else 200,
        stale=stale,
        planned=planned,
        words=words,
        changed=changed,
        added=[_call(meeting, planned.sectors, now) for meeting in planned.added],
        lost=[said for one in planned.changed if (said := _say_lost(one, planned.sectors, now))],
        missing=[_call(meeting, planned.sectors, now) for meeting in planned.missing],
        renamed=[planned.sectors[key]["it"] for key in planned.renamed],
        **seats_of(planned.seated),
        leaving=sum(one.leaving for one in planned.changed),
        cancels=any(one.after.cancelled and not one.before.cancelled for one in planned.changed),
    )


def _as_shown(planned: Plan, sectors: Mapping[str, Mapping[str, str]], now: datetime) -> _Changed:
    rows = say_rows(planned, changed_of(planned, (*FIELDS, "cancelled")), now)
    return _Changed(_call(planned.before, sectors, now), rows, planned, say_planned(planned, now), waits(planned, now))


def _say_lost(planned: Plan, sectors: Mapping[str, Mapping[str, str]], now: datetime) -> str:
    """What is set of a meeting and the file does not hold: «l'ora di Scuole, giovedì 21 gennaio»; empty for nothing."""
    before, after = as_form(planned.before), as_form(planned.after)
    lost = [say_the(name) for name in _LOST if before[name] and not after[name]]
    return f"{' e '.join(lost)} di {_call(planned.before, sectors, now)}" if lost else ""


def _call(meeting: Meeting, sectors: Mapping[str, Mapping[str, str]], now: datetime) -> str:
    """«Associazioni sportive, giovedì 21 gennaio»."""
    return f"{name_meeting(meeting, sectors)}, {say_value(meeting, 'day', now) or 'senza giorno'}"


async def _words(visit: Visit) -> str:
    given = visit.form.get("file")
    if not isinstance(given, UploadFile):
        return visit.text("testo").replace("\r\n", "\n")
    try:
        return (await given.read()).decode("utf-8-sig", "replace")
    finally:
        await given.close()


@contextmanager
def _file(words: str) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / _NAME
        path.write_text(words, encoding="utf-8")
        yield path


def _said(loaded: Loaded, now: datetime) -> str:
    """What was done, who hears of it when, and until when it can be taken back."""
    counts = (
        (len(loaded.added), "nuovo", "nuovi"),
        (len(loaded.changed), "cambiato", "cambiati"),
        (loaded.unchanged, "com'era", "com'erano"),
    )
    done = [f"{n} {one if n == 1 else many}" for n, one, many in counts]
    said = f"Caricato: {', '.join(done)}."
    leaving = sum(change.leaving for change in loaded.told)
    if not leaving:
        return said
    moments = {change.due for change in loaded.told if change.leaving and change.due}
    if len(moments) > 1:  # what changes shortly before a meeting is told at once
        return f"{said} {say_notices(leaving, 'in momenti diversi')}: si vedono in «In uscita»."
    due = moments.pop()
    if due <= now:
        return f"{said} {say_notices(leaving, 'adesso')}."
    return f"{said} {say_notices(leaving, say_at(due, now))}: ogni cambiamento si ritira dalla pagina del suo incontro."
