"""Incontri: seen, set, moved with a plan, taken back; nobody hears of what was not confirmed."""

import re
from datetime import time, timedelta
from html import unescape

import httpx
import pytest
from sqlalchemy import update

from conversation.channel import Channel
from conversation.message import Address
from conversation.times import to_local
from db.addresses import set_reachable
from db.engine import Database
from db.meetings import get_meeting
from db.models import addresses, meetings, outbox, people, registrations
from db.operators import Role
from db.people import update_person
from tests.support.desk import Desk, hidden
from tests.support.desk import hidden as in_form
from tests.support.looking import Looking, sideways
from tests.support.people import register

MOVED = {"day": "2021-01-28", "hour": "18:00"}


async def waiting(database: Database) -> list[str]:
    async with database.look() as tx:
        rows = await tx.execute(outbox.select().where(outbox.c.kind == "notice", outbox.c.state == "pending"))
        return [row.key for row in rows]


async def test_what_is_missing_is_said(desk: Desk, clerk: httpx.AsyncClient) -> None:
    page = await desk.says(clerk, "/console/incontri")
    assert page.count("manca l&#39;ora") >= 1
    assert "Incontri passati" in page


async def test_what_has_begun_is_said_to_be_going_on_until_it_is_over(desk: Desk, clerk: httpx.AsyncClient) -> None:
    async with desk.database.begin() as tx:
        soon = {"day": desk.now.date(), "hour": to_local(desk.now + timedelta(minutes=30)).time(), "duration": 60}
        await tx.execute(update(meetings).where(meetings.c.id == 2).values(soon))
    pages = ("/console/", "/console/incontri", "/console/incontri/2")
    for minutes, said in ((0, 0), (30, 1), (59, 1), (1, 0)):
        desk.now += timedelta(minutes=minutes)
        assert [(await desk.says(clerk, path)).count(">in corso<") for path in pages] == [said] * 3, minutes


async def test_nobody_hears_of_a_move_before_it_is_confirmed_and_then_those_who_are_registered(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 3)
    plan = await clerk.post("/console/incontri/2/sposta", data=MOVED)
    assert "<strong>3</strong> iscrizioni (3 persone)" in plan.text
    assert "giovedì 28 gennaio" in plan.text
    assert await waiting(desk.database) == []
    done = await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    assert "3 aggiornamenti partono adesso" in done
    assert len(await waiting(desk.database)) == 3


async def test_nothing_is_said_to_leave_for_who_cannot_be_reached(desk: Desk, patient: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        gone = Address(Channel.EMAIL, "prova1@posta.example")
        await set_reachable(tx, gone, reachable=False, reason="nowhere", now=desk.now)
    plan = (await patient.post("/console/incontri/2/sposta", data=MOVED)).text
    assert "Non parte nessun aggiornamento." in plan
    assert "1 persona non si può raggiungere: <a" in plan
    assert ">Conferma</button>" in plan
    done = await desk.posts(patient, "/console/incontri/2/conferma", **hidden(plan, "conferma"))
    assert "Fatto. Non parte nessun aggiornamento. 1 iscrizione non si può raggiungere: avvisala tu." in done
    assert "Prova 1</a>: la posta torna indietro dal 15/01/2021" in done
    async with desk.database.begin() as tx:
        await update_person(tx, 1, phone="0583 123456")
    said = await desk.says(patient, "/console/incontri/2")
    assert 'dal 15/01/2021, <span class="quiet">tel. 0583 123456</span></li>' in said
    assert "aggiornamento parte" not in done
    await register(desk.database, 2, 2, first=2)
    plan = (await patient.post("/console/incontri/2/sposta", data=MOVED | {"day": "2021-01-29"})).text
    assert "<strong>2</strong> iscrizioni su 3 (2 persone): " in plan
    assert "se ne preparano 6." in plan
    assert "2 aggiornamenti partono fra 2 minuti" in plan
    assert "1 persona non si può raggiungere: <a" in plan
    assert ">Conferma e manda 2 aggiornamenti</button>" in plan
    done = await desk.posts(patient, "/console/incontri/2/conferma", **hidden(plan, "conferma"))
    assert "Fatto. 2 aggiornamenti partono alle 9.02. 1 iscrizione non si può raggiungere: avvisala tu." in done


async def test_a_registration_between_plan_and_confirmation_shows_the_plan_again(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 1)
    plan = await clerk.post("/console/incontri/2/sposta", data=MOVED)
    await register(desk.database, 2, 1, first=10)
    again = await clerk.post("/console/incontri/2/conferma", data=hidden(plan.text, "conferma"))
    assert again.status_code == 409
    assert "<strong>2</strong> iscrizioni (2 persone)" in again.text
    assert await waiting(desk.database) == []
    await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(again.text, "conferma"))
    assert len(await waiting(desk.database)) == 2


