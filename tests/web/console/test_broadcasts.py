"""Avvisi: written, looked at, tried out, approved, sent, paused, stopped; nobody gets what was not looked at."""

import re
from datetime import time, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from bot.channels import Basis
from bot.settings import Settings
from bot.web import make_world
from conversation.channel import Channel
from conversation.message import Address
from db.addresses import set_reachable, touch_address
from db.engine import Database
from db.models import addresses, meetings, outbox
from db.operators import Role
from db.people import update_person
from db.personal_data import erase_person
from mail.threads import MessageIds
from tests.support.desk import Desk, hidden
from tests.support.looking import Looking
from tests.support.people import register

WORDS = {"oggetto": "Le slide sono pronte", "testo": "Chi le vuole le chieda all'ufficio."}
TO_SPORT = WORDS | {"a_chi": "iscritti", "incontri": "2"}
HERE = "/console/avvisi/1"


async def rows(database: Database, kind: str = "broadcast") -> list[Any]:
    async with database.look() as tx:
        query = outbox.select().where(outbox.c.kind == kind).order_by(outbox.c.id)
        return list((await tx.execute(query)).all())


async def test_it_is_written_looked_at_and_sent_to_those_who_were_seen(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 3)
    page = await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    assert "<strong>3</strong> persone" in page
    assert WORDS["oggetto"] in page
    assert "giovedì 21 gennaio" in page  # the real message says why they get it
    assert 'data-accepted="avviso-nuovo"' in page
    assert await rows(desk.database) == []
    sent = await desk.presses(clerk, HERE, "manda")
    assert "Confermato: lo ricevono 3 persone." in sent
    assert "data-until" in sent
    assert len(await rows(desk.database)) == 3
    assert "parte alle 9.10" in await desk.says(clerk, "/console/avvisi")
    assert "In partenza" in await desk.says(clerk, "/console/avvisi")


async def test_those_who_get_it_are_named_up_to_a_bound_and_each_sample_says_whose_it_is(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 32)
    page = await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    whom = page.split("<h2>Chi lo riceve</h2>")[1].split("<h2>", maxsplit=1)[0]
    assert len(re.findall(r'href="/console/persone/\d+">Prova \d+</a> \(per e-mail\)', whom)) == 30
    assert "e altre 2." in whom
    assert len(set(re.findall(r'class="quiet">Per (Prova \d+), per e-mail', page))) == 5


async def test_whom_it_did_not_reach_is_named_with_the_reason_as_it_was_when_it_was_sent(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 4)
    gone, left = (Address(Channel.EMAIL, f"prova{n}@posta.example") for n in (1, 2))
    async with desk.database.begin() as tx:
        await set_reachable(tx, gone, reachable=False, reason="bounced 5.1.1", now=desk.now)
        await set_reachable(tx, left, reachable=False, reason="unsubscribed", now=desk.now)
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    sent = await desk.presses(clerk, HERE, "manda")
    assert "Confermato: lo ricevono 2 persone." in sent
    async with desk.database.begin() as tx:
        await touch_address(tx, gone, desk.now)  # they write again, too late for this one
        await tx.execute(update(outbox).where(outbox.c.person_id == 3).values(state="failed"))
        await tx.execute(update(outbox).where(outbox.c.person_id == 4).values(state="sent"))
    page = await desk.says(clerk, HERE)
    assert "3 persone restano senza" in page
    lost = page[page.index("Chi resta senza") :].partition("</ul>")[0]
    assert re.findall(r'persone/(\d)">Prova \d</a>: ([^<]+)</li>', lost) == [
        ("1", "la posta torna indietro"),
        ("2", "non vuole più messaggi"),
        ("3", "non arrivato"),
    ]
    assert "Non partono più" not in page
    assert "Prova 4" not in page
    async with desk.database.begin() as tx:
        await update_person(tx, 1, phone="0583 123456")
    said = await desk.says(clerk, HERE)
    assert 'la posta torna indietro, <span class="quiet">tel. 0583 123456</span></li>' in said


async def test_one_that_is_taken_back_forgets_whom_it_would_not_have_reached(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 2)
    async with desk.database.begin() as tx:
        gone = Address(Channel.EMAIL, "prova1@posta.example")
        await set_reachable(tx, gone, reachable=False, reason="blocked", now=desk.now)
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    assert "1 persona resta senza" in await desk.presses(clerk, HERE, "manda")
    assert "È di nuovo una bozza" in await desk.presses(clerk, HERE, "ritira")
    assert await rows(desk.database) == []


