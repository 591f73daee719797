"""Cerca: the beginnings of words find whom and what one means, whatever the accents; the role decides.

Nothing is read whole.
"""

import re
import time
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import event, insert, select

from conversation import words
from conversation.channel import Channel
from conversation.message import Address
from db import finding
from db.engine import Database, Transaction
from db.finding import find_associations, find_people, find_people_at, find_people_called, find_questions, words_of
from db.models import hand_overs, meetings, people
from db.operators import Role
from db.people import add_person, organisation_id, update_person
from handlers.turn import PRIVACY_NOTICE_VERSION
from tests.support.desk import Desk
from tests.support.looking import Looking
from tests.support.people import NOW, register


async def add(tx: Transaction, name: str, email: str, organisation: str = "") -> int:
    person = await add_person(
        tx, Address(Channel.EMAIL, email), name=name, language="it", notice_version=PRIVACY_NOTICE_VERSION, now=NOW
    )
    if organisation:
        await update_person(tx, person.id, organisation_id=await organisation_id(tx, organisation, NOW))
    return person.id


async def ask(tx: Transaction, question: str, *, state: str = "open") -> int:
    values = {
        "channel": "email", "value": "anna@posta.example", "question": question, "reason": "question",
        "state": state, "created_at": NOW,
    }  # fmt: skip
    statement = insert(hand_overs).values(values).returning(hand_overs.c.id)
    return int((await tx.execute(statement)).scalar_one())


async def test_beginnings_of_words_find_whatever_the_accents(database: Database) -> None:
    async with database.begin() as tx:
        await add(tx, "Niccolò Prova", "n.prova@posta.example", "Università della Terza Età Esempio")
        await add(tx, "Enno Esempio", "enno@posta.example")
        await add(tx, "Anna D’Esempio", "anna.d@posta.example")
        await ask(tx, "È possibile avere l'attestato?")
        await ask(tx, "Dove si parcheggia?", state="closed")

        async def people_named(sought: str) -> list[str]:
            return [p.name for p in await find_people(tx, words_of(sought), most=5)]

        assert await people_named("NICCOLO") == ["Niccolò Prova"]
        assert await people_named("pro nicc") == ["Niccolò Prova"]
        assert await people_named("niccolò") == ["Niccolò Prova"]
        assert await people_named("anna") == ["Anna D’Esempio"]  # not Enno, whom open vowels would let in
        both: Any = {"most": 5, "by_association": True}
        for sought in ("nicc terza", "universita NICC"):
            assert [p.name for p in await find_people(tx, words_of(sought), **both)] == ["Niccolò Prova"]
        assert await find_people(tx, words_of("enno universita"), **both) == []
        named = [p.name for p in await find_people(tx, words_of("esemp"), **both)]
        assert named == ["Anna D’Esempio", "Enno Esempio", "Niccolò Prova"]
        assert await people_named("esemp") == ["Anna D’Esempio", "Enno Esempio"]
        assert await people_named("colò") == []  # inside a word
        assert await people_named("100%") == []
        assert [p.name for p in await find_people_at(tx, "N.Pro", most=5)] == ["Niccolò Prova"]
        assert await find_people_at(tx, "posta.example", most=5) == []
        for sought in ("universita", "terza eta", "UNIVERSITÀ"):
            assert await find_associations(tx, words_of(sought), most=5) == ["Università della Terza Età Esempio"]
        assert [q.question[:2] for q in await find_questions(tx, words_of("attest"), None, most=5)] == ["È "]
        closed = await find_questions(tx, words_of("2"), 2, most=5)
        assert [(q.id, q.state) for q in closed] == [(2, "closed")]


async def test_what_was_typed_comes_before_what_has_other_accents(one_database: Database) -> None:
    async with one_database.begin() as tx:
        for n in range(320):
            await add(tx, f"Ea Prova {n}", f"ea{n}@posta.example")
        await add(tx, "Zoe Io", "zoe@posta.example")
        assert [p.name for p in await find_people(tx, words_of("io"), most=5)] == ["Zoe Io"]


async def test_addresses_and_associations_are_found_by_their_index(one_database: Database) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    async with one_database.begin() as tx:
        for n in range(6):
            await organisation_id(tx, f"Circolo {n}", NOW)
        event.listen(tx.sync_connection, "before_cursor_execute", note)
        await find_people_at(tx, "anna", most=5)
        await find_associations(tx, words_of("circ"), most=5)
        event.remove(tx.sync_connection, "before_cursor_execute", note)
        assert len(asked) == 2  # five were found by the index: nothing else was looked through
        plans = [await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given) for said, given in asked]
        steps = [str(row.detail) for plan in plans for row in plan.all()]
    assert [step for step in steps if step.startswith("SCAN")] == [], steps
    assert sum("value>? AND value<?" in step or "folded>? AND folded<?" in step for step in steps) == 2, steps


async def fill(desk: Desk) -> dict[str, int]:
    """Somebody, something and some questions that are called alike."""
    await register(desk.database, 1, 12)
    async with desk.database.begin() as tx:
        anna = await add(tx, "Anna Prova", "anna@posta.example", "Circolo Anna")
        one = await ask(tx, "La prova d'ingresso è obbligatoria?")
        day = (await tx.execute(select(meetings.c.day).where(meetings.c.id == 1))).scalar_one()
    return {"anna": anna, "question": one, "day": day.day}


