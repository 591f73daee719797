"""Posta da vedere: what the bot did not read, as text; answered, tried again, or put away."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.responses import Response

from office.errors import RefusedError
from office.parts import MAILBOX, parts_of
from office.questions import GRACE, LONGEST
from office.set_aside import (
    GoneError,
    LeavingReply,
    NotForUs,
    Seen,
    all_set_aside,
    answer_letter,
    answers_leaving,
    left_alone,
    look_at,
    put_away,
    stored_at,
    try_again,
    undo_letter,
)
from web.console.parts import say_silent
from web.console.routes import ROOT
from web.console.visit import Visit
from web.console.words import say_at, say_channel, sentence

_PAGE = f"{ROOT}/posta"
#: Why nobody is answered from here.
_WHY_NOT = {
    "no_sender": "non si legge con certezza un solo indirizzo da cui viene",
    "robot": "l'ha scritta un programma, o viene da un indirizzo che nessuno legge",
    "list": "viene da una lista, o è andata a molti: la risposta arriverebbe ad altri",
    "forged": "chi la manda potrebbe non essere chi dice: la risposta arriverebbe a un estraneo",
    "chat": "non è un'e-mail: fallo leggere di nuovo al bot",
}


async def show(visit: Visit) -> Response:
    """All of it, oldest first; and the answers that have not left."""
    async with visit.look() as tx:
        waiting = await all_set_aside(tx)
        leaving = await answers_leaving(tx, visit.times.now)
        automatic, returned = await left_alone(tx, visit.times.now)
        parts = await parts_of(tx, visit.world.parts, visit.times.real)
    return await visit.show(
        "letters.html",
        title="Posta da vedere",
        waiting=waiting,
        leaving=[(one, say_at(one.due, visit.times.now)) for one in leaving],
        automatic=automatic,
        returned=returned,
        silent=" ".join(say_silent(p, visit.times.real) for p in parts if p.name == MAILBOX and p.silent),
        say_channel=say_channel,
    )


async def show_one(visit: Visit) -> Response:
    """One, as text: never as a page, nothing of it is opened. Of one that was answered, the answer until it leaves."""
    try:
        seen = await _seen(visit)
    except GoneError as gone:
        async with visit.look() as tx:
            leaving = {one.number: one for one in await answers_leaving(tx, visit.times.now)}
        if _number(visit) not in leaving:
            raise HTTPException(404) from gone
        return await _answered(visit, leaving[_number(visit)])
    return await _one(visit, seen, given=visit.given)


async def _answered(visit: Visit, leaving: LeavingReply) -> Response:
    return await visit.show(
        "letter_answered.html",
        title=f"Messaggio n. {leaving.number}",
        leaving=leaving,
        due=say_at(leaving.due, visit.times.now),
        until=visit.counts_down(leaving.due),
    )


async def _seen(visit: Visit) -> Seen:
    """What is in it. Raises ``GoneError``."""
    async with visit.look() as tx:
        channel, payload = await stored_at(tx, _number(visit))
    ours, border = visit.world.office.mailbox, visit.world.authserv_id
    return await asyncio.to_thread(look_at, channel, payload, ours=ours, authserv_id=border)


async def _one(visit: Visit, seen: Seen, *, given: str = "", fault: str = "", status: int = 200) -> Response:
    number = _number(visit)
    return await visit.show(
        "letter_seen.html",
        title=f"Messaggio n. {number}",
        status=status,
        number=number,
        seen=seen.glimpse,
        to=seen.to.address.value if seen.to else "",
        why_not=_WHY_NOT.get(seen.why_not, _WHY_NOT["no_sender"]),
        given=given,
        longest=LONGEST,
        fault=fault,
    )


async def send(visit: Visit) -> Response:
    """An answer to its sender; whom that is, the letter itself says once more."""
    number, text = _number(visit), visit.text("risposta")
    try:
        seen = await _seen(visit)
        if seen.to is None:
            return await _one(visit, seen, given=text, status=422)
        async with visit.begin() as tx:
            due = await answer_letter(tx, visit.desk, number, text, seen.to)
    except GoneError as gone:
        title = f"Messaggio n. {number}"
        return await visit.show("letter_late.html", title=title, status=409, fault=sentence(gone), given=text)
    except RefusedError as refused:
        return await _one(visit, seen, given=text, fault=sentence(refused), status=422)
    until = (visit.times.real + (due - visit.times.now)).timestamp()
    said = f"Risposta pronta: parte fra {round(GRACE.total_seconds() / 60)} minuti."
    return await visit.redirect(_PAGE, said, undo=f"{_PAGE}/{number}/ritira", until=until, accepted=f"posta-{number}")


async def take_back(visit: Visit) -> Response:
    """The answer does not leave; the letter waits again, with what was written."""
    number = _number(visit)
    try:
        async with visit.begin() as tx:
            given = await undo_letter(tx, visit.desk, number)
    except RefusedError as refused:
        return await visit.redirect(_PAGE, sentence(refused), bad=True)
    return await visit.redirect(f"{_PAGE}/{number}", "Risposta ritirata: il messaggio aspetta ancora.", given=given)


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
    number = _number(visit)
    try:
        async with visit.begin() as tx:
            if why is None:
                await try_again(tx, number, visit.times.now, by=visit.by)
            else:
                await put_away(tx, number, why, visit.times.now, by=visit.by)
    except RefusedError as refused:
        return await visit.redirect(_PAGE, sentence(refused), bad=True)
    return await visit.redirect(_PAGE, said)


def _number(visit: Visit) -> int:
    return int(visit.path["letter"])
