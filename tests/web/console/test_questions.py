"""Domande: equal questions answered together, what a colleague did seen, what was written never lost."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest
from sqlalchemy import insert, select, update

from conversation.intents import Intent
from conversation.outcome import HandOverReason
from db.models import broadcasts, hand_overs, outbox, registrations
from db.operators import Role, update_operator
from db.questions import Line, Side, add_line, get_question
from db.registrations import note_told
from db.requests import Actor
from handlers.answer_delivery import deliver_answer
from office.passwords import hash_password
from tests.support.desk import PASSWORD, Desk
from tests.support.looking import Looking
from tests.support.people import ask, register
from web.console.frame import say_moment
from web.console.questions import _REASONS
from web.console.understood import WISHES
from web.console.world import Numbers

PAGE = "/console/domande"
WORDS = ("C'è un parcheggio?", "c'è un parcheggio", "Dove si parcheggia quando si viene agli incontri?")


async def equal(desk: Desk) -> list[int]:
    """Three in one group: the second in the first one's words, the third only near."""
    numbers = []
    for n, (words, likeness, digest) in enumerate(zip(WORDS, (1.0, 1.0, 0.8), ("a", "a", "b"), strict=True)):
        channel = {"channel": "email", "value": "lia@querce.example"} if n == 1 else {"value": str(70 + n)}
        values = {**channel, "same_as": 1, "likeness": likeness, "digest": digest}
        numbers.append(await ask(desk.database, words, **values))
    return numbers


def form(page: str, *, ticked: bool = True, **besides: str) -> dict[str, object]:
    """What the page would send: its version, and those that are ticked."""
    version = page.split('name="vista" value="')[1].split('"', maxsplit=1)[0]
    boxes = re.findall(r'name="uguali" value="(\d+:\d+)"( checked)?', page)
    return {"vista": version, "uguali": [v for v, on in boxes if on or not ticked], **besides}


async def with_password(desk: Desk) -> None:
    """The operator has one."""
    number = await desk.operator(Role.OPERATOR)
    async with desk.database.begin() as tx:
        await update_operator(tx, number, password=await hash_password(PASSWORD))


async def queued(desk: Desk) -> list[tuple[str, str]]:
    async with desk.database.look() as tx:
        query = select(outbox.c.channel, outbox.c.value).where(outbox.c.state == "pending").order_by(outbox.c.id)
        return [(r[0], r[1]) for r in (await tx.execute(query)).all()]


async def test_the_same_words_are_ticked_and_near_ones_are_not(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await equal(desk)
    assert (await desk.says(clerk, PAGE)).count("3 uguali") == 3
    page = await desk.says(clerk, f"{PAGE}/1")
    assert WORDS[2] in page
    done = await desk.posts(clerk, f"{PAGE}/1", risposta="In piazza.", **form(page))
    assert "Risposta pronta a 2 domande" in done
    assert await queued(desk) == [("telegram", "70"), ("email", "lia@querce.example")]
    above = (await desk.says(clerk, f"{PAGE}/2")).partition("Ritira la risposta")[0]
    assert "La risposta parte alle 9.02." in above
    said = " ".join(re.sub(r"<[^>]+>", "", above).split())
    assert "La stessa risposta va anche alla domanda n. 1: si ritira per tutte e 2." in said
    page = await desk.presses(clerk, f"{PAGE}/2", "ritira")
    assert "2 domande aspettano ancora" in page
    assert "In piazza.</textarea>" in page
    assert await queued(desk) == []
    assert "In piazza.</textarea>" not in await desk.says(clerk, f"{PAGE}/1")
    assert "Ritira la risposta" not in await desk.says(clerk, f"{PAGE}/1")


async def test_alone_no_others_are_named_and_what_has_left_is_not_counted(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await equal(desk)
    page = await desk.says(clerk, f"{PAGE}/3")
    await desk.posts(clerk, f"{PAGE}/3", risposta="Dietro la chiesa.", **{**form(page), "uguali": []})
    assert "La stessa risposta" not in await desk.says(clerk, f"{PAGE}/3")
    await desk.presses(clerk, f"{PAGE}/3", "ritira")
    page = await desk.says(clerk, f"{PAGE}/3")
    await desk.posts(clerk, f"{PAGE}/3", risposta="In piazza.", **form(page, ticked=False))
    said = " ".join(re.sub(r"<[^>]+>", "", await desk.says(clerk, f"{PAGE}/3")).split())
    assert "va anche alle domande n. 1, n. 2: si ritira per tutte e 3." in said
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).where(outbox.c.key.startswith("office:1:")).values(state="sent"))
    said = " ".join(re.sub(r"<[^>]+>", "", await desk.says(clerk, f"{PAGE}/3")).split())
    assert "va anche alla domanda n. 2: si ritira per tutte e 2." in said


