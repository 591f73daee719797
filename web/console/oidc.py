"""Entering by the municipality's own log-in (OpenID Connect: code, PKCE, state and nonce). Loaded only where it is set.

Nobody becomes an operator by it: whoever comes back must be one already, by an address that the log-in has verified.
What it must find again when they come back (state, nonce, verifier) waits in a session that belongs to nobody yet.
"""

import warnings
from functools import lru_cache
from typing import Any

import structlog
from starlette.responses import RedirectResponse, Response

from db.operators import find_operator
from office.entering import begin_session
from office.operators import actor_of
from office.sessions import returned, wait_for_return
from web.console import frame
from web.console.guard import Caller, cookie_name, is_secure, let_in, own_path
from web.console.routes import ROOT
from web.console.world import Oidc
from web.headers import CONSOLE

log = structlog.get_logger("console")
_RETURN = f"{ROOT}/entra/comune/ritorno"
_NAME = "comune"
_SECONDS = 10


@lru_cache(maxsize=1)
def _client(oidc: Oidc) -> Any:
    with warnings.catch_warnings(record=True):  # it would rather have httpx2, which nobody else here uses
        from authlib.integrations.starlette_client import OAuth

    return OAuth().register(
        _NAME,
        server_metadata_url=f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=oidc.client_id,
        client_secret=oidc.client_secret,
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": _SECONDS},
    )


async def start(caller: Caller) -> Response:
    """To the municipality's log-in."""
    world = caller.world
    oidc = world.entering.oidc
    if oidc is None:
        return Response(status_code=404, headers=CONSOLE)
    waiting: dict[str, Any] = {}
    caller.request.scope["session"] = waiting  # where Authlib keeps what it must find again
    try:
        answer = await _client(oidc).authorize_redirect(caller.request, f"{world.public_url}{_RETURN}")
    except Exception as error:
        return _failed(error)
    data = {"waiting": waiting, "then": own_path(caller.request.query_params.get("poi", ""))}
    async with world.database.begin() as tx:
        cookie = await wait_for_return(tx, data, caller.agent, caller.times)
    response = RedirectResponse(answer.headers["location"], 303, CONSOLE)
    response.set_cookie(
        cookie_name(world), cookie, max_age=600, path="/", secure=is_secure(world), httponly=True, samesite="lax"
    )
    return response


async def come_back(caller: Caller) -> Response:
    """From the municipality's log-in, with a code."""
    world, times = caller.world, caller.times
    oidc, cookie = world.entering.oidc, caller.request.cookies.get(cookie_name(world), "")
    if oidc is None:
        return Response(status_code=404, headers=CONSOLE)
    async with world.database.begin() as tx:
        kept = await returned(tx, cookie, times)
    if kept is None:
        return _refused("È passato troppo tempo, o il browser non accetta i cookie: prova di nuovo.")
    caller.request.scope["session"] = dict(kept["waiting"])
    try:
        token = await _client(oidc).authorize_access_token(caller.request)
    except Exception as error:
        return _failed(error)
    who = token.get("userinfo") or {}
    email = str(who.get("email", "")).strip().lower()
    if not email or who.get("email_verified") is not True:
        return _refused("L'accesso del Comune non dice un indirizzo e-mail verificato: chiedi a chi lo gestisce.")
    async with world.database.begin() as tx:
        operator = await find_operator(tx, email)
        if operator is None or not operator.active:
            return _refused("Il tuo indirizzo non è quello di un operatore: chiedi a chi è responsabile della console.")
        return let_in(world, kept["then"], await begin_session(tx, actor_of(operator), caller.agent, times))


def _failed(error: Exception) -> Response:
    log.warning("oidc_failed", error=type(error).__name__)
    return _refused("L'accesso del Comune non risponde come dovrebbe: riprova tra poco.")


def _refused(sentence: str) -> Response:
    return frame.plain("Non sei entrato", [sentence], status=403, links=[("Torna a Entra", f"{ROOT}/entra")])
