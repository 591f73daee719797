"""In uscita: nothing is stopped at one click, what was stopped is said to be, and can be let go."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update

from bot.commands.forecast import let_go_again
from db.models import addresses, audit, broadcasts, hand_overs, meetings, outbox, people, registrations
from db.not_arrived import own_copy_key
from db.operators import Role
from db.outbox import expire
from delivery.failures import SkipReason
from delivery.reminders import queue_reminders
from office.errors import RefusedError
from tests.support.desk import Desk, hidden
from tests.support.looking import Looking
from tests.support.people import NOW, register
from tests.web.console.test_meetings import MOVED


@pytest_asyncio.fixture(loop_scope="session")
async def clerk(desk: Desk) -> httpx.AsyncClient:
    return await desk.entered(Role.OPERATOR, operator=await desk.operator(Role.OPERATOR, "paola"))


async def moved(desk: Desk, clerk: httpx.AsyncClient, count: int = 1) -> list[int]:
    """The notices of a meeting that was moved, by number."""
    await register(desk.database, 2, count)
    plan = await clerk.post("/console/incontri/2/sposta", data=MOVED)
    await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    async with desk.database.look() as tx:
        query = select(outbox.c.id).where(outbox.c.kind == "notice").order_by(outbox.c.id)
        return list((await tx.execute(query)).scalars())


async def state(desk: Desk, number: int) -> str:
    async with desk.database.look() as tx:
        return str((await tx.execute(select(outbox.c.state).where(outbox.c.id == number))).scalar_one())


async def test_one_is_stopped_after_a_second_look_and_let_go_again(desk: Desk, clerk: httpx.AsyncClient) -> None:
    [number] = await moved(desk, clerk)
    look = await desk.says(clerk, f"/console/uscita/{number}/ferma")
    assert "Prova 1 non riceverà questo messaggio. Lo fermi?" in look
    assert "Associazioni sportive, giovedì 28 gennaio 2021. Parte adesso." in look
    assert await state(desk, number) == "pending"
    page = await desk.posts(clerk, f"/console/uscita/{number}/ferma")
    assert await state(desk, number) == "void"
    assert "fermato da Paola" in page
    person = await desk.says(clerk, "/console/persone/1")
    assert "fermato da Paola" in person
    assert "non serviva più" not in person
    assert "Rimesso in partenza" in await desk.posts(clerk, f"/console/uscita/{number}/riprendi")
    assert await state(desk, number) == "pending"
    again = await desk.posts(clerk, f"/console/uscita/{number}/riprendi")
    assert "non è fra quelli fermati" in again
    assert "Rimetti in partenza" not in again


async def test_what_makes_no_sense_any_more_is_not_let_go(desk: Desk, clerk: httpx.AsyncClient) -> None:
    [number] = await moved(desk, clerk)
    await desk.posts(clerk, f"/console/uscita/{number}/ferma")
    plan = await clerk.post("/console/incontri/2/sposta", data={"day": "2021-01-29", "hour": "18:00"})
    await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    assert "cambiato di nuovo" in await desk.posts(clerk, f"/console/uscita/{number}/riprendi")
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).where(outbox.c.id == number).values(expires_at=desk.now - timedelta(hours=1)))
    assert "troppo tardi" in await desk.posts(clerk, f"/console/uscita/{number}/riprendi")
    assert await state(desk, number) == "void"


async def test_an_answer_that_is_stopped_opens_its_question_again(desk: Desk, clerk: httpx.AsyncClient) -> None:
    asked: dict[str, Any] = {
        "channel": "telegram",
        "value": "77",
        "question": "C'è un parcheggio?",
        "token": "3fa9c1d2",
    }
    async with desk.database.begin() as tx:
        row = asked | {"reason": "question", "created_at": NOW, "state": "open"}
        question = (await tx.execute(insert(hand_overs).values(row).returning(hand_overs.c.id))).scalar_one()
    await desk.posts(clerk, f"/console/domande/{question}", risposta="Sì, in piazza.", vista="1")
    async with desk.database.look() as tx:
        number = (await tx.execute(select(outbox.c.id).where(outbox.c.key.like(f"office:{question}:%")))).scalar_one()
    assert f"risposta alla domanda n. {question}" in await desk.says(clerk, f"/console/uscita/{number}/ferma")
    page = await desk.posts(clerk, f"/console/uscita/{number}/ferma")
    assert "aspetta di nuovo una risposta" in page
    async with desk.database.look() as tx:
        assert (await tx.execute(select(hand_overs.c.state))).scalar_one() == "open"
        assert (await tx.execute(select(outbox.c.id).where(outbox.c.id == number))).first() is None


async def test_an_answer_of_which_a_piece_has_left_is_not_stopped(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """Nor is what others were to get with it."""
    row: dict[str, Any] = {
        "channel": "telegram",
        "question": "C'è un parcheggio vicino alla biblioteca?",
        "reason": "question",
    }
    row |= {"created_at": NOW, "state": "open", "same_as": 1, "token": "3fa9c1d2"}
    async with desk.database.begin() as tx:
        rows = [row | {"value": value} for value in ("77", "78")]
        await tx.execute(insert(hand_overs), rows)
    await desk.posts(clerk, "/console/domande/1", risposta="Sì. " * 800, vista="1", uguali="2:1")
    async with desk.database.begin() as tx:
        first = {"key": "piece", "lane": "reply", "kind": "reply", "channel": "telegram", "value": "77"}
        key = (await tx.execute(select(outbox.c.key).where(outbox.c.key.like("office:1:%")))).scalar_one()
        await tx.execute(update(outbox).where(outbox.c.key == key).values(state="sent"))
        await tx.execute(insert(outbox).values(first | {"key": f"{key}#1", "due_at": desk.now, "state": "pending"}))
        number = (await tx.execute(select(outbox.c.id).where(outbox.c.key == f"{key}#1"))).scalar_one()
    assert "già partito" in await desk.posts(clerk, f"/console/uscita/{number}/ferma")
    async with desk.database.look() as tx:
        assert list((await tx.execute(select(hand_overs.c.state))).scalars()) == ["answered", "answered"]


async def test_to_whom_and_about_what_is_said_in_words(desk: Desk, clerk: httpx.AsyncClient) -> None:
    [number] = await moved(desk, clerk)
    async with desk.database.begin() as tx:
        await tx.execute(update(people).values(name="Anna"))
        await tx.execute(update(outbox).where(outbox.c.id == number).values(channel="telegram", value="77"))
    page = await desk.says(clerk, "/console/uscita")
    assert '<a href="/console/persone/1">Anna</a>, su Telegram' in page
    assert "Associazioni sportive, giovedì 28 gennaio 2021" in page
    assert "sport 2021" not in page
    assert "in chat" not in page


async def test_what_somebody_got_is_in_the_order_of_its_dates_without_what_is_to_come(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        for key, days, done in (("a", -1, "sent"), ("b", -3, "sent"), ("c", 4, "pending"), ("d", 2, "pending")):
            at = desk.now + timedelta(days=days)
            row = {"key": key, "lane": "bulk", "kind": "reminder", "person_id": 1, "due_at": at, "state": done}
            await tx.execute(insert(outbox).values(row))
    page = await desk.says(clerk, "/console/persone/1")
    got, coming = page.split("Che cosa ha ricevuto")[1].split("Che cosa riceverà")
    assert got.index("14/01/2021") < got.index("12/01/2021")
    assert "19/01/2021" not in got
    assert coming.index("17/01/2021") < coming.index("19/01/2021")


async def test_a_meeting_says_who_was_told_of_its_change(desk: Desk, clerk: httpx.AsyncClient) -> None:
    first, second = await moved(desk, clerk, 2)
    page = await desk.says(clerk, "/console/incontri/2")
    assert "Hanno avuto l'aggiornamento: 0 su 2" in page
    assert '<a href="/console/persone/2">Prova 2</a>: da mandare' in page
    await desk.posts(clerk, f"/console/uscita/{first}/ferma")
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).where(outbox.c.id == second).values(state="failed"))
    page = await desk.says(clerk, "/console/incontri/2")
    assert "1 iscritto senza aggiornamento" in page
    assert '<a href="/console/persone/1">Prova 1</a>: fermato da Paola' in page
    assert '<a href="/console/persone/2">Prova 2</a>: non arrivato' in page
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).where(outbox.c.kind == "notice").values(state="sent"))
    page = await desk.says(clerk, "/console/incontri/2")
    assert "Hanno avuto l'aggiornamento: 2 su 2" in page
    assert "senza aggiornamento" not in page
    assert "Hanno avuto" not in await desk.says(clerk, "/console/incontri/3")


async def test_what_the_office_has_seen_to_did_not_arrive_all_the_same(desk: Desk, clerk: httpx.AsyncClient) -> None:
    [number] = await moved(desk, clerk)
    async with desk.database.begin() as tx:
        failed = update(outbox).where(outbox.c.id == number).values(state="failed", error="550 casella inesistente")
        await tx.execute(failed)
    page = await desk.says(clerk, "/console/uscita")
    stuck = page.partition("Messaggi non arrivati")[2].partition("</table>")[0]
    assert re.search(r'<br><span class="quiet">[A-Z][^<,]+, giovedì 28 gennaio 2021</span>', stuck)
    assert "Forse arrivato" not in page
    page = await desk.posts(clerk, f"/console/uscita/{number}/visto")
    assert "Niente da guardare." in page
    assert "Tolto dall&#39;elenco: Prova 1." in page
    assert "è arrivato tutto" not in page
    page = await desk.says(clerk, "/console/incontri/2")
    assert "Hanno avuto l'aggiornamento: 0 su 1; di uno se ne è occupato l'ufficio." in page
    assert '<a href="/console/persone/1">Prova 1</a>: non arrivato, ci ha pensato Paola' in page
    person = await desk.says(clerk, "/console/persone/1")
    assert '<td data-title="Com\'è andata">non arrivato, ci ha pensato Paola</td>' in person


async def test_several_are_seen_to_together_or_none(desk: Desk, clerk: httpx.AsyncClient) -> None:
    first, second, third = await moved(desk, clerk, 3)
    await turns(desk, "failed", first, second, third)
    assert "Prima scegli i messaggi" in await desk.posts(clerk, "/console/uscita/visti", scelti=["x"])
    page = await desk.posts(clerk, "/console/uscita/visti", scelti=[first, second])
    assert "Tolti dall&#39;elenco: 2 messaggi." in page
    assert [await state(desk, number) for number in (first, second, third)] == ["void", "void", "failed"]
    told = await desk.says(clerk, "/console/incontri/2")
    assert "Hanno avuto l'aggiornamento: 0 su 3; di 2 se ne è occupato l'ufficio." in told
    page = await desk.posts(clerk, "/console/uscita/visti", scelti=[third, second])  # a colleague was quicker
    assert "qualcuno di questi messaggi è stato sistemato" in page
    assert await state(desk, third) == "failed"


async def test_a_trial_that_is_refused_says_what_it_was_and_to_whom(desk: Desk, clerk: httpx.AsyncClient) -> None:
    renzo = await desk.operator(Role.OPERATOR, "renzo")
    key = own_copy_key(4, "3fa9c1d2", renzo)
    row = {"key": key, "lane": "reply", "kind": "staff", "channel": "email", "value": "renzo@comune.example"}
    async with desk.database.begin() as tx:
        row |= {"state": "failed", "error": "550 casella inesistente"}
        await tx.execute(insert(outbox).values(row | {"due_at": desk.now}))
    page = await desk.says(clerk, "/console/uscita")
    assert '<a href="/console/avvisi/4">prova dell\'avviso n. 4</a>' in page
    assert '<td data-title="A chi">Renzo</td>' in page
    assert "550 casella inesistente" in page


async def test_reminders_that_came_too_late_are_told_for_a_week(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """They are nobody's work: no card, no number in the menu. Whom nothing reaches would have had none."""
    first, second, third, unreached = await register(desk.database, 2, 4)
    reminder: dict[str, Any] = {"lane": "bulk", "kind": "reminder", "state": "expired", "due_at": desk.now}
    ago = ((first, "1d", 1), (first, "7d", 6), (second, "1d", 8), (unreached, "1d", 1))
    rows = [
        {"key": f"{number}{label}", "registration_id": number, "expires_at": desk.now - timedelta(days=days)}
        | {"person_id": number}
        for number, label, days in ago
    ]
    rows.append({"key": "sent", "registration_id": third, "expires_at": desk.now, "state": "sent"})
    async with desk.database.begin() as tx:
        for row in rows:
            await tx.execute(insert(outbox).values(reminder | row))
        await tx.execute(update(addresses).where(addresses.c.person_id == unreached).values(reachable=False))
    before = (await clerk.get("/console/segnali.json")).json()["outgoing"]["n"]
    assert "2 promemoria non sono partiti perché in ritardo" in await desk.says(clerk, "/console/uscita")
    today = await desk.says(clerk, "/console/")
    assert "2 promemoria non sono partiti perché in ritardo" in today
    assert 'class="cards"' not in today.partition("perché in ritardo")[2]
    assert before == 0
    desk.now += timedelta(days=2)
    assert "un promemoria non è partito perché in ritardo" in await desk.says(clerk, "/console/uscita")
    desk.now += timedelta(days=6)
    assert "in ritardo" not in await desk.says(clerk, "/console/uscita")


