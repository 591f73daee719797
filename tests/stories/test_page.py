"""The sandbox as a newcomer meets it: ``python -m bot run``, a browser, a clerk who tries everything."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.sandbox.pages import read_mail
from tests.support.sandbox import run_sandbox


def test_a_letter_is_dated_as_the_office_would_say_it() -> None:
    raw = b"Date: Fri, 15 Jan 2021 08:00:49 +0000\r\nSubject: Sala\r\n\r\nBuongiorno\r\n"
    assert read_mail(raw, 0)["date"] == "venerdì 15 gennaio 2021, ore 09.00"
    assert read_mail(b"Subject: Sala\r\n\r\nBuongiorno\r\n", 0)["date"] == ""


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox(tmp_path: Path) -> AsyncIterator[str]:
    """The address that ``run`` prints."""
    async with run_sandbox(tmp_path) as address:
        yield address


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_a_clerk_tries_everything_in_the_browser(sandbox: str, browser: Any, tmp_path: Path) -> None:
    from playwright.async_api import expect

    expect.set_options(timeout=20_000)
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    outside: list[str] = []
    errors: list[str] = []
    page.on("request", lambda r: outside.append(r.url) if not r.url.startswith((sandbox, "blob:", "data:")) else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    await page.goto(sandbox)
    await expect(page.locator("#now")).to_contain_text("venerdì 15 gennaio 2021")
    # By keyboard alone: the chat's field, a sentence, Enter.
    await page.locator("#chat-text").focus()
    await page.keyboard.type("siamo la Polisportiva Le Querce, veniamo in tre giovedì")
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages")).to_contain_text("art. 6.1.e GDPR")
    await page.get_by_role("button", name="Sì, iscrivimi").press("Enter")
    await expect(page.locator("#messages")).to_contain_text("Iscrizione confermata")
    await expect(page.locator("#messages a[download]")).to_have_text("Allegato: incontro.ics")
    # The association's letter.
    await page.get_by_role("button", name="Metti un esempio").click()
    await page.get_by_role("button", name="Invia e-mail").click()
    await expect(page.locator("#open-mail")).to_contain_text("Iscrizione confermata")
    await page.locator("#open-mail summary").click()
    await expect(page.locator("#open-mail details")).to_contain_text("METHOD:REQUEST")
    await page.get_by_role("button", name="HTML").click()
    await expect(page.frame_locator("#open-mail iframe").locator("h1")).to_have_text("Iscrizione confermata")
    # The clock.
    await expect(page.locator("#next")).to_have_text(
        "Il prossimo messaggio: promemoria, mercoledì 20 gennaio 2021, ore 09.00"
    )
    await page.get_by_role("button", name="Vai al prossimo messaggio").click()
    await expect(page.locator("#now")).to_contain_text("mercoledì 20 gennaio 2021, ore 09.00")
    await expect(page.locator("#messages")).to_contain_text("Promemoria: ")
    await expect(page.locator("#mails")).to_contain_text("Promemoria: ")
    # The hour is set: everybody is told.
    await page.locator("#meeting").select_option(label="giovedì 21 gennaio: associazioni sportive")
    await page.locator("#hour").fill("18:00")
    await page.get_by_role("button", name="Fissa").click()
    await expect(page.locator("#messages")).to_contain_text("giovedì 21 gennaio, ore 18.00")
    await page.screenshot(path=os.environ.get("SCREENSHOT", str(tmp_path / "page.png")))
    narrow = await browser.new_page(viewport={"width": 360, "height": 740})
    await narrow.goto(sandbox)
    await expect(narrow.locator("#messages")).to_contain_text("Iscrizione confermata")
    assert await narrow.evaluate("document.documentElement.scrollWidth <= 360"), "the page scrolls sideways on a phone"
    # The chat comes first, and leads to the steps below it.
    await expect(narrow.locator("#messages")).to_be_in_viewport()
    to_story = narrow.get_by_role("link", name="Che cosa provare: quattro passi")
    await expect(to_story).to_be_in_viewport()
    await expect(page.get_by_role("link", name="Che cosa provare: quattro passi")).to_be_hidden()
    await to_story.click()
    await expect(narrow.locator("#story-title")).to_be_in_viewport()
    await narrow.locator("#step-hour button").click()
    await expect(narrow.locator("#console")).to_be_in_viewport()
    # The office's side, as an invented operator: no password on this machine.
    console = await browser.new_page()
    await console.goto(f"{sandbox.rstrip('/')}/console/")
    await console.get_by_role("button", name="Entra come Paola Rossi, operatore").click()
    await expect(console.locator("h1")).to_have_text("Oggi")
    await narrow.screenshot(path=os.environ.get("SCREENSHOT_NARROW", str(tmp_path / "narrow.png")), full_page=True)
    assert outside == []
    assert errors == []


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_the_whole_story_in_one_window(sandbox: str, browser: Any) -> None:
    """A club writes, the clerk sets the hour, moves the day, answers a question: each from the page's four steps."""
    from playwright.async_api import expect

    expect.set_options(timeout=20_000)
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(20_000)
    await page.goto(sandbox)
    office = page.frame_locator("#console")
    await page.locator("#step-mail button").click()
    await expect(page.locator("#step-mail")).to_have_class("done")
    await page.locator("#step-hour button").click()
    # The frame showed the same form before: this one leads on to the meeting.
    entry = office.locator('form:has(input[name="poi"][value*="/incontri/"])')
    await entry.get_by_role("button", name="Entra come Paola").click()
    await office.locator("#hour").fill("18:00")
    await office.get_by_role("button", name="Salva").click()
    await office.get_by_role("button", name="Conferma e manda 1 aggiornamento").click()
    await expect(page.locator("#mails")).to_contain_text("ore 18.00")
    await page.locator("#step-day button").click()
    await expect(office.locator("h1")).to_have_text("Sposta l'incontro: Associazioni sportive")
    await office.locator("#day").fill("2021-01-28")
    await office.get_by_role("button", name="Vedi chi lo saprà").click()
    await office.get_by_role("button", name="Conferma e manda 1 aggiornamento").click()
    await expect(page.locator("#mails .new-mail").first).to_contain_text("giovedì 28 gennaio")
    await expect(page.locator("#step-day")).to_have_class("done")
    # What the frame shows renews itself: twice a minute, and when it is looked at again.
    seen_again = "frame => frame.contentDocument.dispatchEvent(new Event('visibilitychange'))"
    await page.locator("#console").evaluate(seen_again)
    await expect(office.locator("main")).to_contain_text("Hanno avuto l'aggiornamento: 1 su 1.")
    await page.locator("#console").evaluate("frame => { frame.src = '/console/domande'; }")
    await expect(office.locator("main")).to_contain_text("Niente: nessuno aspetta.")
    await page.locator("#step-question button").click()
    await expect(page.locator("#messages")).to_contain_text("persone dell'ufficio")
    await page.locator("#console").evaluate(seen_again)
    await expect(office.locator(".cards a")).to_be_visible()
    await office.locator("h1").click()  # whoever is in the frame has its keys
    await page.keyboard.press("j")
    await expect(office.locator("#risposta")).to_be_visible()
    await page.keyboard.press("r")
    await expect(office.locator("#risposta")).to_be_focused()
    await office.locator("#risposta").fill("No, il treno non è rimborsato.")
    await office.get_by_role("button", name="Rispondi").click()
    await expect(office.locator(".bar")).to_contain_text("parte fra 2 minuti")
    # What was done stays ticked, though the meeting is over.
    await page.locator("#to").fill("2021-02-01T10:00")
    await page.get_by_role("button", name="Vai", exact=True).click()
    await expect(page.locator("#now")).to_contain_text("lunedì 1 febbraio 2021")
    await expect(page.locator("#step-question")).to_have_class("done")
    await expect(page.locator("#step-hour")).to_have_class("done")
    await expect(page.locator("#step-day")).to_have_class("done")
