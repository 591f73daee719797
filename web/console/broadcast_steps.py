"""What is done with a notice: tried out, sent, approved, paused, gone on with, taken back, stopped.

What changed meanwhile is shown instead.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from conversation.times import to_utc
from office.broadcasts import Queued, approve, get_broadcast, pause, preview, resume, stop, submit, try_out, undo
from office.errors import RefusedError
from web.console.broadcasts import PAGE, found, number_of, one, seen_by
from web.console.meeting_form import read_fields
from web.console.visit import Visit
from web.console.words import sentence


async def _step(visit: Visit, act: Callable[..., Awaitable[Any]], say: Callable[[Any], str], **given: Any) -> Response:
    """Do it in one transaction, if it is as it was seen."""
    number, seen = number_of(visit), seen_by(visit)
    try:
        async with visit.begin() as tx:
            done = await act(tx, visit.desk, number, seen=seen, **given)
    except RefusedError as refused:
        return await one(visit, fault=sentence(refused), status=409)
    return await visit.redirect(f"{PAGE}/{number}", say(done))


async def try_it(visit: Visit) -> Response:
    """One copy to whoever asks, where e-mail goes out."""
    if not visit.world.writes_letters:
        raise HTTPException(404)
    to = visit.operator.email
    async with visit.look() as tx:
        shown = await preview(tx, visit.desk, (await found(visit, tx)).said)
    said = f"La prova è in viaggio: arriva a {to}, e a nessun altro."
    return await _step(visit, try_out, lambda _: said, to=to, shown=shown)


async def send(visit: Visit) -> Response:
    """Send it, now or later, or ask for approval."""
    try:
        at = _moment(visit)
    except RefusedError as refused:
        return await one(visit, fault=sentence(refused), status=422)
    above, digest = visit.world.approve_above, visit.text("destinatari")
    return await _step(visit, submit, _say_queued, digest=digest, approve_above=above, send_at=at)


def _moment(visit: Visit) -> datetime | None:
    """When it is to leave, on the town's clocks; ``None``: as soon as it may. Raises ``RefusedError``."""
    given = read_fields(visit.text, ("day", "hour"))
    if given["day"] is None and given["hour"] is None:
        return None
    if given["day"] is None or given["hour"] is None:
        msg = "per mandarlo più tardi servono il giorno e l'ora"
        raise RefusedError(msg)
    return to_utc(given["day"], given["hour"])


def _say_queued(queued: Queued | None) -> str:
    if queued is None:
        return "Approvazione chiesta: parte quando un'altra persona lo approva."
    # When it leaves, the page itself says: this stays as it is while the page is open.
    return f"Confermato: {'lo riceve una persona' if queued.people == 1 else f'lo ricevono {queued.people} persone'}."


async def approve_it(visit: Visit) -> Response:
    """A second person sends it."""
    return await _step(visit, approve, _say_queued, digest=visit.text("destinatari"))


async def hold(visit: Visit) -> Response:
    """What has not left waits."""
    return await _step(visit, pause, lambda n: f"In pausa: {n} messaggi aspettano." if n > 1 else "In pausa.")


async def go_on(visit: Visit) -> Response:
    """Exactly what waited leaves."""
    return await _step(visit, resume, lambda n: f"Ripreso: {n} messaggi ripartono." if n > 1 else "Ripreso.")


async def take_back(visit: Visit) -> Response:
    """A draft again."""
    return await _step(visit, undo, lambda _: "È di nuovo una bozza, e nessuno l'ha ricevuto.")


async def end(visit: Visit) -> Response:
    """What has not left never does; a draft is thrown away."""
    number, seen = number_of(visit), seen_by(visit)
    try:
        async with visit.begin() as tx:
            stopped = await stop(tx, visit.desk, number, seen=seen)
            remains = await get_broadcast(tx, number) is not None
    except RefusedError as refused:
        return await one(visit, fault=sentence(refused), status=409)
    if not remains:
        return await visit.redirect(PAGE, "Bozza buttata, con il suo testo: nessuno l'ha ricevuta.")
    return await visit.redirect(f"{PAGE}/{number}", _say_ended(stopped))


def _say_ended(stopped: int | None) -> str:
    if not stopped:
        return "Fermato."
    return f"Fermato: {stopped} messaggi non partono." if stopped > 1 else "Fermato: un messaggio non parte."
