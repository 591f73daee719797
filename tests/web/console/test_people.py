"""Iscritti, Persona, In uscita: looked for, marked, helped by hand, stopped; nothing is done for another's number."""

import csv
import io
import re
from datetime import time, timedelta
from html import unescape

import httpx
import pytest
from sqlalchemy import insert, select, update

from conversation.channel import Channel
from conversation.message import Address
from db.addresses import set_reachable, touch_address
from db.models import OutboxState, addresses, meetings, outbox, registrations
from db.operators import Role
from delivery.reminders import queue_reminders
from tests.support.desk import Desk
from tests.support.looking import Looking
from tests.support.people import register
from web.console import lists

NEW = {
    "meeting": "2",
    "name": "Ida Prova",
    "address": "ida@circolo.example",
    "organisation": "=HYPERLINK(1)",
    "participants": "2",
    "avvisare": "",
}


async def read_sheet(clerk: httpx.AsyncClient, path: str) -> list[dict[str, str]]:
    """The rows of a file, by the heads of its columns."""
    return [*csv.DictReader(io.StringIO((await clerk.get(path)).content.decode("utf-8-sig")))]


async def test_who_telephones_is_registered_and_gets_the_confirmation(desk: Desk, clerk: httpx.AsyncClient) -> None:
    page = await desk.posts(clerk, "/console/iscritti/nuovo", **NEW)
    assert "Ida Prova" in page
    assert "2 persone" in page
    assert "Iscritto: parte un messaggio a Ida Prova, per e-mail." in page
    assert "<span>conferma d&#39;iscrizione" in page
    found = await desk.says(clerk, "/console/iscritti?q=ida")
    assert "1 iscrizione" in found
    assert "Nessuna iscrizione" in await desk.says(clerk, "/console/iscritti?q=nessuno")


async def test_an_association_that_two_people_registered_is_marked(desk: Desk, clerk: httpx.AsyncClient) -> None:
    first, second, third, fourth = await register(desk.database, 2, 4)
    marked = "da più persone"
    assert marked not in await desk.says(clerk, "/console/incontri/2")
    async with desk.database.begin() as tx:
        club = select(registrations.c.organisation_id).where(registrations.c.id == first).scalar_subquery()
        await tx.execute(update(registrations).where(registrations.c.id == second).values(organisation_id=club))
    assert f"Un'associazione è iscritta {marked}" in unescape(await desk.says(clerk, "/console/incontri/2"))
    page = await desk.says(clerk, "/console/incontri/2/iscritti?ordine=name")
    assert re.findall(r'data-title="Associazione"[^>]*>([^<]*)<', page) == [
        "Circolo 1 (anche da Prova 2)",
        "Circolo 1 (anche da Prova 1)",
        "Circolo 3",
        "Circolo 4",
    ]
    async with desk.database.begin() as tx:
        more = registrations.c.id.in_([third, fourth])
        await tx.execute(update(registrations).where(more).values(organisation_id=club))
    assert "Circolo 1 (anche da Prova 2 e Prova 3 e un altro)" in await desk.says(clerk, "/console/incontri/2/iscritti")
    for elsewhere in ("/console/iscritti", "/console/incontri/2/iscritti?formato=csv"):
        assert "anche da" not in (await clerk.get(elsewhere)).text
    async with desk.database.begin() as tx:
        most = registrations.c.id != first
        await tx.execute(update(registrations).where(most).values(status="withdrawn"))
    for path in ("/console/incontri/2", "/console/incontri/2/iscritti"):
        page = await desk.says(clerk, path)
        assert marked not in page
        assert "anche da" not in page


