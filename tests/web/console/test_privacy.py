"""Privacy: somebody is found, told what is kept, erased for ever by who may, with the proof.

Requests that wait are seen.
"""

import re
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from conversation.channel import Channel
from conversation.message import Address
from db.attendance import How, set_attendance
from db.models import adhesions, hand_overs, inbox, outbox
from db.operators import Role
from db.people import add_person
from db.traces import traces_of
from handlers.turn import PRIVACY_NOTICE_VERSION
from office.personal_data import addresses_in
from tests.support.desk import Desk
from tests.support.looking import WIDTHS, Looking
from tests.support.people import NOW, register
from tests.support.people import ask as put_question

ADDRESS = "prova1@posta.example"


async def ask(desk: Desk, intent: str, value: str = "77", state: str = "open") -> int:
    row: dict[str, Any] = {"token": "3fa9c1d2", "channel": "telegram", "value": value, "question": "I miei dati"}
    row |= {"reason": "trust", "created_at": NOW, "state": state, "evidence": {"intent": intent}}
    async with desk.database.begin() as tx:
        return int((await tx.execute(insert(hand_overs).values(row).returning(hand_overs.c.id))).scalar_one())


async def looked_for(client: httpx.AsyncClient, text: str) -> httpx.Response:
    return await client.post("/console/privacy", data={"chi": text}, follow_redirects=True)


async def test_somebody_is_found_by_address_or_name_and_no_address_stands_in_the_address_bar(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 12)
    found = await looked_for(clerk, f" {ADDRESS.upper()} ")
    assert found.url.path == "/console/privacy/1"
    assert ADDRESS in found.text
    assert "Prova 1, Circolo 1" in found.text
    assert '<button type="submit" class="btn btn-primary">Scarica la copia<' in found.text
    names = await looked_for(clerk, "prova 1")
    assert re.findall(r'href="/console/privacy/(\d+)"', names.text) == ["1", "10", "11", "12"]
    for nobody in ("nessuno@posta.example", "Zoe", "77", ""):
        assert "Non c'è niente" in (await looked_for(clerk, nobody)).text
    assert (await clerk.get("/console/privacy/99")).status_code == 404
    assert 'href="/console/privacy/1"' in await desk.says(clerk, "/console/persone/1")


async def test_who_had_only_asked_is_found_and_erased_too(desk: Desk) -> None:
    number = await ask(desk, "question", "7007007007")
    manager = await desk.entered(Role.MANAGER)
    page = await looked_for(manager, "7007007007")
    assert "chi ha solo chiesto" in page.text
    sent = {"indirizzo": "7007007007", "ripeti": "7007007007"}
    assert "non è rimasto nulla" in (await manager.post("/console/privacy/cancella", data=sent)).text
    assert (await manager.get(f"/console/domande/{number}")).status_code == 404


