"""Lists, shown by the registry: search, filters, order, pages, files; and the assets beside them."""

import csv
import io
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from inspect import getsource
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Column, String, insert, update

from benchmarks.console.crowd import fill
from benchmarks.console.pages import paths
from db.broadcasts import Broadcast, add_broadcast
from db.engine import Database
from db.models import (
    addresses,
    adhesions,
    audit,
    meetings,
    organisations,
    outbox,
    pact_organisations,
    people,
    registrations,
    sectors,
    staff,
)
from db.operators import Role
from db.people import organisation_id
from db.requests import TERMINAL, record
from db.segments import Segment
from db.taught import Wording, add_version
from tests.support.desk import Desk, hidden, open_desk
from tests.support.people import ask, register
from tests.web.console.test_meetings import confirmed
from web.assets import asset_url
from web.console.log_words import ACTIONS
from web.console.routes import PAGES

TAUGHT = Wording({"it": "Il parcheggio"}, {"it": ["Dove si parcheggia?"]}, {"it": "In piazza."}, {}, date(2021, 1, 15))


async def lines(desk: Desk, count: int, action: str = "erased") -> None:
    async with desk.database.begin() as tx:
        for number in range(count):
            await record(tx, action, now=desk.now + timedelta(minutes=number), subject=f"registration:{number}")


def cells(page: str, column: str) -> list[str]:
    return re.findall(rf'<td data-title="{column}"[^>]*>(.*?)</td>', page)


async def test_the_registry_leads_to_the_person_by_name_and_names_the_terminal_in_words(desk: Desk) -> None:
    await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        for person in (None, 3, 1):
            await record(tx, "joined", now=desk.now, person_id=person, subject="meeting:2", by=TERMINAL)
    client = await desk.entered(Role.MANAGER)
    page = await desk.says(client, "/console/registro?action=joined")
    assert set(cells(page, "Chi")) == {"chi lavora al terminale"}
    assert cells(page, "A chi") == [
        '<a href="/console/persone/1">Prova 1</a>',
        '<a href="/console/persone/3">persona n. 3</a>',
        "",
    ]
    assert set(cells(page, "Su che cosa")) == {
        '<a href="/console/incontri/2">incontro: Associazioni sportive, giovedì 21 gennaio 2021</a>'
    }
    file = (await client.get("/console/registro?action=joined&formato=csv")).content.decode("utf-8-sig")
    assert "incontro n. 2, persona n. 1" in file
    assert "Prova 1" not in file


async def test_the_registry_names_colleagues(desk: Desk) -> None:
    number = await desk.operator(Role.OPERATOR, "paola")
    async with desk.database.begin() as tx:
        await record(tx, "question_passed_on", now=desk.now, subject="question:1", data={"to": number})
        await record(tx, "operator_put_out", now=desk.now, subject=f"operator:{number}")
        await record(tx, "operator_removed", now=desk.now, subject="operator:99")
    client = await desk.entered(Role.MANAGER)
    for action, said, how in (
        ("question_passed_on", "domanda n. 1", "passata a: Paola"),
        ("operator_put_out", "operatore Paola", ""),
        ("operator_removed", "operatore n. 99", ""),
    ):
        page = await desk.says(client, f"/console/registro?action={action}")
        assert (cells(page, "Su che cosa"), cells(page, "Come")) == ([said], [how])


async def test_the_registry_leads_to_what_a_line_is_about_while_it_is_there(desk: Desk) -> None:
    question, client = await ask(desk.database), await desk.entered(Role.MANAGER)
    subjects = [f"question:{question}", "question:99", "inbox:1", "registration:1", "broadcast:x"]
    async with desk.database.begin() as tx:
        fact = await add_version(tx, "ufficio_1.voce", TAUGHT, author=None, now=desk.now)
        for subject in [*subjects, "fact:ufficio_1.voce", "fact:ufficio_2.voce"]:
            await record(tx, "erased", now=desk.now, subject=subject)
    page = await desk.says(client, "/console/registro?action=erased")
    assert sorted(cells(page, "Su che cosa")) == [
        f'<a href="/console/domande/{question}">domanda n. {question}</a>',
        f'<a href="/console/voci/{fact.id}">voce «Il parcheggio»</a>',
        "avviso n. x",
        "domanda n. 99",
        "iscrizione n. 1",
        "messaggio n. 1",
        "una voce di «Che cosa sa»",
    ]
    file = (await client.get("/console/registro?action=erased&formato=csv")).content.decode("utf-8-sig")
    assert file.count("una voce di «Che cosa sa»") == 2