async def test_one_box_finds_everything(desk: Desk) -> None:
    made = await fill(desk)
    client = await desk.entered(Role.OPERATOR)

    async def found(sought: str) -> str:
        return await desk.says(client, f"/console/cerca?q={quote(sought)}")

    said = await found("prova")
    assert re.findall(r"<h2>(.*?)</h2>", said) == ["Persone", "Domande", "Che cosa sa"]
    assert said.count("/console/persone/") == 5
    rest = re.search(r'href="(/console/cerca\?q=prova&amp;gruppo=Persone)"', said)
    assert rest
    everybody = await desk.says(client, rest[1].replace("&amp;", "&"))
    assert everybody.count("/console/persone/") == 13
    assert "<h2>Domande</h2>" not in everybody
    assert f'/console/persone/{made["anna"]}"' in await found("anna@posta")
    assert f'/console/domande/{made["question"]}"' in await found(f"domanda n. {made['question']}")
    assert "/console/iscritti?q=Circolo+Anna" in await found("circolo an")
    assert f'/console/persone/{made["anna"]}"' in await found("circolo an")
    assert f'/console/persone/{made["anna"]}"' in await found("prova circolo anna")
    assert '/console/incontri/1"' in await found(f"{made['day']} gennaio 2021")
    assert "/console/voci/documenti/" in await found("patto")
    assert '/console/incontri/importa"' in await found("programma")
    assert "almeno due lettere" in await found("a")
    assert "almeno due lettere" in await found("%%%")
    assert "Niente per" in await found("zzzz")
    assert "Niente per" in await found("z" * 5000)
    assert "<b>" not in await found("<b>prova</b>")


@pytest.mark.parametrize(
    ("sought", "hit"),
    [
        ("0583 123456", True),
        ("0583123456", True),
        ("+39 0583/123.456", True),
        ("123456", True),
        ("0583 12", True),
        ("0583 12345 7", False),
        ("99999 123456", False),
        ("1234", False),
        ("tel 0583 123456", False),
    ],
)
async def test_who_leaves_a_telephone_is_found_by_it(database: Database, sought: str, *, hit: bool) -> None:
    async with database.begin() as tx:
        ida = await add(tx, "Ida Prova", "ida@posta.example")
        await add(tx, "Enno Esempio", "enno@posta.example")
        await update_person(tx, ida, phone="0583 12-34-56")
        assert [p.id for p in await find_people_called(tx, sought, most=5)] == [ida] * hit


async def test_a_telephone_finds_its_person_in_the_box(desk: Desk) -> None:
    await register(desk.database, 1, 1)
    async with desk.database.begin() as tx:
        await update_person(tx, 1, phone="+39 0583 123456")
    client = await desk.entered(Role.OPERATOR)
    assert "/console/persone/1" in await desk.says(client, f"/console/cerca?q={quote('0583 123456')}")


async def test_results_follow_the_role(desk: Desk) -> None:
    manager, operator = await desk.entered(Role.MANAGER), await desk.entered(Role.OPERATOR)
    assert "/console/registro" in await desk.says(manager, "/console/cerca?q=registro")
    assert "/console/registro" not in await desk.says(operator, "/console/cerca?q=registro")
    reader = await desk.entered(Role.READER)
    assert "/console/cerca" not in await desk.says(reader, "/console/")
    assert 'action="/console/cerca"' in await desk.says(operator, "/console/")


async def test_a_question_that_has_its_answer_is_still_found(desk: Desk) -> None:
    async with desk.database.begin() as tx:
        number = await ask(tx, "Si può venire con il cane?", state="answered")
    said = await desk.says(await desk.entered(Role.OPERATOR), "/console/cerca?q=cane")
    assert f"/console/domande/{number}" in said
    assert "ha avuto risposta" in said


async def test_ten_thousand_people_are_no_wait(one_database: Database) -> None:
    async with one_database.begin() as tx:
        rows = [{"name": f"Niccolò Prova {n}", "language": "it", "created_at": NOW} for n in range(10_000)]
        await tx.execute(insert(people), rows)
        began = time.process_time()
        assert len(await find_people(tx, words_of("niccolo 98"), most=6)) == 6
        assert await find_people(tx, words_of("rossi"), most=6) == []
        assert time.process_time() - began < 0.5  # 0.03 in quiet; in Python alone half a second each


async def test_the_facts_are_taken_apart_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    client, taken = await desk.entered(Role.OPERATOR), set[str]()

    def fold(text: str) -> str:
        taken.add(text)
        return words.fold(text)

    monkeypatch.setattr(finding, "fold", fold)
    await desk.says(client, "/console/cerca?q=zoom")
    taken.clear()
    assert "Zoom" in await desk.says(client, "/console/cerca?q=zoom")
    assert "zoom" in taken
    assert taken & {text for fact in desk.world.library.facts.values() for text in fact.questions["it"]} == set()


@pytest.mark.browser
async def test_the_box_is_there_on_every_page_and_by_its_key(desk: Desk, looking: Looking) -> None:
    await fill(desk)
    client = await desk.entered(Role.OPERATOR)
    await looking.fine(client, "/console/cerca?q=prova", name="cerca")
    await looking.fine(client, "/console/cerca", name="cerca-vuota")
    page = await looking.page(client, width=360)
    await page.goto(looking.address + "/console/iscritti")
    await page.keyboard.press("/")
    await page.keyboard.type("anna")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/cerca?q=anna")
    await page.get_by_role("link", name="Anna Prova").press("Enter")
    await page.wait_for_url("**/console/persone/*")
    assert await page.locator("h1").inner_text() == "Anna Prova"
