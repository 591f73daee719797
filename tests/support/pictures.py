"""Draws the pictures under ``docs``: ``python -m tests.support.pictures`` (``make screenshots``).

Those of ``docs/console.md``: invented people in the sample programme. That of the README: the sandbox. At a moment that
is always the same: drawn again, a picture changes only with its page.
"""

import asyncio
import base64
import re
import struct
import sys
import tempfile
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, update

from conversation.channel import Channel
from conversation.message import Address
from conversation.outcome import HandOverReason
from db.engine import Database, Transaction
from db.heartbeats import beat
from db.models import hand_over_turns, organisations, people
from db.operators import Role
from db.requests import add_hand_over
from knowledge.library import OWN_TOWN
from tests.support.desk import Desk, open_desk
from tests.support.looking import Looking, axe, chromium, open_browser, open_looking
from tests.support.people import register
from tests.support.rehearsal import write_template
from tests.support.sandbox import run_sandbox
from web.console.routes import ROOT

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "pictures"
SANDBOX = DOCS / "sandbox.png"
#: Each page by the name of its picture.
PAGES = {
    "oggi": "/",
    "domanda": "/domande/1",
    "iscritti": "/iscritti",
    "sposta": "/incontri/2/sposta",
}
#: Bytes of one.
MOST = 100_000
_REAL = datetime(2021, 1, 15, 8, 5, tzinfo=UTC)
_HEIGHTS = {1280: 760, 360: 640}
_FIRST = ("Anna", "Ugo", "Paola", "Lia", "Dino", "Carla", "Ivo", "Rosa", "Elio", "Nora")
_LAST = ("Neri", "Monti", "Riva", "Serra", "Valli", "Conti", "Marini")
_CLUBS = ("Circolo Il Noce", "Coro Le Rondini", "Polisportiva Le Querce", "Amici del Libro", "Banda di Sant'Ermo")
_ASKED = (
    "Buongiorno, siamo in tre ma uno di noi è in sedia a rotelle: all'incontro di giovedì serve avvisare prima?",
    "Quando pubblicate le registrazioni degli incontri?",
    "La scuola può iscrivere una classe intera?",
)

#: A picture with its 256 most frequent colours, and instead of each other one the nearest of these.
_FEW_COLOURS = """async drawn => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + drawn)).blob());
  const {width, height} = image, sheet = new OffscreenCanvas(width, height).getContext("2d");
  sheet.drawImage(image, 0, 0);
  const bytes = sheet.getImageData(0, 0, width, height).data, counts = new Map(), pixels = [];
  for (let i = 0; i < bytes.length; i += 4) pixels.push(bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]);
  for (const colour of pixels) counts.set(colour, (counts.get(colour) || 0) + 1);
  const colours = [...counts].sort((one, other) => other[1] - one[1]).slice(0, 256).map(one => one[0]);
  const apart = (one, other) =>
    [16, 8, 0].reduce((sum, at) => sum + Math.abs((one >> at & 255) - (other >> at & 255)), 0);
  const nearest = colour =>
    colours.reduce((best, one, at) => apart(one, colour) < apart(colours[best], colour) ? at : best, 0);
  const known = new Map([...counts.keys()].map(colour => [colour, nearest(colour)]));
  return {width, height, colours, places: btoa(pixels.map(colour => String.fromCharCode(known.get(colour))).join(""))};
}"""


def drawn() -> set[Path]:
    """Every file that is drawn."""
    return {SANDBOX, *(FOLDER / f"{name}-{width}.png" for name, width in shown())}


def shown() -> list[tuple[str, int]]:
    """The pictures in the document: name and width."""
    text = (DOCS / "console.md").read_text(encoding="utf-8")
    return [(name, int(width)) for name, width in re.findall(r"\(pictures/([a-z]+)-(\d+)\.png\)", text)]


