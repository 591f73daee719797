"""Il mio accesso: name, password, code from an app, where one is in, keys, the morning's mail."""

from starlette.responses import Response

from db.operators import Session, sessions_of
from office.operators import change_password as set_password
from office.operators import choose
from office.operators import close_session as end_session
from office.operators import turn_off_totp as forget_totp
from office.operators import turn_on_totp as ask_totp
from office.passwords import SHORTEST, address_of, fault_of, hash_password, new_secret
from web.console.guard import let_in
from web.console.qr import as_svg
from web.console.routes import ROOT
from web.console.visit import Visit

_PAGE = f"{ROOT}/profilo"
_BROWSERS = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


async def show(visit: Visit) -> Response:
    """The page."""
    return await _page(visit)


async def _page(visit: Visit, fault: str = "", status: int = 200) -> Response:
    async with visit.look() as tx:
        sessions = await sessions_of(tx, visit.operator.id, visit.times.real)
    return await visit.show(
        "profile.html",
        title="Il mio accesso",
        status=status,
        sessions=[(s, say_browser(s)) for s in sessions],
        mine=visit.session.id,
        shortest=SHORTEST,
        fault=fault,
        required=visit.world.entering.totp,
        local=not (visit.world.entering.oidc and visit.world.entering.oidc.only),
    )


def say_browser(session: Session) -> str:
    """What a person knows it by (Firefox su Windows); what says nothing is a browser."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in session.agent), "un browser")
    system = next((name for mark, name in _SYSTEMS.items() if mark in session.agent), "")
    return f"{browser} su {system}" if system else browser


async def save(visit: Visit) -> Response:
    """Name, keys, morning."""
    async with visit.begin() as tx:
        await choose(
            tx,
            visit.operator,
            name=visit.text("nome"),
            keys=bool(visit.text("tasti")),
            morning=bool(visit.text("mattina")),
        )
    return await visit.redirect(_PAGE, "Salvato.")


async def change_password(visit: Visit) -> Response:
    """Another password: every other browser is out."""
    visit.require_fresh()
    password = visit.text("nuova")
    fault = fault_of(password, visit.operator.email, visit.operator.name, *visit.world.telling)
    if not fault and password != visit.text("ancora"):
        fault = "Le due password non sono uguali."
    if fault:
        return await _page(visit, fault, 422)
    kept = await hash_password(password)
    async with visit.begin() as tx:
        cookie = await set_password(tx, visit.operator, kept, visit.session.agent, visit.times)
    return let_in(visit.world, _PAGE, cookie)


async def show_totp(visit: Visit) -> Response:
    """The picture for the app. The secret travels in the form: it counts only when a code shows that the app has it."""
    return await _totp_page(visit, new_secret())


async def _totp_page(visit: Visit, secret: str, fault: str = "", status: int = 200) -> Response:
    address = address_of(secret, visit.operator.email, visit.world.library.town.service)
    grouped = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return await visit.show(
        "totp.html",
        title="Codice dell'app",
        status=status,
        secret=secret,
        grouped=grouped,
        picture=as_svg(address, "Immagine da inquadrare con l'app"),
        fault=fault,
        required=visit.world.entering.totp,
    )


async def turn_on_totp(visit: Visit) -> Response:
    """The first code; then the recovery codes, shown once."""
    secret = visit.text("segreto")
    async with visit.begin() as tx:
        codes = (
            await ask_totp(tx, visit.operator, secret, visit.text("codice"), visit.times)
            if _is_secret(secret)
            else None
        )
    if codes is None:
        fault = "Il codice non è quello che l'app mostra adesso. Controlla l'ora del telefono e riprova."
        return await _totp_page(visit, secret if _is_secret(secret) else new_secret(), fault, 422)
    return await visit.show("codes.html", title="Codici di riserva", codes=codes)


def _is_secret(text: str) -> bool:
    return len(text) == len(new_secret()) and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


async def turn_off_totp(visit: Visit) -> Response:
    """No code any more, where it is not required of everybody."""
    if visit.world.entering.totp:
        return await visit.redirect(_PAGE, "Qui il codice è obbligatorio per tutti: puoi solo cambiarlo.", bad=True)
    async with visit.begin() as tx:
        await forget_totp(tx, visit.operator, visit.times)
    return await visit.redirect(_PAGE, "Il codice non serve più: si entra con la sola password.")


async def close_session(visit: Visit) -> Response:
    """Out of one browser."""
    async with visit.begin() as tx:
        ended = await end_session(tx, visit.operator, int(visit.path["session"]), visit.times)
    if not ended:
        return await visit.redirect(_PAGE, "Quell'accesso era già chiuso.", bad=True)
    return await visit.redirect(_PAGE, "Accesso chiuso.")


async def keys(visit: Visit) -> Response:
    """What single keys do."""
    return await visit.show("keys.html", title="Tasti rapidi")
