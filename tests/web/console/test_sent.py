"""Partiti: what went out, by day, the newest first; from page to page nothing is left out or shown twice."""

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, update

from db.models import meetings, outbox
from db.tells_of import note_several
from tests.support.desk import Desk
from tests.support.looking import Looking
from tests.support.people import register

PAGE = "/console/uscita/partiti"
SPORT, MUSEUMS = "Associazioni sportive", "Musei e associazioni culturali"


async def sent(desk: Desk, key: str, at: datetime, **values: Any) -> None:
    row = {"key": key, "lane": "bulk", "kind": "notice", "channel": "email", "value": "x@posta.example"}
    async with desk.database.begin() as tx:
        given = {"due_at": at, "sent_at": at, "state": "sent"} | values
        await tx.execute(insert(outbox).values(row | given))


def cells(page: str, column: str) -> list[str]:
    return re.findall(rf'<td data-title="{column}">(.*?)</td>', page)


async def test_what_left_stands_under_its_day_with_what_it_was_to_whom_and_where(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    [held] = await register(desk.database, 2, 1)
    await sent(desk, "n", desk.now - timedelta(hours=1), person_id=1, registration_id=held)
    await sent(desk, "office:7:1", desk.now - timedelta(days=1), kind="reply", channel="telegram", value="")
    await sent(desk, "letter:3", desk.now - timedelta(days=2), kind="reply", value="lia@tre.example")
    await sent(desk, "s", desk.now - timedelta(days=3), kind="staff", channel="telegram", value="-100")
    await sent(desk, "late", desk.now, state="pending", sent_at=None)
    await sent(desk, "lost", desk.now, state="failed")
    page = await desk.says(clerk, PAGE)
    days = [
        "Venerdì 15 gennaio 2021",
        "Giovedì 14 gennaio 2021",
        "Mercoledì 13 gennaio 2021",
        "Martedì 12 gennaio 2021",
    ]
    assert re.findall(r"<h2>(.*?)</h2>", page) == days
    assert cells(page, "Ora") == ["8.00", "9.00", "9.00", "9.00"]
    assert cells(page, "Dove") == ["e-mail", "Telegram", "e-mail", "Telegram"]
    assert cells(page, "A chi") == [
        '<a href="/console/persone/1">Prova 1</a>',
        "persona non iscritta",
        "lia@tre.example",
        "il gruppo dell'ufficio",
    ]
    notice, answer, letter, staff = cells(page, "Che cosa")
    assert 'aggiornamento di un incontro: <a href="/console/incontri/2">Associazioni sportive</a>' in notice
    assert '<a href="/console/domande/7">risposta alla domanda n. 7</a>' in answer
    assert letter == "<span>risposta al messaggio n. 3</span>"
    assert staff == "<span>segnalazione all&#39;ufficio</span>"
    assert "restano in questo elenco 30 giorni" in page
    assert f'href="{PAGE}"' in await desk.says(clerk, "/console/uscita")


async def test_pages_go_through_all_however_many_leave_meanwhile(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """At one moment several leave."""
    for n in range(70):
        await sent(desk, f"k{n}", desk.now - timedelta(minutes=n // 7), value=f"p{n}@posta.example", kind="reply")
    path, seen = PAGE, list[str]()
    while path:
        page = await desk.says(clerk, path)
        seen += cells(page, "A chi")
        await sent(desk, f"later{len(seen)}", desk.now + timedelta(minutes=1))
        path = "".join(PAGE + after.replace("&amp;", "&") for after in re.findall(r'href="([^"]*)" rel="next"', page))
    assert sorted(seen) == sorted(f"p{n}@posta.example" for n in range(70))
    assert "I più recenti" in page
    for odd in ("prima=x", "prima=1-", "prima=9999999999999999-1", "incontro=x", "genere=x", "canale=x"):
        await desk.says(clerk, f"{PAGE}?{odd}")


async def test_they_are_chosen_by_kind_channel_and_meeting(desk: Desk, clerk: httpx.AsyncClient) -> None:
    [here] = await register(desk.database, 2, 1)
    [there] = await register(desk.database, 3, 1, first=2)
    for n, (held, kind, channel) in enumerate(
        ((here, "notice", "email"), (here, "reminder", "telegram"), (there, "reminder", "email"))
    ):
        at, person = desk.now - timedelta(minutes=n), 1 if held == here else 2
        await sent(desk, f"k{n}", at, registration_id=held, person_id=person, kind=kind, channel=channel)

    async def shown(query: str) -> list[str]:
        return cells(await desk.says(clerk, f"{PAGE}?{query}"), "Ora")

    assert await shown("genere=reminder") == ["8.59", "8.58"]
    assert await shown("canale=email") == ["9.00", "8.58"]
    assert await shown("incontro=2") == ["9.00", "8.59"]
    assert await shown("incontro=2&genere=reminder&canale=telegram") == ["8.59"]
    assert await shown("incontro=99") == []
    page = await desk.says(clerk, f"{PAGE}?incontro=3&genere=reminder")
    assert '<option value="3" selected>' in page
    assert '<option value="reminder" selected>' in page


async def test_what_tells_of_several_registrations_names_each_meeting(desk: Desk, clerk: httpx.AsyncClient) -> None:
    """In Partiti, where either meeting finds it, on the person's page, and among what did not arrive."""
    held = [*await register(desk.database, 2, 1), *await register(desk.database, 3, 1, first=2)]
    answer = {"kind": "reply", "detail": "confirmation", "person_id": 1}
    await sent(desk, "a", desk.now, **answer)
    await sent(desk, "b", desk.now, state="failed", **answer)
    async with desk.database.begin() as tx:
        await note_several(tx, ["a", "b"], held)
    sport, museums = (f'<a href="/console/incontri/{n}">{name}</a>' for n, name in ((2, SPORT), (3, MUSEUMS)))
    for query in ("", "?incontro=2", "?incontro=3"):
        [what] = cells(await desk.says(clerk, f"{PAGE}{query}"), "Che cosa")
        assert f"conferma d'iscrizione: {sport}, {museums}" in unescape(what)
    assert cells(await desk.says(clerk, f"{PAGE}?incontro=4"), "Che cosa") == []
    person = unescape(await desk.says(clerk, "/console/persone/1"))
    assert person.count(f"conferma d'iscrizione: {sport}, {museums}") == 2
    lost, *_ = cells(await desk.says(clerk, "/console/uscita"), "Che cosa")
    assert re.findall(r'<span class="quiet">(.*?)</span>', lost) == [
        f"{SPORT}, giovedì 21 gennaio 2021",
        f"{MUSEUMS}, venerdì 22 gennaio 2021",
    ]


async def test_what_the_office_did_for_somebody_is_called_by_what_it_was(desk: Desk, clerk: httpx.AsyncClient) -> None:
    [held] = await register(desk.database, 2, 1)
    async with desk.database.begin() as tx:
        await tx.execute(update(meetings).where(meetings.c.id == 2).values(link="https://zoom.example/j/1"))
    for path, form in (("posti", {"persone": "6", "avvisare": ""}), ("collegamento", {}), ("ritira", {"avvisare": ""})):
        await desk.posts(clerk, f"/console/iscrizioni/{held}/{path}", **form)
        async with desk.database.begin() as tx:
            await tx.execute(update(outbox).values(state="sent", sent_at=desk.now))
    told = [
        "iscrizione ritirata dall'ufficio",
        "collegamento rimandato dall'ufficio",
        "iscrizione cambiata dall'ufficio",
    ]
    what = map(unescape, cells(await desk.says(clerk, PAGE), "Che cosa"))
    assert [re.sub(r"<[^>]*>", "", said).partition(":")[0] for said in what] == told


@pytest.mark.browser
async def test_the_page_is_fine(desk: Desk, clerk: httpx.AsyncClient, looking: Looking) -> None:
    [held] = await register(desk.database, 2, 1)
    for n in range(32):
        at = desk.now - timedelta(hours=9 * n)
        await sent(desk, f"k{n}", at, person_id=1, registration_id=held, kind="reminder" if n % 3 else "notice")
    await looking.fine(clerk, PAGE)
