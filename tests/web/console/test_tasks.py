"""The office's tasks as they are done, by hand and mouse in a browser, whatever else their rules' tests ask by HTTP."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from conversation.channel import Channel
from conversation.message import Outcome, Outgoing, Receipt
from db.operators import Role
from tests.office.test_teaching import FORM
from tests.support.desk import Desk
from tests.support.looking import Looking, open_looking
from tests.support.outbox_workers import make_outbox_worker
from tests.support.people import ask, register
from tests.support.town import until
from tests.web.console.test_entering import rows
from tests.web.console.test_held import held_up, is_held
from tests.web.console.test_questions import equal
from tests.web.console.test_teaching import asked_in_vain, found

__all__ = ["found"]

pytestmark = [pytest.mark.browser, pytest.mark.endurance]


class Post:
    """Takes each letter, and says to whom and what."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.sent: list[str] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        if self._count and len(self.sent) == self._count:  # the server of mails falls
            return Receipt(Outcome.LATER)
        self.sent.append(outgoing.address.value)
        return Receipt(Outcome.SENT)


async def leaves(desk: Desk, count: int = 0) -> list[str]:
    """What is due leaves, ``count`` messages at most (0: all); who got them, in the order of their addresses."""
    post = Post(count)
    working = make_outbox_worker(desk.database, {Channel.EMAIL: post, Channel.TELEGRAM: post}, clock=lambda: desk.now)
    running = asyncio.create_task(working.run())
    await until(lambda: _all_done(desk, post, count), "what is due to leave")
    working.stop()
    await running
    return sorted(post.sent)


async def _all_done(desk: Desk, post: Post, count: int) -> bool:
    if count:
        return len(post.sent) == count
    due = f"due_at <= '{desk.now:%Y-%m-%d %H:%M:%S}.000000'"
    return not await rows(desk, f"SELECT 1 FROM outbox WHERE state = 'sending' OR state = 'pending' AND {due}")


async def text(page: Any) -> str:
    return " ".join((await page.locator("main").inner_text()).split())


async def press(page: Any, name: str) -> None:
    await page.locator("main").get_by_role("button", name=name).click()


async def follow(page: Any, name: str, *, first: bool = False) -> None:
    link = page.locator("main").get_by_role("link", name=name)
    await (link.first if first else link).click()


async def test_from_the_first_page_a_meeting_is_moved_and_everybody_is_told(desk: Desk, browser: Any) -> None:
    desk.set(schedule=replace(desk.world.schedule, grace=timedelta(minutes=2)))
    await register(desk.database, 2, 3)
    async with open_looking(desk, browser) as looking:
        page = await looking.page(await desk.entered(Role.OPERATOR))
        await page.goto(looking.address + "/console/")
        await follow(page, "Associazioni sportive", first=True)
        await follow(page, "Sposta")
        await page.get_by_label("Giorno nuovo").fill("2021-01-28")
        await press(page, "Vedi chi lo saprà")
        await register(desk.database, 2, 1, first=10)  # between the plan and its yes
        await press(page, "Conferma e manda 3 aggiornamenti")
        assert "cambiato" in await text(page)
        assert await rows(desk, "SELECT 1 FROM outbox WHERE kind = 'notice'") == []
        await press(page, "Conferma e manda 4 aggiornamenti")
        assert "4 aggiornamenti partono alle 9.02" in await text(page)
        desk.now += timedelta(minutes=3)
        told = ["prova10@posta.example", *(f"prova{n}@posta.example" for n in (1, 2, 3))]
        assert await leaves(desk) == told
        await page.reload()
        assert "Hanno avuto l'aggiornamento: 4 su 4." in await text(page)


async def test_two_answer_one_question_and_the_second_loses_no_word(desk: Desk, looking: Looking) -> None:
    await ask(desk.database, "C'è un parcheggio?")
    first = await looking.page(await desk.entered(Role.OPERATOR))
    second = await looking.page(await desk.entered(Role.MANAGER))
    for page in (first, second):
        await page.goto(looking.address + "/console/domande/1")
    await first.locator("textarea").fill("Sì, in piazza.")
    await second.locator("textarea").fill("Sì, dietro la chiesa.")
    await press(first, "Rispondi")
    await press(second, "Rispondi")
    said = await text(second)
    assert "Non è partito" in said
    assert "Sì, in piazza." in said
    assert "Sì, dietro la chiesa." in said
    assert await rows(desk, "SELECT count(*) FROM outbox WHERE key LIKE 'office:1:%'") == [(1,)]