async def test_a_meeting_says_who_did_not_get_a_reminder_because_it_was_too_late(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    _, gone, unreached = await register(desk.database, 2, 3)
    async with desk.database.begin() as tx:
        await queue_reminders(tx, desk.world.schedule, desk.now)
        await tx.execute(update(registrations).where(registrations.c.id == gone).values(status="withdrawn"))
        await tx.execute(update(outbox).where(outbox.c.registration_id == unreached).values(channel="", value=""))
        await tx.execute(update(addresses).where(addresses.c.person_id == 3).values(reachable=False))
    assert "promemoria" not in await desk.says(clerk, "/console/incontri/2")
    desk.now += timedelta(days=20)
    async with desk.database.begin() as tx:
        assert await expire(tx, desk.now) >= 2
    page = await desk.says(clerk, "/console/incontri/2")
    late = page[page.index("1 iscritto non ha avuto un promemoria, perché era già tardi: ") :].partition("</p>")[0]
    assert late.endswith('<a href="/console/persone/1">Prova 1</a>.')
    async with desk.database.begin() as tx:  # what was set since has reminders of its own
        await tx.execute(update(meetings).where(meetings.c.id == 2).values(revision=7))
    assert "un promemoria" not in await desk.says(clerk, "/console/incontri/2")


async def turns(desk: Desk, state: str, *numbers: int, **values: object) -> None:
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).where(outbox.c.id.in_(numbers)).values(state=state, **values))