def smaller(width: int, height: int, colours: list[int], places: bytes) -> bytes:
    """A PNG of few colours, each pixel the place of its own among them."""
    lines = b"".join(b"\0" + places[row * width : (row + 1) * width] for row in range(height))
    chunks = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": b"".join(colour.to_bytes(3) for colour in colours),
        b"IDAT": zlib.compress(lines, 9),
        b"IEND": b"",
    }
    packed = (struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in chunks.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


async def furnish(desk: Desk) -> None:
    """People who come, three questions, signs of life."""
    for meeting, count in ((2, 14), (3, 9), (4, 17), (5, 6)):
        await register(desk.database, meeting, count, first=meeting * 100, people=1 + meeting % 3)
    async with desk.database.begin() as tx:
        await _name(tx)
        for question in _ASKED:
            who, why = Address(Channel.EMAIL, "lia.serra@posta.example"), HandOverReason.QUESTION
            at = desk.now - timedelta(hours=3)
            await add_hand_over(tx, who, person_id=1, question=question, reason=why, thread=None, now=at)
        lines = [
            ("them", "Grazie dell'invito!"),
            ("bot", "Siete iscritti all'incontro di giovedì 21 gennaio."),
        ]
        await tx.execute(
            insert(hand_over_turns),
            [
                {"hand_over_id": 1, "side": side, "text": said, "at": desk.now - timedelta(hours=3)}
                for side, said in lines
            ],
        )
        await beat(tx, dict.fromkeys(desk.world.parts, desk.real - timedelta(minutes=1)))


async def _name(tx: Transaction) -> None:
    for n in range(46):
        name = f"{_FIRST[n % len(_FIRST)]} {_LAST[n % len(_LAST)]}"
        await tx.execute(update(people).where(people.c.id == n + 1).values(name=name))
        club = f"{_CLUBS[n % len(_CLUBS)]}{'' if n < len(_CLUBS) else f' {n}'}"
        await tx.execute(update(organisations).where(organisations.c.id == n + 1).values(name=club))


async def draw(looking: Looking, client: httpx.AsyncClient, name: str, width: int) -> bytes:
    """The upper part of one page; of a move what one sees before it is confirmed."""
    page = await looking.page(client, width=width)
    await page.set_viewport_size({"width": width, "height": _HEIGHTS[width]})
    await page.goto(looking.address + ROOT + PAGES[name])
    if name == "sposta":
        await page.locator("[name=day]").fill("2021-01-28")
        await page.locator("main button[type=submit]").click()
    await page.wait_for_timeout(700)  # until one page has faded into the next
    return await _closed(page, await page.screenshot())


async def _closed(page: Any, screenshot: bytes) -> bytes:
    """The screenshot in few colours; its page is of no use any more."""
    await page.goto("about:blank")
    found = await page.evaluate(_FEW_COLOURS, base64.b64encode(screenshot).decode())
    await page.context.close()
    return smaller(found["width"], found["height"], found["colours"], base64.b64decode(found["places"]))


async def draw_sandbox(browser: Any, address: str) -> bytes:
    """The whole page when an association has written by mail and in chat, and the office is about to look."""
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    await page.goto(address)
    await page.locator("#step-mail button").click()
    await page.locator("#open-mail").get_by_text("Polisportiva Le Querce").first.wait_for()
    await page.locator("#messages + form textarea").fill("Che cos'è il Patto?")
    await page.keyboard.press("Enter")
    await page.locator("#messages > :nth-child(2)").wait_for()
    office = page.frame_locator("#console")
    await office.get_by_role("button", name="Entra come Paola").click()
    await office.get_by_role("link", name="Incontri", exact=True).click()
    await office.get_by_role("heading", name="Incontri", exact=True).wait_for()
    await page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    await page.wait_for_timeout(1500)  # until the page has asked for what is new once more
    return await _closed(page, await page.screenshot(full_page=True))


async def draw_console(browser: Any, folder: Path) -> None:
    """Every picture of the document."""
    database = Database(f"sqlite:///{await write_template(folder / 'bot.db', programme=OWN_TOWN / 'programme.toml')}")
    async with open_desk(database) as desk:
        desk.real = _REAL
        desk.set(parts=("worker", "mailbox", "telegram"))
        await furnish(desk)
        client = await desk.entered(Role.MANAGER, operator=await desk.operator(Role.MANAGER, "Paola"))
        async with open_looking(desk, browser) as looking:
            for name, width in shown():
                (FOLDER / f"{name}-{width}.png").write_bytes(await draw(looking, client, name, width))
    await database.close()


async def main() -> str | None:
    if chromium() is None or axe() is None:
        return "Servono Chromium e axe-core: sh tests/support/install_servers.sh"
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with open_browser() as browser:
            await draw_console(browser, Path(folder))
            async with run_sandbox(Path(folder)) as address:
                SANDBOX.write_bytes(await draw_sandbox(browser, address))
    return None


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
