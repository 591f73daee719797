"""Oggi, Domande, Posta da vedere: what waits for a person is seen, and done once."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import insert, select, update

from conversation.channel import Channel
from conversation.message import Address, Reply
from db.models import addresses, inbox, meetings, outbox
from db.operators import Role
from db.outbox import UNFINISHED, queue_reply
from office.today import is_late
from tests.support.desk import Desk
from tests.support.looking import Looking
from tests.support.people import NOW, ask, register

MAIL = (
    b"From: Lia <lia@querce.example>\r\nSubject: Prova\r\nContent-Type: text/plain\r\n\r\nBuongiorno <b>a tutti</b>\r\n"
)
PLACE = Address(Channel.EMAIL, "lia@querce.example")


async def answers(desk: Desk) -> list[str]:
    async with desk.database.look() as tx:
        query = select(outbox.c.key).where(outbox.c.key.like("office:%"), outbox.c.state == "pending")
        return list((await tx.execute(query)).scalars())


async def test_the_day_says_what_waits_and_a_reader_sees_no_name(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await ask(desk.database)
    await register(desk.database, 2, 2)
    page = await desk.says(clerk, "/console/")
    assert "domanda da guardare" in page
    assert "incontri incompleti" in page
    assert "2 persone, 2 associazioni" in page
    reader = await desk.says(await desk.entered(Role.READER), "/console/")
    assert "domanda da guardare" in reader
    assert "Prova 1" not in reader


async def test_a_reader_sees_no_number_of_people_so_small_that_it_is_somebody(desk: Desk) -> None:
    await register(desk.database, 2, 2, people=2)
    await register(desk.database, 3, 6, first=10)
    async with desk.database.begin() as tx:
        await tx.execute(update(addresses).where(addresses.c.person_id == 1).values(reachable=False))
    clerk = await desk.says(await desk.entered(Role.OPERATOR), "/console/")
    reader = await desk.says(await desk.entered(Role.READER), "/console/")
    assert "4 persone, 2 associazioni" in clerk
    assert "persona non raggiungibile" in clerk
    assert "meno di 5 persone, meno di 5 associazioni" in reader
    assert "6 persone, 6 associazioni" in reader
    assert "e-mail: 8" in reader
    assert "Telegram: meno di 5" in reader
    assert "raggiungibil" not in reader
    shown = re.findall(r">([^<]+)<", reader[reader.index("Prossimi incontri") :])
    assert not re.search(
        r"(?<!meno di )\b[0-4]\b(?! gennaio)(?! persone di)", re.sub(r"\d+ \w+ 2021", "", " ".join(shown))
    )
    assert 'class="columns"' in clerk
    assert 'class="columns"' not in reader


async def test_who_is_expected_is_added_up_by_sector(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """Of a sector with few at one of its meetings a reader could find out how many these are."""
    await register(desk.database, 2, 2)
    await register(desk.database, 3, 6, first=10)
    await register(desk.database, 4, 7, first=20)
    async with desk.database.begin() as tx:
        await tx.execute(update(meetings).where(meetings.c.id.in_([2, 3])).values(sector="sport"))

    async def bars(client: httpx.AsyncClient) -> str:
        return (await desk.says(client, "/console/")).split("<h2>Chi viene</h2>")[1].split("<h2>")[0]

    shown = await bars(clerk)
    assert shown.count("Associazioni sportive") == 1
    assert ">8<" in shown
    (href,) = re.findall(r'href="([^"]+settore=sport)"', shown)
    assert "8 iscrizioni" in await desk.says(clerk, href.replace("&amp;", "&"))
    reader = await bars(await desk.entered(Role.READER))
    assert "Associazioni sportive" not in reader
    assert ">7<" in reader


async def test_a_question_is_late_when_a_working_day_has_gone_by(desk: Desk, clerk: httpx.AsyncClient) -> None:
    friday, saturday = NOW, NOW + timedelta(days=1)
    for asked, waits, late in (
        (friday, timedelta(days=3), False),  # until the same hour of Monday
        (friday, timedelta(days=3, minutes=1), True),
        (saturday, timedelta(days=2), False),
        (saturday, timedelta(days=2, hours=16), True),  # all Monday has gone by
    ):
        assert is_late(asked, desk.world.office, asked + waits) == late
    await ask(desk.database)
    assert "card-amber" in (page := await desk.says(clerk, "/console/")).split("domanda da guardare")[0][-120:]
    assert "qualcuno aspetta una risposta, da oggi" in page
    await ask(desk.database, "Si può portare un cane?")
    desk.now += timedelta(days=4)
    page = await desk.says(clerk, "/console/")
    assert "card-red" in page.split("domande da guardare")[0][-120:]
    assert "la più vecchia da venerdì 15 gennaio" in page


async def test_the_day_says_what_goes_out_and_what_went_out_yesterday(desk: Desk, clerk: httpx.AsyncClient) -> None:
    assert "Ieri non è partito niente." in (page := await desk.says(clerk, "/console/"))
    assert "Nei prossimi sette giorni non parte niente." in page
    async with desk.database.begin() as tx:
        for n, days in enumerate((-1, -1, -2)):
            await queue_reply(tx, f"left:{n}", PLACE, Reply("Sì."), now=NOW)
            sent = {"state": "sent", "sent_at": NOW + timedelta(days=days)}
            await tx.execute(update(outbox).where(outbox.c.key.like(f"left:{n}%")).values(sent))
        for n, days in enumerate((3, 2, 8)):
            await queue_reply(tx, f"goes:{n}", PLACE, Reply("Sì."), now=NOW + timedelta(days=days))
    page = await desk.says(clerk, "/console/")
    assert "<li>2 risposte, da domenica 17 gennaio</li>" in page
    assert "Partiti ieri: 2 risposte." in page
    async with desk.database.begin() as tx:
        await queue_reply(tx, "half", PLACE, Reply("?"), now=NOW + timedelta(days=1), detail=UNFINISHED)
    page = await desk.says(clerk, "/console/")
    assert "<li>1 promemoria di un&#39;iscrizione a metà, da sabato 16 gennaio</li>" in page
    assert "<li>2 risposte, da domenica 17 gennaio</li>" in page
    assert "<span>promemoria di un&#39;iscrizione a metà</span>" in await desk.says(clerk, "/console/uscita")
    assert 'href="/console/incontri/nuovo"' in page
    assert "ieri" not in await desk.says(await desk.entered(Role.READER), "/console/")


async def test_the_card_of_what_is_incomplete_says_how_far_it_looks(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """Later meetings may lack something, too: the page says so beside each."""
    async with desk.database.begin() as tx:
        later = {"day": desk.now.date() + timedelta(days=15)}
        await tx.execute(update(meetings).where(meetings.c.id == 2).values(later))
    page = await desk.says(clerk, "/console/")
    assert '<strong>3</strong><span><span class="card-what">incontri incompleti' in page
    assert page.count('<span class="tag tag-amber">manca') > 3
    assert "nei prossimi 14 giorni: manca l&#39;ora o il collegamento" in page


async def test_an_answer_leaves_once_and_can_be_taken_back(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await ask(desk.database)
    assert "parcheggio" in await desk.says(clerk, "/console/domande")
    page = await desk.says(clerk, f"/console/domande/{number}")
    version = page.split('name="vista" value="')[1].split('"')[0]
    done = await desk.posts(clerk, f"/console/domande/{number}", risposta="Sì, in piazza.", vista=version)
    assert "parte fra 2 minuti" in done
    assert len(await answers(desk)) == 1
    late = await clerk.post(f"/console/domande/{number}", data={"risposta": "No.", "vista": version})
    assert late.status_code == 409
    assert "No." in late.text
    assert len(await answers(desk)) == 1
    assert "aspetta ancora" in await desk.posts(clerk, f"/console/domande/{number}/ritira")
    assert await answers(desk) == []


async def test_two_on_one_question_see_each_other(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await ask(desk.database)
    await desk.says(clerk, f"/console/domande/{number}")
    other = await desk.entered(Role.MANAGER)
    assert "sta rispondendo" in await desk.says(other, f"/console/domande/{number}")


async def test_it_is_closed_with_a_reason_or_passed_on(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number, colleague = await ask(desk.database), await desk.operator(Role.MANAGER)
    page = await desk.says(clerk, f"/console/domande/{number}")
    version = page.split('name="vista" value="')[1].split('"')[0]
    assert (await clerk.post(f"/console/domande/{number}/chiudi", data={"vista": version})).status_code == 400
    await desk.posts(clerk, f"/console/domande/{number}/passa", a=str(colleague), vista=version)
    page = await desk.says(clerk, f"/console/domande/{number}")
    version = page.split('name="vista" value="')[1].split('"')[0]
    closed = await desk.posts(clerk, f"/console/domande/{number}/chiudi", motivo="spam", vista=version)
    assert "nessuno aspetta" in closed
    assert (await clerk.get("/console/domande/999")).status_code == 404


async def test_a_letter_is_seen_as_text_and_read_again(desk: Desk, clerk: httpx.AsyncClient) -> None:
    async with desk.database.begin() as tx:
        row = {
            "source_key": "x",
            "channel": "email",
            "sender": "lia@querce.example",
            "payload": MAIL,
            "state": "set_aside",
            "error": "troppo strana",
            "received_at": NOW,
            "next_at": NOW,
        }
        number = int((await tx.execute(insert(inbox).values(row).returning(inbox.c.id))).scalar_one())
    assert "lia@querce.example" in await desk.says(clerk, "/console/posta")
    page = await desk.says(clerk, f"/console/posta/{number}")
    assert "&lt;b&gt;a tutti" in page
    assert "ha letto tutto" in await desk.posts(clerk, f"/console/posta/{number}/riprova")
    assert "non aspetta più" in await desk.posts(clerk, f"/console/posta/{number}/togli", motivo="spam")
    assert (await clerk.get(f"/console/posta/{number}")).status_code == 404


@pytest.mark.browser
async def test_the_pages_are_fine(desk: Desk, clerk: httpx.AsyncClient, looking: Looking) -> None:
    await ask(desk.database)
    await register(desk.database, 2, 3)
    await looking.fine(clerk, "/console/", "/console/posta")