async def test_one_that_failed_goes_again_when_its_person_is_reached(desk: Desk, clerk: httpx.AsyncClient) -> None:
    [number] = await moved(desk, clerk)
    await turns(desk, "failed", number, channel="email", value="chiusa@posta.example", attempts=9, error="550")
    async with desk.database.begin() as tx:
        await tx.execute(update(addresses).values(reachable=False))
    page = await desk.says(clerk, "/console/uscita")
    assert "non arrivato" in page
    assert f"/uscita/{number}/rimanda" not in page
    assert "non si può rimandare" in await desk.posts(clerk, f"/console/uscita/{number}/rimanda")
    assert await state(desk, number) == "failed"
    await desk.posts(clerk, "/console/persone/1/recapiti", email="nuova@posta.example")
    assert f"/uscita/{number}/rimanda" in await desk.says(clerk, "/console/uscita")
    page = await desk.posts(clerk, f"/console/uscita/{number}/rimanda")
    assert "Riparte adesso." in page
    assert "Niente da guardare." in page
    async with desk.database.look() as tx:
        row = (await tx.execute(select(outbox).where(outbox.c.id == number))).one()
    assert (row.state, row.attempts, row.value) == ("pending", 0, "")  # it is written, and addressed, when it leaves
    # A second press, or one that has arrived meanwhile: nothing is sent twice.
    for done in ("pending", "sent"):
        await turns(desk, done, number)
        assert "non si può rimandare" in await desk.posts(clerk, f"/console/uscita/{number}/rimanda")
        assert await state(desk, number) == done
    async with desk.database.look() as tx:
        lines = select(audit.c.staff_name, audit.c.person_id).where(audit.c.action == "sent_again")
        assert (await tx.execute(lines)).all() == [("Paola", 1)]


