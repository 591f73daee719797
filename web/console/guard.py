"""Who may come in: the network, where the form was sent from, the session, the role, the password again.

CSRF: a form counts only when the browser says that a page of ours sent it (``Sec-Fetch-Site``); where it does not say,
``Origin`` must be ours; where it says neither, the answer is 403. The cookie is ``SameSite=Lax`` besides.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

import structlog
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from db.operators import Operator, Session, find_session, get_operator
from office.entering import NotEnteredError, Times, is_own_password
from office.passwords import digest_of
from office.sessions import end_session, is_over, is_to_be_touched, make_fresh, touch
from web.bodies import read_body
from web.console import frame
from web.console.routes import ROOT, Page, can_be_opened
from web.console.visit import PasswordNeededError, Visit
from web.console.world import World
from web.headers import CONSOLE

log = structlog.get_logger("console")
Endpoint = Callable[[Request], Awaitable[Response]]

#: A form: bytes, and seconds that it may take to come.
_FORM, _FORM_SECONDS = 64 * 1024, 5.0
#: The field in which the password comes along with a form that needs it again.
AGAIN = "password_di_conferma"
#: The field that says whose form it is (an operator's number) that was sent when nobody was in any more.
_WHOSE = "modulo_di"
#: A cookie is kept longer than a session lasts: whose form it was is still known when it is sent too late.
_HOURS = 24
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks for a page that needs no session; ``form``: what was sent, empty for GET."""

    world: World
    request: Request
    times: Times
    form: FormData

    @property
    def host(self) -> str:
        """The address that the connection comes from."""
        return host_of(self.request)

    @property
    def agent(self) -> str:
        """What the browser calls itself."""
        return self.request.headers.get("User-Agent", "")

    def text(self, name: str) -> str:
        """A field of the form as text; empty when it is not there."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""


def guarded(world: World, pages: Sequence[Page]) -> Endpoint:
    """The endpoint of one address; ``pages``: what answers it, by method."""
    by_method = {page.method: page for page in pages}

    async def endpoint(request: Request) -> Response:
        page = by_method["GET" if request.method == "HEAD" else request.method]
        if not _is_let_near(world, request):
            return Response(status_code=404, headers=CONSOLE)
        form: FormData | None = FormData()
        if request.method == "POST":
            if not is_ours(world, request):
                return frame.plain("Richiesta rifiutata", [_FOREIGN], status=403)
            form = await _read_form(request)
        if form is None:
            return frame.plain("Modulo non letto", [_TOO_LONG], status=413)
        times = world.times()
        if page.role is None:
            answer: Response = await page.load()(Caller(world, request, times, form))
            return answer
        known = await _find(world, request)
        if known is None or is_over(*known, times):
            return await _outside(world, request, page, form, known)
        session, operator = known
        return await _answer(Visit(world, request, operator, session, times, form), page)

    return endpoint


async def missing(_request: Request) -> Response:
    """An address that is no page's."""
    return frame.plain(_NOT_FOUND, [_SENTENCES[404]], status=404, links=[("Vai a Oggi", f"{ROOT}/")])


_FOREIGN = (
    "Il modulo non è partito da una pagina di questa console. Torna alla console e riprova; "
    "se succede ancora, il browser è troppo vecchio o qualcosa in mezzo gli toglie delle righe."
)
_TOO_LONG = "Quel che hai mandato è troppo lungo, o non è arrivato intero. Torna indietro: nel browser c'è ancora."


