"""The frame around every page: menu with numbers, the bar that says what was just done, the foot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from conversation.times import speak_day, to_local
from db.operators import Role
from db.reports import Sign
from knowledge.cache_folder import cache_folder
from office.operators import ROLES
from office.sessions import take_word
from web.assets import asset_url
from web.console.routes import MENU, ROOT
from web.console.words import name_meeting, say_at
from web.headers import CONSOLE

if TYPE_CHECKING:
    from web.console.visit import Visit


@dataclass(frozen=True, slots=True)
class _Line:
    title: str
    href: str
    here: bool
    name: str
    count: int
    tone: str


async def menu_of(visit: "Visit") -> list[_Line]:
    """The lines that this operator sees. Numbers are for those who may work on them."""
    signs = await visit.world.numbers.get(visit.world.database) if visit.may(Role.OPERATOR) else {}
    nothing = Sign(0, "")
    path = visit.request.url.path
    lines = []
    for entry in MENU:
        if visit.may(entry.role):
            href = ROOT + entry.path
            here = path.rstrip("/") == href.rstrip("/") or (entry.path != "/" and path.startswith(f"{href}/"))
            sign = signs.get(entry.sign, nothing) if visit.may(entry.counts) else nothing
            lines.append(_Line(entry.title, href, here, entry.sign, sign.count, sign.tone))
    return lines


async def show(visit: "Visit", template: str, *, title: str, status: int, **values: object) -> Response:
    """A page for somebody who is in. What the bar says is said once."""
    menu = await menu_of(visit)
    said = None if visit.by_itself else visit.session.data.get("said")
    if said:
        async with visit.begin() as tx:
            await take_word(tx, visit.session)
    values |= {
        "title": title,
        "operator": visit.operator,
        "role": ROLES[visit.operator.role],
        "may": visit.may,
        "menu": menu,
        "said": said,
        "now": visit.times.now,
        "real_now": visit.times.real,
        "query": visit.query,
    }
    return HTMLResponse(environment().get_template(template).render(values), status, CONSOLE)


def plain(title: str, texts: Sequence[str], *, status: int = 200, links: Sequence[tuple[str, str]] = ()) -> Response:
    """A page without menu, for whoever is not in: a few sentences. ``links``: words and address."""
    return bare("plain.html", title=title, status=status, texts=texts, links=links)


def bare(template: str, *, title: str, status: int = 200, **values: object) -> Response:
    """A page without menu."""
    return HTMLResponse(environment().get_template(template).render(values | {"title": title}), status, CONSOLE)


async def signs(visit: "Visit") -> Response:
    """The numbers of the menu, for the script that renews them."""
    found = {line.name: {"n": line.count, "tone": line.tone} for line in await menu_of(visit) if line.name}
    return JSONResponse(found, headers=CONSOLE)


@cache
def environment() -> Any:
    """Templates with our words for numbers, days and moments."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from web.console.compiled import Compiled

    folder = Path(__file__).parent / "templates"
    made = Environment(
        loader=FileSystemLoader(folder),
        bytecode_cache=Compiled(cache_folder() / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"asset": asset_url, "root": ROOT, "ROLES": ROLES, "Role": Role}
    made.filters |= {"number": speak_number, "day": say_day, "moment": say_moment, "at": say_at, "ago": say_age}
    made.filters["called"] = name_meeting
    return made


def speak_number(value: float) -> str:
    """1991 → 1.991."""
    return f"{value:,.0f}".replace(",", ".")


def say_day(value: date | datetime | None) -> str:
    """A day in words, with its year; empty for none."""
    if value is None:
        return ""
    local = to_local(value).date() if isinstance(value, datetime) else value
    return f"{speak_day(local, 'it')} {local.year}"


def say_moment(value: datetime | None) -> str:
    """19/11/2026 7.27, local time; empty for none."""
    if value is None:
        return ""
    local = to_local(value)
    return f"{local:%d/%m/%Y} {local.hour}.{local:%M}"


def say_age(value: datetime | None, now: datetime) -> str:
    """How long ago, in words: "3 giorni fa"; empty for never."""
    if value is None:
        return ""
    minutes = max(0, int((now - value).total_seconds() // 60))
    for size, one, many in ((1440, "un giorno", "giorni"), (60, "un'ora", "ore"), (1, "un minuto", "minuti")):
        if minutes >= size:
            count = minutes // size
            return f"{one if count == 1 else f'{count} {many}'} fa"
    return "adesso"