async def test_the_registry_names_what_a_line_is_about(desk: Desk) -> None:
    """By its meeting or title; a number that was given again, to somebody else, is not taken for the old one."""
    client = await desk.entered(Role.MANAGER)
    first, second = await register(desk.database, 2, 2)
    reminder = {"key": "r", "lane": "bulk", "kind": "reminder", "person_id": 1, "registration_id": first}
    async with desk.database.begin() as tx:
        numbers = [
            (await tx.execute(insert(outbox).values(row | {"due_at": desk.now}).returning(outbox.c.id))).scalar_one()
            for row in (reminder, {"key": "a", "lane": "reply", "kind": "reply", "person_id": 1})
        ]
        said = await add_broadcast(tx, Broadcast("Le slide", "Eccole.", segment=Segment(meetings=(2,))), desk.now)
        club = await organisation_id(tx, "Circolo Il Noce", desk.now)
        noted = {"organisation_id": club, "state": "invited", "note": "", "created_at": desk.now}
        await tx.execute(insert(pact_organisations).values(noted))
        subjects = [f"registration:{first}", f"registration:{second}", *(f"outbox:{n}" for n in numbers)]
        for subject in [*subjects, f"broadcast:{said}", f"organisation:{club}"]:
            await record(tx, "erased", now=desk.now, person_id=1, subject=subject)
    page = await desk.says(client, "/console/registro?action=erased")
    sport = "Associazioni sportive, giovedì 21 gennaio 2021"
    assert cells(page, "Su che cosa")[::-1] == [
        f'<a href="/console/incontri/2">iscrizione: {sport}</a>',
        f"iscrizione n. {second}",
        f'<a href="/console/incontri/2">promemoria: {sport}</a>',
        "risposta",
        f'<a href="/console/avvisi/{said}">avviso «Le slide»</a>',
        f'<a href="/console/patto/associazioni/{club}">associazione «Circolo Il Noce»</a>',
    ]


async def test_the_registry_does_not_take_a_number_given_again_for_what_is_gone(desk: Desk) -> None:
    """SQLite gives the highest number anew when its row was deleted: what began after the line is not what it is of."""
    client = await desk.entered(Role.MANAGER)
    question, [held] = await ask(desk.database, created_at=desk.now), await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        said = await add_broadcast(tx, Broadcast("Le slide", "Eccole.", segment=Segment(meetings=(2,))), desk.now)
        for minutes in (-1, 0):
            for subject in (f"question:{question}", f"registration:{held}", f"broadcast:{said}"):
                moment = desk.now + timedelta(minutes=minutes)
                await record(tx, "erased", now=moment, person_id=1, subject=subject)
    page = await desk.says(client, "/console/registro?action=erased")
    assert cells(page, "Su che cosa")[::-1] == [
        f"domanda n. {question}, cancellata",
        f"iscrizione n. {held}, cancellata",
        f"avviso n. {said}, cancellato",
        f'<a href="/console/domande/{question}">domanda n. {question}</a>',
        '<a href="/console/incontri/2">iscrizione: Associazioni sportive, giovedì 21 gennaio 2021</a>',
        f'<a href="/console/avvisi/{said}">avviso «Le slide»</a>',
    ]


async def test_the_registry_says_what_a_meeting_was_before_and_is_now(desk: Desk) -> None:
    clerk = await desk.entered(Role.OPERATOR)
    given = {"title": "", "day": "2021-01-21", "duration": "90", "link": "https://zoom.example/j/1", "passcode": "p1"}
    for more in ({"hour": "17.30"}, {"hour": "18.00"}, {"hour": "", "day": "2021-01-28"}):
        plan = await clerk.post("/console/incontri/2", data=given | {"capacity": "30"} | more)
        await desk.posts(clerk, "/console/incontri/2/conferma", **hidden(plan.text, "conferma"))
    page = await desk.says(await desk.entered(Role.MANAGER), "/console/registro?action=meeting_changed")
    third, second, first = cells(page, "Come")
    assert first.startswith("cambiati: ora 17.30")
    assert second == "cambiato: ora da 17.30 a 18.00"
    days = "da giovedì 21 gennaio 2021 a giovedì 28 gennaio 2021"
    assert third == f"cambiati: giorno {days}, ora non più 18.00"
    assert not [secret for secret in ("zoom.example", "p1") if secret in page]


async def test_the_registry_calls_what_is_taken_back_so(desk: Desk) -> None:
    desk.set(schedule=replace(desk.world.schedule, grace=timedelta(minutes=2)))
    manager, clerk = await desk.entered(Role.MANAGER), await desk.entered(Role.OPERATOR)
    await register(desk.database, 2, 1)
    await confirmed(desk, clerk, day="2021-01-21", hour="18:00")
    await desk.presses(clerk, "/console/incontri/2", "ritira")
    page = await desk.says(manager, "/console/registro")
    assert cells(page, "Che cosa")[:2] == ["ha ritirato un cambiamento di un incontro", "ha cambiato un incontro"]
    assert cells(page, "Come")[:2] == ["cambiato: ora non più 18.00", "cambiato: ora 18.00"]


