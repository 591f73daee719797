"""Chi lavora qui: who may enter, invited, with another role, put out, removed."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from db.engine import Transaction
from db.operators import Operator, Role, all_operators, get_operator
from office.errors import RefusedError
from office.operators import ROLES, close_sessions, mail_link
from office.operators import invite as invite_operator
from office.operators import remove as remove_operator
from office.operators import reset as reset_operator
from office.operators import set_role as give_role
from web.console.routes import ROOT
from web.console.visit import Visit

_PAGE = f"{ROOT}/operatori"


async def show(visit: Visit) -> Response:
    """Everybody, and the form to invite."""
    return await _page(visit)


async def _page(visit: Visit, *, fault: str = "", email: str = "", name: str = "", status: int = 200) -> Response:
    async with visit.look() as tx:
        operators = await all_operators(tx)
    values: dict[str, Any] = {
        "operators": operators,
        "fault": fault,
        "email": email,
        "name": name,
        "roles": list(ROLES.items()),
    }
    return await visit.show("operators.html", title="Chi lavora qui", status=status, **values)


async def invite(visit: Visit) -> Response:
    """One more; the link is shown once, and mailed where links are."""
    given, name = visit.text("email"), visit.text("nome")
    role = _role(visit)
    try:
        async with visit.begin() as tx:
            made = await invite_operator(tx, given, visit.times, role=role, name=name, by=visit.by)
            if made.token and visit.world.entering.by_mail:
                await mail_link(
                    tx, made.operator, _address(visit, made.token), visit.times, visit.world.library.town.service
                )
    except RefusedError as refused:
        return await _page(visit, fault=str(refused), email=given, name=name, status=422)
    if not made.token:
        return await _page(visit, fault="Questo indirizzo è già di un operatore.", email=given, name=name, status=422)
    return await _show_link(visit, made.operator, made.token)


async def reset(visit: Visit) -> Response:
    """A new link for who lost password or telephone."""
    async with visit.begin() as tx:
        operator = await _operator(visit, tx)
        token = await reset_operator(tx, operator, visit.times, by=visit.by)
        if visit.world.entering.by_mail:
            await mail_link(tx, operator, _address(visit, token), visit.times, visit.world.library.town.service)
    return await _show_link(visit, operator, token)


async def _show_link(visit: Visit, operator: Operator, token: str) -> Response:
    mailed = visit.world.entering.by_mail
    values: dict[str, Any] = {"invited": operator, "address": _address(visit, token), "mailed": mailed}
    return await visit.show("link.html", title="Collegamento pronto", **values)


def _address(visit: Visit, token: str) -> str:
    base = visit.world.public_url or str(visit.request.base_url).rstrip("/")
    return f"{base}{ROOT}/primo-accesso/{token}"


async def set_role(visit: Visit) -> Response:
    """Another role."""
    role = _role(visit)
    try:
        async with visit.begin() as tx:
            operator = await _operator(visit, tx)
            await give_role(tx, operator, role, visit.times, by=visit.by)
    except RefusedError as refused:
        return await visit.redirect(_PAGE, str(refused), bad=True)
    return await visit.redirect(_PAGE, f"{operator.called} ora è {ROLES[role]}; deve entrare di nuovo.")


async def put_out(visit: Visit) -> Response:
    """Out of every browser."""
    async with visit.begin() as tx:
        operator = await _operator(visit, tx)
        ended = await close_sessions(tx, operator, visit.times, by=visit.by)
    said = f"Accessi chiusi: {ended}." if ended else "Non c'erano accessi aperti."
    if operator.id == visit.operator.id:
        said = ""  # the session that would say it is gone
    return await visit.redirect(_PAGE, said)


async def remove(visit: Visit) -> Response:
    """Nobody enters with this address any more."""
    try:
        async with visit.begin() as tx:
            operator = await _operator(visit, tx)
            await remove_operator(tx, operator, visit.times, by=visit.by)
    except RefusedError as refused:
        return await visit.redirect(_PAGE, str(refused), bad=True)
    return await visit.redirect(_PAGE, f"{operator.called} non può più entrare.")


def _role(visit: Visit) -> Role:
    try:
        return Role(visit.text("ruolo"))
    except ValueError:
        raise HTTPException(400) from None


async def _operator(visit: Visit, tx: Transaction) -> Operator:
    operator = await get_operator(tx, int(visit.path["operator"]))
    if operator is None:
        raise HTTPException(404)
    return operator