async def test_the_copy_is_theirs_alone_and_written_down(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    copy = await clerk.post("/console/privacy/copia", data={"indirizzo": ADDRESS})
    assert copy.headers["content-disposition"] == 'attachment; filename="dati.json"'
    data = copy.json()
    assert data["name"] == "Prova 1"
    assert "prova2" not in copy.text
    words = await clerk.post("/console/privacy/copia", data={"indirizzo": ADDRESS, "forma": "parole"})
    assert words.headers["content-disposition"] == 'attachment; filename="dati.txt"'
    assert words.headers["content-type"] == "text/plain; charset=utf-8"
    assert "\nNome: Prova 1\n" in words.text
    assert "\nStato: confermata\n" in words.text
    assert "prova2" not in words.text
    gone = await desk.posts(clerk, "/console/privacy/copia", indirizzo="nessuno@posta.example")
    assert "non c&#39;è niente" in gone
    log = await desk.says(await desk.entered(Role.MANAGER), "/console/registro")
    assert "ha scaricato la copia dei dati di una persona" in log
    assert ADDRESS not in log


async def test_who_is_responsible_ends_the_links_and_others_read_who_that_is(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 1)
    manager = await desk.entered(Role.MANAGER)
    assert f"Annulla quelli mandati a {ADDRESS}" in await desk.says(manager, "/console/privacy/1")
    page = await desk.says(clerk, "/console/privacy/1")
    assert "Annulla quelli mandati a" not in page
    assert page.count("Lo fa Manager.") == 2  # erasing, too
    assert (await clerk.post("/console/privacy/collegamenti", data={"indirizzo": ADDRESS})).status_code == 403
    links = await desk.posts(manager, "/console/privacy/collegamenti", indirizzo=ADDRESS)
    assert "non aprono più niente" in links
    other = await desk.posts(manager, "/console/privacy/collegamenti", indirizzo="nessuno@posta.example")
    assert "non è di nessuno" in other
    log = await desk.says(manager, "/console/registro")
    assert "ha annullato i collegamenti di una persona" in log
    assert ADDRESS not in log


async def test_who_was_registered_by_the_office_is_not_said_to_have_accepted_the_notice(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    by_hand = {"meeting": "2", "name": "Ida Prova", "address": "ida@circolo.example", "organisation": ""}
    await desk.posts(clerk, "/console/iscritti/nuovo", **by_hand | {"participants": "1", "avvisare": ""})
    page = await desk.says(clerk, "/console/privacy/1")
    assert "<dd>non ancora accettata: l'iscrizione l'ha fatta l'ufficio</dd>" in page
    copy = await clerk.post("/console/privacy/copia", data={"indirizzo": "ida@circolo.example"})
    assert copy.json()["notice_accepted_at"] is None
    await register(desk.database, 2, 1)
    assert "<dd>accettata 15/01/2021 9.00" in await desk.says(clerk, "/console/privacy/2")


async def test_erasing_asks_for_role_password_and_address_and_then_proves_it(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 2)
    assert "Lo fa chi è responsabile." in await desk.says(clerk, "/console/privacy/1")  # nobody is yet
    assert (await clerk.post("/console/privacy/cancella", data={"indirizzo": ADDRESS})).status_code == 403
    manager = await desk.entered(Role.MANAGER)
    assert "Lo fa Manager." in await desk.says(clerk, "/console/privacy/1")
    # Two buttons that stand out are none: the red one does.
    page = await desk.says(manager, "/console/privacy/1")
    assert (page.count("btn-primary"), page.count("btn-danger")) == (0, 1)
    desk.passes(minutes=11)
    sent = {"indirizzo": ADDRESS, "ripeti": "prova2@posta.example"}
    again = await manager.post("/console/privacy/cancella", data=sent)
    assert again.status_code == 403
    assert "scrivi ancora la tua password" in again.text
    manager = await desk.entered(Role.MANAGER)
    wrong = await manager.post("/console/privacy/cancella", data=sent)
    assert wrong.status_code == 422
    (field,) = re.findall(r'<div class="field">.*?</div>', wrong.text, re.DOTALL)
    assert "niente è stato cancellato" in field
    assert 'value="prova2@posta.example"' in field
    done = await manager.post("/console/privacy/cancella", data=sent | {"ripeti": ADDRESS})
    assert done.status_code == 200
    assert "<h1>Dati cancellati: Prova 1</h1>" in done.text
    assert "non è rimasto nulla" in done.text
    assert "lasciano le cartelle" in done.text
    late = await manager.post("/console/privacy/cancella", data=sent | {"ripeti": ADDRESS})
    assert late.status_code == 303
    assert (await manager.get("/console/persone/1")).status_code == 404
    assert (await manager.get("/console/persone/2")).status_code == 200
    log = await desk.says(manager, "/console/registro")
    assert "ha cancellato i dati di una persona" in log
    assert ADDRESS not in log


async def test_what_the_page_shows_may_be_typed_and_a_signature_goes_too(desk: Desk) -> None:
    """Of somebody who is known on Telegram alone."""
    async with desk.database.begin() as tx:
        place = Address(Channel.TELEGRAM, "2001")
        person = await add_person(
            tx, place, name="Marta Prova", language="it", notice_version=PRIVACY_NOTICE_VERSION, now=NOW
        )
        signed = {"state": "signed", "signed_on": NOW.date(), "created_at": NOW}
        await tx.execute(insert(adhesions).values(person_id=person.id, **signed))
    manager = await desk.entered(Role.MANAGER)
    page = await desk.says(manager, f"/console/privacy/{person.id}")
    assert "Telegram: 2001" in page
    assert "segnato del Patto, firma del" in page
    sent = {"indirizzo": "2001", "ripeti": "Telegram: 2002"}
    assert (await manager.post("/console/privacy/cancella", data=sent)).status_code == 422
    done = await manager.post("/console/privacy/cancella", data=sent | {"ripeti": "Telegram: 2001"})
    assert "Dati cancellati: Marta Prova" in done.text


async def test_before_erasing_it_is_said_what_leaves_the_counts_and_who_still_waits(desk: Desk) -> None:
    [held] = await register(desk.database, 2, 1)
    manager = await desk.entered(Role.MANAGER)
    page = await desk.says(manager, "/console/privacy/1")
    assert "escono dai conteggi" not in page
    assert "aspetta ancora" not in page
    async with desk.database.begin() as tx:
        await set_attendance(tx, held, How.HAND, desk.now)
    for n, said in ((1, "Una sua domanda aspetta ancora una risposta"), (2, "2 sue domande aspettano ancora")):
        await put_question(desk.database, person_id=1)
        page = await desk.says(manager, "/console/privacy/1")
        assert said in page, n
    assert "Era a un incontro: le sue presenze escono dai conteggi, dei presenti e dei «Venuti»." in page


async def test_who_has_a_telephone_only_is_erased_by_their_name(desk: Desk, clerk: httpx.AsyncClient) -> None:
    by_hand = {"meeting": "2", "name": "Ida Prova", "address": "", "organisation": "", "phone": "0583 000000"}
    await desk.posts(clerk, "/console/iscritti/nuovo", **by_hand | {"participants": "1", "avvisare": "told_by_voice"})
    manager = await desk.entered(Role.MANAGER)
    page = await desk.says(manager, "/console/privacy/1")
    assert "Scrivi di nuovo il suo nome" in page
    (form,) = re.findall(r'<form method="post" action="/console/privacy/cancella">.*?</form>', page, re.DOTALL)
    sent = dict(re.findall(r'name="(indirizzo)" value="([^"]*)"', form))
    wrong = await manager.post("/console/privacy/cancella", data=sent | {"ripeti": "Ada Prova"})
    assert wrong.status_code == 422
    assert "non è il suo nome: niente è stato cancellato" in wrong.text
    done = await manager.post("/console/privacy/cancella", data=sent | {"ripeti": "ida  prova"})
    assert "Dati cancellati: Ida Prova" in done.text
    await register(desk.database, 2, 1)
    named = {"indirizzo": ADDRESS, "ripeti": "Prova 1"}
    assert (await manager.post("/console/privacy/cancella", data=named)).status_code == 422


async def test_the_scan_finds_what_is_left_and_nobody_else(desk: Desk) -> None:
    """An address within another is not it; a word, a number, bytes and JSON are."""
    await register(desk.database, 2, 1)
    places = addresses_in("da@posta.example")
    held = {"state": "pending", "lane": "reply", "kind": "reply", "due_at": NOW}
    async with desk.database.begin() as tx:
        assert (await traces_of(tx, None, addresses_in("va1@posta.example"))).rows == 0
        assert (await traces_of(tx, 9, places)).rows == 0
        payload = {"plain": "Scrivi a DA@posta.example, per favore"}
        await tx.execute(insert(outbox).values(held | {"key": "1", "payload": payload}))
        await tx.execute(insert(outbox).values(held | {"key": "2", "payload": {"plain": "A ada@posta.example"}}))
        letter = {"channel": "email", "received_at": NOW, "next_at": NOW}
        await tx.execute(insert(inbox).values(letter | {"source_key": "x", "payload": b"From: da@posta.example\n"}))
        await tx.execute(insert(inbox).values(letter | {"source_key": "y", "payload": b"From: x-da@posta.example\n"}))
        found = await traces_of(tx, 1, places)
        assert found.rows == 2 + 3  # the person, their address, their registration
        await tx.execute(insert(adhesions).values(person_id=1, created_at=NOW))
        assert (await traces_of(tx, 1, addresses_in("77"))).rows == 4
        assert not found.letters


async def test_requests_that_wait_are_seen_and_only_those(desk: Desk, clerk: httpx.AsyncClient) -> None:
    assert "sui dati</span>" not in await desk.says(clerk, "/console/")
    erases, copies = await ask(desk, "privacy_erase"), await ask(desk, "privacy_export")
    await ask(desk, "privacy_erase", state="answered")
    await ask(desk, "question")
    page = await desk.says(clerk, "/console/privacy")
    assert re.findall(r"/console/domande/(\d+)", page) == [str(erases), str(copies)]
    assert f"Domanda n. {erases}</a>: cancellazione" in page
    day = await desk.says(clerk, "/console/")
    assert re.search(r'card-red" href="/console/privacy"><strong>2</strong>', day)


@pytest.mark.browser
async def test_the_pages_are_fine(desk: Desk, clerk: httpx.AsyncClient, looking: Looking) -> None:
    await register(desk.database, 2, 3)
    await ask(desk, "privacy_erase")
    await looking.fine(clerk, "/console/privacy", "/console/privacy/1")
    manager = await desk.entered(Role.MANAGER)
    await looking.fine(manager, "/console/privacy/2", name="privacy-responsabile")
    for person, width in enumerate(WIDTHS, 1):
        page = await looking.page(manager, width=width)
        await page.goto(f"{looking.address}/console/privacy/{person}")
        await page.get_by_label("Scrivi di nuovo").fill(f"prova{person}@posta.example")
        await page.get_by_role("button", name="Cancella tutto").click()
        await page.get_by_text("non è rimasto nulla").wait_for()
        assert await looking.faults_of(page, "privacy-cancellati", width) == []