async def test_the_registry_says_how_many_came_before_and_come_now(desk: Desk) -> None:
    clerk = await desk.entered(Role.OPERATOR)
    [held] = await register(desk.database, 2, 1, people=2)
    await desk.posts(clerk, f"/console/iscrizioni/{held}/posti", persone="3", avvisare="told_by_voice")
    page = await desk.says(await desk.entered(Role.MANAGER), "/console/registro?action=changed_by_hand")
    assert cells(page, "Come") == ["cambiato: persone da 2 a 3, nessun messaggio: detto a voce"]


async def test_pages_go_through_all_rows(desk: Desk) -> None:
    client = await desk.entered(Role.MANAGER)
    await lines(desk, 120)
    first = await desk.says(client, "/console/registro?action=erased")
    assert "120 righe" in first
    assert "pagina 1 di 4" in first
    seen = cells(first, "Su che cosa")
    for _ in range(3):
        [after] = re.findall(r'href="([^"]*)" rel="next"', first)
        first = await desk.says(client, after.replace("&amp;", "&"))
        seen += cells(first, "Su che cosa")
    assert seen == [f"iscrizione n. {n}" for n in reversed(range(120))]
    assert 'rel="next"' not in first
    for odd in (
        "pagina=0",
        "pagina=99",
        "pagina=x",
        "pagina=9999999999",
        "ordine=password",
        "ordine=-",
        "by=x",
        "since=x",
    ):
        await desk.says(client, f"/console/registro?{odd}")


