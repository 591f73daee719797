"""Che cosa sa: a question asked in vain becomes a draft, is tried, published by who decides, and withdrawn."""

import re
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import insert

from db.models import hand_overs
from db.operators import Role
from db.taught import newest_versions
from tests.conversation.test_taught import HELD_BACK
from tests.office.test_teaching import FORM
from tests.support.desk import Desk
from tests.support.looking import Looking

DATED = FORM | {"said_on": "2021-01-15"}
NO_LOSS: dict[str, Any] = {
    "variants": 5, "found": 4, "missed": [], "asked": 1, "answered": 1, "compared": 24_387,
    "lost": 0, "losses": [], "taken": 0, "takings": [], "seconds": 3.1,
}  # fmt: skip
MOVED = {"question": "quante città sono?", "before": "", "after": "Biciclette alla sede"}


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What every trial finds."""
    given = dict(NO_LOSS)

    async def try_draft(*_: object) -> dict[str, Any]:
        return given

    async def ask(question: str, *_: object) -> dict[str, Any]:
        return {"question": question, "before": "", "after": "Biciclette alla sede", "score": 0.8}

    monkeypatch.setattr("web.console.teaching.try_draft", try_draft)
    monkeypatch.setattr("web.console.teaching.ask", ask)
    return given


async def asked_in_vain(desk: Desk, words: str = f"Buongiorno! {HELD_BACK[0]} Grazie, Ada Prova") -> None:
    async with desk.database.begin() as tx:
        row = {"channel": "telegram", "value": "1", "question": words, "reason": "question", "created_at": desk.now}
        await tx.execute(insert(hand_overs).values(**row))


async def test_a_question_asked_in_vain_is_taught(desk: Desk, found: dict[str, Any]) -> None:
    await asked_in_vain(desk)
    paola, renzo = await desk.entered(Role.OPERATOR), await desk.entered(Role.MANAGER)
    link = re.search(r'href="(/console/voci/nuova\?domande=\d+)"', await desk.says(paola, "/console/voci"))
    assert link is not None
    form = unescape(await desk.says(paola, link[1]))
    assert f">\n{HELD_BACK[0]}</textarea>".lower() in form.lower()
    assert "Ada" not in form
    assert 'name="source" type="text" value="Comune di Lucca"' in form
    page = await desk.posts(paola, "/console/voci/nuova", **DATED, domande=link[1].rpartition("=")[2])
    assert "Bozza salvata" in page
    here = await number_of(desk)
    assert f'<a href="{here}">guarda la bozza' in await desk.says(paola, "/console/voci")
    assert f'<a href="{here}">una bozza</a>' in await desk.says(paola, link[1])
    tried = await desk.posts(paola, f"{here}/prova")
    assert "Niente: nessuna delle 24.387 frasi" in tried
    assert "4 su 5 ricevono questa risposta." in tried
    assert "La pubblica chi è responsabile" in await desk.says(paola, here)
    assert "risposta da pubblicare" in await desk.says(renzo, "/console/")
    assert "risposta da pubblicare" not in await desk.says(paola, "/console/")
    assert (await renzo.get("/console/segnali.json")).json()["drafts"]["n"] == 1
    assert (await paola.post(f"{here}/pubblica")).status_code == 403
    assert "entro pochi secondi" in await desk.posts(renzo, f"{here}/pubblica")
    assert "risposta da pubblicare" not in await desk.says(renzo, "/console/")
    listed = await desk.says(paola, "/console/voci")
    assert "pubblicata" in listed
    assert "Nessuna: il bot ha saputo" in listed
    assert (await paola.get(link[1])).headers["location"] == here
    assert "Oggi il bot la passa a <strong>una persona</strong>. Con questa voce" in await desk.says(
        paola, f"{here}?domanda=dove+lego+la+bici"
    )
    assert "Ritirata" in await desk.posts(paola, f"{here}/ritira")
    assert link[1] in await desk.says(paola, "/console/voci")
    assert f">\n{HELD_BACK[0]}</textarea>".lower() in unescape(await desk.says(paola, link[1])).lower()
    assert "ha pubblicato una voce" in await desk.says(renzo, "/console/registro")


async def number_of(desk: Desk) -> str:
    async with desk.database.look() as tx:
        return f"/console/voci/{(await newest_versions(tx))[0].id}"


async def test_losses_are_shown_and_who_decides_says_that_they_were_seen(desk: Desk, found: dict[str, Any]) -> None:
    found |= {"taken": 1, "takings": [MOVED]}
    renzo = await desk.entered(Role.MANAGER)
    await desk.posts(renzo, "/console/voci/nuova", **DATED)
    here = await number_of(desk)
    assert "quante città sono?" in await desk.posts(renzo, f"{here}/prova")
    assert "guardarle" in await desk.posts(renzo, f"{here}/pubblica")
    assert "entro pochi secondi" in await desk.posts(renzo, f"{here}/pubblica", viste="1")


async def test_what_is_written_is_not_lost_when_it_cannot_be_saved(desk: Desk) -> None:
    paola = await desk.entered(Role.OPERATOR)
    answer = await paola.post("/console/voci/nuova", data=DATED | {"title": "", "answer": "La mia risposta lunga."})
    assert answer.status_code == 422
    assert "Manca il titolo" in answer.text
    assert "La mia risposta lunga." in answer.text
    assert (await paola.get("/console/voci/99")).status_code == 404


async def test_each_fact_of_the_documents_says_what_it_rests_on(desk: Desk) -> None:
    paola, facts = await desk.entered(Role.OPERATOR), desk.world.library.facts
    assert 'href="/console/voci/documenti"' in await desk.says(paola, "/console/voci")
    listed = re.findall(r'href="/console/voci/documenti/([\w.]+)"', await desk.says(paola, "/console/voci/documenti"))
    assert sorted(listed) == sorted(facts)
    for name in (listed[0], "patto.cosa"):
        fact, page = facts[name], unescape(await desk.says(paola, f"/console/voci/documenti/{name}"))
        for words in (fact.title["it"], fact.answer["it"], fact.answer["en"], *fact.questions["it"]):
            assert f">{words}<" in page
        for source in fact.sources:
            document = desk.world.library.documents[source.document]
            assert f"{document.title['it']} ({document.date['it']}), paragrafo {source.paragraph}: «" in page
            assert all(f"«{words}»" in page for words in source.rests_on)
    assert (await paola.get("/console/voci/documenti/patto.niente")).status_code == 404


async def test_a_fact_of_the_documents_is_good_until_the_end_of_its_last_day_here(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    paola, facts = await desk.entered(Role.OPERATOR), desk.world.library.facts
    monkeypatch.setitem(facts, "patto.cosa", replace(facts["patto.cosa"], valid_until=date(2021, 1, 14)))
    for hour, said in (("22:59", "Vale fino a giovedì 14 gennaio"), ("23:00", "Non vale più")):
        desk.now = datetime.fromisoformat(f"2021-01-14T{hour}Z")
        assert said in await desk.says(paola, "/console/voci/documenti/patto.cosa")


@pytest.mark.browser
async def test_the_pages_are_fine(desk: Desk, looking: Looking, found: dict[str, Any]) -> None:
    found |= {"lost": 1, "losses": [MOVED], "taken": 1, "takings": [MOVED]}
    await asked_in_vain(desk)
    renzo = await desk.entered(Role.MANAGER)
    await desk.posts(renzo, "/console/voci/nuova", **DATED)
    here = "/console/voci/1"
    await desk.posts(renzo, f"{here}/prova")
    await looking.fine(
        renzo,
        "/console/voci",
        "/console/voci?domanda=bici",
        "/console/voci/nuova",
        here,
        f"{here}/cambia",
        "/console/voci/documenti",
        "/console/voci/documenti/patto.cosa",
    )