async def _answer(visit: Visit, page: Page) -> Response:
    """The page's own answer, when role, code and password allow it."""
    assert page.role is not None  # noqa: S101 - pages for anyone are answered before
    if visit.form.get(_WHOSE, str(visit.operator.id)) != str(visit.operator.id):
        title = "Non è partito niente"
        return await visit.show("sentence.html", title=title, status=403, sentence=_ANOTHERS)
    if not visit.may(page.role):
        return await visit.show("refused.html", title="Non è per il tuo ruolo", status=403, needed=page.role)
    if visit.world.entering.totp and not visit.operator.totp and not page.answers.startswith(("profile:", "entering:")):
        return RedirectResponse(f"{ROOT}/profilo/codice", 303, CONSOLE)
    try:
        if AGAIN in visit.form:
            visit = await _made_fresh(visit)
        if page.fresh:
            visit.require_fresh()
        if not (page.quiet or visit.by_itself):
            await _touch(visit)
        answer: Response = await page.load()(visit)
    except PasswordNeededError:
        return await ask_again(visit)
    except NotEnteredError as refused:
        return await ask_again(visit, str(refused))
    except HTTPException as refused:
        title = _TITLES.get(refused.status_code, "Non si può")
        sentence = _SENTENCES.get(refused.status_code, _SENTENCES[400])
        return await visit.show("sentence.html", title=title, status=refused.status_code, sentence=sentence)
    except Exception:
        log.exception("console_failed", page=page.answers)
        return frame.plain("Qualcosa non ha funzionato", [_FAILED], status=500, links=[("Torna a Oggi", f"{ROOT}/")])
    return answer


_ANOTHERS = "Quel modulo l'aveva scritto un'altra persona, e può mandarlo solo lei, dopo essere entrata."
_NOT_FOUND = "Pagina non trovata"
_SENTENCES = {
    400: "La pagina non ha capito quel che è stato mandato: torna indietro, ricarica e riprova.",
    404: "Quel che cerchi non c'è, o non c'è più.",
    410: "Era una bozza: è stata buttata, e non l'ha ricevuta nessuno.",
}
_TITLES = {404: _NOT_FOUND, 410: "Non c'è più"}
_FAILED = (
    "La richiesta non è andata a buon fine e nulla è cambiato. Riprova; se succede ancora, dillo a chi segue "
    "il programma."
)


async def ask_again(visit: Visit, fault: str = "") -> Response:
    """A page that asks for the password and sends it along with what was asked for."""
    sent = [(k, v) for k, v in visit.form.multi_items() if k != AGAIN and isinstance(v, str)]
    here = _address(visit.request)
    posts = visit.request.method == "POST"
    return await visit.show(
        "again.html",
        title="Conferma che sei tu",
        status=403,
        action=here if posts else f"{ROOT}/conferma",
        sent=sent if posts else [("poi", here)],
        field_name=AGAIN,
        fault=fault,
        elsewhere=None if visit.operator.entered else visit.world.entering.oidc,
        back=here if not posts else f"{ROOT}/",
    )


async def _made_fresh(visit: Visit) -> Visit:
    """The same visit, with the password known to be theirs. Raises ``NotEnteredError``."""
    given = visit.form.get(AGAIN)
    password = given if isinstance(given, str) else ""
    if not await is_own_password(
        visit.world.database, visit.operator.email, password, host_of(visit.request), visit.times
    ):
        msg = "La password non è giusta."
        raise NotEnteredError(msg)
    async with visit.begin() as tx:
        return replace(visit, session=await make_fresh(tx, visit.session, visit.times))


async def _touch(visit: Visit) -> None:
    if is_to_be_touched(visit.session, visit.times):
        async with visit.begin() as tx:
            await touch(tx, visit.session, visit.times)


async def _find(world: World, request: Request) -> tuple[Session, Operator] | None:
    """The session that the cookie names, over or not, and whose it is."""
    cookie = request.cookies.get(cookie_name(world))
    if not cookie:
        return None
    async with world.database.look() as tx:
        session = await find_session(tx, digest_of(cookie))
        operator = await get_operator(tx, session.staff_id) if session and session.staff_id else None
    return (session, operator) if session and operator else None


async def _outside(
    world: World, request: Request, page: Page, form: FormData, known: tuple[Session, Operator] | None
) -> Response:
    """To the log-in. What was sent comes along; a session that is over (``known``) ends here."""
    if page.quiet:
        return JSONResponse({}, 401, CONSOLE)  # the session stays: whoever is writing has not sent the form yet
    if known is not None:
        async with world.database.begin() as tx:
            await end_session(tx, known[0])
    if request.method == "POST":
        response = _keep(world, request, page, form, known[1].id if known else None)
    else:
        response = RedirectResponse(f"{ROOT}/entra?poi={quote(_address(request), safe='/')}", 303, CONSOLE)
    return let_out(world, response)


