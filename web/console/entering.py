"""Entering: by password and code, a first link, one for a forgotten password, as a guest of the sandbox; leaving."""

from starlette.responses import RedirectResponse, Response

from db.operators import Operator, find_operator
from office.entering import SESSION, Attempt, NotEnteredError, begin_session
from office.entering import enter as enter_by_password
from office.operators import accept_link as use_link
from office.operators import actor_of, ask_reset, mail_link, owner_of_link
from office.passwords import SHORTEST, fault_of, hash_password
from office.sessions import end_session
from web.console import frame
from web.console.guard import Caller, let_in, let_out, own_path
from web.console.routes import ROOT
from web.console.visit import Visit
from web.headers import CONSOLE


async def show(caller: Caller) -> Response:
    """The form."""
    return await _form(caller, then=caller.request.query_params.get("poi", ""))


async def _form(caller: Caller, *, then: str = "", email: str = "", fault: str = "", status: int = 200) -> Response:
    entering = caller.world.entering
    guests = []
    if entering.guests:
        async with caller.world.database.look() as tx:
            guests = [o for address in entering.guests if (o := await find_operator(tx, address)) is not None]
    return frame.bare(
        "enter.html",
        title="Entra",
        status=status,
        then=own_path(then) if then else "",
        email=email,
        fault=fault,
        guests=guests,
        elsewhere=entering.oidc,
        by_mail=entering.by_mail,
    )


async def enter(caller: Caller) -> Response:
    """Password, and code where one is asked."""
    oidc = caller.world.entering.oidc
    if oidc is not None and oidc.only:
        return await _form(caller, fault="Qui si entra solo con l'accesso del Comune.", status=403)
    email, then = caller.text("email")[:320], caller.text("poi")
    attempt = Attempt(email, caller.text("password"), caller.text("codice")[:64], caller.host, caller.agent)
    try:
        cookie = await enter_by_password(caller.world.database, attempt, caller.times)
    except NotEnteredError as refused:
        return await _form(caller, then=then, email=email, fault=str(refused), status=403)
    return let_in(caller.world, own_path(then), cookie)


async def enter_as_guest(caller: Caller) -> Response:
    """One of the sandbox's invented operators, without a password."""
    chosen = caller.text("chi")
    if chosen not in caller.world.entering.guests:
        return Response(status_code=404, headers=CONSOLE)
    async with caller.world.database.begin() as tx:
        operator = await find_operator(tx, chosen)
        if operator is None:
            return Response(status_code=404, headers=CONSOLE)
        # They have no password that could be asked again.
        cookie = await begin_session(tx, actor_of(operator), caller.agent, caller.times, fresh=SESSION)
    return let_in(caller.world, own_path(caller.text("poi")), cookie)


async def leave(visit: Visit) -> Response:
    """The session ends, on the server too."""
    async with visit.begin() as tx:
        await end_session(tx, visit.session)
    return let_out(visit.world, RedirectResponse(f"{ROOT}/entra", 303, CONSOLE))


# Links


async def show_link(caller: Caller) -> Response:
    """The form in which a password is chosen.

    Opening it spends nothing: programs that look at links in mail open them too.
    """
    async with caller.world.database.look() as tx:
        operator = await owner_of_link(tx, caller.request.path_params["token"], caller.times)
    if operator is None:
        return _no_link()
    return _choose(operator, operator.name)


def _choose(operator: Operator, name: str, *, fault: str = "", status: int = 200) -> Response:
    values = {"operator": operator, "name": name, "shortest": SHORTEST, "fault": fault}
    return frame.bare("choose.html", title="Scegli la password", status=status, **values)


def _no_link() -> Response:
    texts = [
        "Questo collegamento è scaduto, o è già stato usato.",
        "Chiedine un altro a chi è responsabile della console.",
    ]
    return frame.plain("Il collegamento non vale più", texts, status=404, links=[("Entra", f"{ROOT}/entra")])


async def accept_link(caller: Caller) -> Response:
    """The password chosen; with it one is in."""
    token = caller.request.path_params["token"]
    async with caller.world.database.look() as tx:
        operator = await owner_of_link(tx, token, caller.times)
    if operator is None:
        return _no_link()
    name, password = caller.text("nome"), caller.text("password")
    fault = fault_of(password, operator.email, name or operator.name, *caller.world.telling)
    if not fault and password != caller.text("ancora"):
        fault = "Le due password non sono uguali."
    if fault:
        return _choose(operator, name, fault=fault, status=422)
    kept = await hash_password(password)
    async with caller.world.database.begin() as tx:
        cookie = await use_link(tx, token, kept, name, caller.agent, caller.times)
    if cookie is None:
        return _no_link()
    if not cookie:
        texts = ["La password è cambiata. Ora entra, con il codice dell'app."]
        return frame.plain("Fatto", texts, links=[("Entra", f"{ROOT}/entra")])
    # A link that lets in whoever gave a code has turned the code off.
    return let_in(caller.world, f"{ROOT}/profilo?codice=spento" if operator.totp else f"{ROOT}/", cookie)


async def show_forgotten(caller: Caller) -> Response:
    """How one comes by another password."""
    return frame.bare("forgotten.html", title="Password dimenticata", by_mail=caller.world.entering.by_mail, sent=False)


async def send_forgotten(caller: Caller) -> Response:
    """A link by mail, and the same answer whether the address is known or not."""
    if not caller.world.entering.by_mail:
        return Response(status_code=404, headers=CONSOLE)
    async with caller.world.database.begin() as tx:
        found = await ask_reset(tx, caller.text("email"), caller.times)
        if found is not None:
            operator, token = found
            address = f"{caller.world.public_url}{ROOT}/primo-accesso/{token}"
            await mail_link(tx, operator, address, caller.times, caller.world.library.town.service)
    return frame.bare("forgotten.html", title="Password dimenticata", by_mail=True, sent=True)


async def show_back(visit: Visit) -> Response:
    """Who entered beside a form that was sent too late (``guard``) goes back to it."""
    sentence = "Chiudi questa scheda e torna a quella di prima: lì premi «Manda quel che avevi scritto»."
    return await visit.show("sentence.html", title="Sei di nuovo dentro", sentence=sentence)


# The password again


async def again(visit: Visit) -> Response:
    """The guard has looked at the password."""
    visit.require_fresh()
    return RedirectResponse(own_path(visit.text("poi")), 303, CONSOLE)
