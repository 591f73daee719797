"""In uscita: what will go out, and what did not arrive."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from conversation.channel import CHANNELS
from db.forecast import Kind, Wanted
from db.not_arrived import OutboxState, not_arrived
from office.errors import RefusedError
from office.forecast import foresee
from office.outgoing import hold_back, put_away, try_again
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import say_channel, sentence, whole

#: Rows on one page: of the forecast, and of what did not arrive.
_ROWS, _STUCK = 30, 15
_PAGE = f"{ROOT}/uscita"
_KINDS = {
    Kind.REPLY.value: "risposta",
    Kind.STAFF.value: "avviso all'ufficio",
    Kind.NOTICE.value: "avviso di cambiamento",
    Kind.REMINDER.value: "promemoria",
    Kind.BROADCAST.value: "avviso a molti",
}
_STATES = {
    OutboxState.PENDING.value: "da mandare",
    OutboxState.SENDING.value: "sta partendo",
    OutboxState.SENT.value: "mandato",
    OutboxState.FAILED.value: "non arrivato",
    OutboxState.VOID.value: "non serviva più",
    OutboxState.EXPIRED.value: "scaduto",
    OutboxState.UNSURE.value: "forse arrivato",
}


def say_kind(name: str) -> str:
    """What a message is, in words."""
    return _KINDS.get(name, name)


def say_state(name: str) -> str:
    """What became of it, in words."""
    return _STATES.get(name, name)


async def show(visit: Visit) -> Response:
    """The failures first, then what is to come."""
    kind, channel = visit.query.get("genere", ""), visit.query.get("canale", "")
    page = whole(visit.query.get("pagina", ""), digits=4) or 1
    wanted = Wanted(
        kind=Kind(kind) if kind in _KINDS else None,
        channel=CHANNELS.get(channel),
        limit=_ROWS + 1,  # one more tells whether there is another page
        offset=(page - 1) * _ROWS,
    )
    rows = await foresee(visit.world.database, visit.world.schedule, visit.times.now, wanted)
    async with visit.look() as tx:
        stuck = await not_arrived(tx, most=_STUCK)
    return await visit.show(
        "outgoing.html",
        title="In uscita",
        rows=rows[:_ROWS],
        page=page,
        others=len(rows) > _ROWS,
        stuck=stuck,
        most_stuck=_STUCK,
        kinds=[("", "tutto"), *((k.value, say_kind(k.value)) for k in Kind if k is not Kind.STAFF)],
        channels=[("", "ovunque"), ("email", "e-mail"), ("telegram", "Telegram")],
        kind=kind,
        channel=channel,
        say_kind=say_kind,
        say_state=say_state,
        say_channel=say_channel,
    )


async def again(visit: Visit) -> Response:
    """One that perhaps arrived goes once more."""
    return await _done(visit, try_again, "Riparte adesso.")


async def stop(visit: Visit) -> Response:
    """One does not go out."""
    return await _done(visit, hold_back, "Fermato: non parte.")


async def seen(visit: Visit) -> Response:
    """One that did not arrive is seen to by a person."""
    return await _done(visit, put_away, "Tolto dall'elenco.")


async def _done(visit: Visit, act: Callable[..., Awaitable[None]], said: str) -> Response:
    try:
        async with visit.begin() as tx:
            await act(tx, int(visit.path["message"]), visit.times.now, by=visit.by)
    except RefusedError as refused:
        return await visit.redirect(_PAGE, sentence(refused), bad=True)
    return await visit.redirect(_PAGE, said)