async def test_two_operators_who_move_the_same_meeting_see_each_others_work(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    other = await desk.entered(Role.MANAGER)
    mine = await clerk.post("/console/incontri/2/sposta", data=MOVED)
    theirs = await other.post("/console/incontri/2/sposta", data={"day": "2021-01-29", "hour": ""})
    await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(mine.text, "conferma"))
    late = await other.post("/console/incontri/2/conferma", data=hidden(theirs.text, "conferma"))
    assert late.status_code == 409
    assert ">giovedì 28 gennaio<" in late.text


def opened(page: str) -> dict[str, str]:
    """What the form of the page sends when nobody writes into it."""
    return dict(
        re.findall(r'<input (?:class="form-control" id="\w+"|type="hidden") name="([\w-]+)"[^>]* value="([^"]*)"', page)
    )


async def test_who_opened_the_form_before_a_colleague_changed_the_hour_takes_nothing_back(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await confirmed(desk, clerk, day="2021-01-21", hour="17:30")
    path = "/console/incontri/2/sposta"
    late = opened(await desk.says(clerk, path)) | {"day": "2021-01-29"}
    paola = await desk.entered(Role.OPERATOR, operator=await desk.operator(Role.OPERATOR, "paola"))
    await confirmed(desk, paola, day="2021-01-21", hour="18:00")
    again = await clerk.post(path, data=late)
    assert again.status_code == 409
    assert "Nel frattempo Paola ha cambiato l&#39;incontro: ora 18.00. Qui c&#39;è com&#39;è adesso" in again.text
    form = opened(again.text)
    assert (form["day"], form["hour"]) == ("2021-01-29", "18:00")
    plan = await clerk.post(path, data=form)
    await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    async with desk.database.look() as tx:
        meeting = await get_meeting(tx, 2)
    assert meeting is not None
    assert f"{meeting.day} {meeting.hour:%H:%M}" == "2021-01-29 18:00"


async def test_an_hour_that_was_left_as_it_is_stays_what_a_colleague_makes_of_it_before_the_confirmation(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await confirmed(desk, clerk, day="2021-01-21", hour="17:30")
    plan = await clerk.post("/console/incontri/2/sposta", data={"day": "2021-01-29", "hour": "17:30"})
    await confirmed(desk, await desk.entered(Role.MANAGER), day="2021-01-21", hour="18:00")
    again = await clerk.post("/console/incontri/2/conferma", data=opened(plan.text))
    assert again.status_code == 409
    said = "Nel frattempo Manager ha cambiato l&#39;incontro: ora 18.00. Queste sono le cifre di adesso."
    assert said in again.text
    assert 'name="hour"' not in again.text


async def test_the_seats_that_a_colleague_set_are_not_taken_back_by_who_saves_the_title(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    late = opened(await desk.says(clerk, "/console/incontri/2")) | {"title": "Uno"}
    paola = await desk.entered(Role.OPERATOR, operator=await desk.operator(Role.OPERATOR, "paola"))
    hers = opened(await desk.says(paola, "/console/incontri/2"))
    await desk.posts(paola, "/console/incontri/2", **hers | {"capacity": "12"})
    again = await clerk.post("/console/incontri/2", data=late)
    assert again.status_code == 409
    assert "Nel frattempo Paola ha cambiato l&#39;incontro: posti 12." in again.text
    assert "Salvato" in await desk.posts(clerk, "/console/incontri/2", **opened(again.text))
    async with desk.database.begin() as tx:
        meeting = await get_meeting(tx, 2)
        assert meeting is not None
        assert (meeting.title, meeting.capacity) == ("Uno", 12)
        await tx.execute(meetings.update().values(cancelled=True))
    gone = await clerk.post("/console/incontri/2", data=late | {"era-title": "Uno", "era-capacity": "12"})
    assert gone.status_code == 409
    assert "annullamento. Quello che hai scritto non è salvato." in gone.text


async def test_a_confirmation_that_was_tampered_with_changes_nothing(desk: Desk, clerk: httpx.AsyncClient) -> None:
    done = await desk.posts(clerk, "/console/incontri/2/conferma", day="domani", visto="1", piano="x")
    assert "non si capisce" in done


async def test_a_meeting_with_a_title_of_its_own_is_named_by_it_too(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        await tx.execute(update(meetings).where(meetings.c.id == 2).values(title="Una sera"))
    called = "Associazioni sportive («Una sera»)"
    for path in ("incontri/2", "incontri/2/sposta", "incontri/2/annulla", "incontri/2/iscritti"):
        h1 = (await desk.says(clerk, f"/console/{path}")).split("<h1>")[1].split("</h1>")[0]
        assert called in h1, path
    for path in ("iscritti", "iscritti/nuovo", "persone/1", "avvisi/nuovo?a_chi=iscritti&incontri=2", "uscita/partiti"):
        assert called in await desk.says(clerk, f"/console/{path}"), path
    plan = (await clerk.post("/console/incontri/2/sposta", data=MOVED)).text
    assert f"<h1>Sposta l&#39;incontro: {called}</h1>" in plan


async def test_the_plan_names_the_meeting_and_says_days_and_hours_as_people_do(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 7)
    plan = (await clerk.post("/console/incontri/2/sposta", data=MOVED)).text
    assert "<h1>Sposta l&#39;incontro: Associazioni sportive</h1>" in plan
    cells = re.findall(r'<td data-title="(?:Adesso|Dopo)">(?:<strong>)?([^<]*)', plan)
    assert cells == ["giovedì 21 gennaio", "giovedì 28 gennaio", "non ancora", "18.00"]
    assert re.findall("I promemoria[^<]*", plan) == ["I promemoria si spostano da soli: se ne preparano 21."]
    named = plan[plan.index("7</strong> iscrizioni (7 persone): ") :].split(".", 1)[0]
    assert named.count("(") == 1 + 5
    assert named.endswith("e altre 2")
    gone = (await clerk.post("/console/incontri/2/annulla", data={"giorno": "21/1/2021"})).text
    assert "<h1>Annulla l&#39;incontro: Associazioni sportive</h1>" in gone


async def test_the_first_hour_is_not_called_a_move(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    plan = await clerk.post("/console/incontri/2/sposta", data={"day": "2021-01-21", "hour": "17:30"})
    assert "<h1>Fissa l&#39;orario: Associazioni sportive</h1>" in plan.text
    assert "C&#39;è l&#39;orario" in plan.text[plan.text.index("Che cosa leggeranno") :]
    await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    again = await clerk.post("/console/incontri/2/sposta", data={"day": "2021-01-21", "hour": "18:00"})
    assert "<h1>Sposta l&#39;incontro: Associazioni sportive</h1>" in again.text


async def test_a_past_meeting_without_a_day_is_said_to_be_over(desk: Desk, clerk: httpx.AsyncClient) -> None:
    page = await desk.says(clerk, "/console/incontri")
    coming, _, past = page.partition("Incontri passati")
    assert "già svolto, giorno non noto" in past
    assert "giorno non noto" not in coming


async def confirmed(desk: Desk, clerk: httpx.AsyncClient, **values: str) -> str:
    plan = await clerk.post("/console/incontri/2/sposta", data=values)
    return await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))


async def test_the_last_change_is_taken_back_in_the_meetings_page_then_the_one_before(
    desk: Desk, patient: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 2)
    page = "/console/incontri/2"
    await confirmed(desk, patient, day="2021-01-21", hour="18:00")
    desk.now += timedelta(minutes=1)
    assert "Fatto. 2 aggiornamenti partono alle 9.03." in await confirmed(desk, patient, day="2021-01-28", hour="18:00")
    for _ in range(2):  # and still after a reload
        seen = await desk.says(patient, page)
        assert "2 aggiornamenti partono alle 9.03." in seen
        assert ">Ritira: giorno giovedì 28 gennaio</button>" in seen
    back = await desk.presses(patient, page, "ritira")
    assert "Ritirato: il giorno è di nuovo giovedì 21 gennaio. Quello che era cambiato prima resta. " in back
    assert "prima resta. 2 aggiornamenti partono alle 9.03." in back
    assert "ultimo cambiamento" not in back
    assert "ore 18.00" in back
    twice = await desk.posts(patient, f"{page}/ritira", **in_form(seen, "ritira"))
    assert "Nel frattempo qualcosa è cambiato" in twice
    back = await desk.presses(patient, page, "ritira")
    assert "Ritirato: l&#39;ora manca di nuovo. Non c&#39;è nessuno da avvisare." in back
    assert "Ritira:" not in back
    assert await waiting(desk.database) == []
    assert (await patient.post(f"{page}/ritira", data={})).status_code == 400


async def test_a_change_whose_notices_have_left_is_corrected_for_a_quarter_of_an_hour(
    desk: Desk, patient: httpx.AsyncClient
) -> None:
    await confirmed(desk, patient, **MOVED)
    await register(desk.database, 2, 1)  # who reads the new day in the confirmation
    desk.now += timedelta(minutes=3)
    known = r"L&#39;ultimo cambiamento \(giorno [^)]+\) lo sa già un iscritto"
    assert re.search(known, await desk.says(patient, "/console/incontri/2"))
    desk.now += timedelta(minutes=15)
    assert "Ritira:" not in await desk.says(patient, "/console/incontri/2")


async def test_nobody_is_written_to_about_what_is_taken_back_before_one_has_seen_to_how_many(
    desk: Desk, patient: httpx.AsyncClient
) -> None:
    page = "/console/incontri/2"
    await register(desk.database, 2, 2)
    await confirmed(desk, patient, day="2021-01-21", hour="17:30")
    early = in_form(await desk.says(patient, page), "ritira")
    await register(desk.database, 2, 1, first=3)  # who reads the hour in the confirmation
    unseen = await patient.post(f"{page}/ritira", data=early)
    assert unseen.status_code == 409
    seen = await desk.says(patient, page)
    assert f'href="{page}/ritira">Ritira: ora 17.30</a>' in seen
    assert f'action="{page}/ritira"' not in seen
    asked = await desk.says(patient, f"{page}/ritira")
    assert "<strong>1</strong> iscrizione (1 persona): Prova 3 (per e-mail)" in asked
    assert ">Ritira il cambiamento e manda 1 aggiornamento</button>" in asked
    await register(desk.database, 2, 1, first=4)
    late = await patient.post(f"{page}/ritira", data=in_form(asked, "ritira"))
    assert late.status_code == 409
    assert "<strong>2</strong> iscrizioni" in late.text
    back = await desk.posts(patient, f"{page}/ritira", **in_form(late.text, "ritira"))
    assert "Ritirato: l&#39;ora manca di nuovo. A chi lo sapeva già va la correzione: 2 aggiornamenti partono" in back
    assert len(await waiting(desk.database)) == 2
    assert "Una correzione" in asked[asked.index("Che cosa leggeranno") :]
    leaving = await desk.says(patient, "/console/uscita?genere=notice")
    assert leaving.count("correzione di un aggiornamento") == 2
    assert "correzione di un aggiornamento" in await desk.says(patient, "/console/persone/3")


async def test_a_correction_is_taken_back_until_it_leaves(desk: Desk, patient: httpx.AsyncClient) -> None:
    page = "/console/incontri/2"
    await confirmed(desk, patient, **MOVED)
    await register(desk.database, 2, 2)  # who read the new day in the confirmation
    desk.now += timedelta(minutes=3)
    asked = await desk.says(patient, f"{page}/ritira")
    back = await desk.posts(patient, f"{page}/ritira", **in_form(asked, "ritira"))
    assert "2 aggiornamenti partono alle 9.05, con la correzione di quel che è stato ritirato." in back
    assert ">Rimetti il cambiamento: giorno giovedì 28 gennaio, ora 18.00</button>" in back
    assert "data-until=" in back
    form = in_form(back, "correzione")
    again = await desk.posts(patient, f"{page}/correzione", **form)
    assert "Cambiamento rimesso: il giorno è di nuovo giovedì 28 gennaio" in again
    assert "Nessuno legge la correzione." in again
    assert "Rimetti il cambiamento" not in again
    assert f'href="{page}/ritira">Ritira: giorno giovedì 28 gennaio' in again
    assert await waiting(desk.database) == []
    assert "La correzione è già partita" in await desk.posts(patient, f"{page}/correzione", **form)
    asked = await desk.says(patient, f"{page}/ritira")
    await desk.posts(patient, f"{page}/ritira", **in_form(asked, "ritira"))
    desk.now += timedelta(minutes=3)
    assert "Rimetti il cambiamento" not in await desk.says(patient, page)
    assert (await patient.post(f"{page}/correzione", data={})).status_code == 400


async def test_one_who_has_still_to_hear_is_spoken_of_as_one(desk: Desk, patient: httpx.AsyncClient) -> None:
    page = "/console/incontri/2"
    await register(desk.database, 2, 1)
    await confirmed(desk, patient, day="2021-01-28", hour="")
    await confirmed(desk, patient, day="2021-01-28", hour="18:00")
    await register(desk.database, 2, 1, first=2)  # who read both in the confirmation
    asked = await desk.says(patient, f"{page}/ritira")
    back = await desk.posts(patient, f"{page}/ritira", **in_form(asked, "ritira"))
    assert "Quello che era cambiato prima resta, e un altro deve ancora saperlo." in back


async def test_a_second_press_after_a_withdrawal_takes_nothing_back(desk: Desk, patient: httpx.AsyncClient) -> None:
    page = "/console/incontri/2"
    await confirmed(desk, patient, day="2021-01-21", hour="17:30")
    await confirmed(desk, patient, day="2021-01-28", hour="17:30")
    back = await desk.presses(patient, page, "ritira")
    assert "Ritirato: il giorno è di nuovo giovedì 21 gennaio." in back
    assert f'action="{page}/ritira"' not in back
    assert f'<a href="{page}/ritira">Ritira: ora 17.30</a>' in back[back.index("Il cambiamento di prima") :]
    asked = await desk.says(patient, f"{page}/ritira")
    assert ">Ritira il cambiamento</button>" in asked
    assert "Ritirato: l&#39;ora manca di nuovo" in await desk.posts(
        patient, f"{page}/ritira", **in_form(asked, "ritira")
    )
    gone = await patient.get(f"{page}/ritira")
    assert gone.status_code == 303


async def test_cancelling_asks_for_the_day(desk: Desk, clerk: httpx.AsyncClient) -> None:
    wrong = await clerk.post("/console/incontri/2/annulla", data={"giorno": "22/01/2021"})
    assert wrong.status_code == 422
    plan = await clerk.post("/console/incontri/2/annulla", data={"giorno": "21/1/2021"})
    assert re.search(r'data-title="Adesso">in programma<.*data-title="Dopo"><strong>annullato<', plan.text)
    for given in ({}, {"giorno": "22/1"}):
        sent = {name: value for name, value in hidden(plan.text, "conferma").items() if name != "giorno"}
        refused = await clerk.post("/console/incontri/2/conferma", data=sent | given)
        assert (refused.status_code, "Il giorno non è quello" in refused.text) == (422, True)
    await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    page = await desk.says(clerk, "/console/incontri/2")
    assert "annullato" in page
    assert "Salva" not in page
    plan = await clerk.post("/console/incontri/2/riattiva")
    await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    assert "annullato" not in await desk.says(clerk, "/console/incontri/2")


async def test_what_is_cancelled_has_one_way_back(desk: Desk, patient: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    plan = await patient.post("/console/incontri/2/annulla", data={"giorno": "21/1/2021"})
    page = await desk.posts(patient, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    assert ("Ritira: annullamento" in page, "Rimetti in programma" in page) == (True, False)
    page = await desk.posts(patient, "/console/incontri/2/ritira", **in_form(page, "ritira"))
    assert ("Ritira: annullamento" in page, "Salva" in page) == (False, True)


async def test_what_is_cancelled_again_by_a_correction_has_one_way_back(desk: Desk, patient: httpx.AsyncClient) -> None:
    page = "/console/incontri/2"
    plan = await patient.post(f"{page}/annulla", data={"giorno": "21/1/2021"})
    await desk.posts(patient, f"{page}/conferma", **hidden(plan.text, "conferma"))
    desk.now += timedelta(minutes=20)
    plan = await patient.post(f"{page}/riattiva")
    await desk.posts(patient, f"{page}/conferma", **hidden(plan.text, "conferma"))
    await register(desk.database, 2, 1)  # who reads in the confirmation that it is held
    asked = await desk.says(patient, f"{page}/ritira")
    back = await desk.posts(patient, f"{page}/ritira", **in_form(asked, "ritira"))
    assert "Se rimetti il cambiamento, l&#39;incontro è di nuovo in programma." in back
    assert ("rimetti il cambiamento, qui sopra" in back, "Rimetti in programma" in back) == (True, False)


@pytest.mark.parametrize(
    "typed",
    ["21/01/2021", "21/1", "21/1/21", "21 gennaio", "21 gennaio 2021", "giovedì 21 gennaio 2021", "Giovedì 21 Gennaio"],
)
async def test_the_day_is_typed_as_people_and_the_page_write_it(clerk: httpx.AsyncClient, typed: str) -> None:
    plan = await clerk.post("/console/incontri/2/annulla", data={"giorno": typed})
    assert "<h1>Annulla l&#39;incontro: Associazioni sportive</h1>" in plan.text
    assert "/conferma" in plan.text


@pytest.mark.parametrize(
    "typed",
    ["21", "giovedì", "gennaio", "domani", "22 gennaio", "21/1/2022", "venerdì 21 gennaio", "21 o 28 gennaio", "21/2"],
)
async def test_another_day_cancels_nothing_and_what_was_typed_stays(clerk: httpx.AsyncClient, typed: str) -> None:
    again = await clerk.post("/console/incontri/2/annulla", data={"giorno": typed})
    assert again.status_code == 422
    assert f'value="{typed}"' in again.text
    assert "Il giorno non è quello dell&#39;incontro." in again.text
    assert "21/01" not in again.text


async def test_a_title_is_saved_at_once(desk: Desk, clerk: httpx.AsyncClient) -> None:
    given = {"title": "<script>", "day": "2021-01-21", "hour": "", "duration": "90", "passcode": "", "capacity": "30"}
    async with desk.database.look() as tx:
        meeting = await get_meeting(tx, 2)
    assert meeting is not None
    page = await desk.posts(clerk, "/console/incontri/2", link=meeting.link, **given | {"passcode": meeting.passcode})
    assert "Salvato" in page
    assert "<script>" not in page.replace('<script type="module"', "")


async def test_seats_for_who_waits_are_shown_before_they_are_given(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    async with desk.database.begin() as tx:
        meeting = await get_meeting(tx, 2)
        await tx.execute(registrations.update().values(status="waitlisted"))
        await tx.execute(meetings.update().values(capacity=0))
    assert meeting is not None
    given = {"title": "", "day": "2021-01-21", "hour": "", "duration": "90", "capacity": "1"}
    given |= {"link": meeting.link, "passcode": meeting.passcode}
    plan = await clerk.post("/console/incontri/2", data=given)
    assert re.search(r"<h2>Chi lo saprà</h2>\s*<p>Dalla lista d.attesa entra un.iscrizione:", plan.text)
    assert "lo sa subito Prova 1 (per e-mail)." in plan.text
    assert "I promemoria di chi ha ora un posto: se ne preparano 2." in plan.text
    assert await waiting(desk.database) == []
    page = await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    assert "Fatto. Prova 1 (per e-mail) ha ora un posto, e riceve un messaggio." in page
    assert "nessuno da avvisare" not in page
    assert len(await waiting(desk.database)) == 1
    assert "Salvato" in await desk.posts(clerk, "/console/incontri/2", **given | {"title": "Uno"})


async def test_of_many_who_get_a_seat_some_are_named_and_all_whom_nothing_reaches(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 8)
    async with desk.database.begin() as tx:
        meeting = await get_meeting(tx, 2)
        await tx.execute(registrations.update().values(status="waitlisted"))
        await tx.execute(meetings.update().values(capacity=0))
        await tx.execute(addresses.update().where(addresses.c.person_id == 4).values(reachable=False))
    assert meeting is not None
    given = {"title": "", "day": "2021-01-21", "hour": "18:00", "duration": "90", "capacity": "8"}
    given |= {"link": meeting.link, "passcode": meeting.passcode}
    plan = await clerk.post("/console/incontri/2", data=given)
    assert "entrano 8 iscrizioni: lo sanno subito Prova 1 (per e-mail), Prova 2 (per e-mail)" in plan.text
    assert "Prova 6 (per e-mail) e altre 2." in plan.text
    page = await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    assert "Prova 6 (per e-mail) e altre 2 persone hanno ora un posto, e ricevono un messaggio." in page
    assert "Prova 4 ha ora un posto: non si può raggiungere, avvisalo tu." in page


@pytest.mark.parametrize(
    ("name", "value"),
    [("day", "domani"), ("hour", "25.99"), ("duration", "poco"), ("capacity", "-1"), ("link", "ftp://x")],
)
async def test_what_makes_no_sense_is_said_beside_the_form(clerk: httpx.AsyncClient, name: str, value: str) -> None:
    given = {"title": "", "day": "2021-01-21", "hour": "", "duration": "90", "link": "", "passcode": "", "capacity": ""}
    answer = await clerk.post("/console/incontri/2", data=given | {name: value})
    assert answer.status_code == 422
    assert 'class="fault"' in answer.text


async def test_a_new_meeting_and_a_copy(desk: Desk, clerk: httpx.AsyncClient) -> None:
    given = {"sector": "sport", "day": "2021-02-04", "hour": "17.30", "duration": "60", "capacity": "20"}
    page = await desk.posts(clerk, "/console/incontri/nuovo", **given)
    assert "Incontro creato" in page
    assert "17.30" in page
    refused = await clerk.post("/console/incontri/nuovo", data=given | {"day": "2020-02-04"})
    assert refused.status_code == 422
    assert 'value="90"' in await desk.says(clerk, "/console/incontri/nuovo?copia=2")


@pytest.mark.parametrize("wanted", [0, 1, 2])
async def test_a_new_meeting_says_who_is_told_of_it_and_when(desk: Desk, clerk: httpx.AsyncClient, wanted: int) -> None:
    await register(desk.database, 2, 3)
    async with desk.database.begin() as tx:
        await tx.execute(people.update().where(people.c.id <= wanted).values(updates=True))
    form = (await desk.says(clerk, "/console/incontri/nuovo")).replace("&#39;", "'")
    given, new = {"sector": "sport", "duration": "60", "hour": "", "capacity": ""}, "/console/incontri/nuovo"
    quiet = (await desk.posts(clerk, new, **given, day="2021-02-04", annuncia="")).replace("&#39;", "'")
    told = (await desk.posts(clerk, new, **given, day="2021-02-05", annuncia="1")).replace("&#39;", "'")
    nobody = "nessuno ha chiesto le novità"
    when = "l'avviso parte alle 9.10; fino ad allora si può fermare in Avvisi."
    if not wanted:
        assert f"Adesso {nobody}: non parte niente." in form
        assert f"Incontro creato. Non parte nessun avviso: {nobody}." in quiet
        assert f"Incontro creato. Non parte nessun avviso: {nobody}." in told
        return
    who = ("1 persona", "la persona che vuole le novità non lo sa", "Lo saprà una persona che vuole le novità")
    if wanted > 1:
        who = ("2 persone", "le 2 persone che vogliono le novità non lo sanno", "Lo sapranno 2 persone che vogliono le")
    assert f"Chi ha chiesto le novità: adesso {who[0]}. Se sì, {when}" in form
    assert f"Incontro creato. Non parte nessun avviso: {who[1]}. Per dirlo dopo, scrivi un avviso." in quiet
    assert f"Incontro creato. {who[2]}" in told
    assert when in told


#: Sport is moved and gets an hour; one of another sector, which it names, is new.
PROGRAMME = """
[sectors]
sport = { it = "associazioni sportive", en = "sports associations" }
cori = { it = "cori", en = "choirs" }
[[meetings]]
sector = "sport"
day = 2021-01-28
hour = 18:00
link = "https://zoom.example/j/sport"
[[meetings]]
sector = "cori"
day = 2021-02-11
"""
IMPORT = "/console/incontri/importa"


async def test_a_programme_file_is_shown_before_it_is_loaded(desk: Desk, patient: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    async with desk.database.begin() as tx:
        await set_reachable(
            tx, Address(Channel.EMAIL, "prova2@posta.example"), reachable=False, reason="nowhere", now=desk.now
        )
    plan = (await patient.post(IMPORT, files={"file": ("p.toml", PROGRAMME)})).text
    assert "<h2>Associazioni sportive, giovedì 21 gennaio</h2>" in plan
    assert ">giovedì 21 gennaio</td><td" in plan
    assert "<strong>giovedì 28 gennaio</strong>" in plan
    assert "<strong>18.00</strong>" in plan
    assert "Cori, giovedì 11 febbraio" in plan
    assert "Settori nuovi, o con un altro nome</dt><dd>cori</dd>" in plan
    assert "Musei e associazioni culturali, venerdì 22 gennaio;" in plan
    assert "<strong>1</strong> iscrizione su 2 (1 persona): Prova 1 (per e-mail)." in plan
    assert ">Prova 2</a>" in plan
    assert "<summary>Che cosa leggeranno</summary>" in plan
    assert "Per Prova 1, per e-mail" in plan
    assert await waiting(desk.database) == []
    done = await desk.posts(patient, IMPORT, **hidden(plan, "incontri/importa"))
    assert "Caricato: 1 nuovo, 1 cambiato, 0 com'erano. 1 aggiornamento parte alle 9.02" in unescape(done)
    assert await waiting(desk.database) == ["notice:1:2", "notice:2:2"]
    log = await desk.says(await desk.entered(Role.MANAGER), "/console/registro")
    assert "ha creato un incontro" in log
    assert (await patient.post(IMPORT, files={"file": ("p.toml", "sector = ")})).status_code == 422


async def test_a_file_is_looked_at_again_when_somebody_registers_or_a_colleague_changes_a_meeting(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    async def sends(page: str) -> httpx.Response:
        return await clerk.post(IMPORT, data=hidden(page, "incontri/importa"))

    other = await desk.entered(Role.MANAGER)
    first = await clerk.post(IMPORT, files={"file": ("p.toml", PROGRAMME)})
    await register(desk.database, 2, 1)
    second = await sends(first.text)
    moved = await other.post("/console/incontri/2/sposta", data={"day": "2021-01-29", "hour": ""})
    await desk.posts(other, "/console/incontri/2/conferma", **hidden(moved.text, "conferma"))
    third = await sends(second.text)
    theirs = await other.post(IMPORT, files={"file": ("p.toml", PROGRAMME)})
    assert [page.status_code for page in (first, second, third)] == [200, 409, 409]
    assert "<strong>1</strong> iscrizione (1 persona)" in second.text
    assert "<h2>Associazioni sportive, venerdì 29 gennaio</h2>" in third.text
    assert (await sends(third.text)).status_code == 303
    late = await other.post(IMPORT, data=hidden(theirs.text, "incontri/importa"))
    assert late.status_code == 409
    assert "Incontri cambiati</dt><dd>nessuno" in late.text


async def test_the_programme_as_it_is_is_a_file_to_begin_with_and_what_it_lacks_is_said(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    set_by_hand = {"hour": time(17, 30), "title": 'Sport: "insieme"', "capacity": 40, "passcode": "0123"}
    async with desk.database.begin() as tx:
        await tx.execute(update(meetings).where(meetings.c.id == 2).values(set_by_hand))
        await tx.execute(update(meetings).where(meetings.c.id == 3).values(cancelled=True))
    assert 'href="/console/incontri/importa?formato=toml" download>' in await desk.says(clerk, IMPORT)
    answer = await clerk.get(f"{IMPORT}?formato=toml")
    assert answer.headers["content-disposition"] == 'attachment; filename="programma.toml"'
    same = (await clerk.post(IMPORT, files={"file": ("p.toml", answer.text)})).text
    for said in ("nuovi</dt><dd>nessuno", "cambiati</dt><dd>nessuno", "nel file</dt><dd>nessuno"):
        assert said in same
    assert "Settori nuovi" not in same
    assert "il file toglie" not in same
    less = answer.text.replace("hour = 17:30:00\n", "").replace('passcode = "0123"\n', "")
    plan = unescape((await clerk.post(IMPORT, files={"file": ("p.toml", less)})).text)
    called = 'Associazioni sportive («Sport: "insieme"»), giovedì 21 gennaio'
    assert f"il file toglie quel che adesso c'è: l'ora e il codice di {called}." in plan


async def test_fewer_seats_than_people_put_nobody_out_and_the_page_says_so(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 5)
    async with desk.database.look() as tx:
        meeting = await get_meeting(tx, 2)
    assert meeting is not None
    form = {"title": "", "day": "2021-01-21", "hour": "", "duration": "90"}
    form |= {"link": meeting.link, "passcode": meeting.passcode}
    page = await desk.posts(clerk, "/console/incontri/2", **form | {"capacity": "3"})
    assert "Posti occupati: 5 su 3" in page
    assert "2 persone sono iscritte oltre i posti: nessuno perde il posto che ha" in page
    page = await desk.posts(clerk, "/console/incontri/2", **form | {"capacity": "4"})
    assert "1 persona è iscritta oltre i posti" in page
    assert "oltre i posti" not in await desk.posts(clerk, "/console/incontri/2", **form | {"capacity": "5"})


@pytest.mark.browser
async def test_the_pages_are_fine(desk: Desk, clerk: httpx.AsyncClient, looking: Looking) -> None:
    await register(desk.database, 2, 5)
    await looking.fine(
        clerk,
        "/console/incontri",
        "/console/incontri/2",
        "/console/incontri/2/sposta",
        "/console/incontri/2/annulla",
        "/console/incontri/nuovo",
        "/console/incontri/importa",
    )


@pytest.mark.browser
async def test_the_plan_and_what_can_be_taken_back_are_fine(
    desk: Desk, patient: httpx.AsyncClient, looking: Looking
) -> None:
    await register(desk.database, 2, 7, people=2)
    faults = []
    for width in (1280, 360):
        page = await looking.page(patient, width=width)
        await page.goto(f"{looking.address}/console/incontri/2/sposta")
        await page.locator("#day").fill("2021-01-28" if width == 360 else "2021-01-29")
        await page.get_by_role("button", name="Vedi chi lo saprà").click()
        faults += await looking.faults_of(page, "plan", width)
        await page.get_by_role("button", name="Conferma e manda").click()
        faults += await looking.faults_of(page, "taken-back", width)
        await page.get_by_role("button", name="Ritira:").click()
        faults += await looking.faults_of(page, "withdrawn", width)
        await register(desk.database, 2, 1, first=width)
        await confirmed(desk, patient, day="2021-01-21", hour="17:30" if width == 360 else "18:00")
        await register(desk.database, 2, 1, first=width + 1)
        await page.goto(f"{looking.address}/console/incontri/2")
        faults += await looking.faults_of(page, "known", width)
        await page.get_by_role("link", name="Ritira: ora").click()
        faults += await looking.faults_of(page, "withdrawal", width)
        await page.get_by_role("button", name="Ritira il cambiamento e manda").click()
        faults += await looking.faults_of(page, "correction", width)
        await page.goto(f"{looking.address}{IMPORT}")
        file = {"name": "p.toml", "mimeType": "text/plain", "buffer": PROGRAMME.encode()}
        await page.locator("#file").set_input_files(file)
        await page.get_by_role("button", name="Vedi che cosa cambia").click()
        await page.get_by_role("button", name="Carica e manda").wait_for()
        faults += await looking.faults_of(page, "programme", width)
        faults += await sideways(page) if width == 360 else []
        await page.context.close()
    assert faults == []


@pytest.mark.browser
async def test_when_the_notices_leave_the_page_says_that_it_is_of_before(
    desk: Desk, patient: httpx.AsyncClient, looking: Looking
) -> None:
    await register(desk.database, 2, 2)
    await confirmed(desk, patient, **MOVED)
    desk.now += timedelta(seconds=119)
    page = await looking.page(patient, width=360)
    await page.goto(f"{looking.address}/console/incontri/2")
    bar = page.locator("[data-until]")
    await bar.get_by_role("link", name="guarda com'è adesso").wait_for()
    assert "partono alle" not in await bar.inner_text()
    desk.now += timedelta(seconds=2)
    await bar.get_by_role("link", name="guarda com'è adesso").click()
    await page.get_by_role("button", name="Ritira:").wait_for()
    assert not await page.locator("[data-until]").count()
    await page.context.close()
