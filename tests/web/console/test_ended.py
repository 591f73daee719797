"""A session that ends while somebody writes: the form is sent again by whose it is, in any form, and by nobody else."""

import re
from html import unescape

import httpx

from db.operators import Role
from tests.office.test_teaching import FORM
from tests.support.desk import Desk
from tests.web.console.test_broadcasts import HERE, TO_SPORT
from tests.web.console.test_people import NEW

AVVISO = TO_SPORT | {"oggetto": "Le slide «nuove» & altro", "testo": "Prima riga.\n\nSeconda riga."}


async def too_late(desk: Desk, client: httpx.AsyncClient, path: str, **form: str) -> tuple[str, list[tuple[str, str]]]:
    """What the page that says so would send again, and where; its script had asked for the menu's numbers before."""
    desk.passes(minutes=61)
    assert (await client.get("/console/segnali.json")).status_code == 401
    sent = await client.post(path, data=form)
    assert sent.status_code == 401
    action = re.findall(r'<form method="post" action="([^"]*)"', sent.text)
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', sent.text)
    return (action or [""])[0], [(name, unescape(value)) for name, value in fields]


async def again(client: httpx.AsyncClient, action: str, fields: list[tuple[str, str]]) -> httpx.Response:
    return await client.post(action, data={name: [v for n, v in fields if n == name] for name, _ in fields})


async def test_what_was_written_in_any_form_is_sent_again_after_the_log_in(desk: Desk) -> None:
    operator = await desk.entered(Role.OPERATOR)
    await desk.posts(operator, "/console/avvisi/nuovo", **TO_SPORT)
    seen = re.findall(r'name="vista" value="(\d+)"', await desk.says(operator, f"{HERE}/cambia"))[0]
    was = dict(re.findall(r'name="era-(\w+)" value="([^"]*)"', await desk.says(operator, "/console/incontri/2")))
    meeting = {**was, **{f"era-{name}": value for name, value in was.items()}}
    for path, form, shown in (
        (HERE, AVVISO | {"vista": seen}, "Le slide «nuove» &amp; altro"),
        ("/console/iscritti/nuovo", NEW, "Ida Prova"),
        ("/console/incontri/2", meeting | {"passcode": "123456"}, "123456"),
        ("/console/avvisi/nuovo", AVVISO | {"oggetto": "Un altro"}, "Un altro"),
        ("/console/voci/nuova", FORM | {"said_on": "2021-01-15"}, "Bozza salvata"),
    ):
        action, fields = await too_late(desk, operator, path, **form)
        assert action == path
        assert dict(fields).items() > form.items()
        assert (await again(operator, action, fields)).status_code == 401  # pressed before anybody has entered
        operator = await desk.entered(Role.OPERATOR)
        assert "Manda quel che avevi scritto" in await desk.says(operator, "/console/rientro")
        done = await again(operator, action, fields)
        page = done.text if done.status_code == 200 else await desk.says(operator, done.headers["location"])
        assert shown in page, path


async def test_nobody_else_sends_it(desk: Desk, clerk: httpx.AsyncClient) -> None:
    action, fields = await too_late(desk, clerk, "/console/iscritti/nuovo", **NEW)
    other = await desk.entered(Role.MANAGER)
    refused = await again(other, action, fields)
    assert refused.status_code == 403
    assert "può mandarlo solo lei" in refused.text
    assert "Nessuna iscrizione" in await desk.says(other, "/console/iscritti?q=ida")
    foreign = await other.post(action, data=dict(fields), headers={"Sec-Fetch-Site": "cross-site"})
    assert "Richiesta rifiutata" in foreign.text


async def test_a_password_and_what_is_nobodys_are_not_carried(desk: Desk, clerk: httpx.AsyncClient) -> None:
    assert await too_late(desk, clerk, "/console/profilo/password", nuova="tre gatti", ancora="tre gatti") == ("", [])
    stranger = await (await desk.client()).post("/console/iscritti/nuovo", data=NEW)
    assert stranger.status_code == 401
    assert "Ida" not in stranger.text
    clerk = await desk.entered(Role.OPERATOR)
    action, fields = await too_late(desk, clerk, "/console/iscritti/nuovo", **NEW, password_di_conferma="tre gatti")
    assert action
    assert "tre gatti" not in str(fields)
