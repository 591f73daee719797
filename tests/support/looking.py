"""Chromium on the console in process.

What axe-core says of a page, whether it scrolls sideways, what the policy blocked.

    await looking.fine(await desk.entered(Role.OPERATOR), "/console/domande")

With ``LOOKS=FOLDER`` in the environment each page that is looked at is also drawn there, as PNG.
"""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from bot.ports import open_socket
from bot.serving import make_server
from tests.support.desk import Desk

#: What WCAG 2.2 AA asks, and what axe's authors advise besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: A desk's screen and a small telephone's.
WIDTHS = (1280, 360)
_HEIGHT = 900
#: WCAG 1.4.10: a page read at 400 % on a screen 1280 wide.
_REFLOW = 320
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync"]  # fmt: skip
_LOOK = """async (rules) => (await axe.run(document, {runOnly: rules})).violations.map(
  v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " " + n.failureSummary).join(" | "))"""

#: Fields and buttons that one sees, but not where they end; the browser draws boxes to tick by itself.
_FIELDS = "input:not([type=hidden]), select, textarea, button, .btn"
_BORDERLESS = """(fields) => [...document.querySelectorAll(fields)].filter(e => {
  if (!e.checkVisibility({visibilityProperty: true})) return false;
  const style = getComputedStyle(e);
  if (["checkbox", "radio", "file"].includes(e.type) && style.appearance !== "none") return false;
  return ["top", "right", "bottom", "left"].some(side => {
    const [width, line, color] =
      ["width", "style", "color"].map(part => style.getPropertyValue(`border-${side}-${part}`));
    return !parseFloat(width) || ["none", "hidden"].includes(line) || /^rgba.*, 0\\)$/.test(color);
  });
}).map(e => e.outerHTML.slice(0, 160))"""

_SEND = """([path, form]) => {
  const sent = document.createElement("form");
  sent.method = "post";
  sent.action = path;
  for (const [name, value] of Object.entries(form))
    sent.append(Object.assign(document.createElement("textarea"), {name, value}));
  document.body.append(sent);
  sent.submit();
}"""


def chromium() -> str | None:
    """The browser, where it is installed: Debian's shell of it has no window, and takes half the time."""
    return next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)


def axe() -> Path | None:
    """axe-core, where ``tests/support/install_servers.sh`` has put it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    file = cache / "luccabot-tests" / "node_modules" / "axe-core" / "axe.min.js"
    return file if file.is_file() else None


class Looking:
    """A browser, and the address on which the desk is served."""

    def __init__(self, browser: Any, address: str) -> None:
        self._browser = browser
        self.address = address
        self._axe = (axe() or Path()).read_text(encoding="utf-8") if axe() else ""

    async def page(self, client: httpx.AsyncClient, *, width: int = 1280, **context: Any) -> Any:
        """A page (Playwright) in which whoever is in ``client`` is in too.

        ``context``: e.g. ``java_script_enabled=False``.
        """
        opened = await self._browser.new_context(viewport={"width": width, "height": _HEIGHT}, **context)
        cookies = [{"name": c.name, "value": c.value or "", "url": self.address} for c in client.cookies.jar]
        await opened.add_cookies(cookies)
        return await opened.new_page()

    async def fine(self, client: httpx.AsyncClient, *paths: str, name: str = "") -> None:
        """Every path at every width: axe finds nothing, nothing was blocked, no script failed.

        Where it is narrowest nothing scrolls sideways, and in forced colours every field and button has its border.

        ``name``: of the picture, where the path does not say what is seen.
        """
        async with self._watched(client) as (page, faults):
            for path in paths:
                await page.goto(self.address + path)
                faults.extend(await self._look(page, name or path))

    async def fine_when_sent(self, client: httpx.AsyncClient, path: str, form: Mapping[str, str], *, name: str) -> None:
        """The same of the page that answers a form sent to ``path``."""
        async with self._watched(client) as (page, faults):
            await page.goto(f"{self.address}/console/tasti")
            async with page.expect_navigation():
                await page.evaluate(_SEND, [path, dict(form)])
            faults.extend(await self._look(page, name))

    @asynccontextmanager
    async def _watched(self, client: httpx.AsyncClient) -> AsyncIterator[tuple[Any, list[str]]]:
        """A page, and what is found on it: at the end it must be nothing."""
        faults: list[str] = []
        page = await self.page(client)
        page.on("console", lambda m: faults.append(f"console: {m.text}") if _tells(m, self.address) else None)
        page.on("pageerror", lambda e: faults.append(f"script: {e}"))
        await page.add_init_script(self._axe)
        yield page, faults
        await page.context.close()
        assert not faults, "\n".join(dict.fromkeys(faults))

    async def _look(self, page: Any, path: str) -> list[str]:
        faults = []
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": _HEIGHT})
            faults += await self.faults_of(page, path, width)
        return faults + [f"{path} {found}" for found in [*await sideways(page), *await borderless(page)]]

    async def faults_of(self, page: Any, path: str, width: int) -> list[str]:
        """What axe finds on a page as it stands; it is drawn besides."""
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(self._axe)
        await self._draw(page, path, width)
        return [f"{path} at {width}: {found}" for found in await page.evaluate(_LOOK, RULES)]

    async def _draw(self, page: Any, path: str, width: int) -> None:
        folder = os.environ.get("LOOKS")
        if folder:
            name = path.removeprefix("/console").strip("/").partition("?")[0].replace("/", "-") or "oggi"
            await page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


async def sideways(page: Any) -> list[str]:
    """Whether the page scrolls sideways when it is as narrow as one may be."""
    await page.set_viewport_size({"width": _REFLOW, "height": 800})
    wide = await page.evaluate("document.documentElement.scrollWidth")
    return [f"is {wide} wide at {_REFLOW}"] if wide > _REFLOW else []


async def borderless(page: Any) -> list[str]:
    """Fields and buttons without a border where the system's colours are forced, as people with low vision set them."""
    await page.emulate_media(forced_colors="active")
    found = await page.evaluate(_BORDERLESS, _FIELDS)
    await page.emulate_media(forced_colors="none")
    return [f"has no border in forced colours: {one}" for one in found]


def _tells(message: Any, address: str) -> bool:
    """Whether the browser's console says that something is wrong.

    That a page is refused is no fault of the page that says so.
    """
    its_own = message.location["url"].startswith(f"{address}/console/") and re.search(r"status of 4\d\d", message.text)
    return message.type in {"error", "warning"} and not its_own


@asynccontextmanager
async def open_browser() -> AsyncIterator[Any]:
    """A browser (Playwright), with nothing open."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=_FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def open_looking(desk: Desk, browser: Any) -> AsyncIterator[Looking]:
    """The desk served on loopback, and looked at in ``browser``."""
    transport = open_socket("127.0.0.1", 0)
    server = make_server(desk.app, "127.0.0.1", 0)
    task = asyncio.create_task(server.serve(sockets=[transport]))
    try:
        yield Looking(browser, f"http://127.0.0.1:{transport.getsockname()[1]}")
    finally:
        server.should_exit = True
        await task
