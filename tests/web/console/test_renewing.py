"""Pages renew their own parts: lists, what becomes of a change; nobody is kept in by it, and nobody is disturbed."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from db.models import outbox
from db.operators import Role
from tests.support.desk import Desk, hidden
from tests.support.looking import Looking
from tests.support.people import ask, register
from tests.web.console.test_broadcasts import HERE, TO_SPORT
from tests.web.console.test_meetings import MOVED, confirmed

AGAIN = {"X-Renew": "1"}


async def seen_again(page: Any) -> None:
    """The tab is looked at again: what renews itself does so at once."""
    async with page.expect_response("**/segnali.json"):
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.mark.browser
async def test_who_was_told_of_a_change_is_counted_while_the_page_stays_open(desk: Desk, looking: Looking) -> None:
    client = await desk.entered(Role.OPERATOR)
    await register(desk.database, 2, 2)
    await confirmed(desk, client, **MOVED)
    faults: list[str] = []
    page = await looking.page(client)
    page.on("console", lambda m: faults.append(m.text))
    page.on("pageerror", lambda e: faults.append(str(e)))
    await page.goto(looking.address + "/console/incontri/2")
    part = page.locator("[data-renew=chi-viene]")
    assert "Hanno avuto l'aggiornamento: 0 su 2." in await part.inner_text()
    await page.locator("[name=passcode]").fill("1234")
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).where(outbox.c.kind == "notice").values(state="sent"))
    await seen_again(page)
    await part.get_by_text("Hanno avuto l'aggiornamento: 2 su 2.").wait_for()
    assert await page.locator("[name=passcode]").input_value() == "1234"  # what is being written stays
    assert faults == []


@pytest.mark.browser
async def test_a_bar_that_has_run_out_is_gone_when_the_page_renews_itself(
    desk: Desk, patient: httpx.AsyncClient, looking: Looking
) -> None:
    await register(desk.database, 2, 1)
    await confirmed(desk, patient, **MOVED)
    page = await looking.page(patient)
    await page.goto(looking.address + "/console/incontri/2")
    part = page.locator("[data-renew=chi-viene]")
    await part.get_by_role("button", name="Ritira:").wait_for()
    desk.now += timedelta(minutes=20)
    await seen_again(page)
    await part.locator(".bar").wait_for(state="detached")


@pytest.mark.browser
async def test_a_new_question_comes_into_the_list_but_not_under_somebodys_hands(desk: Desk, looking: Looking) -> None:
    client = await desk.entered(Role.OPERATOR)
    page = await looking.page(client)
    await page.goto(looking.address + "/console/domande")
    await page.get_by_text("Niente: nessuno aspetta.").wait_for()
    await ask(desk.database, "C'è un parcheggio?")
    await seen_again(page)
    first = page.get_by_role("link", name="C'è un parcheggio?")
    await first.wait_for()
    await first.focus()
    await ask(desk.database, "Si può portare il cane?")
    await seen_again(page)
    await page.wait_for_timeout(500)
    assert await page.get_by_text("Si può portare il cane?").count() == 0
    await first.blur()
    await seen_again(page)
    await page.get_by_text("Si può portare il cane?").wait_for()
    await page.keyboard.press("j")  # the keys know what is new
    await page.wait_for_url("**/console/domande/1")


@pytest.mark.browser
async def test_an_avviso_that_has_left_says_so_at_its_top_too(desk: Desk, looking: Looking) -> None:
    client = await desk.entered(Role.OPERATOR)
    await register(desk.database, 2, 1)
    await desk.posts(client, "/console/avvisi/nuovo", **TO_SPORT)
    await client.post(f"{HERE}/manda", data=hidden(await desk.says(client, HERE), "manda"))
    page = await looking.page(client)
    await page.goto(looking.address + HERE)
    top = page.locator("[data-renew=stato]")
    assert "parte alle 9.10" in await top.inner_text()
    assert "Confermato: lo riceve una persona." in await page.inner_text("main")
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).values(state="sent", sent_at=desk.now))
    await seen_again(page)
    await top.get_by_text("mandato").wait_for()
    assert "9.10" not in await page.inner_text("main")


@pytest.mark.browser
async def test_the_first_line_of_oggi_renews_itself(desk: Desk, looking: Looking) -> None:
    page = await looking.page(await desk.entered(Role.OPERATOR))
    await page.goto(looking.address + "/console/")
    await page.get_by_text("Venerdì 15 gennaio 2021.").wait_for()
    desk.now += timedelta(days=1)
    await seen_again(page)
    await page.get_by_text("Sabato 16 gennaio 2021.").wait_for()


@pytest.mark.browser
async def test_who_has_a_question_open_holds_it_and_sees_who_comes_and_who_was_quicker(
    desk: Desk, looking: Looking
) -> None:
    number = await ask(desk.database, "C'è un parcheggio?")
    path, renzo = f"/console/domande/{number}", await desk.entered(Role.MANAGER)
    page = await looking.page(await desk.entered(Role.OPERATOR))
    await page.goto(looking.address + path)
    await page.locator("#risposta").press_sequentially("Sì, ")
    for _ in range(2):
        desk.now += timedelta(minutes=2)
        await seen_again(page)
    await page.wait_for_load_state("networkidle")
    assert "Operator sta rispondendo" in await desk.says(renzo, path)
    desk.now += timedelta(minutes=4)  # the tab was not looked at
    assert "sta rispondendo" not in await desk.says(renzo, path)
    part = page.locator("[data-renew=chi-risponde]")
    await seen_again(page)
    await part.get_by_text("Manager sta rispondendo.").wait_for()
    await desk.posts(renzo, path, risposta="In piazza.", vista="1")
    await seen_again(page)
    await part.get_by_text("Questa domanda non aspetta più: ha risposto Manager.").wait_for()
    await page.keyboard.type("in piazza.")
    assert await page.locator("#risposta").input_value() == "Sì, in piazza."


async def test_a_page_that_renews_itself_keeps_nobody_in(desk: Desk) -> None:
    browser = await desk.entered(Role.OPERATOR)
    desk.passes(minutes=40)
    assert (await browser.get("/console/domande", headers=AGAIN)).status_code == 200
    desk.passes(minutes=21)
    assert (await browser.get("/console/domande")).status_code == 303


async def test_a_page_that_renews_itself_takes_no_bar_away(desk: Desk, clerk: httpx.AsyncClient) -> None:
    sent = await clerk.post("/console/profilo", data={"nome": "Anna"})
    assert "Salvato." not in (await clerk.get("/console/domande", headers=AGAIN)).text
    assert "Salvato." in await desk.says(clerk, sent.headers["location"])
