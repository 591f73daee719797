"""The frame's own pages, as a browser and axe-core see them.

And what a keyboard, or a browser without script, can do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from pyotp import TOTP
from sqlalchemy import func, insert, select

from db.models import outbox, people
from db.operators import Role
from db.pact import add_adhesion
from office.desk import TERMINAL
from office.operators import find, reset
from office.passwords import new_secret
from tests.support.desk import PASSWORD, Desk
from tests.support.looking import Looking, borderless, sideways
from tests.support.people import ask, register
from tests.web.console.test_broadcasts import TO_SPORT
from tests.web.console.test_cost import FILE
from tests.web.console.test_letters import left
from tests.web.console.test_questions import WORDS

pytestmark = pytest.mark.browser


async def link_of(desk: Desk, role: Role) -> str:
    await desk.operator(role)
    async with desk.database.begin() as tx:
        operator = await find(tx, f"{role}@comune.example")
        return f"/console/primo-accesso/{await reset(tx, operator, desk.world.times(), by=TERMINAL)}"


async def test_pages_of_the_frame_are_fine(desk: Desk, looking: Looking) -> None:
    await desk.operator(Role.OPERATOR)
    await desk.operator(Role.READER)
    client = await desk.entered(Role.MANAGER)
    await looking.fine(
        client,
        "/console/registro",
        "/console/registro?action=operator_added",
        "/console/operatori",
        "/console/profilo",
        "/console/profilo/codice",
        "/console/tasti",
    )
    for n, words in enumerate(WORDS):
        number = await ask(desk.database, words, value=str(70 + n))
        await desk.posts(client, f"/console/domande/{number}", risposta="In piazza.", vista="1")
    await looking.fine(client, "/console/domande/risposte")
    await looking.fine(await desk.entered(Role.READER), "/console/registro")  # refused
    desk.passes(minutes=11)
    await looking.fine(client, "/console/profilo/codice", name="conferma")
    link = await link_of(desk, Role.OPERATOR)
    await looking.fine(await desk.client(), link, name="primo-accesso")
    await looking.fine(
        await desk.client(), "/console/entra", "/console/password-dimenticata", "/console/primo-accesso/x"
    )


async def test_pages_that_one_sees_seldom_are_fine(desk: Desk, looking: Looking) -> None:
    """What was too late, what is wrong, what is shown once."""
    await register(desk.database, 2, 3)
    client, question, letter = await desk.entered(Role.MANAGER), await ask(desk.database), await left(desk)
    for _ in range(2):
        await desk.posts(client, "/console/avvisi/nuovo", **TO_SPORT)
    for step in ("manda", "pausa"):
        await desk.presses(client, "/console/avvisi/2", step)
    await desk.posts(client, f"/console/posta/{letter}", risposta="Sì, è libera.")
    await desk.posts(client, f"/console/domande/{question}", risposta="In piazza.", vista="1")
    async with desk.database.look() as tx:
        message = (await tx.execute(select(func.max(outbox.c.id)))).scalar_one()
    await looking.fine(
        client,
        "/console/avvisi/1/cambia",
        "/console/avvisi/2",
        f"/console/uscita/{message}/ferma",
        "/console/rientro",
        "/console/pippo",
    )
    await looking.fine(await desk.entered(Role.READER), "/console/", name="oggi-lettore")
    secret = new_secret()
    for path, name, form in (
        (f"/console/domande/{question}", "domanda-tardi", {"risposta": "No.", "vista": "1"}),
        (f"/console/posta/{letter}", "messaggio-tardi", {"risposta": "No."}),
        ("/console/avvisi/2", "avviso-tardi", TO_SPORT | {"vista": "1"}),
        ("/console/iscritti/nuovo", "iscrivi-sbagliato", {"name": "", "address": "senza chiocciola"}),
        ("/console/incontri/importa", "programma-anteprima", {"testo": FILE}),
        ("/console/operatori", "invito", {"email": "ida@comune.example", "nome": "Ida", "ruolo": "operator"}),
        ("/console/profilo/codice", "codici", {"segreto": secret, "codice": TOTP(secret).at(desk.real)}),
    ):
        await looking.fine_when_sent(client, path, form, name=name)


async def test_what_has_no_border_in_forced_colours_is_found(desk: Desk, looking: Looking) -> None:
    page = await looking.page(await desk.entered(Role.MANAGER))
    await page.goto(looking.address + "/console/profilo")
    assert await borderless(page) == []
    for spoilt in ("input[name=nome]", "main .btn"):
        await page.locator(spoilt).first.evaluate("e => { e.style.border = 0; e.style.minWidth = '40rem' }")
    assert len(await borderless(page)) == 2
    assert len(await sideways(page)) == 1


async def test_one_enters_by_keyboard_alone_and_without_script(desk: Desk, looking: Looking) -> None:
    link = await link_of(desk, Role.MANAGER)
    page = await looking.page(await desk.client(), java_script_enabled=False)
    await page.goto(looking.address + link)
    await page.keyboard.press("Tab")
    for typed in ("", PASSWORD, PASSWORD):  # the name is there already
        await page.keyboard.type(typed)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/")
    await page.keyboard.press("Tab")
    assert await page.locator(":focus").inner_text() == "Vai al contenuto"
    for _ in range(5):  # the brand, the search and its button, who is in
        await page.keyboard.press("Tab")
    assert await page.locator(":focus").inner_text() == "Oggi"
    await page.goto(looking.address + "/console/profilo")
    await page.get_by_label("Nome e cognome").fill("Anna Verdi")
    await page.get_by_role("button", name="Salva").press("Enter")
    assert await page.get_by_role("status").inner_text() == "Salvato."
    await page.locator("summary").press("Enter")
    await page.get_by_role("button", name="Esci").press("Enter")
    await page.wait_for_url("**/console/entra")


#: What a screen reader would say of where one is.
_FOCUSED = """() => {
  const at = document.activeElement;
  const said = at.labels?.[0]?.innerText || at.getAttribute("aria-label") || at.innerText || at.name || "";
  return said.trim().split("\\n")[0];
}"""
#: A page on which one is lost: no task has so many stops.
_TOO_MANY = 40


@dataclass(frozen=True, slots=True)
class Step:
    """On the page at ``path``, or on the one where the step before led: fields and buttons in the order of Tab.

    The last of ``stops`` is pressed; ``typed``: what is typed into some; ``says``: the page that follows.
    """

    path: str
    stops: tuple[str, ...]
    says: str
    typed: Mapping[str, str] = field(default_factory=dict)


#: What staff do every day. The browser of tests reads a day as month, day, year.
TASKS = (
    Step(
        "/console/incontri/2/sposta",
        ("Giorno nuovo", "Ora nuova", "Vedi chi lo saprà"),
        "Non è ancora successo niente",
        {"Giorno nuovo": "01282021"},
    ),
    Step("", ("Come lo leggono altri", "Conferma e manda 3 aggiornamenti"), "3 aggiornamenti partono alle 9.02"),
    Step("", ("Ritira: giorno giovedì 28 gennaio",), "Ritirato"),
    Step(
        "/console/domande/1",
        ("Perché il bot non ha risposto", "La tua risposta", "Rispondi"),
        "parte fra 2 minuti",
        {"La tua risposta": "In piazza."},
    ),
    Step("", ("Ritira la risposta",), "la domanda aspetta ancora"),
    Step(
        "/console/iscritti/nuovo",
        (
            "Incontro",
            "Nome e cognome",
            "E-mail",
            "Telefono (per chi non ha altri recapiti)",
            "Associazione",
            "Quante persone",
            "Deve ricevere la conferma?",
            "Iscrivi",
        ),
        "parte un messaggio a Ida Prova, per e-mail",
        {"Incontro": "venerd", "Nome e cognome": "Ida Prova", "E-mail": "ida@posta.example"},
    ),
    Step(
        "/console/avvisi/nuovo?a_chi=iscritti&incontri=2",
        ("Incontri passati", "Chi di loro", "Dove", "Salva e guarda chi lo riceve"),
        "Non è partito niente",
        {"Oggetto": "Ci vediamo giovedì", "Testo": "Si entra dal cortile."},
    ),
    Step("", ("Manda una prova a me", "Cambia", "Scegli giorno e ora", "Manda a 3 persone"), "lo ricevono 3 persone"),
    Step(
        "/console/incontri/2/iscritti",
        ("Scegli Prova 1", "Prova 1", "Quante persone sono venute, se non tutte", "Segna presenti"),
        "Segnata un'iscrizione",
        {"Scegli Prova 1": " "},
    ),
)


async def stops_until(page: Any, last: str, typed: Mapping[str, str]) -> list[str]:
    """Where one comes by Tab alone from the beginning of the page's own part to what is then pressed."""
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # "Vai al contenuto"
    passed = [""]
    while passed[-1] != last:
        await page.keyboard.press("Tab")
        here = await page.evaluate(_FOCUSED)
        if here != passed[-1]:  # a day has three places in one field
            passed.append(here)
            await page.keyboard.type(typed.get(here, ""))
        assert len(passed) < _TOO_MANY, passed
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    return passed


