"""Patto: the numbers for readers, the people for who works on it; nothing is marked over what somebody else marked."""

import csv
import io
import re

import httpx
import pytest
from sqlalchemy import select, update

from db.models import organisations, people, registrations
from db.operators import Role
from db.pact import PactStanding, PactState, add_adhesion, note_standing, standing_of
from tests.support.desk import Desk
from tests.support.looking import Looking
from tests.support.people import NOW, register

SPORT = "Associazioni sportive"
_WHOLE = "Tutti i settori, ogni persona una volta"


async def test_who_came_for_another_of_their_associations_is_said_to_have_come_for_that(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    first, _ = await register(desk.database, 2, 2)
    other = {"meeting": "2", "organisation": "Circolo Velico", "participants": "1", "avvisare": ""}
    await desk.posts(clerk, "/console/persone/1/iscrizioni", **other)
    async with desk.database.begin() as tx:
        velico = select(organisations.c.id).where(organisations.c.name == "Circolo Velico").scalar_subquery()
        at = registrations.c.organisation_id == velico
        await tx.execute(update(registrations).where(at).values(attended_at=NOW, attended_how="hand"))
        circolo = select(organisations.c.id).where(organisations.c.name == "Circolo 1").scalar_subquery()
        await tx.execute(update(people).where(people.c.id == 1).values(organisation_id=circolo))
    assert 'data-title="Venuto">sì, per Circolo Velico<' in await desk.says(clerk, "/console/patto")
    async with desk.database.begin() as tx:
        await tx.execute(update(registrations).values(attended_at=None))
        came = update(registrations).where(registrations.c.id == first)
        await tx.execute(came.values(attended_at=NOW, attended_how="hand"))
    assert 'data-title="Venuto">sì<' in await desk.says(clerk, "/console/patto")


async def stand(desk: Desk, state: PactState, *people: int) -> None:
    async with desk.database.begin() as tx:
        for person in people:
            await note_standing(tx, person, PactStanding(state, None, "", None), NOW)


def version(page: str) -> str:
    return page.split('name="visto" value="')[1].split('"', maxsplit=1)[0]


def cells(page: str, sector: str) -> list[str]:
    """What the funnel says of a sector."""
    row = page.split(f'<th scope="row">{sector}</th>')[1].split("</tr>", maxsplit=1)[0]
    return re.findall(r"<span>(.*?)</span>", row)


async def test_from_a_row_to_a_signature_and_no_more(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    page = await desk.says(clerk, "/console/patto?q=circolo+1")
    assert "1 persona" in page
    [href] = re.findall(r'href="(/console/patto/1[^"]*)"', page)
    form = await desk.says(clerk, href.replace("&amp;", "&"))
    assert "Non c'è ancora niente" in form
    [back] = re.findall(r'name="torna" value="([^"]*)"', form)
    assert back == "/console/patto?q=circolo+1"
    given = {"stato": "signed", "day": "", "nota": "A voce", "visto": "", "torna": back}
    refused = await clerk.post("/console/patto/1", data=given)
    assert refused.status_code == 422
    assert "A voce" in refused.text
    done = await desk.posts(clerk, "/console/patto/1", **given | {"day": "2021-01-14"})
    assert "Salvato: ha firmato." in done
    assert "ha firmato (giovedì 14 gennaio 2021)" in done
    assert cells(done, SPORT) == ["0", "0", "0", "1"]
    person = await desk.says(clerk, "/console/persone/1")
    assert "firma del giovedì 14 gennaio 2021" in person
    ended = {"stato": "ended", "day": "2021-01-14", "nota": "", "torna": "/console/persone/1"}
    assert "Non più" in await desk.posts(clerk, "/console/patto/1", **ended, visto=version(person))
    log = await desk.says(await desk.entered(Role.MANAGER), "/console/registro")
    assert "ha segnato una firma del Patto" in log
    assert "A voce" not in log


async def test_the_second_to_mark_sees_what_the_first_marked_and_keeps_their_words(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 1)
    other = await desk.entered(Role.MANAGER)
    seen = version(await desk.says(clerk, "/console/patto/1"))
    await desk.posts(other, "/console/patto/1", stato="signed", day="2021-01-14", nota="In Comune", visto=seen)
    late = await clerk.post(
        "/console/patto/1", data={"stato": "invited", "day": "", "nota": "Per posta", "visto": seen}
    )
    assert late.status_code == 409
    assert "In Comune" in late.text
    assert "Per posta" in late.text
    async with desk.database.look() as tx:
        found = await standing_of(tx, 1)
    assert found
    assert (found.state, found.note, version(late.text)) == (PactState.SIGNED, "In Comune", found.version)


async def test_a_new_interest_is_good_news_until_it_is_marked(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    async with desk.database.begin() as tx:
        await add_adhesion(tx, 1, None, NOW)
    card = 'class="card-of card-blue" href="/console/patto?stato=new"'
    assert card in await desk.says(clerk, "/console/")
    assert "per il Patto</span>" not in await desk.says(await desk.entered(Role.READER), "/console/")
    page = await desk.says(clerk, "/console/patto?stato=new")
    assert "interessato · nuovo" in page
    assert "1 persona" in page
    seen = version(await desk.says(clerk, "/console/patto/1"))
    await desk.posts(clerk, "/console/patto/1", stato="interested", day="", nota="", visto=seen)
    assert "per il Patto</span>" not in await desk.says(clerk, "/console/")
    assert "Nessuna persona" in await desk.says(clerk, "/console/patto?stato=new")


async def test_a_reader_sees_numbers_none_of_them_small_and_nobody(desk: Desk) -> None:
    await register(desk.database, 2, 14)
    await register(desk.database, 3, 1, first=15)
    await stand(desk, PactState.SIGNED, *range(1, 13), 15)
    await stand(desk, PactState.INVITED, 13)
    async with desk.database.begin() as tx:
        await tx.execute(update(registrations).where(registrations.c.id <= 4).values(attended_at=NOW))
    reader, clerk = await desk.entered(Role.READER), await desk.entered(Role.OPERATOR)
    for path in ("/console/patto", "/console/patto?q=prova&formato=csv"):
        page = await desk.says(reader, path)
        assert "Prova" not in page
        assert "Circolo" not in page
        assert cells(page, SPORT) == ["meno di 5", "meno di 5", "meno di 5", "12"]
        assert cells(page, _WHOLE) == ["meno di 5", "meno di 5", "meno di 5", "almeno 10"]
        widths = page.split(f'<th scope="row">{SPORT}</th>')[1].split("</tr>")[0]
        assert re.findall(r'width="([\d.]+)"', widths) == ["100.0"]
        assert "Meno di 5 persone interessate o firmatarie" in page
    page = await desk.says(clerk, "/console/patto")
    assert cells(page, _WHOLE) == ["1", "4", "0", "13"]
    assert "Nessuna persona interessata o firmataria" in page
    said = page.split("Nessuna persona interessata o firmataria:")[1].split("</p>")[0]
    assert SPORT not in said
    assert "Scuole" in said
    assert (await reader.get("/console/patto/1")).status_code == 403


async def test_the_list_has_pages_filters_and_an_order(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 60)
    await register(desk.database, 3, 1, first=61)
    await stand(desk, PactState.INVITED, 7)
    page = await desk.says(clerk, "/console/patto")
    assert "61 persone" in page
    assert "pagina 1 di 3" in page
    assert re.findall(r'<td data-title="Stato">(\w+)', page)[0] == "invitato"
    assert "60 persone" in await desk.says(clerk, "/console/patto?stato=none")
    assert "1 persona" in await desk.says(clerk, "/console/patto?settore=musei_cultura")
    assert "61 persone" in await desk.says(clerk, "/console/patto?venuti=0")
    assert "Nessuna persona" in await desk.says(clerk, "/console/patto?venuti=1")
    assert "Nessuna persona" in await desk.says(clerk, "/console/patto?stato=qualcosa")


async def test_the_file_has_no_links_and_many_names_ask_for_the_password(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 201)
    await stand(desk, PactState.INVITED, 3)
    sheet = (await clerk.get("/console/patto?stato=invited&formato=csv")).content.decode("utf-8-sig")
    heads, row = csv.reader(io.StringIO(sheet))
    assert heads == ["Nome", "Associazione", "Venuto", "Stato", "Nota"]
    assert row == ["Prova 3", "Circolo 3", "", "invitato", ""]
    desk.passes(minutes=11)
    assert (await clerk.get("/console/patto?formato=xlsx")).status_code == 403
    assert (await clerk.get("/console/patto?stato=invited&formato=xlsx")).status_code == 200
    assert "elenco: Patto" in await desk.says(await desk.entered(Role.MANAGER), "/console/registro")


async def test_an_association_of_which_nobody_is_known_is_noted_found_and_exported(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    new, whole = "/console/patto/associazioni/nuova", "/console/patto/associazioni"
    given = {"nome": "Coop. Il Faggio", "stato": "signed", "day": "", "nota": "Per posta"}
    refused = await clerk.post(new, data=given)
    assert refused.status_code == 422
    assert 'value="Coop. Il Faggio"' in refused.text
    done = await desk.posts(clerk, new, **given | {"day": "2021-01-14"})
    assert "1 associazione" in done
    assert 'data-title="Firma">giovedì 14 gennaio 2021' in done
    [href] = re.findall(r'href="(/console/patto/associazioni/\d+)"', done)
    page = await desk.says(clerk, "/console/patto")
    assert "<strong>1 ha firmato</strong>, 1 in elenco" in page
    assert "non è noto il settore" in page
    assert f'href="{whole}"' in page
    reader = await desk.says(await desk.entered(Role.READER), "/console/patto")
    assert "<strong>1 ha firmato</strong>, 1 in elenco" in reader
    assert whole not in reader
    sheet = (await clerk.get(f"{whole}?formato=csv")).content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(sheet))) == [
        ["Associazione", "Stato", "Firma", "Nota"],
        ["Coop. Il Faggio", "ha firmato", "giovedì 14 gennaio 2021", "Per posta"],
    ]
    sought = await desk.says(clerk, "/console/cerca?q=faggio")
    assert f'href="{whole}?q=Coop.+Il+Faggio"' in sought
    assert "Patto: ha firmato" in sought
    form = await desk.says(clerk, href)
    assert "firma del giovedì 14 gennaio 2021" in form
    ended = {"stato": "ended", "day": "2021-01-14", "nota": "", "visto": version(form)}
    assert "non più" in await desk.posts(clerk, href, **ended)
    late = await clerk.post(href, data=ended | {"nota": "Sciolta"})
    assert late.status_code == 409
    assert "Sciolta" in late.text
    assert (await clerk.post(href, data=ended | {"stato": "re"})).status_code == 400
    assert (await clerk.post(f"{href}/togli", data={"visto": "x"})).status_code == 409
    assert "Nessuna associazione" in await desk.presses(clerk, href, "togli")
    assert (await clerk.get(href)).status_code == 404
    log = await desk.says(await desk.entered(Role.MANAGER), "/console/registro")
    assert "ha tolto un&#39;associazione dal Patto" in log
    assert "Faggio" not in log


async def test_what_is_no_state_no_person_or_no_day(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    given = {"stato": "invited", "day": "", "nota": "", "visto": "", "torna": "https://altrove.example/"}
    assert (await clerk.post("/console/patto/1", data=given | {"stato": "re"})).status_code == 400
    assert (await clerk.post("/console/patto/9", data=given)).status_code == 404
    assert (await clerk.get("/console/patto/9")).status_code == 404
    assert (await clerk.post("/console/patto/1", data=given | {"day": "ieri"})).status_code == 422
    assert (await clerk.post("/console/patto/1", data=given | {"nota": "x" * 501})).status_code == 422
    assert (await clerk.post("/console/patto/1", data=given)).headers["location"] == "/console/"


async def test_no_state_is_chosen_for_whoever_notes_it(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    for path in ("/console/patto/1", "/console/persone/1", "/console/patto/associazioni/nuova"):
        choices = (await desk.says(clerk, path)).split('name="stato"')[1].split("</select>")[0]
        assert re.findall(r'value="(\w*)" selected', choices) == [""]
    given = {"stato": "", "day": "", "nota": "A voce", "visto": ""}
    refused = await clerk.post("/console/patto/1", data=given)
    assert refused.status_code == 422
    assert "Manca lo stato" in refused.text
    assert "A voce" in refused.text
    async with desk.database.look() as tx:
        assert await standing_of(tx, 1) is None


async def test_an_association_that_was_only_invited_is_not_said_to_be_in_it(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    new = "/console/patto/associazioni/nuova"
    done = await desk.posts(clerk, new, nome="Coop. Il Faggio", stato="invited", day="", nota="")
    assert "Salvato: Coop. Il Faggio, invitata." in done
    for path in (new, "/console/patto/associazioni", "/console/cerca?q=faggio"):
        assert "nel Patto" not in await desk.says(clerk, path)
    assert "Patto: invitata" in await desk.says(clerk, "/console/cerca?q=faggio")


async def test_who_somebody_is_stands_where_their_state_is_noted(desk: Desk, clerk: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 1)
    page = await desk.says(clerk, "/console/patto/1")
    assert "Circolo 1, prova1@posta.example" in page


@pytest.mark.browser
async def test_the_pages_are_fine(desk: Desk, clerk: httpx.AsyncClient, looking: Looking) -> None:
    await register(desk.database, 2, 14)
    await register(desk.database, 3, 3, first=20)
    await stand(desk, PactState.SIGNED, *range(1, 7))
    await stand(desk, PactState.INVITED, 8, 15)
    async with desk.database.begin() as tx:
        await tx.execute(update(registrations).where(registrations.c.id <= 12).values(attended_at=NOW))
        await add_adhesion(tx, 9, None, NOW)
    await looking.fine(clerk, "/console/patto", "/console/patto/1", "/console/persone/9")
    await looking.fine(await desk.entered(Role.READER), "/console/patto", name="patto-lettore")
    new = "/console/patto/associazioni/nuova"
    done = await desk.posts(clerk, new, nome="Coop. Il Faggio", stato="signed", day="2021-01-14", nota="")
    [number] = re.findall(r'href="/console/patto/associazioni/(\d+)"', done)
    await looking.fine(clerk, "/console/patto/associazioni", new, f"/console/patto/associazioni/{number}")
