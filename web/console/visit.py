"""One request of an operator who is in: what a page reads, and the ways in which it answers."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from db.engine import Transaction
from db.operators import Operator, Role, Session
from office.desk import Actor, Desk
from office.entering import Times
from office.operators import actor_of
from office.sessions import leave_word
from web.console import frame
from web.console.words import whole
from web.console.world import World
from web.headers import CONSOLE

_ORDER = list(Role)
#: What is farther than this is said by its hour alone.
_NEAR = timedelta(minutes=10)


class PasswordNeededError(Exception):
    """What is asked for needs the password again: raised by a page, answered by the guard."""


@dataclass(frozen=True, slots=True)
class Visit:
    """``form``: what was sent, empty for GET; ``times``: of this request."""

    world: World
    request: Request
    operator: Operator
    session: Session
    times: Times
    form: FormData

    @property
    def path(self) -> Mapping[str, Any]:
        """The variable parts of the address."""
        return self.request.path_params

    @property
    def query(self) -> QueryParams:
        """What stands behind the question mark."""
        return self.request.query_params

    @property
    def by_itself(self) -> bool:
        """Whether the script asks for the page, to renew parts of it: nobody has come, and nobody reads a bar."""
        return self.request.method == "GET" and "X-Renew" in self.request.headers

    def may(self, role: Role) -> bool:
        """Whether the operator has this role or a higher one."""
        return _ORDER.index(self.operator.role) >= _ORDER.index(role)

    def text(self, name: str) -> str:
        """A field of the form as text, without blanks around it; empty when it is not there."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def ticked(self, name: str) -> list[int]:
        """The numbers that were chosen in the form."""
        given = (whole(value) for value in self.form.getlist(name) if isinstance(value, str))
        return [number for number in given if number is not None]

    @property
    def given(self) -> str:
        """Words that the form which was sent before brought along for this page; they are given once."""
        return str((self.session.data.get("said") or {}).get("given", ""))

    def require_fresh(self) -> None:
        """The password was given a moment ago. Raises ``PasswordNeededError``."""
        if self.session.fresh_until is None or self.session.fresh_until <= self.times.real:
            raise PasswordNeededError

    def look(self) -> AbstractAsyncContextManager[Transaction]:
        """To read: nobody who writes waits for it."""
        return self.world.database.look()

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """To write, through ``office``."""
        return self.world.database.begin()

    @property
    def by(self) -> Actor:
        """The operator, as the audit trail keeps them."""
        return actor_of(self.operator)

    @property
    def desk(self) -> Desk:
        """What functions of ``office`` need beside the transaction."""
        world = self.world
        return Desk(self.by, self.times.now, world.library, world.office, world.schedule, world.links)

    async def show(self, template: str, *, title: str, status: int = 200, **values: object) -> Response:
        """A page in the frame. ``title``: its heading and the tab's."""
        return await frame.show(self, template, title=title, status=status, **values)

    def counts_down(self, due: datetime) -> float:
        """Until when the page counts down to ``due`` (seconds since 1970); 0 when that is over, or far."""
        wait = due - self.times.now
        return (self.times.real + wait).timestamp() if timedelta(0) < wait <= _NEAR else 0

    async def redirect(
        self,
        to: str,
        said: str = "",
        *,
        undo: str = "",
        until: float = 0,
        bad: bool = False,
        accepted: str = "",
        given: str = "",
    ) -> Response:
        """After something was done: to the page that shows it (a path of ours), with a bar that says what was done.

        ``undo``: a path that takes an answer back when a form is sent there, offered ``until`` then (seconds since
        1970); ``bad``: it was not done. ``accepted``: the draft that the browser need not keep any more; ``given``:
        words for the page's form to begin with, ``self.given`` there.
        """
        if said:
            self.world.numbers.forget()
            bar = {"text": said, "undo": undo, "until": until, "bad": bad, "accepted": accepted, "given": given}
            async with self.begin() as tx:
                await leave_word(tx, self.session, bar)
        return RedirectResponse(to, 303, CONSOLE)