async def test_rows_are_sorted_and_filtered(desk: Desk) -> None:
    client = await desk.entered(Role.MANAGER)
    await lines(desk, 3)
    page = await desk.says(client, "/console/registro?action=erased&ordine=at")
    assert cells(page, "Su che cosa") == [f"iscrizione n. {n}" for n in range(3)]
    assert 'aria-sort="ascending"' in page
    assert "ordine=-at" in page
    day = f"{desk.now:%Y-%m-%d}"
    assert (
        len(cells(await desk.says(client, f"/console/registro?since={day}&until={day}&action=erased"), "Quando")) == 3
    )
    after = f"{desk.now + timedelta(days=1):%Y-%m-%d}"
    assert "Nessuna riga" in await desk.says(client, f"/console/registro?since={after}")
    own = await desk.operator(Role.MANAGER)
    assert set(cells(await desk.says(client, f"/console/registro?by={own}"), "Chi")) == {"Manager"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_file_holds_all_pages_and_is_written_to_the_registry(desk: Desk, form: str) -> None:
    client = await desk.entered(Role.MANAGER)
    await lines(desk, 60)
    async with desk.database.begin() as tx:
        await record(tx, "erased", now=desk.now, data={"=1+1": "=cmd"}, subject="=HYPERLINK(1)")
    answer = await client.get(f"/console/registro?action=erased&formato={form}")
    assert answer.status_code == 200
    assert re.search(rf'filename="registro-al-2021-01-15\.{form}"', answer.headers["content-disposition"])
    if form == "csv":
        table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(table) == 62
        assert not [c for row in table for c in row if c.startswith("=")]
    else:
        assert answer.content[:2] == b"PK"
    assert "ha scaricato un elenco" in await desk.says(client, "/console/registro")


async def test_assets_are_kept_for_ever_and_packed(desk: Desk) -> None:
    client = await desk.client()
    page = await desk.says(client, "/console/entra")
    for name in ("italia.css", "console.css", "console.js", "titillium-400.woff2"):
        answer = await client.get(asset_url(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert asset_url("console.css") in page
    css = (await client.get(asset_url("console.css"))).text
    assert asset_url("titillium-600.woff2").rpartition("/")[2] in css
    assert "data:" not in css + (await client.get(asset_url("italia.css"))).text
    plain = await client.get(asset_url("italia.css"), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert (await client.get("/static/italia.css")).status_code == 404
    assert (await client.get("/static/..%2fapp.py")).status_code == 404


@pytest.mark.parametrize(
    ("action", "data", "said"),
    [
        ("meeting_changed", {"changed": ["day", "hour"]}, "cambiati: giorno, ora"),
        ("meeting_changed", {"changed": ["cancelled"]}, "cambiato: annullamento"),
        ("meeting_changed", {"changed": ["cancelled"], "values": {"cancelled": [False, True]}}, "cambiato: annullato"),
        ("changed_by_hand", {"changed": ["participants"], "values": {"participants": [2, 3]}}, "persone da 2 a 3"),
        ("changed", {"changed": ["organisation"], "values": {}}, "cambiato: associazione"),
        ("attendance", {"how": "absent"}, "presenza: assente"),
        ("question_closed", {"why": "answered_elsewhere"}, "motivo: già risposto altrove"),
        ("question_passed_on", {"to": 3}, "passata a: operatore n. 3"),
        ("contact_changed", {"channel": "email"}, "canale: e-mail"),
        ("withdrawn_by_hand", {"unheard": "told_by_voice"}, "nessun messaggio: detto a voce"),
        ("operator_role", {"role": "manager"}, "ruolo: responsabile"),
        ("exported", {"list": "patto-associazioni", "rows": 2}, "elenco: associazioni e Patto, righe: 2"),
        ("notice_accepted", {"notice": 2, "channel": "telegram"}, "informativa: versione 2, canale: Telegram"),
        ("fact_tried", {"version": 1, "lost": 0, "taken": 2}, "domande che cambiano risposta: 2"),
    ],
)
async def test_details_are_said_in_words(desk: Desk, action: str, data: dict[str, object], said: str) -> None:
    async with desk.database.begin() as tx:
        await record(tx, action, now=desk.now, data=data)
    page = await desk.says(await desk.entered(Role.MANAGER), f"/console/registro?action={action}")
    [shown] = cells(page, "Come")
    assert said in shown
    assert action not in cells(page, "Che cosa")


def written_to_the_audit() -> set[str]:
    """The actions that the program's ``record(…)`` calls name, and those that are handed on to one."""
    found = set()
    for folder in ("office", "handlers", "delivery", "db", "web", "conversation"):
        for path in (Path(__file__).parents[3] / folder).rglob("*.py"):
            for call in (r'await record\(\s*(?:turn\.|self\.)?tx,\s*"(\w+)"', r'\baction(?:: str)? ?= ?"(\w+)"'):
                found |= set(re.findall(call, path.read_text("utf-8")))
    return found


def test_every_action_has_words() -> None:
    found = written_to_the_audit()
    assert "meeting_changed" in found
    assert found - set(ACTIONS) == set()


def test_no_two_actions_read_alike() -> None:
    assert len(set(ACTIONS.values())) == len(ACTIONS)


#: Run by a spreadsheet where a cell begins with it, or where the cell is cut at a semicolon.
FORMULA = '=HYPERLINK("http://x.example";"qui");=1+1'
#: All that people write and that may stand in a list.
WRITTEN: tuple[Column[Any], ...] = (
    people.c.name,
    people.c.phone,
    addresses.c.value,
    organisations.c.name,
    meetings.c.title,
    adhesions.c.note,
    pact_organisations.c.note,
    staff.c.name,
    audit.c.staff_name,
)


async def hostile(desk: Desk) -> dict[str, str]:
    """A town in which everybody has written a formula wherever they could: its pages, with their addresses."""
    found = paths(await fill(desk.database, 40, desk.now))
    async with desk.database.begin() as tx:
        for column in WRITTEN:
            await tx.execute(update(column.table).values({column.name: FORMULA + column.cast(String)}))
        await tx.execute(update(sectors).values(names={"it": FORMULA, "en": FORMULA}))
        await tx.execute(update(registrations).values(attended_at=desk.now))
    return found


async def test_no_cell_of_any_file_is_a_formula(migrated_file: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_file, tmp_path / "town.db")
    database = Database(f"sqlite:///{tmp_path}/town.db")
    async with open_desk(database) as desk:
        addresses_of = await hostile(desk)
        client, with_files = await desk.entered(Role.MANAGER), set()
        for page in PAGES:
            if page.path in addresses_of and "show_list(" in getsource(import_module(page.load().__module__)):
                file = f"/console{addresses_of[page.path]}?formato="
                if (await client.get(f"{file}csv")).headers["content-type"].startswith("text/csv"):
                    with_files.add(page.path)
                    await holds_no_formula(client, file)
    await database.close()
    assert with_files == {
        "/iscritti",
        "/incontri/{meeting:int}/iscritti",
        "/patto",
        "/patto/associazioni",
        "/registro",
    }


async def holds_no_formula(client: httpx.AsyncClient, file: str) -> None:
    text = (await client.get(f"{file}csv")).content.decode("utf-8-sig")
    assert "HYPERLINK" in text, file
    for separator in ",;\t":
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            assert not [cell for cell in line if re.match(r"[\s\"]*[=+@-]", cell)], (file, separator)
    with zipfile.ZipFile(io.BytesIO((await client.get(f"{file}xlsx")).content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "HYPERLINK" in sheet, file
        assert "<f>" not in sheet, file
        assert not [name for name in book.namelist() if name.startswith(("xl/externalLinks", "xl/worksheets/_rels"))]