async def test_what_a_colleague_answered_meanwhile_is_left_out_and_named(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await equal(desk)
    mine = form(await desk.says(clerk, f"{PAGE}/1"), ticked=False)
    renzo = await desk.entered(Role.MANAGER)
    his = form(await desk.says(renzo, f"{PAGE}/3"), risposta="Dietro la chiesa.")
    await desk.posts(renzo, f"{PAGE}/3", **{**his, "uguali": []})
    done = await desk.posts(clerk, f"{PAGE}/1", risposta="In piazza.", **mine)
    assert "Risposta pronta a 2 domande" in done
    assert "La n. 3 no: se ne è già occupata un&#39;altra persona (Manager)" in done
    late = await clerk.post(f"{PAGE}/3", data={"risposta": "In piazza.", "vista": "1"})
    assert late.status_code == 409
    for words in ("Ha risposto Manager", "Dietro la chiesa.", "Il tuo testo", "In piazza."):
        assert words in late.text


async def test_who_asks_is_said_above_the_form_and_how_near_the_facts_are(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 1, 2)
    fact = next(iter(desk.world.library.facts))
    near = {"intent": "question", "certainty": 0.83, "facts": [[fact, 0.09]], "enough": 0.4, "beyond": 0.05}
    page = await desk.says(clerk, f"{PAGE}/{await ask(desk.database, WORDS[0], person_id=1, evidence=near)}")
    above = page.partition("<h2>Rispondi")[0]
    assert re.search(r'href="/console/persone/1">Prova 1</a>, Circolo 1', above)
    assert re.search(r'href="/console/incontri/\d">[^<]+</a>, \w+ \d+ gennaio 2021: \d+ person[ae], ', above)
    assert f'/console/voci/documenti/{fact}">' in above
    assert "(poco somigliante: 9 su 100)" in above
    assert "Ha capito che fa una domanda, sicuro 83 su 100." in above
    assert "Risponde da sé da 40 su 100.</p>" in above
    page = await desk.says(clerk, f"{PAGE}/{await ask(desk.database, WORDS[2], evidence=near | {'beyond': 0.5})}")
    assert "somiglia di più a una domanda a cui nessun documento risponde: 50 su 100." in page
    nothing = {"intent": "other", "certainty": 0.0, "facts": [], "enough": 0.4, "beyond": 0.29, "attached": True}
    letter = await ask(desk.database, "", channel="email", value="lia@querce.example", evidence=nothing)
    async with desk.database.begin() as tx:
        await add_line(tx, letter, Line(Side.THEM, "Salve", desk.now, None, ""))
    said_at = say_moment(desk.now)
    page = unescape(await desk.says(clerk, f"{PAGE}/{letter}"))
    for said in ("Non ha capito che cosa vuole", "Risponde da sé da 40 su 100.", "nessun documento risponde: 29 su"):
        assert said in page
    assert "(senza parole) <em>C'era qualcosa di allegato: il bot non apre gli allegati e non li conserva." in page
    assert "Si leggono nella casella." in page
    assert f"Chi scrive, {said_at}</span>Salve" in page
    assert "(senza parole) (con allegati)" in await desk.says(clerk, PAGE)
    assert "Non è tra gli iscritti" in await desk.says(clerk, f"{PAGE}/{await ask(desk.database, WORDS[1])}")


async def test_what_the_office_told_before_is_said(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """To this person; what others were told is not, nor what has not left."""
    await register(desk.database, 2, 2)
    for n, person in enumerate((1, 2, None, None)):
        number = await ask(desk.database, WORDS[0], person_id=person, value=str(70 + n // 3))
        await desk.posts(clerk, f"{PAGE}/{number}", risposta=f"Buongiorno, risposta {number}.", vista="1")
    row = {"lane": "bulk", "kind": "notice", "channel": "email", "person_id": 1, "due_at": desk.now}
    async with desk.database.begin() as tx:
        for state in ("sent", "void", "pending"):
            await tx.execute(insert(outbox).values(row | {"key": state, "state": state}))
        await tx.execute(insert(outbox).values(row | {"key": "another's", "state": "sent", "person_id": 2}))
    page = await desk.says(clerk, f"{PAGE}/{await ask(desk.database, WORDS[1], person_id=1)}")
    assert re.findall(r"«Buongiorno, risposta (\d)\.»", page) == ["1"]
    assert page.count("Aggiornamento di un incontro, 15/01/2021 9.00") == 1
    page = await desk.says(clerk, f"{PAGE}/{await ask(desk.database, WORDS[1], value='71')}")
    assert re.findall(r"«Buongiorno, risposta (\d)\.»", page) == ["4"]


async def test_a_pressed_button_stands_in_the_conversation_as_one(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await ask(desk.database, WORDS[0])
    async with desk.database.begin() as tx:
        await add_line(tx, number, Line(Side.BOT, "Va bene?", None, None, ""))
        await add_line(tx, number, Line(Side.PRESS, "Sì, va bene", None, None, ""))
    said = (await desk.says(clerk, f"{PAGE}/{number}")).partition('<ol class="talk"')[2].partition("</ol>")[0]
    assert said.index("Va bene?") < said.index("Chi scrive ha premuto un pulsante")
    assert '<span class="pressed">Sì, va bene</span>' in said


async def test_what_is_known_of_the_messages_that_they_were_sent_is_shown(desk: Desk, clerk: httpx.AsyncClient) -> None:
    (held,) = await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        values = {"key": "b", "title": "Portate una felpa", "text": "Fa freddo.", "created_at": desk.now}
        await tx.execute(insert(broadcasts).values(id=1, **values))
        row = {"lane": "bulk", "channel": "email", "person_id": 1, "due_at": desk.now, "state": "sent"}
        await tx.execute(insert(outbox).values(row | {"key": "n", "kind": "notice", "registration_id": held}))
        await tx.execute(insert(outbox).values(row | {"key": "m", "kind": "broadcast", "detail": "1"}))
        await note_told(tx, held, {"day": "2021-01-28", "hour": "18:00:00", "link": "https://zoom.example/j/1"})
        await tx.execute(
            insert(outbox).values(row | {"key": "r", "kind": "reminder", "registration_id": held, "state": "pending"})
        )
    assert re.search(
        r'promemoria: <a href="/console/incontri/2">[^<]+</a>, gio', await desk.says(clerk, "/console/persone/1")
    )
    for path in (f"{PAGE}/{await ask(desk.database, WORDS[0], person_id=1)}", "/console/persone/1"):
        page = await desk.says(clerk, path)
        assert "Detto per ultimo: giovedì 28 gennaio, ore 18.00, con il collegamento." in page
        assert re.search(r'incontro[^<]*: <a href="/console/incontri/2">[^<]+</a>(?!,)', page)
        assert re.search(r'[Aa]vviso[^<]*: <a href="/console/avvisi/1">Portate una felpa</a>', page)
        assert "aggiornamenti non si conserva" in page
    async with desk.database.begin() as tx:
        await tx.execute(update(registrations).values(status="waitlisted"))
    page = await desk.says(clerk, "/console/persone/1")
    assert "Detto per ultimo: giovedì 28 gennaio, ore 18.00, senza collegamento." in page


async def test_the_answers_already_given_are_listed_the_latest_first(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    first = await ask(desk.database, WORDS[0], person_id=1)
    second, third = await ask(desk.database, WORDS[1]), await ask(desk.database, WORDS[2] * 3)
    for number in (second, first):
        await desk.posts(clerk, f"{PAGE}/{number}", risposta="In piazza.", vista="1")
        desk.now += timedelta(minutes=1)
    async with desk.database.begin() as tx:
        asked = await get_question(tx, third)
        assert asked
        library, now, by = desk.world.library, desk.now, Actor(None, "email")
        await deliver_answer(tx, asked, "Dietro la chiesa.", key="k", library=library, now=now, due=now, by=by)
    await ask(desk.database, "Ancora senza risposta?")
    assert f'href="{PAGE}/risposte">Risposte già date</a>' in await desk.says(clerk, PAGE)
    page = await desk.says(clerk, f"{PAGE}/risposte")
    assert "3 risposte" in page
    assert re.findall(rf'href="{PAGE}/(\d)">n\. \d: ', page) == [str(third), str(first), str(second)]
    assert re.findall(r'data-title="Quando">([^<]*)<', page)[1:] == [
        "15/01/2021 9.01, non ancora partita",
        "15/01/2021 9.00, non ancora partita",
    ]
    assert re.findall(r'data-title="Chi ha risposto">([^<]*)<', page) == [
        "l&#39;ufficio, per e-mail",
        "Operator",
        "Operator",
    ]
    assert '<a href="/console/persone/1">Prova 1</a>' in page
    [known] = [n for n in (await desk.says(clerk, f"{PAGE}/{second}")).splitlines() if f"Domanda n. {third}</a>" in n]
    assert f"Domanda n. {third}</a>, 15/01/2021 9.02, non ancora partita: «Dietro la chiesa.»" in known
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).values(state="sent"))
    for path in (f"{PAGE}/risposte", f"{PAGE}/{second}"):
        assert "non ancora partita" not in await desk.says(clerk, path)
    assert "1 risposta<" in await desk.says(clerk, f"{PAGE}/risposte?q=prova")
    assert "Nessuna risposta." in await desk.says(clerk, f"{PAGE}/risposte?q=ancora")
    other = await desk.entered(Role.READER)
    assert (await other.get(f"{PAGE}/risposte")).status_code == 403


async def test_what_to_answer_is_asked_until_it_is_answered(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await ask(desk.database, WORDS[0])
    assert "<p>Che cosa rispondiamo? Ha scritto" in await desk.says(clerk, f"{PAGE}/{number}")
    await desk.posts(clerk, f"{PAGE}/{number}", risposta="In piazza.", vista="1")
    assert "<p>Ha scritto" in await desk.says(clerk, f"{PAGE}/{number}")


async def test_the_number_in_the_menu_is_counted_again_once_it_is_answered(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    desk.set(numbers=Numbers(3600))
    number, sign = await ask(desk.database, WORDS[0]), 'data-sign="questions" hidden'
    page = await desk.says(clerk, f"{PAGE}/{number}")
    assert sign not in page
    done = await desk.posts(clerk, f"{PAGE}/{number}", risposta="In piazza.", **form(page))
    assert "nessuno aspetta" in done
    assert sign in done


async def test_an_answer_that_has_not_left_is_found_again(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """On the list and in In uscita, by whoever comes back; not the one that has left, nor the one taken back."""
    for n in range(1, 4):
        await ask(desk.database, f"Dove si mangia il giorno {n}?")
        await desk.posts(clerk, f"{PAGE}/{n}", risposta=f"Al bar {n}.", vista="1")
    await desk.presses(clerk, f"{PAGE}/3", "ritira")
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).where(outbox.c.key.startswith("office:2:")).values(state="sent"))
    desk.passes(minutes=1)
    waiting, _, leaving = (await desk.says(clerk, PAGE)).partition("Risposte in partenza")
    assert re.findall(r"Dove si mangia il giorno (\d)", waiting) == ["3"]
    assert re.findall(r'href="/console/domande/(\d)">Dove si mangia il giorno', leaving) == ["1"]
    assert "la risposta «Al bar 1.» parte alle 9.02" in leaving
    rows = await desk.says(clerk, "/console/uscita")
    assert re.findall(r'<a href="(/console/[a-z]+/\d)">(risposta [^<]*)</a>', rows) == [
        ("/console/domande/1", "risposta alla domanda n. 1")
    ]


async def answered_by_mail(desk: Desk, number: int, words: str) -> None:
    """By a colleague, at once, and gone."""
    async with desk.database.begin() as tx:
        asked = await get_question(tx, number)
        assert asked
        library, now, by = desk.world.library, desk.world.times().now, Actor(None, "email")
        await deliver_answer(tx, asked, words, key=f"office:{number}:m", library=library, now=now, due=now, by=by)
        await tx.execute(update(outbox).where(outbox.c.key.startswith(f"office:{number}:m")).values(state="sent"))


async def test_of_two_answers_the_one_that_waits_is_named_and_taken_back(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await ask(desk.database, WORDS[0])
    await desk.posts(clerk, f"{PAGE}/{number}", risposta="Sì, in piazza.", vista="1")
    await answered_by_mail(desk, number, "No, nessuno.")
    leaving = (await desk.says(clerk, PAGE)).partition("Risposte in partenza")[2]
    assert "la risposta «Sì, in piazza.» parte alle 9.02" in leaving
    assert "Nel frattempo un collega ha risposto «No, nessuno.»" in leaving
    page = await desk.says(clerk, f"{PAGE}/{number}")
    assert "La risposta «Sì, in piazza.» parte alle 9.02." in page
    assert "se non la ritiri, chi ha chiesto le riceve tutte e due" in page
    assert re.findall(r"(9\.0\d)(: parte [^<]*)?</span>(Sì, in piazza\.|No, nessuno\.)", page) == [
        ("9.00", ": parte alle 9.02", "Sì, in piazza."),
        ("9.00", "", "No, nessuno."),
    ]
    page = await desk.presses(clerk, f"{PAGE}/{number}", "ritira")
    assert f"Risposta ritirata: non parte. Ha già un'altra risposta la n. {number}." in page.replace("&#39;", "'")
    assert "chi ha chiesto ha già avuto la risposta qui sopra" in page
    assert "Ritira la risposta" not in page
    assert await queued(desk) == []
    assert "nessuno aspetta" in await desk.says(clerk, PAGE)
    async with desk.database.look() as tx:
        asked = await get_question(tx, number)
        assert asked
        assert asked.answer == "No, nessuno."
    assert "l&#39;ufficio, per e-mail" in await desk.says(clerk, f"{PAGE}/{number}")


async def test_who_comes_second_reads_whether_the_first_answer_has_gone(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await ask(desk.database, WORDS[0])
    await desk.posts(clerk, f"{PAGE}/{number}", risposta="Sì, in piazza.", vista="1")
    second = {"risposta": "No.", "vista": "1"}
    page = (await clerk.post(f"{PAGE}/{number}", data=second)).text
    assert "Non è partito: chi ha chiesto sta per ricevere la risposta qui sopra." in page
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).values(state="sent"))
    page = (await clerk.post(f"{PAGE}/{number}", data=second)).text
    assert "Non è partito: chi ha chiesto ha già avuto la risposta qui sopra." in page


async def test_an_answer_that_has_left_is_corrected_from_the_page(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await equal(desk)
    page = await desk.says(clerk, f"{PAGE}/1")
    await desk.posts(clerk, f"{PAGE}/1", risposta="In piazza.", **form(page))
    button = f'<a class="btn btn-outline-primary" href="{PAGE}/1/correggi">Scrivi una correzione</a>'
    assert button not in await desk.says(clerk, f"{PAGE}/1")
    assert "La risposta non è ancora partita" in await desk.says(clerk, f"{PAGE}/1/correggi")
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).values(state="sent"))
    assert button in await desk.says(clerk, f"{PAGE}/1")
    page = await desk.says(clerk, f"{PAGE}/1/correggi")
    assert "Chi ha avuto la stessa risposta" in page
    late = form(page, risposta="In via Roma.")
    done = await desk.posts(clerk, f"{PAGE}/1/correggi", risposta="Dietro la chiesa.", **form(page))
    assert "Correzione pronta a 2 domande: parte fra 2 minuti." in done
    assert "La correzione «Dietro la chiesa.» parte alle 9.02." in done
    assert "le riceve tutte e due" not in done
    assert "la correzione «Dietro la chiesa.» parte" in await desk.says(clerk, PAGE)
    assert "correzione della risposta alla domanda n. 1<" in await desk.says(clerk, "/console/uscita")
    second = await clerk.post(f"{PAGE}/1/correggi", data=late)
    assert second.status_code == 409
    assert "In via Roma." in second.text
    page = await desk.presses(clerk, f"{PAGE}/1", "ritira")
    assert "Correzione ritirata: non parte, vale la risposta di prima." in page
    assert "Dietro la chiesa.</textarea>" in page
    assert await queued(desk) == []
    await desk.posts(clerk, f"{PAGE}/1/correggi", risposta="Dietro la chiesa.", **form(page))
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).values(state="sent"))
    page = (await desk.says(clerk, f"{PAGE}/1")).replace("&#39;", "'")
    assert re.findall(r"(Ha corretto la risposta|L'ufficio:) Operator, [^<]*</span>(\w+)", page) == [
        ("L'ufficio:", "In"),
        ("Ha corretto la risposta", "Dietro"),
    ]
    assert button in page
    log = await desk.says(await desk.entered(Role.MANAGER), "/console/registro")
    assert "ha corretto la risposta a una domanda" in log
    assert "ha ritirato la correzione di una risposta" in log


async def test_what_was_answered_can_still_be_taught(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await ask(desk.database, WORDS[0])
    await desk.posts(clerk, f"{PAGE}/{number}", risposta="Buongiorno! In piazza.", vista="1")
    assert f'href="/console/voci/nuova?domande={number}"' in await desk.says(clerk, f"{PAGE}/{number}")
    form = await desk.says(clerk, f"/console/voci/nuova?domande={number}")
    assert ">\nIn piazza.</textarea>" in form


async def test_to_whom_it_was_passed_and_by_whom_is_said(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number, beside = await ask(desk.database, WORDS[0]), await ask(desk.database, "Dove si mangia?")
    rosa = await desk.operator(Role.MANAGER, "rosa")
    done = await desk.posts(clerk, f"{PAGE}/{number}/passa", vista="1", a=str(rosa))
    assert f"La domanda n. {number} è passata a Rosa" in done
    assert "Non parte nessun messaggio" in done
    assert done.count("passata a Rosa da Operator") == 1
    page = await desk.says(clerk, f"{PAGE}/{number}")
    assert "È passata a Rosa da Operator." in page
    assert "sta rispondendo" not in page
    assert "passata a" not in await desk.says(clerk, f"{PAGE}/{beside}")
    hers = await desk.entered(Role.MANAGER, operator=rosa)
    assert "passata a te da Operator" in await desk.says(hers, PAGE)
    assert "È passata a te da Operator." in await desk.says(hers, f"{PAGE}/{number}")
    await desk.posts(hers, f"{PAGE}/{number}", risposta="In piazza.", vista="2")
    assert "passata a te" not in await desk.says(hers, f"{PAGE}/{number}")


async def test_who_closed_it_is_said(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await ask(desk.database, WORDS[0])
    await desk.posts(clerk, f"{PAGE}/{number}/chiudi", vista="1", motivo="no_question")
    assert "Operator l'ha chiusa senza rispondere" in await desk.says(clerk, f"{PAGE}/{number}")
    assert "non chiede niente" in await desk.says(clerk, f"{PAGE}/{number}")


def test_every_reason_has_its_words() -> None:
    assert set(_REASONS) == set(HandOverReason)
    assert set(WISHES) == set(Intent)


async def test_the_log_in_leads_back_to_the_page_that_was_written_on(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """Where whose form it was is not known."""
    await clerk.post("/console/esci")
    number = await ask(desk.database, WORDS[0])
    for page, back in (
        (f"{PAGE}/{number}", f"{PAGE}/{number}"),
        (f"{PAGE}/{number}/chiudi", f"{PAGE}/{number}"),
        ("/console/voci/nuova?domande=1", "/console/voci/nuova?domande=1"),
    ):
        sent = await clerk.post(f"{PAGE}/{number}", data={"vista": "1"}, headers={"Referer": f"http://127.0.0.1{page}"})
        assert sent.status_code == 401
        assert httpx.URL(re.findall(r'href="(/console/entra[^"]*)"', sent.text)[0]).params["poi"] == back
    elsewhere = await clerk.post(PAGE + "/1", data={}, headers={"Referer": "https://altrove.example/console/voci"})
    assert "poi=/console/&#34;" in elsewhere.text or 'poi=/console/"' in elsewhere.text


@pytest.mark.browser
async def test_what_was_written_outlives_the_session_until_it_is_accepted(desk: Desk, looking: Looking) -> None:
    from playwright.async_api import expect

    number, text = await ask(desk.database, WORDS[0]), "Sì, in piazza, dalle otto."
    page = await looking.page(await desk.entered(Role.OPERATOR))
    await with_password(desk)
    await page.goto(f"{looking.address}{PAGE}/{number}")
    await page.locator("#risposta").fill(text)
    desk.passes(hours=2)
    async with page.expect_response("**/segnali.json"):
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await page.get_by_role("button", name="Rispondi").click()
    await page.get_by_role("heading", name="Entra di nuovo").wait_for()
    assert await looking.faults_of(page, "accesso-finito", 1280) == []
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Entra").click()
    beside = await opened.value
    await beside.get_by_label("E-mail").fill("operator@comune.example")
    await beside.get_by_label("Password").fill(PASSWORD)
    await beside.keyboard.press("Enter")
    await beside.get_by_text("Chiudi questa scheda").wait_for()
    await beside.goto(f"{looking.address}{PAGE}/{number}")
    await expect(beside.locator("#risposta")).to_have_value(text)
    await page.get_by_role("button", name="Manda quel che avevi scritto").click()
    await page.get_by_role("button", name="Ritira la risposta").click()
    await expect(page.locator("#risposta")).to_have_value(text)
    await page.goto(f"{looking.address}{PAGE}")
    await page.goto(f"{looking.address}{PAGE}/{number}")  # what was taken back is still there for who comes back
    await expect(page.locator("#risposta")).to_have_value(text)
    await page.get_by_role("button", name="Rispondi").click()
    await page.wait_for_url(f"**{PAGE}")
    await page.goto(f"{looking.address}{PAGE}/{await ask(desk.database, WORDS[2])}")
    assert await page.evaluate("Object.keys(localStorage).length") == 0


@pytest.mark.browser
async def test_the_pages_are_fine(desk: Desk, clerk: httpx.AsyncClient, looking: Looking) -> None:
    await equal(desk)
    await looking.fine(clerk, PAGE, f"{PAGE}/1")
    page = await desk.says(clerk, f"{PAGE}/1")
    await desk.posts(clerk, f"{PAGE}/1", risposta="In piazza.", **form(page, ticked=False))
    await looking.fine(clerk, f"{PAGE}/1", name="domanda-risposta")
    await looking.fine(clerk, PAGE, name="domande-in-partenza")
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).values(state="sent"))
    await looking.fine(clerk, f"{PAGE}/1/correggi", name="domanda-correzione")
    await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        await tx.execute(update(hand_overs).values(person_id=1))
    await looking.fine(clerk, f"{PAGE}/3", name="domanda-di-chi-ha-gia-chiesto")
