"""In uscita: what will go out, and what did not arrive."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from conversation.channel import CHANNELS
from db.change_notices import NoticeTo
from db.engine import Transaction
from db.forecast import ForecastFilter, Kind
from db.meetings import programme
from db.not_arrived import OutboxState, Stopped, not_arrived
from db.operators import names_of_operators
from db.people import names_of
from delivery.failures import SkipReason
from office.errors import RefusedError
from office.forecast import foresee
from office.kinds import say_kind, say_kinds, say_messages
from office.outgoing import (
    LATELY,
    Stoppable,
    hold_back,
    in_doubt,
    late_reminders,
    look_at,
    put_all_away,
    put_away,
    resume,
    stopped_since,
    try_again,
    try_all_again,
)
from office.questions import answer_of, is_correction
from office.set_aside import letter_of
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import channels, say_by, say_channel, say_unreached, sentence, whole

#: Rows on one page: of the forecast, and of what did not arrive.
_ROWS, _STUCK = 25, 10
_PAGE = f"{ROOT}/uscita"
KINDS = {kind.value: kind for kind in Kind}
KIND_CHOICES = [("", "tutto"), *((k.value, say_kind(k.value)) for k in Kind if k is not Kind.STAFF)]
CHANNEL_CHOICES = [("", "ovunque"), *channels(written=True)]
_STATES = {
    OutboxState.PENDING.value: "da mandare",
    OutboxState.SENDING.value: "sta partendo",
    OutboxState.SENT.value: "mandato",
    OutboxState.FAILED.value: "non arrivato",
    OutboxState.VOID.value: "non serviva più",
    OutboxState.EXPIRED.value: "scaduto",
    OutboxState.UNSURE.value: "forse arrivato",
}


def say_state(name: str, stopped_by: str = "", seen_to_by: str = "") -> str:
    """What became of it, in words; by whom it was stopped, who saw to it when it did not arrive."""
    if seen_to_by:
        return f"non arrivato, ci ha pensato {seen_to_by}"
    return f"fermato da {stopped_by}" if stopped_by else _STATES.get(name, name)


def say_why(error: str, stopped: Stopped) -> str:
    """Why one did not arrive: what the other side said, or why nothing reaches its person."""
    if error == SkipReason.CANNOT_WRITE:
        return "il programma non è riuscito a scriverlo"
    if error != SkipReason.UNREACHABLE:
        return error
    if stopped.reachable:
        return "allora non aveva un recapito che funziona"
    return say_unreached(stopped.channel, stopped.reason, stopped.since)


def say_hearing(one: NoticeTo) -> str:
    """What became of the notice to somebody, and why they did not get it."""
    if not one.is_reached and one.state == OutboxState.PENDING.value:
        return say_unreached(one.stopped.channel, one.stopped.reason, one.stopped.since)
    said = say_state(one.state, one.stopped_by, one.seen_to_by)
    if one.state != OutboxState.FAILED.value or not one.error:
        return said
    return f"{said}: {say_why(one.error, one.stopped)}"


def answer_at(key: str) -> tuple[str, str] | None:
    """What the office's answer that goes out under this key answers: its words and its page."""
    if (question := answer_of(key)) is not None:
        what = "correzione della risposta" if is_correction(key) else "risposta"
        return f"{what} alla domanda n. {question}", f"{ROOT}/domande/{question}"
    letter = letter_of(key)
    return None if letter is None else (f"risposta al messaggio n. {letter}", f"{ROOT}/posta/{letter}")


async def show(visit: Visit) -> Response:
    """The failures first, then what is to come."""
    kind, channel = visit.query.get("genere", ""), visit.query.get("canale", "")
    page = whole(visit.query.get("pagina", ""), digits=4) or 1
    wanted = ForecastFilter(
        kind=KINDS.get(kind),
        channel=CHANNELS.get(channel),
        limit=_ROWS + 1,  # one more tells whether there is another page
        offset=(page - 1) * _ROWS,
    )
    rows = await foresee(visit.world.database, visit.world.schedule, visit.times.now, wanted)
    async with visit.look() as tx:
        stuck = await not_arrived(tx, visit.times.now, most=_STUCK)
        doubtful = len((await in_doubt(tx, visit.times.now)).numbers) if stuck else 0
        stopped = await stopped_since(tx, visit.times.now - LATELY, most=_STUCK)
        late = await late_reminders(tx, visit.times.now)
        names = await names_of(tx, [row["person"] for row in rows if row["person"]])
        operators = await names_of_operators(tx)
        _, sectors = await programme(tx)
    return await visit.show(
        "outgoing.html",
        title="In uscita",
        rows=rows[:_ROWS],
        page=page,
        others=len(rows) > _ROWS,
        stuck=stuck,
        doubtful=doubtful,
        operators=operators,
        stopped=stopped,
        late=late,
        names=names,
        sectors=sectors,
        most_stuck=_STUCK,
        kinds=KIND_CHOICES,
        channels=CHANNEL_CHOICES,
        kind=kind,
        channel=channel,
        say_kind=say_kind,
        answer_at=answer_at,
        say_state=say_state,
        say_why=say_why,
        say_by=say_by,
        say_channel=say_channel,
    )