async def test_registrations_are_told_apart_by_the_address_given_and_so_it_is_said(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await desk.posts(clerk, "/console/iscritti/nuovo", **NEW)
    today = await desk.says(clerk, "/console/")
    assert "Iscrizioni degli ultimi 30 giorni, per recapito dato iscrivendosi" in today
    assert "anche quando l'ha fatta l'ufficio" in today
    assert "</svg>e-mail: 1</li>" in today
    listed = await desk.says(clerk, "/console/iscritti?canale=email")
    assert [*re.findall(r"<label[^>]*>([^<]*)</label>", listed)].count("Recapito dato iscrivendosi") == 1
    assert listed.count("Recapito") == 1
    assert "Da dove" not in listed
    assert "1 iscrizione" in listed


async def test_who_was_told_by_voice_is_not_written_to(desk: Desk, clerk: httpx.AsyncClient) -> None:
    page = await desk.posts(clerk, "/console/iscritti/nuovo", **NEW | {"avvisare": "told_by_voice"})
    assert "Ancora niente" in page


async def test_who_has_no_address_stands_on_the_sheet_as_told_by_voice(desk: Desk, clerk: httpx.AsyncClient) -> None:
    page = await desk.posts(clerk, "/console/iscritti/nuovo", **NEW | {"address": "", "avvisare": "told_by_voice"})
    assert "<li>Senza recapito: avvisare a voce</li>" in page
    for path in ("/console/persone/1", "/console/privacy/1", "/console/persone/1/unisci"):
        shown = re.sub(r'value="[^"]*"', "", await desk.says(clerk, path))
        assert "voce-" not in shown  # what stands for an address in the database
    assert "Detto per ultimo" not in page  # what somebody is told by voice is not known
    assert "Rimanda il collegamento" not in page
    assert "senza recapito: avvisare a voce" in await desk.says(clerk, "/console/incontri/2/iscritti")


async def test_a_telephone_stands_where_somebody_is_to_be_told_by_voice(desk: Desk, clerk: httpx.AsyncClient) -> None:
    by_voice = NEW | {"address": "", "phone": "0583 123456", "avvisare": "told_by_voice"}
    wrong = await clerk.post("/console/iscritti/nuovo", data=by_voice | {"phone": "boh"})
    assert (wrong.status_code, 'value="boh"' in wrong.text) == (422, True)
    page = await desk.posts(clerk, "/console/iscritti/nuovo", **by_voice)
    assert "<li>Telefono: 0583 123456</li>" in page
    for list_ in ("/console/iscritti?recapito=no&incontri=futuri", "/console/incontri/2/iscritti"):
        said = await desk.says(clerk, list_)
        # On paper it would go from hand to hand.
        assert 'senza recapito: avvisare a voce<span class="off-paper">, tel. 0583 123456</span>' in said
    file = (await clerk.get("/console/incontri/2/iscritti?formato=csv")).content.decode("utf-8-sig")
    assert "tel. 0583 123456" in file
    assert "<dt>Telefono</dt><dd>0583 123456</dd>" in await desk.says(clerk, "/console/privacy/1")
    assert (
        "non è un numero di telefono" in (await clerk.post("/console/persone/1/telefono", data={"telefono": "x"})).text
    )
    assert "Telefono tolto." in await desk.posts(clerk, "/console/persone/1/telefono", telefono="")
    assert "Scrivi il telefono" in await desk.says(clerk, "/console/persone/1")
    log = await desk.says(await desk.entered(Role.MANAGER), "/console/registro")
    assert "ha tolto il telefono di una persona" in log
    assert "0583" not in log


async def test_of_who_is_written_to_no_telephone_is_asked(desk: Desk, clerk: httpx.AsyncClient) -> None:
    assert "Scrivi il telefono" not in await desk.posts(clerk, "/console/iscritti/nuovo", **NEW)
    async with desk.database.begin() as tx:
        await tx.execute(update(addresses).values(reachable=False, reason="nowhere"))
    page = await desk.posts(clerk, "/console/persone/1/telefono", telefono="0583 123456")
    assert "Telefono salvato." in page
    listed = await desk.says(clerk, "/console/iscritti")
    assert 'la posta torna indietro<span class="off-paper">, tel. 0583 123456</span>' in listed
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).values(state="failed"))
    assert '<span class="quiet">tel. 0583 123456</span>' in await desk.says(clerk, "/console/uscita")
    await register(desk.database, 2, 1)
    assert "<li>Telefono: 0583 123456</li>" in await desk.says(clerk, "/console/persone/2/unisci?altra=1")


async def test_who_is_not_reached_is_led_to_from_their_card(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """Not who comes to nothing any more, nor who is reached in another way; who comes to two is one person."""
    passed, coming, gone, twice = await register(desk.database, 2, 4)
    await register(desk.database, 3, 1, first=5)  # is over since this morning
    await register(desk.database, 4, 1, first=6)  # cancelled
    await desk.posts(clerk, "/console/iscritti/nuovo", **NEW)
    again = {"meeting": "2", "organisation": "Coro Le Rondini", "participants": "1", "avvisare": ""}
    await desk.posts(clerk, f"/console/persone/{coming}/iscrizioni", **again)
    async with desk.database.begin() as tx:
        await tx.execute(update(addresses).where(addresses.c.value != "ida@circolo.example").values(reachable=False))
        other = {"person_id": twice, "channel": "telegram", "value": "77", "reachable": True, "used_at": desk.now}
        await tx.execute(insert(addresses).values(other))
        await tx.execute(update(registrations).where(registrations.c.id == gone).values(status="withdrawn"))
        await tx.execute(update(registrations).where(registrations.c.id == passed).values(meeting_id=1))
        await tx.execute(update(meetings).where(meetings.c.id == 1).values(day=desk.now.date() - timedelta(days=1)))
        this_morning = {"day": desk.now.date(), "hour": time(7), "duration": 60}
        await tx.execute(update(meetings).where(meetings.c.id == 3).values(this_morning))
        await tx.execute(update(meetings).where(meetings.c.id == 4).values(cancelled=True))
    today = await desk.says(clerk, "/console/")
    [href] = re.findall(r'href="([^"]+)"><strong>1</strong><span><span class="card-what">persona non ragg', today)
    listed = await desk.says(clerk, unescape(href))
    assert "2 iscrizioni di 1 persona" in listed
    assert listed.count(f'<a href="/console/persone/{coming}">Prova 2</a>') == 2
    assert '<option value="no" selected>' in listed
    assert '<option value="futuri" selected>' in listed
    assert "5 iscrizioni di 4 persone" in await desk.says(clerk, "/console/iscritti?recapito=no&dal=prima&incontri=2")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("bounced 5.1.1", "la posta torna indietro dal 15/01/2021"),
        ("unsubscribed", "non vuole più messaggi dal 15/01/2021"),
    ],
)
async def test_why_somebody_is_not_reached_is_said_with_the_day(
    desk: Desk, clerk: httpx.AsyncClient, reason: str, said: str
) -> None:
    await desk.posts(clerk, "/console/iscritti/nuovo", **NEW)
    await register(desk.database, 2, 1)
    gone = Address(Channel.EMAIL, "ida@circolo.example")
    async with desk.database.begin() as tx:
        await set_reachable(tx, gone, reachable=False, reason=reason, now=desk.now)
    for page in ("/console/iscritti", "/console/incontri/2/iscritti"):
        listed = await desk.says(clerk, page)
        assert f"iscritto; non raggiungibile: {said}" in listed
        assert listed.count("non raggiungibile:") == 1
    assert f'<span class="tag tag-amber">{said}</span>' in await desk.says(clerk, "/console/persone/1")
    async with desk.database.begin() as tx:
        await touch_address(tx, gone, desk.now)
    assert "non raggiungibile:" not in await desk.says(clerk, "/console/iscritti")