async def test_the_daily_tasks_are_done_by_keyboard_alone_and_without_script(
    desk: Desk, patient: httpx.AsyncClient, looking: Looking
) -> None:
    await register(desk.database, 2, 3)
    assert await ask(desk.database) == 1
    page = await looking.page(patient, java_script_enabled=False)
    for step in TASKS:
        if step.path.endswith("/iscritti"):
            desk.now = desk.now.replace(day=22)  # the day after
        if step.path:
            await page.goto(looking.address + step.path)
        passed = await stops_until(page, step.stops[-1], step.typed)
        assert tuple(passed[-len(step.stops) :]) == step.stops
        assert step.says in await page.locator("main").inner_text()
    await page.context.close()


async def test_single_keys_do_something_until_they_are_turned_off(desk: Desk, looking: Looking) -> None:
    client = await desk.entered(Role.OPERATOR)
    page = await looking.page(client)
    await page.goto(looking.address + "/console/profilo")
    await page.get_by_label("Nome e cognome").press("?")  # within a field it is a letter
    assert page.url.endswith("/profilo")
    await page.get_by_label("Nome e cognome").blur()
    await page.keyboard.press("?")
    await page.wait_for_url("**/console/tasti")
    await desk.posts(client, "/console/profilo", nome="Anna", mattina="1")
    await page.goto(looking.address + "/console/profilo")
    assert not await page.get_by_label("Usa i tasti rapidi").is_checked()
    await page.keyboard.press("?")
    await page.wait_for_timeout(300)
    assert page.url.endswith("/profilo")