async def again(visit: Visit) -> Response:
    """One that perhaps arrived, or did not and can now, goes once more."""
    return await _done(visit, lambda tx, number: try_again(tx, visit.desk, number), "Riparte adesso.")


async def show_doubtful(visit: Visit) -> Response:
    """How many are in doubt and of which kind, before all go once more."""
    return await _doubtful(visit)


async def _doubtful(visit: Visit, fault: str = "") -> Response:
    async with visit.look() as tx:
        found = await in_doubt(tx, visit.times.now)
    return await visit.show(
        "outgoing_doubtful.html",
        title="Rimanda quelli in dubbio",
        status=409 if fault else 200,
        fault=fault,
        found=found,
        messages=say_messages(len(found.numbers)),
        kinds=[f"{say_kinds(kind, n)} {say_by(channel)}" for (kind, channel), n in sorted(found.kinds.items())],
    )


async def all_again(visit: Visit) -> Response:
    """Those that were looked at go once more."""
    try:
        async with visit.begin() as tx:
            count = await try_all_again(tx, visit.desk, visit.text("visti"))
    except RefusedError as refused:
        return await _doubtful(visit, sentence(refused))
    return await visit.redirect(_PAGE, f"{'Riparte' if count == 1 else 'Ripartono'} adesso: {say_messages(count)}.")


async def show_stop(visit: Visit) -> Response:
    """The second look, before one is stopped."""
    try:
        async with visit.look() as tx:
            held = await look_at(tx, _number(visit))
            _, sectors = await programme(tx)
    except RefusedError as refused:
        return await visit.redirect(_PAGE, sentence(refused), bad=True)
    return await visit.show(
        "outgoing_stop.html", title="Ferma il messaggio", held=held, m=held.message, sectors=sectors, say_kind=say_kind
    )


async def stop(visit: Visit) -> Response:
    """One does not go out."""
    try:
        async with visit.begin() as tx:
            held = await hold_back(tx, visit.desk, _number(visit))
    except RefusedError as refused:
        return await visit.redirect(_PAGE, sentence(refused), bad=True)
    return await visit.redirect(_after(held), _say_stopped(held))


def _after(held: Stoppable) -> str:
    if held.question is not None:
        return f"{ROOT}/domande/{held.question}"
    return _PAGE if held.letter is None else f"{ROOT}/posta/{held.letter}"


def _say_stopped(held: Stoppable) -> str:
    if held.corrects:
        return f"Fermato: la correzione non parte, alla domanda n. {held.question} vale la risposta di prima."
    if held.question is not None:
        return f"Fermato: la domanda n. {held.question} aspetta di nuovo una risposta."
    return "Fermato: non parte." if held.letter is None else "Fermato: il messaggio aspetta di nuovo una risposta."


async def go_on(visit: Visit) -> Response:
    """One that was stopped goes out after all."""
    now, by = visit.times.now, visit.by
    return await _done(visit, lambda tx, number: resume(tx, number, now, by=by), "Rimesso in partenza.")


async def seen(visit: Visit) -> Response:
    """One that did not arrive is seen to by a person."""
    try:
        async with visit.begin() as tx:
            whose = await put_away(tx, _number(visit), visit.times.now, by=visit.by)
    except RefusedError as refused:
        return await visit.redirect(_PAGE, sentence(refused), bad=True)
    return await visit.redirect(_PAGE, f"Tolto dall'elenco: {whose}." if whose else "Tolto dall'elenco.")


async def all_seen(visit: Visit) -> Response:
    """Those that were ticked are seen to by a person."""
    chosen = visit.ticked("scelti")
    if not chosen:
        return await visit.redirect(_PAGE, "Prima scegli i messaggi nell'elenco.", bad=True)
    try:
        async with visit.begin() as tx:
            count = await put_all_away(tx, chosen, visit.times.now, by=visit.by)
    except RefusedError:
        said = "Nel frattempo qualcuno di questi messaggi è stato sistemato: guarda di nuovo. Non è cambiato niente."
        return await visit.redirect(_PAGE, said, bad=True)
    return await visit.redirect(_PAGE, f"{'Tolto' if count == 1 else 'Tolti'} dall'elenco: {say_messages(count)}.")


async def _done(visit: Visit, act: Callable[[Transaction, int], Awaitable[None]], said: str) -> Response:
    try:
        async with visit.begin() as tx:
            await act(tx, _number(visit))
    except RefusedError as refused:
        return await visit.redirect(_PAGE, sentence(refused), bad=True)
    return await visit.redirect(_PAGE, said)


def _number(visit: Visit) -> int:
    return int(visit.path["message"])