@pytest.mark.parametrize(
    ("name", "value"), [("address", "non una mail"), ("participants", "0"), ("name", ""), ("meeting", "999")]
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(clerk: httpx.AsyncClient, name: str, value: str) -> None:
    answer = await clerk.post("/console/iscritti/nuovo", data=NEW | {name: value})
    assert answer.status_code == 422
    assert 'class="fault"' in answer.text
    assert "HYPERLINK" in answer.text


async def test_no_confirmation_is_promised_without_an_address(desk: Desk, clerk: httpx.AsyncClient) -> None:
    answer = await clerk.post("/console/iscritti/nuovo", data=NEW | {"address": ""})
    assert answer.status_code == 422
    assert "Senza un&#39;e-mail nessuna conferma può partire: scrivi l&#39;indirizzo" in answer.text
    assert 'value="Ida Prova"' in answer.text
    assert '<option value="2" selected>' in answer.text
    assert "Nessuna iscrizione" in await desk.says(clerk, "/console/iscritti?q=ida")


async def test_who_has_no_email_is_registered_from_their_own_page(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        await tx.execute(update(addresses).values(channel="telegram", value="77"))
    page = await desk.says(clerk, "/console/persone/1")
    assert 'action="/console/persone/1/iscrizioni"' in page
    assert '<option value="" selected>scegli l&#39;incontro</option>' in page
    assert 'name="organisation" type="text" value="Circolo 1"' in page
    wish = {"meeting": "3", "organisation": "Circolo 1", "participants": "2", "avvisare": ""}
    page = await desk.posts(clerk, "/console/persone/1/iscrizioni", **wish)
    assert "Iscritto: parte un messaggio a Prova 1, su Telegram." in page
    assert "Circolo 1, 2 persone: iscritto" in page
    for wrong, said in (
        ({}, "ha già un&#39;iscrizione"),
        ({"meeting": ""}, "Manca l&#39;incontro"),
        ({"meeting": "4", "participants": "0"}, "da 1 a"),
        ({"meeting": "99"}, "Non c&#39;è un incontro"),
    ):
        refused = await clerk.post("/console/persone/1/iscrizioni", data=wish | {"organisation": "Circolo 1"} | wrong)
        assert (refused.status_code, said in refused.text) == (422, True), refused.text
        assert "<details open><summary>Iscrivi a un incontro" in refused.text
    assert (await clerk.post("/console/persone/99/iscrizioni", data=wish)).status_code == 404


async def test_of_several_meetings_none_is_chosen_in_advance(desk: Desk, clerk: httpx.AsyncClient) -> None:
    assert '<option value="" selected>scegli l&#39;incontro</option>' in await desk.says(
        clerk, "/console/iscritti/nuovo"
    )
    assert '<option value="2" selected>' in await desk.says(clerk, "/console/iscritti/nuovo?meeting=2")
    answer = await clerk.post("/console/iscritti/nuovo", data=NEW | {"meeting": "", "avvisare": "told_by_voice"})
    assert answer.status_code == 422
    assert "Manca l&#39;incontro: scegline uno." in answer.text
    assert '<option value="told_by_voice" selected>' in answer.text


async def test_no_second_person_of_a_name_is_made_unseen(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    twin = NEW | {"name": "PROVA 1", "organisation": "Circolo 1", "address": "altra@posta.example"}
    answer = await clerk.post("/console/iscritti/nuovo", data=twin)
    assert answer.status_code == 409
    assert '<a href="/console/persone/1">Prova 1, Circolo 1: persona n. 1</a>' in answer.text
    assert 'value="altra@posta.example"' in answer.text
    assert "Iscrivi lo stesso: è un&#39;altra persona" in answer.text
    assert "1 iscrizione" in await desk.says(clerk, "/console/iscritti?q=prova")
    await desk.posts(clerk, "/console/iscritti/nuovo", **twin | {"altra": "1"})
    assert "2 iscrizioni" in await desk.says(clerk, "/console/iscritti?q=prova")


async def test_nobody_is_renamed_by_who_is_registered_with_their_address(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    sara = NEW | {"meeting": "3", "name": "Sara Prova", "organisation": "Danza", "address": "prova1@posta.example"}
    answer = await clerk.post("/console/iscritti/nuovo", data=sara)
    assert answer.status_code == 409
    assert "Questo indirizzo è già di Prova 1." in answer.text
    assert '<a href="/console/persone/1">Prova 1, Circolo 1: persona n. 1</a>' in answer.text
    assert "Iscrivi Prova 1: è la stessa persona" in answer.text
    assert 'value="Sara Prova"' in answer.text
    assert "1 iscrizione" in await desk.says(clerk, "/console/iscritti?q=prova")
    other = await clerk.post("/console/iscritti/nuovo", data=sara | {"stessa": "99"})
    assert other.status_code == 409  # the address has become another's since it was looked at
    page = await desk.posts(clerk, "/console/iscritti/nuovo", **sara | {"stessa": "1"})
    assert "Iscritto: parte un messaggio a Prova 1, per e-mail." in page
    assert "Danza, 2 persone: iscritto" in page
    page = await desk.posts(clerk, "/console/iscritti/nuovo", **sara | {"meeting": "4", "name": "PROVA 1"})
    assert "parte un messaggio a Prova 1, per e-mail." in page


async def test_a_note_is_not_overwritten_unseen(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    page = await desk.posts(clerk, "/console/persone/1/nota", nota="Telefonare dopo le 18.", vista="0")
    assert "<pre>Telefonare dopo le 18.</pre>" in page
    assert "Operator, 15/01/2021" in page
    late = await clerk.post("/console/persone/1/nota", data={"nota": "Solo e-mail.", "vista": "0"})
    assert late.status_code == 409
    assert "<pre>Telefonare dopo le 18.</pre>" in late.text
    assert "Solo e-mail.</textarea>" in late.text
    assert "Nota tolta" in await desk.posts(clerk, "/console/persone/1/nota", nota=" ", vista="1")
    assert (await clerk.post("/console/persone/99/nota", data={"nota": "x", "vista": "0"})).status_code == 404


async def test_seats_link_and_withdrawal_of_a_person(desk: Desk, clerk: httpx.AsyncClient) -> None:
    (number,) = await register(desk.database, 2, 1)
    assert "3 persone" in await desk.posts(clerk, f"/console/iscrizioni/{number}/posti", persone="3", avvisare="")
    refused = await clerk.post(f"/console/iscrizioni/{number}/posti", data={"persone": "mille", "avvisare": ""})
    assert refused.status_code == 422
    assert "parte adesso" in await desk.posts(clerk, f"/console/iscrizioni/{number}/collegamento")
    assert "ritirato" in await desk.posts(clerk, f"/console/iscrizioni/{number}/ritira", avvisare="")
    assert (
        "già stata annullata" in (await clerk.get(f"/console/iscrizioni/{number}/ritira", follow_redirects=True)).text
    )
    assert (await clerk.post("/console/iscrizioni/999/ritira", data={"avvisare": ""})).status_code == 404


async def test_the_link_is_sent_again_to_who_has_a_seat_where_there_is_one(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    first, second = await register(desk.database, 2, 2)
    async with desk.database.begin() as tx:
        await tx.execute(update(meetings).where(meetings.c.id == 2).values(link="https://zoom.example/j/2"))
        await tx.execute(update(registrations).where(registrations.c.id == second).values(status="waitlisted"))
    assert "Rimanda il collegamento" in await desk.says(clerk, "/console/persone/1")
    assert "Rimanda il collegamento" not in await desk.says(clerk, "/console/persone/2")
    async with desk.database.begin() as tx:
        await tx.execute(update(meetings).where(meetings.c.id == 2).values(link=""))
    assert "Rimanda il collegamento" not in await desk.says(clerk, "/console/persone/1")
    refused = await clerk.post(f"/console/iscrizioni/{first}/collegamento")
    assert refused.status_code == 422
    assert "L&#39;incontro non ha ancora un collegamento: quando c&#39;è, chi è iscritto lo riceve." in refused.text


async def test_whether_a_message_leaves_is_said_of_changed_seats(desk: Desk, clerk: httpx.AsyncClient) -> None:
    (number,) = await register(desk.database, 2, 1)
    path = f"/console/iscrizioni/{number}/posti"
    assert "Il messaggio parte subito, per e-mail." in await desk.says(clerk, "/console/persone/1")
    page = await desk.posts(clerk, path, persone="3", avvisare="")
    assert "Ora sono 3 persone: parte un messaggio a Prova 1, per e-mail." in page
    page = await desk.posts(clerk, path, persone="1", avvisare="told_by_voice")
    assert "Ora è 1 persona: non parte nessun messaggio, gliel&#39;hai detto tu." in page
    page = await desk.posts(clerk, path, persone="2", avvisare="own_mistake")
    assert "Ora sono 2 persone: non parte nessun messaggio, nessuno glielo dice." in page


async def test_of_who_has_no_address_the_form_promises_no_message(desk: Desk, clerk: httpx.AsyncClient) -> None:
    page = await desk.posts(clerk, "/console/iscritti/nuovo", **NEW | {"address": "", "avvisare": "told_by_voice"})
    assert 'name="avvisare"' not in page
    assert "Non ha un recapito: nessun messaggio parte, va avvisato a voce." in page
    page = await desk.posts(clerk, "/console/iscrizioni/1/posti", persone="3")
    assert "Ora sono 3 persone: non parte nessun messaggio, va avvisato a voce." in page


async def test_it_is_said_who_of_the_waiting_list_gets_a_seat(desk: Desk, clerk: httpx.AsyncClient) -> None:
    (number,) = await register(desk.database, 2, 1, people=3)
    await register(desk.database, 2, 3, first=2)
    async with desk.database.begin() as tx:
        await tx.execute(update(meetings).where(meetings.c.id == 2).values(capacity=3))
        await tx.execute(update(registrations).where(registrations.c.id > number).values(status="waitlisted"))
        await tx.execute(update(addresses).where(addresses.c.person_id == 4).values(reachable=False))
    page = await desk.posts(clerk, "/console/iscrizioni/3/posti", persone="2", avvisare="")
    assert "Ora sono 2 persone, in lista d&#39;attesa: parte un messaggio a Prova 3, per e-mail." in page
    page = await desk.posts(clerk, f"/console/iscrizioni/{number}/posti", persone="2", avvisare="told_by_voice")
    assert "Un&#39;iscrizione in lista d&#39;attesa ha ora un posto, e riceve un messaggio." in page
    page = await desk.posts(clerk, f"/console/iscrizioni/{number}/posti", persone="1", avvisare="told_by_voice")
    assert "ha ora un posto: non ha un recapito, va avvisata a voce." in page
    page = await desk.posts(clerk, f"/console/iscrizioni/{number}/ritira", avvisare="told_by_voice")
    assert "in lista d&#39;attesa" not in page


async def test_nobody_is_withdrawn_unseen(desk: Desk, clerk: httpx.AsyncClient) -> None:
    (number,) = await register(desk.database, 2, 1)
    assert f'method="get" action="/console/iscrizioni/{number}/ritira"' in await desk.says(clerk, "/console/persone/1")
    look = await desk.says(clerk, f"/console/iscrizioni/{number}/ritira?avvisare=")
    assert ">Prova 1</a>, Circolo 1, 1 persona:" in look
    assert "Riceve subito questo messaggio, per e-mail (prova1@posta.example)" in look
    assert "L&#39;ufficio ha ritirato la vostra iscrizione per «giovedì 21 gennaio" in look
    assert "ritirato" not in await desk.says(clerk, "/console/persone/1")
    page = await desk.posts(clerk, f"/console/iscrizioni/{number}/ritira", avvisare="")
    assert "Iscrizione ritirata: parte un messaggio a Prova 1, per e-mail." in page


@pytest.mark.parametrize(
    ("why", "seen", "said"),
    [
        ("told_by_voice", "glielo dici tu", "non parte nessun messaggio, gliel&#39;hai detto tu"),
        ("own_mistake", "nessuno glielo dice", "non parte nessun messaggio, nessuno glielo dice"),
    ],
)
async def test_a_withdrawal_that_nobody_is_told_of_says_so(
    desk: Desk, clerk: httpx.AsyncClient, why: str, seen: str, said: str
) -> None:
    (number,) = await register(desk.database, 2, 1)
    look = await desk.says(clerk, f"/console/iscrizioni/{number}/ritira?avvisare={why}")
    assert seen in look
    assert f'name="avvisare" value="{why}"' in look
    assert "L&#39;ufficio ha ritirato" not in look
    page = await desk.posts(clerk, f"/console/iscrizioni/{number}/ritira", avvisare=why)
    assert f"Iscrizione ritirata: {said}." in page
    assert (await clerk.get(f"/console/iscrizioni/{number}/ritira?avvisare=boh")).status_code == 400


async def test_what_was_given_up_was_not_received(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        for state in OutboxState:
            row = {"key": state, "lane": "bulk", "kind": "reminder", "channel": "email", "person_id": 1}
            await tx.execute(insert(outbox).values(row | {"due_at": desk.now, "state": state.value}))
    page = (await desk.says(clerk, "/console/persone/1")).partition("Che cosa ha ricevuto</h2>")[2]
    received = page.partition("Che cosa riceverà")[0]
    told = re.findall(r'data-title="Com\'è andata">([^<]+)<', received)
    assert sorted(told) == ["forse arrivato", "mandato", "non arrivato", "sta partendo"]


async def test_a_new_address_and_two_who_are_one(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    page = await desk.posts(
        clerk, "/console/persone/1/recapiti", email="nuova@posta.example", invece="prova1@posta.example"
    )
    assert "nuova@posta.example" in page
    assert "prova1@posta.example" not in page
    taken = await clerk.post("/console/persone/1/recapiti", data={"email": "prova2@posta.example", "invece": ""})
    assert taken.status_code == 422
    assert "prova2@posta.example" in await desk.posts(clerk, "/console/persone/1/unisci", altra="2")
    assert (await clerk.get("/console/persone/2")).status_code == 404


async def test_who_is_written_to_is_not_told_by_voice(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """Neither after joining nor where both addresses stand from before."""
    await register(desk.database, 2, 1)
    by_voice = NEW | {"address": "", "avvisare": "told_by_voice"}
    await desk.posts(clerk, "/console/iscritti/nuovo", **by_voice)
    assert "avvisare a voce" in await desk.says(clerk, "/console/incontri/2/iscritti")
    assert "avvisare a voce" not in await desk.posts(clerk, "/console/persone/1/unisci", altra="2")
    async with desk.database.begin() as tx:
        both = {"person_id": 1, "channel": "voice", "value": "voce-1", "reachable": False, "used_at": desk.now}
        await tx.execute(insert(addresses).values(both))
    assert "avvisare a voce" not in await desk.says(clerk, "/console/incontri/2/iscritti")


async def test_two_are_seen_before_they_are_one(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    assert 'method="get" action="/console/persone/1/unisci"' in await desk.says(clerk, "/console/persone/1")
    look = await desk.says(clerk, "/console/persone/1/unisci?altra=2")
    for shown in (
        "Prova 1</a>, persona n. 1",
        "Prova 2</a>, persona n. 2",
        "prova2@posta.example",
        "Circolo 2, 1 persona",
    ):
        assert shown in look
    assert "Non si può tornare indietro" in look
    assert '<input type="hidden" name="altra" value="2">' in look
    await desk.says(clerk, "/console/persone/2")  # nothing has happened yet


@pytest.mark.parametrize(
    ("typed", "said"),
    [("Anna", "«Anna» non è un numero"), ("99", "Non c&#39;è una persona n. 99"), ("1", "È già una persona sola")],
)
async def test_who_is_no_other_person_is_not_joined(
    desk: Desk, clerk: httpx.AsyncClient, typed: str, said: str
) -> None:
    await register(desk.database, 2, 1)
    look = await desk.says(clerk, f"/console/persone/1/unisci?altra={typed}", 422)
    assert said in look
    assert 'type="hidden" name="altra"' not in look
    assert (await clerk.post("/console/persone/1/unisci", data={"altra": typed})).status_code == 422


async def test_the_file_of_a_meeting_is_called_by_the_meeting_and_not_by_today(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    for path, name in (
        ("/console/incontri/2/iscritti", "iscritti-incontro-2-sport-2021-01-21.csv"),
        ("/console/iscritti", "iscritti-al-2021-01-15.csv"),
    ):
        file = await clerk.get(f"{path}?formato=csv")
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'


async def test_of_a_meeting_that_is_over_it_is_said_that_nobody_is_marked_yet(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 1)
    said = "Nessuno è ancora segnato presente"
    assert said not in await desk.says(clerk, "/console/incontri/2")
    desk.now = desk.now.replace(day=22)
    assert said in await desk.says(clerk, "/console/incontri/2")


async def test_a_number_with_a_thousand_digits_is_none(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    long = "9" * 5_000
    assert "Prima scegli" in await desk.posts(clerk, "/console/incontri/2/presenze", scelti=[long], come="presenti")
    assert (await clerk.post("/console/incontri/2/conferma", data={"visto": long, "piano": "x"})).status_code == 400


async def test_presence_is_marked_on_the_day_and_not_before(desk: Desk, clerk: httpx.AsyncClient) -> None:
    first, second = await register(desk.database, 2, 2)
    before = await desk.says(clerk, "/console/incontri/2/iscritti")
    assert "Chi c'era si segna qui dal giorno dell'incontro: giovedì 21 gennaio" in before
    assert "Segna presenti" not in before
    assert "Scrivi a loro" in before
    early = await desk.posts(clerk, "/console/incontri/2/presenze", scelti=[first], come="presenti")
    assert "non c&#39;è ancora stato" in early
    desk.now = desk.now.replace(day=21)
    page = await desk.posts(clerk, "/console/incontri/2/presenze", scelti=[first, second], come="presenti")
    assert page.count("presente") >= 2
    assert "Segna presenti" in page
    assert "si segna qui" not in page
    assert "Prima scegli" in await desk.posts(clerk, "/console/incontri/2/presenze", come="presenti")


async def test_of_a_group_it_is_said_how_many_came(desk: Desk, clerk: httpx.AsyncClient) -> None:
    group, one, away = await register(desk.database, 2, 1, people=5) + await register(desk.database, 2, 2, first=2)
    assert 'name="quante"' not in await desk.says(clerk, "/console/incontri/2/iscritti")
    desk.now, path = desk.now.replace(day=21), "/console/incontri/2/presenze"
    page = await desk.posts(clerk, path, scelti=[group], come="presenti", quante="3")
    assert 'data-title="Presenza">presenti 3 su 5<' in page
    assert "una sola" in await desk.posts(clerk, path, scelti=[group, one], come="presenti", quante="2")
    for wrong in ("6", "0", "tre"):
        refused = await desk.posts(clerk, path, scelti=[group], come="presenti", quante=wrong)
        assert "Le persone venute sono un numero da 1 a 5" in refused
        assert "presenti 3 su 5" in refused
    page = await desk.posts(clerk, path, scelti=[one], come="presenti", quante="")
    assert "Presenti, in tutto: 4 persone" in page
    await desk.posts(clerk, path, scelti=[away], come="assenti", quante="")
    assert "<p>Segnate presenti: 4 persone.</p>" in await desk.says(clerk, "/console/incontri/2")
    for person, said in ((1, "iscritto; presenti 3 su 5."), (2, "iscritto; presente."), (3, "iscritto; assente.")):
        assert said in await desk.says(clerk, f"/console/persone/{person}")
    sheet = await read_sheet(clerk, "/console/incontri/2/iscritti?ordine=name&formato=csv")
    assert [(row["Presenza"], row["Presenti"]) for row in sheet] == [
        ("presenti 3 su 5", "3"),
        ("presente", "1"),
        ("assente", "0"),
    ]


async def test_who_came_though_they_had_withdrawn_counts_and_is_said(desk: Desk, clerk: httpx.AsyncClient) -> None:
    there, gone = await register(desk.database, 2, 1) + await register(desk.database, 2, 1, first=2, people=2)
    async with desk.database.begin() as tx:
        await tx.execute(update(registrations).where(registrations.c.id == gone).values(status="withdrawn"))
    desk.now, path = desk.now.replace(day=21), "/console/incontri/2/presenze"
    assert "Presenti, in tutto: 1 persona</p>" in await desk.posts(clerk, path, scelti=[there], come="presenti")
    page = await desk.posts(clerk, path, scelti=[gone], come="presenti")
    assert "Presenti, in tutto: 3 persone, di cui 2 con l&#39;iscrizione ritirata" in page
    page = await desk.says(clerk, "/console/incontri/2")
    assert "Segnate presenti: 3 persone, di cui 2 con l&#39;iscrizione ritirata." in page


async def test_the_printed_sheet_is_signed_by_those_who_are_still_registered(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    _, gone = await register(desk.database, 2, 2)
    async with desk.database.begin() as tx:
        await tx.execute(update(registrations).where(registrations.c.id == gone).values(status="withdrawn"))
    page = await desk.says(clerk, "/console/incontri/2/iscritti?stampa=1&ordine=name")
    assert '<th scope="col" class="on-paper">Firma</th>' in page
    there, left = re.findall(r"<tr[^>]*>\s*<td.*?</tr>", page, re.DOTALL)
    assert ("Prova 1" in there, "off-paper" in there) == (True, False)
    assert ("Prova 2" in left, '<tr class="off-paper">' in left) == (True, True)
    assert there.count('<td class="on-paper"></td>') == 1
    assert "Firma" not in await desk.says(clerk, "/console/iscritti?stampa=1")


async def test_the_printed_sheet_tells_the_room_nothing_of_how_somebody_is_reached(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    first, second = await register(desk.database, 2, 2)
    async with desk.database.begin() as tx:
        await tx.execute(update(addresses).where(addresses.c.person_id == 1).values(reachable=False))
        club = select(registrations.c.organisation_id).where(registrations.c.id == first).scalar_subquery()
        one_more = update(registrations).where(registrations.c.id == second)
        await tx.execute(one_more.values(status="waitlisted", organisation_id=club))
    await desk.posts(clerk, "/console/iscritti/nuovo", **NEW | {"address": "", "avvisare": "told_by_voice"})
    listed = await desk.says(clerk, "/console/incontri/2/iscritti")
    for said in ("non raggiungibile: ", "(anche da ", "avvisare a voce"):
        assert said in listed
    page = await desk.says(clerk, "/console/incontri/2/iscritti?stampa=1&ordine=name")
    (table,) = re.findall(r"<table.*?</table>", page, re.DOTALL)
    heads = re.findall(r"<th scope[^>]*>([^<]*)<", table)
    assert heads == ["Nome", "Associazione", "Persone", "Presenza", "Firma"]
    assert re.findall(r'data-title="Nome">([^<]*)<', table)[1:] == ["Prova 1", "Prova 2 (in lista d&#39;attesa)"]
    for said in ("raggiungibile", "anche da", "voce", "<a "):
        assert said not in table


async def test_all_who_come_stand_on_the_printed_sheet(
    desk: Desk, clerk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(desk.database, 2, 32)
    listed = await desk.says(clerk, "/console/incontri/2/iscritti?stato=confirmed")
    assert "pagina 1 di 2" in listed
    sheet = unescape(re.findall(r'href="([^"]*)">Stampa il foglio<', listed)[0])
    page = await desk.says(clerk, sheet)
    assert page.count('<td class="on-paper"></td>') == 32
    names = re.findall(r'data-title="Nome">(Prova \d+)<', page)
    assert len(names) == 32
    assert names == sorted(names)
    assert "Sul foglio: 32 iscrizioni, quante ne lasciano i filtri." in page
    assert 'href="/console/incontri/2/iscritti?stato=confirmed&amp;ordine=name"' in page
    # More than one page can hold are never cut off in silence.
    monkeypatch.setattr(lists, "_ROWS_ON_PAPER", 20)
    page = await desk.says(clerk, sheet)
    assert page.count('<td class="on-paper"></td>') == 20
    assert "Sono 32 iscrizioni: questo è il foglio 1 di 2" in page
    after = unescape(re.findall(r'href="([^"]*)" rel="next"', page)[0])
    assert (await desk.says(clerk, after)).count('<td class="on-paper"></td>') == 12
    # As many names as a file would hold: the password first.
    monkeypatch.setattr(lists, "MANY_NAMES", 11)
    desk.passes(minutes=11)
    assert "password" in await desk.says(clerk, after, 403)


async def test_the_list_says_the_sector_and_that_a_meeting_was_cancelled(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    await register(desk.database, 3, 1, first=2)
    async with desk.database.begin() as tx:
        await tx.execute(update(meetings).where(meetings.c.id == 3).values(cancelled=True))
    page = await desk.says(clerk, "/console/iscritti?ordine=name")
    assert re.findall(r'data-title="Settore">([^<]+)<', page) == [
        "Associazioni sportive",
        "Musei e associazioni culturali",
    ]
    assert re.findall(r'data-title="Stato">([^<]+)<', page) == ["iscritto", "iscritto; incontro annullato"]
    sheet = await read_sheet(clerk, "/console/iscritti?formato=csv")
    assert {row["Nome"]: (row["Settore"], row["Stato"]) for row in sheet} == {
        "Prova 1": ("Associazioni sportive", "iscritto"),
        "Prova 2": ("Musei e associazioni culturali", "iscritto; incontro annullato"),
    }
    page = await desk.says(clerk, "/console/iscritti?settore=sport")
    assert "1 iscrizione" in page
    assert '<option value="sport" selected>' in page
    for path in ("/console/incontri/3/iscritti", "/console/persone/2"):
        assert "iscritto; incontro annullato" in await desk.says(clerk, path)


async def test_what_will_go_out_can_be_stopped_and_what_is_in_doubt_sent_again(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        while await queue_reminders(tx, desk.world.schedule, desk.now):
            pass
        number = (await tx.execute(outbox.select().where(outbox.c.kind == "reminder"))).first()
    assert number is not None
    assert "promemoria" in await desk.says(clerk, "/console/uscita")
    assert "Prova 1 non riceverà questo messaggio" in await desk.says(clerk, f"/console/uscita/{number.id}/ferma")
    assert "Fermato" in await desk.posts(clerk, f"/console/uscita/{number.id}/ferma")
    assert "già partito" in await desk.posts(clerk, f"/console/uscita/{number.id}/ferma")
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).where(outbox.c.id == number.id).values(state="unsure"))
    assert "forse arrivato" in await desk.says(clerk, "/console/uscita")
    assert "Riparte adesso" in await desk.posts(clerk, f"/console/uscita/{number.id}/rimanda")
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).where(outbox.c.id == number.id).values(state="failed"))
    assert "Niente da guardare." in await desk.posts(clerk, f"/console/uscita/{number.id}/visto")


async def test_the_names_of_many_ask_for_the_password_again(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 201)
    desk.passes(minutes=11)
    assert (await clerk.get("/console/iscritti?formato=csv")).status_code == 403
    async with desk.database.begin() as tx:
        await tx.execute(registrations.delete().where(registrations.c.id > 200))
    assert (await clerk.get("/console/iscritti?formato=csv")).status_code == 200


@pytest.mark.browser
async def test_the_pages_are_fine(desk: Desk, clerk: httpx.AsyncClient, looking: Looking) -> None:
    await register(desk.database, 2, 3)
    async with desk.database.begin() as tx:
        while await queue_reminders(tx, desk.world.schedule, desk.now):
            pass
        await tx.execute(update(outbox).where(outbox.c.id == 1).values(state="unsure"))
    await looking.fine(
        clerk,
        "/console/iscritti",
        "/console/incontri/2/iscritti",
        "/console/iscritti/nuovo",
        "/console/persone/1",
        "/console/persone/1/unisci?altra=2",
        "/console/iscrizioni/1/ritira",
        "/console/uscita",
    )
    desk.now = desk.now.replace(day=21)
    await looking.fine(clerk, "/console/incontri/2/iscritti", name="/console/presenze")
    await looking.fine(clerk, "/console/incontri/2/iscritti?stampa=1", name="/console/foglio")
    async with desk.database.begin() as tx:
        await tx.execute(update(registrations).where(registrations.c.id == 1).values(status="withdrawn"))
    page = await looking.page(clerk)
    await page.goto(f"{looking.address}/console/incontri/2/iscritti")
    await page.get_by_label("Scegli tutti").check()
    assert await page.locator("td input:checked").count() == 2
    await page.get_by_label("Scegli tutti").uncheck()
    assert await page.locator("td input:checked").count() == 0
    await page.context.close()