def _keep(world: World, request: Request, page: Page, form: FormData, owner: int | None) -> Response:
    """A page that sends the form again, once its owner is in; who enters does so beside it.

    Where nobody knows whose it was, or it holds a file or a password, it leads back to where it was sent from.
    """
    whose = form.get(_WHOSE) or owner
    sent = [(k, v) for k, v in form.multi_items() if k not in {AGAIN, _WHOSE} and isinstance(v, str)]
    is_whole = not any(isinstance(v, UploadFile) for v in form.values())
    is_words = whose and is_whole and not page.answers.startswith(("profile:", "entering:"))
    return frame.bare(
        "ended.html",
        title="Entra di nuovo",
        status=401,
        back=_came_from(world, request),
        action=_address(request),
        sent=[*sent, (_WHOSE, whose)] if is_words else [],
    )


def _address(request: Request) -> str:
    """The path that was asked for, with what stands behind the question mark."""
    url = request.url
    return url.path + (f"?{url.query}" if url.query else "")


def _came_from(world: World, request: Request) -> str:
    """The page of ours that a form was sent from, or the nearest above it that can be opened."""
    parts = urlsplit(request.headers.get("Referer", ""))
    if f"{parts.scheme}://{parts.netloc}" != _own_origin(world, request):
        return f"{ROOT}/"
    query = f"?{parts.query}" if parts.query else ""
    path = parts.path
    while not can_be_opened(path) and path.startswith(f"{ROOT}/"):
        path, query = path.rstrip("/").rpartition("/")[0], ""
    return path + query


# Cookies


def is_secure(world: World) -> bool:
    """Whether browsers reach us by https only; plain http is loopback."""
    return world.public_url.startswith("https://")


def cookie_name(world: World) -> str:
    """Over https a name that no other host and no plain page can set."""
    return "__Host-console" if is_secure(world) else "console"


def let_in(world: World, to: str, cookie: str) -> Response:
    """To a page of ours, with the cookie of a new session."""
    response = RedirectResponse(to, 303, CONSOLE)
    response.set_cookie(
        cookie_name(world),
        cookie,
        max_age=_HOURS * 3600,
        path="/",
        secure=is_secure(world),
        httponly=True,
        samesite="lax",
    )
    return response


def let_out(world: World, response: Response) -> Response:
    """The answer, with which the browser forgets its cookie; one of https goes as it came, or stays."""
    response.delete_cookie(cookie_name(world), path="/", secure=is_secure(world), httponly=True, samesite="lax")
    return response


def own_path(text: str) -> str:
    """A path of the console to go on to; Oggi for anything else: nobody is sent elsewhere by a link."""
    parts = urlsplit(text)
    is_own = not parts.scheme and not parts.netloc and (parts.path == ROOT or parts.path.startswith(f"{ROOT}/"))
    return text if is_own and "\\" not in text and text.isprintable() else f"{ROOT}/"


# Where a request comes from


def is_ours(world: World, request: Request) -> bool:
    """Whether a page of ours sent this form."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == _own_origin(world, request)


def _own_origin(world: World, request: Request) -> str:
    parts = urlsplit(world.public_url or str(request.url))
    return f"{parts.scheme}://{parts.netloc}"


def host_of(request: Request) -> str:
    """The address that the connection comes from."""
    return request.client.host if request.client else ""


def _is_let_near(world: World, request: Request) -> bool:
    if world.entering.guests and request.url.hostname not in _LOOPBACK:
        return False  # a stranger's name that was made to lead here: guests need no password
    networks = world.entering.networks
    if not networks:
        return True
    try:
        address = ipaddress.ip_address(host_of(request))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks)


async def _read_form(request: Request) -> FormData | None:
    """The form, whole and soon: before it nothing is asked of the database."""
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            body = await read_body(request, _FORM)
            if body is None:
                return None
            request._body = body  # noqa: SLF001 - where Starlette keeps what was read, for its own reader of forms
            return await request.form(max_files=4, max_fields=1000)
    except (TimeoutError, HTTPException, ClientDisconnect, ValueError):
        return None