async def test_one_answer_goes_to_three_who_ask_the_same_and_comes_back_from_all(desk: Desk, looking: Looking) -> None:
    await equal(desk)
    page = await looking.page(await desk.entered(Role.OPERATOR))
    await page.goto(looking.address + "/console/domande/1")
    for box in await page.locator("[name=uguali]:not(:checked)").all():
        await box.check()
    await page.locator("textarea").fill("In piazza.")
    await press(page, "Rispondi")
    assert "Risposta pronta a 3 domande" in await text(page)
    desk.now += timedelta(minutes=1)
    await press(page, "Ritira la risposta")
    assert await leaves(desk) == []
    assert "aspettano ancora" in await text(page)


async def test_an_avviso_that_was_paused_half_way_goes_on_to_each_once(desk: Desk, browser: Any) -> None:
    """And who asked for it does not approve it."""
    desk.set(approve_above=2)
    await register(desk.database, 2, 4)
    async with open_looking(desk, browser) as looking:
        renzo = await looking.page(await desk.entered(Role.MANAGER))
        await renzo.goto(looking.address + "/console/avvisi/nuovo")
        await renzo.get_by_label("Chi lo riceve").select_option("iscritti")
        await renzo.locator("[name=incontri][value='2']").check()
        await renzo.get_by_label("Oggetto").fill("Le slide sono pronte")
        await renzo.get_by_label("Testo").fill("Chi le vuole le chieda all'ufficio.")
        await press(renzo, "Salva e guarda chi lo riceve")
        await press(renzo, "Chiedi di mandarlo a 4 persone")
        assert await renzo.locator("main").get_by_role("button", name="Approva").count() == 0
        rosa = await looking.page(await desk.entered(Role.MANAGER, operator=await desk.operator(Role.MANAGER, "rosa")))
        await rosa.goto(looking.address + "/console/avvisi/1")
        await press(rosa, "Approva e manda")
        desk.now += timedelta(minutes=11)
        some = await leaves(desk, 2)
        await rosa.reload()
        await press(rosa, "Metti in pausa")
        desk.now += timedelta(hours=2)
        assert await leaves(desk) == []
        await press(rosa, "Riprendi: ne mancano 2")
        desk.now += timedelta(hours=2)
        assert sorted(some + await leaves(desk)) == [f"prova{n}@posta.example" for n in (1, 2, 3, 4)]


async def test_what_was_held_after_a_restore_is_let_go_from_the_first_page(desk: Desk, looking: Looking) -> None:
    await held_up(desk, 3)
    page = await looking.page(await desk.entered(Role.MANAGER))
    await page.goto(looking.address + "/console/")
    await follow(page, "Guarda e decidi")
    await press(page, "Falli partire")
    assert "Messaggi che partono: 3." in await text(page)
    assert not await is_held(desk)


async def test_somebodys_data_are_erased_and_nothing_is_found_afterwards(desk: Desk, looking: Looking) -> None:
    await register(desk.database, 2, 2)
    page = await looking.page(await desk.entered(Role.MANAGER))
    await page.goto(looking.address + "/console/privacy")
    await page.get_by_label("Indirizzo o nome").fill("prova1@posta.example")
    await press(page, "Cerca")
    await page.get_by_label("Scrivi di nuovo il suo indirizzo").fill("prova1@posta.example")
    await press(page, "Cancella tutto, per sempre")
    assert "non è rimasto nulla" in await text(page)


async def test_a_question_asked_in_vain_is_taught_and_published(
    desk: Desk, looking: Looking, found: dict[str, Any]
) -> None:
    await asked_in_vain(desk)
    page = await looking.page(await desk.entered(Role.MANAGER))
    await page.goto(looking.address + "/console/voci")
    await follow(page, "Insegnala", first=True)
    for name, value in FORM.items():
        await page.locator(f"[name={name}]").fill(value)
    await page.locator("[name=said_on]").fill("2021-01-15")
    await press(page, "Salva la bozza")
    await press(page, "Prova la bozza")
    await press(page, "Pubblica")
    assert "entro pochi secondi" in await text(page)
