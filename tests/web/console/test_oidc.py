"""Entering by the municipality's own log-in, whose server is played here: a real one by the standard, on loopback."""

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.ports import open_socket
from bot.serving import make_server
from db.operators import Role
from tests.support.desk import Desk
from tests.web.console.conftest import OpenDesk
from web.console.world import Oidc

EMAIL = "operator@comune.example"
OURS = "https://bot.lucca.example"


class Issuer:
    """``claims``: what it says of whoever logs in; ``asked``: what the browser was sent with."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "1"}, private=True)
        self.claims: dict[str, Any] = {"email": EMAIL, "email_verified": True}
        self.asked: dict[str, str] = {}
        self.address = ""
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._about),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _about(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        proof = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=")
        if form["code"] != "good" or proof.decode() != self.asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        standard = {"iss": self.address, "aud": "console", "sub": "7", "iat": now, "exp": now + 60}
        claims = standard | {"nonce": self.asked["nonce"]} | self.claims
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def sent(self, answer: httpx.Response) -> dict[str, str]:
        """What the browser was sent there with."""
        assert answer.status_code == 303, answer.text
        parts = urlsplit(answer.headers["location"])
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.address}/authorize"
        self.asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
        return self.asked


@pytest_asyncio.fixture(loop_scope="session")
async def issuer() -> AsyncIterator[Issuer]:
    made = Issuer()
    transport = open_socket("127.0.0.1", 0)
    made.address = f"http://127.0.0.1:{transport.getsockname()[1]}"
    server = make_server(made.app, "127.0.0.1", 0)
    task = asyncio.create_task(server.serve(sockets=[transport]))
    yield made
    server.should_exit = True
    await task


@pytest_asyncio.fixture(loop_scope="session")
async def desk(issuer: Issuer, desk_with: OpenDesk) -> AsyncIterator[Desk]:
    oidc = Oidc(issuer.address, "console", "segreto", only=True)
    async with desk_with(public_url=OURS, oidc=oidc) as opened:
        await opened.operator(Role.OPERATOR)
        yield opened


async def comes_back(browser: httpx.AsyncClient, state: str, code: str = "good") -> httpx.Response:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    return await browser.get(f"/console/entra/comune/ritorno?code={code}&state={state}", headers=elsewhere)


async def test_who_is_an_operator_enters(desk: Desk, issuer: Issuer) -> None:
    browser = await desk.client()
    page = await desk.says(browser, "/console/entra?poi=/console/profilo")
    assert "Entra con l'accesso del Comune" in page
    assert 'type="password"' not in page
    asked = issuer.sent(await browser.get("/console/entra/comune?poi=/console/profilo"))
    assert asked["redirect_uri"] == f"{OURS}/console/entra/comune/ritorno"
    assert asked["code_challenge_method"] == "S256"
    assert (await browser.get("/console/")).status_code == 303  # not in yet
    asked = issuer.sent(await browser.get("/console/entra/comune?poi=/console/profilo"))
    answer = await comes_back(browser, asked["state"])
    assert answer.headers["location"] == "/console/profilo"
    assert EMAIL in await desk.says(browser, "/console/profilo")
    assert (await comes_back(browser, asked["state"])).status_code == 403  # good for one return
    desk.passes(minutes=11)
    again = await browser.get("/console/profilo/codice")
    assert "entra ancora con l'accesso del Comune" in again.text
    assert "/console/entra/comune?poi=/console/profilo/codice" in again.text


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email": "nessuno@comune.example"}, "non è quello di un operatore"),
        ({"email_verified": False}, "verificato"),
        ({"email_verified": "true"}, "verificato"),
        ({"email": ""}, "verificato"),
        ({"nonce": "another"}, "riprova"),
        ({"aud": "somebody-else"}, "riprova"),
        ({"iss": "https://evil.example"}, "riprova"),
        ({"exp": 1}, "riprova"),
    ],
)
async def test_nobody_else_does(desk: Desk, issuer: Issuer, claims: dict[str, Any], said: str) -> None:
    issuer.claims |= claims
    browser = await desk.client()
    asked = issuer.sent(await browser.get("/console/entra/comune"))
    answer = await comes_back(browser, asked["state"])
    assert answer.status_code == 403
    assert said in answer.text
    assert (await browser.get("/console/")).status_code == 303


async def test_neither_state_nor_code_can_be_anothers(desk: Desk, issuer: Issuer) -> None:
    victim, attacker = await desk.client(), await desk.client()
    issuer.sent(await victim.get("/console/entra/comune"))
    theirs = issuer.sent(await attacker.get("/console/entra/comune"))
    assert (await comes_back(victim, theirs["state"])).status_code == 403
    asked = issuer.sent(await victim.get("/console/entra/comune"))
    assert (await comes_back(victim, asked["state"], code="stolen")).status_code == 403
    assert (await comes_back(await desk.client(), asked["state"])).status_code == 403
    asked = issuer.sent(await victim.get("/console/entra/comune"))
    desk.passes(minutes=11)
    assert (await comes_back(victim, asked["state"])).status_code == 403


async def test_where_only_it_is_good_no_password_is(desk: Desk) -> None:
    answer = await (await desk.client()).post("/console/entra", data={"email": EMAIL, "password": "x"})
    assert answer.status_code == 403
    assert "accesso del Comune" in answer.text


async def test_where_it_is_not_set_there_is_nothing(desk_with: OpenDesk) -> None:
    async with desk_with() as plain:
        for path in ("/console/entra/comune", "/console/entra/comune/ritorno?code=a&state=b"):
            assert (await (await plain.client()).get(path)).status_code == 404