async def test_a_confirmation_that_failed_is_written_anew(desk: Desk, clerk: httpx.AsyncClient) -> None:
    [held] = await register(desk.database, 2, 1)
    row = {
        "key": "c",
        "lane": "reply",
        "kind": "reply",
        "detail": "confirmation",
        "channel": "email",
        "state": "failed",
    }
    async with desk.database.begin() as tx:
        made = insert(outbox).values(row | {"person_id": 1, "registration_id": held, "due_at": desk.now})
        number = int((await tx.execute(made.returning(outbox.c.id))).scalar_one())
        await tx.execute(update(registrations).values(told={"lost": True}))
    assert "Riparte adesso." in await desk.posts(clerk, f"/console/uscita/{number}/rimanda")
    assert "non si può rimandare" in await desk.posts(clerk, f"/console/uscita/{number}/rimanda")
    async with desk.database.look() as tx:
        going = (await tx.execute(select(outbox).where(outbox.c.state == "pending"))).one()
        assert (await tx.execute(select(registrations.c.told))).scalar_one()["day"] == "2021-01-21"
    assert (going.value, going.detail, going.registration_id) == ("prova1@posta.example", "confirmation", held)
    assert "Iscrizione confermata" in going.payload["title"]
    assert "L'ufficio ha registrato" not in going.payload["text"]
    person = await desk.says(clerk, "/console/persone/1")
    assert "non arrivato, ci ha pensato Paola" in person


