"""Every page for every role, every form from elsewhere, every header.

By the table, so that no new page is forgotten. One desk for all pages of a check; each that fails is named.
"""

import re
from pathlib import Path

import httpx
import pytest
from starlette.routing import compile_path

import web.console
from db.operators import Role
from tests.support.desk import Desk
from tests.web.console.looked_at import looked_at
from web.console.routes import MENU, PAGES, ROOT, Page

_TEMPLATES = Path(web.console.__file__).parent / "templates"
_DOCUMENT = Path(__file__).parents[3] / "docs" / "console.md"
_ROLES = list(Role)


def address(page: Page) -> str:
    """An address of the page; what does not exist is not found, but only by who may look."""
    filled = re.sub(r"\{\w+(?::int)?\}", "987654", page.path)
    return ROOT + ("" if filled == "/" else filled)


async def test_what_is_not_there_is_called_alike_everywhere(desk: Desk) -> None:
    client = await desk.entered(Role.MANAGER)
    for path in ("/console/pippo", "/console/incontri/987654"):
        page = await client.get(path)
        assert page.status_code == 404
        assert re.findall(r"<h1[^>]*>(.*?)</h1>", page.text) == ["Pagina non trovata"]


def named(page: Page) -> str:
    return f"{page.method} {page.path}"


async def asks(client: httpx.AsyncClient, page: Page, **headers: str) -> httpx.Response:
    return await client.request(page.method, address(page), headers=headers)


def test_each_page_is_there_and_its_role_is_named() -> None:
    assert len({(p.method, p.path) for p in PAGES}) == len(PAGES)
    for page in PAGES:
        assert callable(page.load()), page
        assert page.role in {*_ROLES, None}
    assert [p.path for p in PAGES if p.role is None] == [
        *["/entra"] * 2,
        "/entra/comune",
        "/entra/comune/ritorno",
        "/entra/ospite",
        *["/primo-accesso/{token}"] * 2,
        *["/password-dimenticata"] * 2,
    ]
    known = {p.path for p in PAGES if p.method == "GET"}
    assert [entry for entry in MENU if entry.path not in known] == []


def test_each_line_of_the_menu_has_its_section_in_the_document() -> None:
    sections = re.findall(r"^## (.+)$", _DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    told = {name for section in sections for name in section.split(", ")}
    beside_the_menu = {"Entra", "primo accesso", "Cerca", "Il mio accesso"}
    assert {entry.title for entry in MENU} | beside_the_menu <= told


async def test_each_page_asks_for_its_role(desk: Desk, subtests: pytest.Subtests) -> None:
    for page in PAGES:
        if page.role is None:
            continue
        for role in _ROLES:
            with subtests.test(named(page), role=role):
                answer = await asks(await desk.stays(role), page)
                refused = answer.status_code == 403 and "Non è per il tuo ruolo" in answer.text
                assert refused == (_ROLES.index(role) < _ROLES.index(page.role)), answer.status_code
                assert answer.status_code < 500


async def test_who_is_not_in_is_sent_to_enter(desk: Desk, subtests: pytest.Subtests) -> None:
    for page in (p for p in PAGES if p.role is not None):
        with subtests.test(named(page)):
            answer = await asks(await desk.client(), page)
            if page.method == "GET" and not page.quiet:
                assert answer.status_code == 303
                assert answer.headers["location"].startswith(f"{ROOT}/entra?poi=/console")
            else:
                assert answer.status_code == 401


#: What shows no page of its own, and what a test looks at after a click.
_LOOKED_AT_OTHERWISE = {"/entra/comune", "/entra/comune/ritorno", "/segnali.json", "/incontri/{meeting:int}/ritira"}


def test_each_page_is_looked_at_with_axe_narrow_and_in_forced_colours() -> None:
    seen = looked_at()
    gets = {page.path for page in PAGES if page.method == "GET"}
    found = {path for path in gets if any(compile_path(ROOT + path)[0].fullmatch(one) for one in seen)}
    assert gets - found == _LOOKED_AT_OTHERWISE


#: What a browser tells of the page that sent a form, and whether the form is taken.
_SENT_FROM: list[tuple[dict[str, str], bool]] = [
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, True),
    ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"}, False),
    ({"Sec-Fetch-Site": "none"}, False),
    ({"Origin": "http://127.0.0.1"}, True),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "null"}, False),
    ({}, False),
]


async def test_a_form_from_elsewhere_does_nothing(desk: Desk, subtests: pytest.Subtests) -> None:
    for page in (p for p in PAGES if p.method == "POST"):
        for headers, taken in _SENT_FROM:
            with subtests.test(named(page), **headers):
                client = await desk.stays(Role.MANAGER)
                client.headers.pop("Sec-Fetch-Site", None)
                answer = await asks(client, page, **headers)
                assert (answer.status_code == 403 and "Richiesta rifiutata" in answer.text) != taken


async def test_every_answer_has_its_headers(desk: Desk, subtests: pytest.Subtests) -> None:
    for page in PAGES:
        for role in (Role.MANAGER, None):
            with subtests.test(named(page), role=role):
                answer = await asks(await (desk.stays(role) if role else desk.client()), page)
                policy = answer.headers["content-security-policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert "require-trusted-types-for 'script'" in policy
                assert answer.headers["cache-control"] == "no-store"
                assert answer.headers["referrer-policy"] == "same-origin"


def test_templates_hold_nothing_that_the_policy_blocks() -> None:
    for file in _TEMPLATES.glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|<style""", text), file.name
        for script in re.findall(r"<script[^>]*>", text):
            assert "src=" in script, file.name
        assert "|safe" not in text, file.name


def test_every_class_in_a_template_is_in_a_style_sheet() -> None:
    sheets = "".join(f.read_text(encoding="utf-8") for f in (_TEMPLATES.parents[1] / "static").glob("*.css"))
    known = set(re.findall(r"\.(-?[_a-zA-Z][\w-]*)", sheets))
    for file in _TEMPLATES.glob("*.html"):
        text = re.sub(r"\{%.*?%\}|\{#.*?#\}", " ", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        for classes in re.findall(r'class="([^"]*)"', text):
            used = {c for c in classes.split() if re.fullmatch(r"[a-z][\w-]*", c)}
            assert used <= known, (file.name, used - known)


def test_the_first_load_is_light() -> None:
    static = _TEMPLATES.parents[1] / "static"
    assert sum(f.stat().st_size for f in static.iterdir() if f.suffix in {".css", ".js"}) < 50_000
