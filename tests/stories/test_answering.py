"""Questions: answered with dated sources, offered when unsure, handed to the office, which answers by replying."""

import re
from datetime import UTC, datetime, timedelta

import httpx

from office.desk import TERMINAL
from office.entering import Times, begin_session
from office.operators import actor_of, invite
from tests.conftest import OpenTown
from tests.support.rehearsal import text_of
from tests.support.town import Town, until

GROUP = -100500


async def test_the_office_answers_by_mail_and_the_citizen_reads_it_in_the_chat(each_town: Town) -> None:
    anna = each_town.citizen()
    await anna.writes("l'incontro viene registrato? vorrei rivederlo dopo")
    await anna.hears("Ho passato la tua domanda")
    question = await each_town.staff.gets("Domanda n. 1 per")
    await each_town.staff.writes("No, l'incontro non viene registrato.\n\nUfficio Learning City", answers=question)
    answer = await anna.hears("non viene registrato")
    assert "L'ufficio risponde alla tua domanda" in answer["text"]
    await each_town.staff.gets("è partita")
    states = await each_town.rows("SELECT state FROM hand_overs")
    assert [tuple(r) for r in states] == [("answered",)]


async def test_the_office_answers_a_letter_on_its_own_thread(town: Town) -> None:
    club = town.association()
    asked = await club.writes("Buongiorno, rilasciate un attestato a chi partecipa?", subject="Attestato")
    await club.gets("domanda alle persone dell")
    question = await town.staff.gets("Domanda n. 1 per")
    await town.staff.writes("Sì, su richiesta.", answers=question)
    answer = await club.gets("su richiesta")
    assert answer["In-Reply-To"] == asked["Message-ID"]


async def test_the_office_answers_in_its_telegram_group(town_with: OpenTown, database_url: str) -> None:
    async with town_with(database_url, staff_chat=str(GROUP)) as town:
        clerk = {"id": 77, "is_bot": False, "first_name": "Ufficio"}
        group = town.telegram.group(GROUP, clerk)
        anna = town.citizen()
        await anna.writes("quanti posti ci sono?")
        await anna.hears("Ho passato la tua domanda")
        told = await until(
            lambda: next((m for m in group.messages if "Domanda n. 1 per" in m.get("text", "")), None), "the group"
        )
        await town.telegram.says(GROUP, "I posti sono cento.", reply_to_message=told)
        await anna.hears("I posti sono cento.")
        await until(lambda: any("è partita" in m.get("text", "") for m in group.messages), "the group is told")


async def test_three_who_ask_the_same_are_answered_at_once_on_the_page(town_with: OpenTown, database_url: str) -> None:
    words = "Quanto costa il parcheggio vicino al mercato di Camaiore?"
    async with (
        town_with(database_url, mode="webhook") as town,
        httpx.AsyncClient(base_url=town.settings.public_url, headers={"Sec-Fetch-Site": "same-origin"}) as paola,
    ):
        anna, bruno, club = town.citizen(), town.citizen("Bruno", 2002), town.association()
        for citizen in (anna, bruno):
            await citizen.writes(words)
            await citizen.hears("Ho passato la tua domanda")
        await club.writes(words, subject="Parcheggio")
        await club.gets("domanda alle persone dell")
        async with town.system.database.begin() as tx:
            now = town.clock()
            made = await invite(tx, "paola@comune.example", Times(now, datetime.now(UTC)), name="Paola", by=TERMINAL)
            cookie = await begin_session(tx, actor_of(made.operator), "x", Times(now, datetime.now(UTC)))
        paola.cookies.set("console", cookie)
        page = await until(lambda: with_boxes(paola, 2), "the questions are put together")
        boxes = re.findall(r'name="uguali" value="(\d+:\d+)" checked', page)
        form = {"vista": "1", "uguali": boxes, "risposta": "Due euro l'ora."}
        sent = await paola.post("/console/domande/1", data=form)
        assert "Risposta pronta a 3 domande" in (await paola.get(sent.headers["location"])).text
        town.clock.move_to(town.clock() + timedelta(minutes=3))
        for citizen in (anna, bruno):
            await citizen.hears("Due euro l'ora.")
        await club.gets("Due euro l'ora.")
        await town.quiet()
        assert [len(c.heard("Due euro l'ora.")) for c in (anna, bruno)] == [1, 1]
        assert len([m for m in await club.mailbox() if "Due euro" in text_of(m)]) == 1


async def with_boxes(browser: httpx.AsyncClient, count: int) -> str:
    """The first question's page, once so many others stand on it."""
    page = (await browser.get("/console/domande/1")).text
    return page if page.count('name="uguali"') == count else ""
