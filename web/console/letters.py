"""Posta da vedere: what the bot did not read, as text; tried again, or put away."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.responses import Response

from office.errors import RefusedError
from office.set_aside import NotForUs, all_set_aside, as_text, put_away, stored_at, try_again
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import say_channel, sentence

_PAGE = f"{ROOT}/posta"


async def show(visit: Visit) -> Response:
    """All of it, oldest first."""
    async with visit.look() as tx:
        waiting = await all_set_aside(tx)
    return await visit.show("letters.html", title="Posta da vedere", waiting=waiting, say_channel=say_channel)


async def show_one(visit: Visit) -> Response:
    """One, as text: never as a page, nothing of it is opened."""
    number = int(visit.path["letter"])
    try:
        async with visit.look() as tx:
            channel, payload = await stored_at(tx, number)
    except RefusedError as refused:
        raise HTTPException(404) from refused
    seen = await asyncio.to_thread(as_text, channel, payload)
    return await visit.show("letter_seen.html", title=f"Messaggio n. {number}", number=number, seen=seen)


async def again(visit: Visit) -> Response:
    """The bot reads it once more."""
    return await _done(visit, "Il bot lo legge di nuovo.")


async def away(visit: Visit) -> Response:
    """Nothing is to be done."""
    try:
        why = NotForUs(visit.text("motivo"))
    except ValueError:
        raise HTTPException(400) from None
    return await _done(visit, "Tolto dall'elenco.", why)


async def _done(visit: Visit, said: str, why: NotForUs | None = None) -> Response:
    number = int(visit.path["letter"])
    try:
        async with visit.begin() as tx:
            if why is None:
                await try_again(tx, number, visit.times.now, by=visit.by)
            else:
                await put_away(tx, number, why, visit.times.now, by=visit.by)
    except RefusedError as refused:
        return await visit.redirect(_PAGE, sentence(refused), bad=True)
    return await visit.redirect(_PAGE, said)