async def test_a_trial_goes_to_the_operators_own_address_once(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    for _ in range(2):
        assert "operator@comune.example" in await desk.presses(clerk, HERE, "prova")
    (trial,) = await rows(desk.database, "staff")
    assert (trial.value, trial.person_id) == ("operator@comune.example", None)
    assert trial.payload["subject"] == f"[Prova] {WORDS['oggetto']}"
    assert await rows(desk.database) == []


async def test_without_e_mail_there_is_no_trial(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    desk.set(writes_letters=False)
    clerk = await desk.entered(Role.OPERATOR)
    assert "Manda una prova" not in await desk.says(clerk, HERE)
    assert (await clerk.post(f"{HERE}/prova", data={"vista": "1"})).status_code == 404


async def test_who_registers_meanwhile_makes_it_be_looked_at_again(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    page = await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    await register(desk.database, 2, 1, first=10)
    again = await clerk.post(f"{HERE}/manda", data=hidden(page, "manda"))
    assert again.status_code == 409
    assert "è cambiato chi lo riceve" in again.text
    assert "<strong>2</strong> persone" in again.text
    assert await rows(desk.database) == []
    await desk.posts(clerk, f"{HERE}/manda", **hidden(again.text, "manda"))
    assert len(await rows(desk.database)) == 2


async def test_one_edits_while_the_other_sends_and_nothing_is_sent(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    other = await desk.entered(Role.MANAGER)
    looked_at = await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    form = hidden(await desk.says(other, f"{HERE}/cambia"), "avvisi/1")
    await desk.posts(other, HERE, **form, **TO_SPORT | {"testo": "Altre parole."})
    late = await clerk.post(f"{HERE}/manda", data=hidden(looked_at, "manda"))
    assert late.status_code == 409
    assert "Altre parole." in late.text
    assert await rows(desk.database) == []
    mine = await clerk.post(HERE, data=form | TO_SPORT | {"testo": "Le mie parole."})
    assert mine.status_code == 409
    assert "La versione del collega" in mine.text
    assert "Le mie parole." in mine.text
    await desk.posts(clerk, HERE, **hidden(mine.text, "avvisi/1"), **TO_SPORT | {"testo": "Le mie parole."})
    assert "Le mie parole." in await desk.says(clerk, HERE)


async def test_who_saves_what_a_colleague_has_sent_reads_where_it_is_and_keeps_the_words(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 2)
    other = await desk.entered(Role.MANAGER, operator=await desk.operator(Role.MANAGER, "paola"))
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    form = hidden(await desk.says(clerk, f"{HERE}/cambia"), "avvisi/1")
    await desk.presses(other, HERE, "manda")
    for _ in range(2):
        late = await clerk.post(HERE, data=form | TO_SPORT | {"testo": "Le mie parole."})
        assert late.status_code == 409
        assert "non è salvato: questo avviso non è più una bozza" in late.text
        assert "parte alle 9.10" in late.text
        assert "Paola ha mandato un avviso." in late.text
        assert f'<a href="{HERE}">' in late.text
        assert "Le mie parole." in late.text
        assert "resta la tua" not in late.text
    await desk.presses(other, HERE, "pausa")
    late = await clerk.post(HERE, data=form | TO_SPORT)
    assert "in pausa" in late.text
    assert "Paola ha messo in pausa un avviso." in late.text
    await desk.posts(other, f"{HERE}/ferma", **hidden(await desk.says(other, f"{HERE}/ferma"), "ferma"))
    late = await clerk.post(HERE, data=form | TO_SPORT | {"testo": "Le mie parole."})
    assert late.status_code == 409
    assert "fermato</span> Paola ha fermato un avviso." in late.text
    assert "riportare a bozza" not in late.text
    assert "Le mie parole." in late.text


async def test_to_many_a_second_person_says_yes(desk: Desk) -> None:
    await register(desk.database, 2, 3)
    desk.set(approve_above=2)
    paola, renzo = await desk.entered(Role.OPERATOR), await desk.entered(Role.MANAGER)
    page = await desk.posts(renzo, "/console/avvisi/nuovo", **TO_SPORT)
    assert "Chiedi di mandarlo a 3 persone" in page
    asked = await desk.presses(renzo, HERE, "manda", day="2021-01-16", hour="09:30")
    assert "Approvazione chiesta" in asked
    assert "Approva e manda" not in asked
    seen = hidden(asked, "ritira") | {"destinatari": "x"}
    refused = await renzo.post(f"{HERE}/approva", data=seen)
    assert refused.status_code == 409
    assert "Approva un&#39;altra persona" in refused.text
    assert await rows(desk.database) == []
    assert "avviso da approvare" not in await desk.says(paola, "/console/")
    assert (await paola.post(f"{HERE}/approva", data=seen)).status_code == 403
    rosa = await desk.entered(Role.MANAGER, operator=await desk.operator(Role.MANAGER, "rosa"))
    assert "avviso da approvare" in await desk.says(rosa, "/console/")
    signs = (await rosa.get("/console/segnali.json")).json()
    assert (signs["broadcasts"], (await paola.get("/console/segnali.json")).json()["broadcasts"]["n"]) == (
        {"n": 1, "tone": "amber"},
        0,
    )
    assert "Confermato: lo ricevono 3 persone." in await desk.presses(rosa, HERE, "approva")
    assert {f"{row.due_at:%d %H:%M}" for row in await rows(desk.database)} == {"16 08:30"}
    listed = await desk.says(rosa, "/console/registro")
    assert "ha chiesto l&#39;approvazione di un avviso" in listed
    assert "ha mandato un avviso" in listed


async def test_it_is_sent_on_a_day_and_at_an_hour_of_the_town(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    seen = hidden(await desk.says(clerk, HERE), "manda")
    for when, said in (
        ({"day": "2021-01-16"}, "servono il giorno e l&#39;ora"),
        ({"day": "2021-01-14", "hour": "9:30"}, "già passata"),
    ):
        refused = await clerk.post(f"{HERE}/manda", data=seen | when)
        assert refused.status_code in {409, 422}
        assert said in refused.text
        assert f'value="{when["day"]}"' in refused.text
    page = await desk.posts(clerk, f"{HERE}/manda", **seen, day="2021-01-18", hour="9.30")
    assert "parte lunedì 18 gennaio alle 9.30" in page
    assert [f"{row.due_at:%d %H:%M}" for row in await rows(desk.database)] == ["18 08:30"]
    await register(desk.database, 2, 1, first=10)
    assert "si è aggiunta una persona" in await desk.says(clerk, HERE)
    assert "di nuovo una bozza" in await desk.presses(clerk, HERE, "ritira")
    assert await rows(desk.database) == []


async def test_paused_gone_on_with_and_stopped_after_a_second_look(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 3)
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    await desk.presses(clerk, HERE, "manda")
    async with desk.database.begin() as tx:
        await tx.execute(outbox.update().where(outbox.c.person_id == 1).values(state="sent"))
    assert "2 messaggi aspettano" in await desk.presses(clerk, HERE, "pausa")
    assert "Riprendi: ne mancano 2" in await desk.says(clerk, HERE)
    assert "2 messaggi ripartono" in await desk.presses(clerk, HERE, "riprendi")
    assert (await clerk.post(f"{HERE}/ritira", data={"vista": "4"})).status_code == 409
    ending = await desk.says(clerk, f"{HERE}/ferma")
    assert "Un messaggio è già partito, e non si può riprendere. 2 messaggi non partono più" in ending
    assert len([row for row in await rows(desk.database) if row.state == "pending"]) == 2
    assert "2 messaggi non partono" in await desk.posts(clerk, f"{HERE}/ferma", **hidden(ending, "ferma"))
    assert [row.state for row in await rows(desk.database)] == ["sent", "void", "void"]
    assert "fermato" in await desk.says(clerk, HERE)


async def planned(desk: Desk, clerk: httpx.AsyncClient, day: str, here: str = HERE) -> str:
    """A new one to the meeting of 21 January at six, written and sent for that day at half past nine: its page."""
    async with desk.database.begin() as tx:
        await tx.execute(meetings.update().where(meetings.c.id == 2).values(hour=time(18)))
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    return await desk.posts(
        clerk, f"{here}/manda", **hidden(await desk.says(clerk, here), "manda"), day=day, hour="9.30"
    )


BEGUN = "Parte quando l'incontro è già cominciato: <a"


async def test_one_that_leaves_after_its_meeting_has_begun_says_so(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    page = await planned(desk, clerk, "2021-01-22")
    assert BEGUN in page
    assert "giovedì 21 gennaio 2021, ore 18.00. Se deve arrivare prima, riportalo a bozza" in page
    await desk.presses(clerk, HERE, "pausa")
    assert BEGUN in await desk.says(clerk, HERE)
    await desk.presses(clerk, HERE, "ritira")
    assert BEGUN not in await desk.says(clerk, HERE)
    desk.now += timedelta(days=7)
    assert f"{BEGUN} href" in await desk.says(clerk, HERE)  # a draft that was written before


async def test_one_that_leaves_before_its_meeting_or_is_written_after_it_says_nothing_of_it(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 1)
    assert BEGUN not in await planned(desk, clerk, "2021-01-21")
    await desk.presses(clerk, HERE, "ritira")
    desk.now += timedelta(days=7)
    await desk.posts(clerk, f"{HERE}/ferma", **hidden(await desk.says(clerk, f"{HERE}/ferma"), "ferma"))
    page = await planned(desk, clerk, "2021-01-25", "/console/avvisi/2")
    assert "Confermato" in page
    assert BEGUN not in page


async def test_what_is_paused_says_for_when_it_was_planned(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    await planned(desk, clerk, "2021-01-18")
    page = await desk.presses(clerk, HERE, "pausa")
    assert "È in programma lunedì 18 gennaio alle 9.30: se lo riprendi parte allora." in page
    assert "in pausa, in programma lunedì 18 gennaio alle 9.30" in await desk.says(clerk, "/console/avvisi")
    desk.now += timedelta(days=3, hours=2)
    page = await desk.says(clerk, HERE)
    assert "Doveva partire alle 9.30: se lo riprendi parte subito" in page


async def test_of_one_whose_readers_were_erased_it_is_said_that_nobody_is_left(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 1)
    await planned(desk, clerk, "2021-01-18")
    async with desk.database.begin() as tx:
        await erase_person(tx, Address(Channel.EMAIL, "prova1@posta.example"), desk.now)
    page = await desk.says(clerk, HERE)
    assert "Non c'è nessuno a cui scriverlo" in page
    assert "mandato" not in page
    assert "più di un mese" not in page
    assert "nessuno a cui scrivere" in await desk.says(clerk, "/console/avvisi")
    desk.now += timedelta(days=34)
    page = await desk.says(clerk, HERE)
    assert "È passato più di un mese: non si sa più a chi è arrivato." in page
    assert "nessuno a cui scriver" not in page


async def test_one_alone_is_spoken_of_as_one(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    await desk.presses(clerk, HERE, "manda")
    await desk.presses(clerk, HERE, "pausa")
    assert "Riprendi: ne manca 1<" in await desk.says(clerk, HERE)
    ended = await desk.posts(clerk, f"{HERE}/ferma", **hidden(await desk.says(clerk, f"{HERE}/ferma"), "ferma"))
    assert "Fermato: un messaggio non parte." in ended


async def test_a_draft_is_thrown_away(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    ending = await desk.says(clerk, f"{HERE}/ferma")
    assert "con la bozza va via il suo testo" in ending
    assert "Ancora nessuno" in await desk.posts(clerk, f"{HERE}/ferma", **hidden(ending, "ferma"))
    assert "Era una bozza: è stata buttata" in await desk.says(clerk, HERE, 410)
    late = await clerk.post(HERE, data=TO_SPORT | {"vista": "1"})
    assert "non è salvato: qualcuno ha tolto questo avviso" in late.text


async def test_one_of_which_nothing_has_left_is_stopped_with_its_words_and_written_anew(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 2)
    async with desk.database.begin() as tx:
        await tx.execute(addresses.update().where(addresses.c.person_id == 2).values(reachable=False))
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    await desk.presses(clerk, HERE, "manda")
    ending = await desk.says(clerk, f"{HERE}/ferma")
    assert "L'avviso resta fra i fermati, con il suo testo" in ending
    page = await desk.posts(clerk, f"{HERE}/ferma", **hidden(ending, "ferma"))
    assert "Fermato: un messaggio non parte." in page
    assert "<pre>Chi le vuole le chieda" in page
    assert "resta senza" not in page  # nobody has it
    assert '<td data-title="Partiti" class="number">nessuno</td>' in await desk.says(clerk, "/console/avvisi")
    assert "/console/avvisi/nuovo?copia=1" in page
    form = await desk.says(clerk, "/console/avvisi/nuovo?copia=1")
    assert TO_SPORT["oggetto"] in form
    assert "Chi le vuole le chieda" in form
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    assert "Confermato" in await desk.presses(clerk, "/console/avvisi/2", "manda")


async def test_the_list_of_a_meeting_leads_to_its_people(desk: Desk, clerk: httpx.AsyncClient) -> None:
    numbers = await register(desk.database, 2, 3)
    listed = await desk.says(clerk, "/console/incontri/2/iscritti")
    assert "Scrivi ai presenti" not in listed
    desk.now += timedelta(days=7)
    listed = await desk.says(clerk, "/console/incontri/2/iscritti")
    links = re.findall(r'href="(/console/avvisi/nuovo[^"]*)"', listed)
    assert len(links) == 2
    form = await desk.says(clerk, links[1].replace("&amp;", "&"))
    assert re.search(r'value="2" checked', form)
    assert '<option value="si" selected>' in form
    chosen = f"/console/avvisi/nuovo?a_chi=scelti&scelti={numbers[0]}&scelti={numbers[2]}"
    form = await desk.says(clerk, chosen)
    assert "2 iscrizioni scelte dall&#39;elenco" in form
    ticked = re.findall(r'name="iscrizioni" value="([^"]*)"', form)
    sent = WORDS | {"a_chi": "scelti", "iscrizioni": ticked}
    assert "<strong>2</strong> persone" in await desk.posts(clerk, "/console/avvisi/nuovo", **sent)
    assert "2 iscrizioni scelte" in await desk.says(clerk, f"{HERE}/cambia")


async def test_of_many_past_meetings_the_form_names_the_newest_and_the_one_it_is_about(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    day = desk.now.date()
    async with desk.database.begin() as tx:
        same = {"sector": "sport", "link": "", "changed_at": desk.now}
        old = [same | {"id": 100 + n, "day": day - timedelta(days=n)} for n in range(1, 41)]
        await tx.execute(meetings.insert(), old)
    form = await desk.says(clerk, "/console/avvisi/nuovo?a_chi=iscritti&incontri=140")
    named = {int(number) for number in re.findall(r'name="incontri" value="(\d+)"', form)}
    assert {101, 125, 140} <= named
    assert not {132, 139} & named
    assert "Per uno più vecchio" in form


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"a_chi": ""}, "Manca chi lo riceve."),
        ({"incontri": ""}, "almeno un settore o un incontro"),
        ({"a_chi": "novita"}, "togliere settori"),
        ({"oggetto": ""}, "manca qualcosa"),
        ({"incontri": "99"}, "non c&#39;è un incontro"),
        ({"settori": "caccia"}, "non c&#39;è un settore"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_written_stays(
    clerk: httpx.AsyncClient, given: dict[str, str], said: str
) -> None:
    answer = await clerk.post("/console/avvisi/nuovo", data=TO_SPORT | given)
    assert answer.status_code == 422
    assert said in answer.text.replace("Non c", "non c")
    assert "Chi le vuole" in answer.text


async def test_the_setting_reaches_the_console(desk: Desk) -> None:
    given = Settings(_env_file=None, approve_above=5)
    world = desk.world
    ids = MessageIds("bot@lucca.example", "")
    basis = Basis(given, world.clock, desk.database, world.library, ids, None, desk.real)
    assert make_world(basis, world.office).approve_above == 5
    assert not make_world(basis, world.office, letters=False).writes_letters


@pytest.mark.browser
async def test_the_pages_are_fine(desk: Desk, looking: Looking, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 4)
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT)
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT | {"oggetto": "Ci vediamo giovedì"})
    other = "/console/avvisi/2"
    await desk.presses(clerk, other, "manda")
    filled = "/console/avvisi/nuovo?a_chi=iscritti&incontri=2&settori=sport"
    desk.set(approve_above=1)
    third, manager, clerk = "/console/avvisi/3", await desk.entered(Role.MANAGER), await desk.entered(Role.OPERATOR)
    await desk.posts(clerk, "/console/avvisi/nuovo", **TO_SPORT | {"oggetto": "A tanti"})
    assert "Approvazione chiesta" in await desk.presses(clerk, third, "manda")
    await looking.fine(manager, "/console/avvisi", filled, HERE, other, f"{other}/ferma", third)
    page = await looking.page(clerk)
    new = f"{looking.address}/console/avvisi/nuovo"
    await page.goto(f"{new}?a_chi=novita")
    await page.fill("#testo", "Scritto a metà.")
    await page.goto(f"{new}?a_chi=novita")
    assert await page.input_value("#testo") == "Scritto a metà."
    await page.fill("#oggetto", "Intero")
    await page.click("text=Salva e guarda chi lo riceve")
    await page.wait_for_url("**/avvisi/4")
    await page.goto(new)
    assert await page.input_value("#testo") == ""