async def test_one_that_failed_and_is_of_no_use_stays(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """Too late, of a change that is another by now, or an answer, whose words are forgotten."""
    [number] = await moved(desk, clerk)
    for values in (
        {"expires_at": desk.now},
        {"expires_at": None, "key": "notice:1:1"},
        {"kind": "reply", "detail": ""},
    ):
        await turns(desk, "failed", number, **values)
        await desk.posts(clerk, f"/console/uscita/{number}/rimanda")
        assert await state(desk, number) == "failed"
    page = await desk.says(clerk, "/console/uscita")
    assert "/rimanda" not in page
    assert "Delle altre risposte non restano le parole" in page


async def test_those_in_doubt_go_again_together_as_they_were_seen(desk: Desk, clerk: httpx.AsyncClient) -> None:
    first, second, third = await moved(desk, clerk, 3)
    assert "Niente in dubbio" in await desk.says(clerk, "/console/uscita/in-dubbio")
    await turns(desk, "unsure", first, second, channel="email", attempts=51)
    assert "Rimanda tutti quelli in dubbio (2)" in await desk.says(clerk, "/console/uscita")
    look = await desk.says(clerk, "/console/uscita/in-dubbio")
    assert "<strong>2 messaggi</strong> in dubbio: 2 aggiornamenti di un incontro per e-mail." in look
    # One more, or one that a colleague has sent meanwhile: looked at again.
    for number, changed in ((third, "unsure"), (second, "sent"), (third, "sent")):
        await turns(desk, changed, number)
        late = await clerk.post("/console/uscita/in-dubbio", data={"visti": seen(look)})
        assert (late.status_code, "Nel frattempo sono cambiati" in late.text) == (409, True)
        assert await state(desk, first) == "unsure"
    page = await desk.posts(clerk, "/console/uscita/in-dubbio", visti=seen(late.text))
    assert "Riparte adesso: 1 messaggio." in page
    assert [await state(desk, n) for n in (first, second, third)] == ["pending", "sent", "sent"]
    async with desk.database.look() as tx:
        assert (await tx.execute(select(outbox.c.attempts).where(outbox.c.id == first))).scalar_one() == 0
    log = await desk.says(await desk.entered(Role.MANAGER), "/console/registro")
    assert "ha rimandato i messaggi in dubbio" in log
    assert "messaggi: 1" in log


async def test_what_was_halted_is_not_among_those_sent_again_together(
    desk: Desk, clerk: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An avviso that was stopped; an update that is another by now."""
    first, second, third = await moved(desk, clerk, 3)
    async with desk.database.begin() as tx:
        said = {"key": "a", "title": "Slide", "text": "Ecco.", "state": "stopped", "created_at": desk.now}
        await tx.execute(insert(broadcasts).values(said))
    await turns(desk, "unsure", first, kind="broadcast", detail="1")
    await turns(desk, "unsure", second, key="notice:2:1")
    await turns(desk, "unsure", third)
    look = await desk.says(clerk, "/console/uscita/in-dubbio")
    await desk.posts(clerk, "/console/uscita/in-dubbio", visti=seen(look))
    assert [await state(desk, n) for n in (first, second, third)] == ["unsure", "unsure", "pending"]
    assert "fermato per tutti" in await desk.posts(clerk, f"/console/uscita/{first}/rimanda")
    monkeypatch.setenv("DATABASE_URL", desk.database.url)  # nor from the terminal
    with pytest.raises(RefusedError, match="fermato per tutti"):
        await let_go_again(first)
    assert await state(desk, first) == "unsure"
    await turns(desk, "unsure", third)
    await let_go_again(third)
    assert await state(desk, third) == "pending"


def seen(page: str) -> str:
    return str(re.findall(r'name="visti" value="(\w+)"', page)[0])


@pytest.mark.browser
async def test_the_pages_are_fine(desk: Desk, clerk: httpx.AsyncClient, looking: Looking) -> None:
    first, second, third = await moved(desk, clerk, 3)
    await desk.posts(clerk, f"/console/uscita/{first}/ferma")
    await turns(desk, "unsure", second, third)
    await looking.fine(clerk, "/console/uscita", "/console/uscita/in-dubbio", "/console/incontri/2")


async def test_what_reaches_nobody_is_not_among_what_will_go_out(desk: Desk, clerk: httpx.AsyncClient) -> None:
    [held] = await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        row = {"key": "r", "lane": "bulk", "kind": "reminder", "channel": "", "due_at": NOW + timedelta(days=1)}
        await tx.execute(insert(outbox).values(row | {"person_id": 1, "registration_id": held}))
    for path in ("/console/uscita", "/console/persone/1"):
        assert "dove scrive di più" in await desk.says(clerk, path)
    async with desk.database.begin() as tx:
        await tx.execute(update(addresses).values(reachable=False))
    for path in ("/console/uscita", "/console/persone/1"):
        assert "dove scrive di più" not in await desk.says(clerk, path)
    assert "Niente in programma." in await desk.says(clerk, "/console/uscita")


async def test_what_did_not_arrive_says_why_on_its_row_and_on_the_meetings_page(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    numbers = await register(desk.database, 2, 3)
    notice: dict[str, Any] = {"lane": "bulk", "kind": "notice", "detail": "hour", "state": "failed", "due_at": desk.now}
    errors = SkipReason.UNREACHABLE, "550 casella piena", SkipReason.UNREACHABLE
    async with desk.database.begin() as tx:
        for number, error in zip(numbers, errors, strict=True):
            row = {"key": f"notice:{number}:1", "registration_id": number, "person_id": number, "error": error}
            await tx.execute(insert(outbox).values(notice | row))
        gone = {"reachable": False, "reason": "bounced 5.1.1", "stopped_at": desk.now}
        await tx.execute(update(addresses).where(addresses.c.person_id == numbers[0]).values(gone))
    why = ["la posta torna indietro dal 15/01/2021", "550 casella piena", "allora non aveva un recapito che funziona"]
    page = await desk.says(clerk, "/console/uscita")
    assert all(f'<br><span class="quiet">{said}</span>' in page for said in why)
    page = await desk.says(clerk, "/console/incontri/2")
    assert re.findall(r"</a>: (non arrivato: [^<]+)</li>", page) == [f"non arrivato: {said}" for said in why]
