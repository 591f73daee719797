"""The console in process: a client for each role, no sockets, no browser; real pages over a migrated database.

page = await (await desk.entered(Role.OPERATOR)).get("/console/")
await desk.posts(client, "/console/profilo", nome="Anna")
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
from starlette.applications import Starlette

from conversation.office import Office
from db.engine import Database
from db.operators import Role, get_operator
from knowledge.library import load_library
from office.desk import TERMINAL
from office.entering import begin_session
from office.installation import Installation
from office.operators import actor_of, invite
from tests.support.rehearsal import SCHEDULE
from web.app import build_web
from web.console.guard import cookie_name
from web.console.world import Entering, Numbers, World

HOST = "http://127.0.0.1"
#: What a browser says when a page of ours sends a form.
OURS = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "tre gatti sul tetto rosso"


class Desk:
    """``now``: the service's time; ``real``: the real one, moved by tests."""

    def __init__(
        self,
        database: Database,
        stack: AsyncExitStack,
        *,
        public_url: str = "",
        installation: Installation | None = None,
        **entering: Any,
    ) -> None:
        self.database = database
        self.now = datetime(2021, 1, 15, 8, 0, tzinfo=UTC)
        self.real = datetime.now(UTC)
        self._stack = stack
        self.world = World(
            database,
            load_library(),
            lambda: self.now,
            Office("ufficio@comune.lucca.example"),
            SCHEDULE,
            public_url=public_url,
            entering=Entering(**entering),
            real=lambda: self.real,
            numbers=Numbers(0),
            installation=installation or Installation(),
        )
        self.app: Starlette = build_web(database, clock=lambda: self.now, world=self.world)
        self.operators: dict[Role, int] = {}
        self._staying: dict[Role, httpx.AsyncClient] = {}

    def set(self, **values: Any) -> None:
        """Fields of the world, otherwise than they were."""
        self.world = replace(self.world, **values)
        self.app = build_web(self.database, clock=lambda: self.now, world=self.world)

    def passes(self, **time: float) -> None:
        """Real time goes on."""
        self.real += timedelta(**time)

    async def client(self, host: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
        """A browser that is not in; its forms come from our own pages."""
        transport = httpx.ASGITransport(self.app, client=(host, 40000), raise_app_exceptions=True)
        base = self.world.public_url or HOST
        client = httpx.AsyncClient(transport=transport, base_url=base, headers=OURS | headers)
        return await self._stack.enter_async_context(client)

    async def operator(self, role: Role, name: str = "") -> int:
        """The number of an operator with that role; of the same one when asked again without a name."""
        if not name and role in self.operators:
            return self.operators[role]
        async with self.database.begin() as tx:
            email = f"{name or role}@comune.example"
            made = await invite(tx, email, self.world.times(), role=role, name=(name or str(role)).title(), by=TERMINAL)
        if not name:
            self.operators[role] = made.operator.id
        return made.operator.id

    async def entered(self, role: Role, *, operator: int | None = None, **client: str) -> httpx.AsyncClient:
        """A browser in which an operator with that role is in, with the password given just now."""
        number = operator or await self.operator(role)
        async with self.database.begin() as tx:
            known = await get_operator(tx, number)
            assert known is not None
            cookie = await begin_session(
                tx, actor_of(known), "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", self.world.times()
            )
        browser = await self.client(**client)
        browser.cookies.set(cookie_name(self.world), cookie, domain=browser.base_url.host)
        return browser

    async def stays(self, role: Role) -> httpx.AsyncClient:
        """The browser of that role's operator who stays in for the whole test; entered anew when it went out."""
        if role not in self._staying or not self._staying[role].cookies:
            self._staying[role] = await self.entered(role)
        return self._staying[role]

    async def says(self, client: httpx.AsyncClient, path: str, status: int = 200) -> str:
        """The page at ``path``, which must have that status."""
        answer = await client.get(path)
        assert answer.status_code == status, (answer.status_code, answer.headers.get("location"), answer.text[:2000])
        return answer.text

    async def posts(self, client: httpx.AsyncClient, path: str, **form: Any) -> str:
        """Send a form that must be accepted, and give the page that follows it."""
        answer = await client.post(path, data=form)
        assert answer.status_code == 303, (answer.status_code, answer.text[:2000])
        return await self.says(client, answer.headers["location"])

    async def presses(self, client: httpx.AsyncClient, path: str, step: str, **given: str) -> str:
        """Press the button of the page at ``path`` that leads to ``path/step``, and give the page that follows."""
        return await self.posts(client, f"{path}/{step}", **hidden(await self.says(client, path), step), **given)

    async def knows(self, number: int) -> bool:
        """Whether the operator is still there."""
        async with self.database.look() as tx:
            return await get_operator(tx, number) is not None


def hidden(page: str, step: str) -> dict[str, str]:
    """What the form of a page whose address ends in ``step`` sends unseen."""
    form = page[page.index(f'/{step}"') :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[: form.index("</form>")])
    return {name: unescape(value) for name, value in found}


@asynccontextmanager
async def open_desk(database: Database, **given: Any) -> AsyncIterator[Desk]:
    """A console over ``database``; ``given``: ``public_url``, ``installation`` and the fields of ``Entering``."""
    async with AsyncExitStack() as stack:
        yield Desk(database, stack, **given)