async def test_the_menus_numbers_are_renewed(desk: Desk, looking: Looking) -> None:
    signs = (await (await desk.entered(Role.OPERATOR)).get("/console/segnali.json")).json()
    assert all(re.fullmatch("red|amber|blue|", sign["tone"]) for sign in signs.values())
    assert {"questions", "letters", "outgoing", "pact", "broadcasts", "privacy", "drafts"} == signs.keys()
    async with desk.database.begin() as tx:
        await tx.execute(insert(people).values(id=1, created_at=desk.now))
        await add_adhesion(tx, 1, None, desk.now)
    read = (await (await desk.entered(Role.READER)).get("/console/segnali.json")).json()
    assert read == {"pact": {"n": 0, "tone": ""}}  # numbers so small are somebody's


@pytest.mark.parametrize("by", ["style", "script"])
async def test_on_a_telephone_the_menu_shows_where_one_is(desk: Desk, looking: Looking, by: str) -> None:
    """By its style alone; and by the script, in browsers that do not know that style."""
    page = await looking.page(await desk.entered(Role.MANAGER), width=360, java_script_enabled=by == "script")

    async def older(route: Any) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=re.sub(r"scroll-initial-target:[^;}]*", "", await answer.text()))

    if by == "script":
        await page.route("**/*.css", older)
    for path in ("/console/", "/console/posta", "/console/impostazioni"):
        await page.goto(looking.address + path)
        await page.evaluate("document.fonts.ready.then(() => null)")
        box = await page.locator(".menu [aria-current]").bounding_box()
        assert round(box["x"]) >= 0, path
        assert round(box["x"] + box["width"]) <= 360, path


async def test_each_key_of_the_list_of_keys_does_what_it_says(desk: Desk, looking: Looking) -> None:
    for words in WORDS:
        await ask(desk.database, words, same_as=1, likeness=1.0)
    client = await desk.entered(Role.OPERATOR)
    told = re.findall(r"<kbd>([^<]+)</kbd>", await desk.says(client, "/console/tasti"))
    assert told == ["/", "j", "k", "r", "Ctrl e Invio", "e", "?"]
    page = await looking.page(client)
    await page.goto(looking.address + "/console/domande")
    for key, number in (("j", 1), ("j", 2), ("j", 3), ("k", 2)):
        await page.keyboard.press(key)
        await page.wait_for_url(f"**/console/domande/{number}")
    await page.locator("#uguale-1").check()  # a box that is ticked takes no letters
    await page.keyboard.press("e")
    assert await page.get_by_label("Perché", exact=True).is_visible()
    await page.keyboard.press("r")
    assert await page.locator(":focus").get_attribute("id") == "risposta"
    await page.keyboard.press("j")
    assert await page.locator("#risposta").input_value() == "j"
    await page.locator("#risposta").blur()
    await page.keyboard.press("/")
    assert await page.locator(":focus").get_attribute("name") == "q"
