"""Who enters the console, for how long, and what ends it."""

import re
from ipaddress import ip_network
from typing import Any

import httpx
import pyotp
import pytest

from db.operators import Role, find_operator, update_operator
from office.desk import TERMINAL
from office.errors import RefusedError
from office.operators import invite, reset
from office.passwords import digest_of, fault_of
from tests.support.desk import PASSWORD, Desk
from tests.web.console.conftest import OpenDesk
from web.console.guard import own_path

FIRST = "anna@comune.example"


async def invited(desk: Desk, email: str = FIRST, role: Role = Role.MANAGER) -> str:
    """The address of the first link."""
    async with desk.database.begin() as tx:
        made = await invite(tx, email, desk.world.times(), role=role, by=TERMINAL)
    return f"/console/primo-accesso/{made.token}"


async def chooses(browser: httpx.AsyncClient, link: str, password: str = PASSWORD, again: str = "") -> httpx.Response:
    return await browser.post(link, data={"nome": "Anna Verdi", "password": password, "ancora": again or password})


async def enters(
    browser: httpx.AsyncClient, password: str = PASSWORD, email: str = FIRST, **more: str
) -> httpx.Response:
    return await browser.post("/console/entra", data={"email": email, "password": password, **more})


async def is_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/console/")).status_code == 200


async def rows(desk: Desk, statement: str) -> list[Any]:
    async with desk.database.begin() as tx:
        return [tuple(r) for r in (await tx.exec_driver_sql(statement)).all()]


async def test_the_first_link_is_good_once_and_for_a_day(desk: Desk) -> None:
    link = await invited(desk)
    browser = await desk.client()
    page = await desk.says(browser, link)
    assert FIRST in page
    await desk.says(browser, link)  # to look spends nothing
    short = await chooses(browser, link, "corta")
    assert short.status_code == 422
    assert 'value="Anna Verdi"' in short.text
    assert "non sono uguali" in (await chooses(browser, link, again="un'altra frase lunga")).text
    assert (await chooses(browser, link)).status_code == 303
    assert "Anna Verdi" in await desk.says(browser, "/console/")
    assert (await chooses(await desk.client(), link)).status_code == 404
    assert (await browser.get(link)).status_code == 404
    late = await invited(desk, "bruno@comune.example")
    desk.passes(hours=24, seconds=1)
    assert (await chooses(await desk.client(), late)).status_code == 404


async def test_the_terminal_prints_the_first_link_and_a_new_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.commands import staff

    monkeypatch.setenv("DATABASE_URL", desk.database.url)
    monkeypatch.setenv("PORT", "8123")
    await staff.add("Anna@Comune.example", "Responsabile")
    said = capsys.readouterr().out
    assert said.startswith("operatore aggiunto\n")
    [link] = re.findall(r"http://127\.0\.0\.1:8123(/console/primo-accesso/\S+)", said)
    browser = await desk.client()
    await chooses(browser, link)
    assert "Responsabile" in await desk.says(browser, "/console/")
    await staff.add("anna@comune.example", "lettore")
    assert capsys.readouterr().out == "l'operatore c'era già\n"
    await staff.reset(FIRST)
    [again] = re.findall(r"http://127\.0\.0\.1:8123(/console/primo-accesso/\S+)", capsys.readouterr().out)
    assert (await chooses(await desk.client(), again, "quattro oche in fila indiana")).status_code == 303
    assert not await is_in(browser)
    with pytest.raises(RefusedError, match="scegliere lettore, operatore, responsabile"):
        await staff.add("bruno@comune.example", "capo")
    with pytest.raises(RefusedError, match="python -m bot staff add"):
        await staff.reset("nessuno@comune.example")


async def test_a_new_link_turns_the_code_off_and_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.commands import staff

    monkeypatch.setenv("DATABASE_URL", desk.database.url)
    browser = await desk.client()
    assert (await chooses(browser, await invited(desk))).headers["location"] == "/console/"
    await staff.reset(FIRST)
    assert "codice" not in capsys.readouterr().out
    async with desk.database.begin() as tx:
        operator = await find_operator(tx, FIRST)
        assert operator is not None
        await update_operator(tx, operator.id, totp="JBSWY3DPEHPK3PXP", recovery=["x"])
    await staff.reset(FIRST)
    said = capsys.readouterr().out
    assert "il codice dell'app si spegne e i codici di riserva di prima non valgono più" in said
    [again] = re.findall(r"(/console/primo-accesso/\S+)", said)
    answer = await chooses(browser, again)
    page = await desk.says(browser, answer.headers["location"])
    assert "Il codice dell'app adesso è spento, e i codici di riserva che avevi non valgono più" in page
    assert "Attiva il codice" in page
    assert await rows(desk, "SELECT totp, recovery FROM staff") == [("", None)]
    assert "adesso è spento" not in await desk.says(browser, "/console/profilo")


async def test_a_new_link_ends_the_one_before_and_the_password(desk: Desk) -> None:
    first = await invited(desk)
    browser = await desk.client()
    await chooses(browser, first)
    async with desk.database.begin() as tx:
        from office.operators import find

        operator = await find(tx, FIRST)
        older = await reset(tx, operator, desk.world.times(), by=TERMINAL)
        newer = await reset(tx, operator, desk.world.times(), by=TERMINAL)
    assert await is_in(browser)  # until the link is used
    other = await desk.client()
    assert (await chooses(other, f"/console/primo-accesso/{older}")).status_code == 404
    assert (await chooses(other, f"/console/primo-accesso/{newer}", "quattro oche in fila indiana")).status_code == 303
    assert not await is_in(browser)
    assert (await enters(browser)).status_code == 403
    assert (await enters(browser, "quattro oche in fila indiana")).status_code == 303


async def test_one_enters_and_leaves(desk: Desk) -> None:
    await chooses(await desk.client(), await invited(desk))
    browser = await desk.client()
    answer = await browser.post(
        "/console/entra", data={"email": " Anna@Comune.example ", "password": PASSWORD, "poi": "/console/registro?q=a"}
    )
    assert answer.headers["location"] == "/console/registro?q=a"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert await is_in(browser)
    held = browser.cookies["console"]
    await browser.post("/console/esci")
    browser.cookies.set("console", held, domain="127.0.0.1")
    assert not await is_in(browser)  # the server has forgotten it too


async def test_the_cookie_is_kept_as_a_digest_and_is_another_each_time(desk: Desk) -> None:
    await chooses(await desk.client(), await invited(desk))
    browser = await desk.client()
    browser.cookies.set("console", "planted-by-somebody", domain="127.0.0.1")
    await enters(browser)
    first = browser.cookies["console"]
    assert first != "planted-by-somebody"
    stored = [r[0] for r in await rows(desk, "SELECT digest FROM sessions")]
    assert digest_of(first) in stored
    assert first not in stored
    await enters(browser)
    assert browser.cookies["console"] != first


async def test_over_https_the_cookie_is_bound_to_this_host(desk_with: OpenDesk) -> None:
    async with desk_with(public_url="https://bot.lucca.example") as desk:
        browser = await desk.client()
        answer = await chooses(browser, await invited(desk))
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-console=")
        assert "Secure" in cookie
        assert "Domain" not in cookie
        assert await is_in(browser)
        # Behind the host's proxy the request says http; what counts is the address that people open.
        bare = httpx.AsyncClient(transport=httpx.ASGITransport(desk.app), base_url="http://bot.lucca.example")
        async with bare:
            given = {"Origin": "https://bot.lucca.example"}
            assert (await bare.post("/console/entra", data={}, headers=given)).status_code != 413
            answer = await bare.post("/console/entra", data={}, headers={"Origin": "http://bot.lucca.example"})
            assert "Richiesta rifiutata" in answer.text
        gone = (await browser.post("/console/esci")).headers["set-cookie"]
        assert "Max-Age=0" in gone
        assert "Secure" in gone  # else the browser keeps it


async def test_a_session_ends_by_itself(desk: Desk) -> None:
    browser = await desk.entered(Role.OPERATOR)
    for _ in range(3):
        desk.passes(minutes=59)
        assert await is_in(browser)
    desk.passes(minutes=30)
    assert (await browser.get("/console/segnali.json")).status_code == 200
    desk.passes(minutes=31)  # what a script asks keeps nobody in
    assert not await is_in(browser)
    assert await rows(desk, "SELECT count(*) FROM sessions") == [(0,)]
    busy = await desk.entered(Role.OPERATOR)
    for _ in range(9):
        desk.passes(minutes=53)
        assert await is_in(busy)
    desk.passes(minutes=10)  # eight hours, however busy
    assert not await is_in(busy)


async def test_who_was_writing_when_the_session_ended_is_told(desk: Desk) -> None:
    browser = await desk.entered(Role.OPERATOR)
    desk.passes(hours=2)
    answer = await browser.post("/console/profilo", data={"nome": "Anna"})
    assert answer.status_code == 401
    assert "Entra di nuovo" in answer.text


async def test_changing_the_password_ends_every_other_session(desk: Desk) -> None:
    link = await invited(desk)
    one, other = await desk.client(), await desk.client()
    await chooses(one, link)
    await enters(other)
    before = one.cookies["console"]
    new = {"nuova": "quattro oche in fila indiana", "ancora": "quattro oche in fila indiana"}
    assert (
        "facile da indovinare"
        in (await one.post("/console/profilo/password", data=dict.fromkeys(new, "anna verdi lucca"))).text
    )
    assert (await one.post("/console/profilo/password", data=new)).status_code == 303
    assert await is_in(one)
    assert one.cookies["console"] != before
    assert not await is_in(other)


async def test_one_closes_ones_own_other_sessions_and_nobody_elses(desk: Desk) -> None:
    one, other = await desk.entered(Role.OPERATOR), await desk.entered(Role.OPERATOR)
    stranger = await desk.entered(Role.MANAGER)
    page = await desk.says(one, "/console/profilo")
    [closing] = re.findall(r'action="(/console/profilo/accessi/\d+/chiudi)"', page)
    assert "già chiuso" in await desk.posts(stranger, closing)
    assert await is_in(other)
    assert "Accesso chiuso" in await desk.posts(one, closing)
    assert not await is_in(other)
    assert await is_in(one)


async def test_what_is_delicate_asks_for_the_password_again(desk: Desk) -> None:
    browser = await desk.client()
    await chooses(browser, await invited(desk))
    desk.passes(minutes=11)
    wanted = {"email": "carlo@comune.example", "ruolo": "operator", "nome": "Carlo"}
    asked = await browser.post("/console/operatori", data=wanted)
    assert asked.status_code == 403
    assert 'value="carlo@comune.example"' in asked.text  # what was filled in comes along
    assert "carlo" not in await desk.says(browser, "/console/operatori")
    wrong = await browser.post("/console/operatori", data=wanted | {"password_di_conferma": "non è questa"})
    assert "non è giusta" in wrong.text
    right = await browser.post("/console/operatori", data=wanted | {"password_di_conferma": PASSWORD})
    assert "/console/primo-accesso/" in right.text
    assert "carlo" in await desk.says(browser, "/console/operatori")
    desk.passes(minutes=11)
    page = await browser.get("/console/profilo/codice")
    assert page.status_code == 403
    then = await browser.post(
        "/console/conferma", data={"poi": "/console/profilo/codice", "password_di_conferma": PASSWORD}
    )
    assert then.headers["location"] == "/console/profilo/codice"
    assert (await browser.get("/console/profilo/codice")).status_code == 200


async def test_failures_cost_ever_more_time_and_end(desk: Desk) -> None:
    await chooses(await desk.client(), await invited(desk))
    browser = await desk.client("10.1.2.3")
    for _ in range(4):
        assert "non giusti" in (await enters(browser, "sbagliata")).text
    assert "non giusti" in (await enters(browser, "sbagliata")).text
    assert "30 secondi" in (await enters(browser)).text  # even with the right one, from anywhere
    assert "30 secondi" in (await enters(await desk.client("172.16.0.9"))).text
    desk.passes(seconds=31)
    assert "non giusti" in (await enters(browser, "sbagliata")).text
    assert "60 secondi" in (await enters(browser, "sbagliata")).text
    for _ in range(12):
        desk.passes(minutes=15, seconds=1)
        assert "non giusti" in (await enters(browser, "sbagliata")).text
    assert "15 minuti" in (await enters(browser)).text
    desk.passes(minutes=15, seconds=1)
    assert (await enters(browser)).status_code == 303
    assert "non giusti" in (await enters(browser, "sbagliata")).text  # counted from the beginning
    told = await rows(desk, "SELECT value FROM outbox WHERE key LIKE 'staff:tries:%'")
    assert told == [(FIRST,)]


async def test_a_network_is_held_up_whatever_address_it_tries(desk: Desk) -> None:
    await chooses(await desk.client(), await invited(desk))
    for number in range(5):
        browser = await desk.client(f"10.1.2.{number}")
        assert "non giusti" in (await enters(browser, "sbagliata", f"nessuno{number}@comune.example")).text
    assert "30 secondi" in (await enters(await desk.client("10.1.2.77"))).text
    assert (await enters(await desk.client("10.1.3.1"))).status_code == 303
    for number in range(5):
        await enters(await desk.client(f"2001:db8:0:1::{number}"), "sbagliata", "nessuno@comune.example")
    assert "30 secondi" in (await enters(await desk.client("2001:db8:0:1:9::"))).text


async def test_with_a_code_the_password_alone_lets_nobody_in(desk: Desk) -> None:
    browser = await desk.client()
    await chooses(browser, await invited(desk))
    page = await desk.says(browser, "/console/profilo/codice")
    assert "<svg" in page
    assert 'style="' not in page
    [secret] = re.findall(r'name="segreto" value="(\w+)"', page)
    code = pyotp.TOTP(secret)
    wrong = await browser.post("/console/profilo/codice", data={"segreto": secret, "codice": "000000"})
    assert wrong.status_code == 422
    given = code.at(desk.real)
    codes = re.findall(r"<li>(\w{5}-\w{5})</li>", (await browser.post(
        "/console/profilo/codice", data={"segreto": secret, "codice": given}
    )).text)  # fmt: skip
    assert len(set(codes)) == 10
    other = await desk.client()
    assert (await enters(other)).status_code == 403
    assert (await enters(other, codice=given)).status_code == 403  # used already
    desk.passes(seconds=60)
    assert (await enters(other, codice=code.at(desk.real))).status_code == 303
    assert (await enters(await desk.client(), codice=codes[3].upper())).status_code == 303
    assert (await enters(await desk.client(), codice=codes[3])).status_code == 403
    stored = str(await rows(desk, "SELECT recovery FROM staff"))
    assert codes[0] not in stored
    assert "con la sola password" in await desk.posts(browser, "/console/profilo/codice/togli")
    assert (await enters(await desk.client())).status_code == 303


async def test_where_the_code_is_required_nothing_else_opens_without(desk_with: OpenDesk) -> None:
    async with desk_with(totp=True) as desk:
        browser = await desk.entered(Role.MANAGER)
        for path in ("/console/", "/console/operatori"):
            assert (await browser.get(path)).headers["location"] == "/console/profilo/codice"
        page = await desk.says(browser, "/console/profilo/codice")
        assert "obbligatorio" in page
        [secret] = re.findall(r'name="segreto" value="(\w+)"', page)
        given = {"segreto": secret, "codice": pyotp.TOTP(secret).at(desk.real)}
        assert (await browser.post("/console/profilo/codice", data=given)).status_code == 200
        assert await is_in(browser)
        assert "obbligatorio" in await desk.posts(browser, "/console/profilo/codice/togli")


async def test_a_forgotten_password_by_mail(desk_with: OpenDesk) -> None:
    async with desk_with(by_mail=True, public_url="https://bot.lucca.example") as desk:
        browser = await desk.client()
        await chooses(browser, await invited(desk))
        known = await browser.post("/console/password-dimenticata", data={"email": FIRST})
        unknown = await browser.post("/console/password-dimenticata", data={"email": "nessuno@comune.example"})
        assert known.text == unknown.text
        await browser.post("/console/password-dimenticata", data={"email": FIRST})  # once is enough for an hour
        [(value, payload)] = await rows(desk, "SELECT value, payload FROM outbox WHERE key LIKE 'staff:link:%'")
        assert value == FIRST
        link = re.findall(r"https://bot\.lucca\.example(/console/primo-accesso/[\w-]+)", payload)[0]
        assert (await chooses(await desk.client(), link, "quattro oche in fila indiana")).status_code == 303
        assert not await is_in(browser)


async def test_without_mail_nobody_is_mailed_a_link(desk: Desk) -> None:
    browser = await desk.client()
    assert "responsabile" in await desk.says(browser, "/console/password-dimenticata")
    assert (await browser.post("/console/password-dimenticata", data={"email": FIRST})).status_code == 404


async def test_the_last_manager_stays_and_nobody_changes_their_own_role(desk: Desk) -> None:
    manager = await desk.entered(Role.MANAGER)
    own, other = await desk.operator(Role.MANAGER), await desk.operator(Role.OPERATOR)
    for path, form in ((f"{own}/ruolo", {"ruolo": "reader"}), (f"{own}/togli", {})):
        assert "altro responsabile" in await desk.posts(manager, f"/console/operatori/{path}", **form)
    assert "ora è responsabile" in await desk.posts(manager, f"/console/operatori/{other}/ruolo", ruolo="manager")
    second = await desk.entered(Role.OPERATOR)
    assert "ora è lettore" in await desk.posts(second, f"/console/operatori/{own}/ruolo", ruolo="reader")
    assert not await is_in(manager)  # enters anew, with the new role
    third = await desk.operator(Role.READER)
    assert "non può più entrare" in await desk.posts(second, f"/console/operatori/{third}/togli")
    assert not await desk.knows(third)
    assert (await second.post("/console/operatori/987654/togli")).status_code == 404


async def test_who_is_removed_stays_by_name_in_the_registry(desk: Desk) -> None:
    gone = await desk.operator(Role.MANAGER, "Bruno")
    leaving = await desk.entered(Role.MANAGER, operator=gone)
    other = await desk.operator(Role.OPERATOR)
    await desk.posts(leaving, f"/console/operatori/{other}/accessi/chiudi")
    manager = await desk.entered(Role.MANAGER)
    await desk.posts(manager, f"/console/operatori/{gone}/togli")
    assert not await is_in(leaving)
    page = await desk.says(manager, "/console/registro?action=operator_put_out")
    assert "Bruno" in page
    assert "ha chiuso gli accessi di un operatore" in page


async def test_only_given_networks_see_the_console(desk_with: OpenDesk) -> None:
    async with desk_with(networks=(ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))) as desk:
        for host, there in (
            ("10.3.4.5", True),
            ("::ffff:10.3.4.5", True),
            ("2001:db8::1", True),
            ("192.168.1.1", False),
        ):
            answer = await (await desk.client(host)).get("/console/entra")
            assert answer.status_code == (200 if there else 404), host


async def test_guests_enter_without_a_password_only_where_there_are_any(desk_with: OpenDesk) -> None:
    async with desk_with(guests=("operator@comune.example",)) as desk:
        await desk.operator(Role.OPERATOR)
        await desk.operator(Role.MANAGER)
        browser = await desk.client()
        assert "Entra come Operator, operatore" in await desk.says(browser, "/console/entra")
        refused = await browser.post("/console/entra/ospite", data={"chi": "manager@comune.example"})
        assert refused.status_code == 404
        manager = await desk.entered(Role.MANAGER)
        assert "non ancora" in await desk.says(manager, "/console/operatori")
        await desk.posts(browser, "/console/entra/ospite", chi="operator@comune.example")
        assert "non ancora" not in await desk.says(manager, "/console/operatori")
        desk.passes(minutes=50)
        assert (await browser.get("/console/profilo/codice")).status_code == 200  # they have no password to give again
        led_here = await browser.get("/console/entra", headers={"Host": "evil.example"})
        assert led_here.status_code == 404
    async with desk_with() as desk:
        refused = await (await desk.client()).post("/console/entra/ospite", data={"chi": "operator@comune.example"})
        assert refused.status_code == 404


@pytest.mark.parametrize(
    "there",
    ["//evil.example/console/", "https://evil.example/console/", "/console\\@evil.example", "/altro", "console/", "",
     "/console/\r\nSet-Cookie: a=b", "javascript:alert(1)"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere_after_entering(there: str) -> None:
    assert own_path(there) == "/console/"


@pytest.mark.parametrize(
    "weak",
    ["breve", "annaverdi2026", "lucca lucca lucca", "aaaaaaaaaaaaaa", "qwertyuiop123456", "abcdefghijklmnop",
     "passwordpassword", "x" * 201],
)  # fmt: skip
def test_weak_passwords_are_refused_in_words(weak: str) -> None:
    assert fault_of(weak, "anna.verdi@comune.example", "Anna Verdi", "lucca learning city")


@pytest.mark.parametrize(
    "common",
    ["unbelievable", "manchesterunited", "1qaz2wsx3edc", "michelangelo", "juventus1897", "UnBelievable",
     "Manchesterunited 2026!"],
)  # fmt: skip
def test_the_passwords_that_are_stolen_most_often_are_refused(common: str) -> None:
    assert "fra le più usate" in fault_of(common, "anna.verdi@comune.example", "Anna Verdi")


def test_a_sentence_is_a_good_password() -> None:
    for good in (PASSWORD, "quattro oche in fila indiana", "Il treno delle 7.12 non arriva", "k9!mZ#p2Lq7&"):
        assert fault_of(good, "anna.verdi@comune.example", "Anna Verdi", "lucca learning city") == ""


async def test_a_long_form_or_none_is_refused_before_the_database(desk: Desk) -> None:
    browser = await desk.client()
    answer = await browser.post("/console/entra", content=b"email=" + b"x" * 70_000)
    assert answer.status_code == 413


async def test_when_somebody_entered_is_told_by_the_clock_of_all_pages(desk: Desk) -> None:
    manager = await desk.entered(Role.MANAGER)
    said = '<td data-title="Entrato">15/01/2021 9.00</td>'
    assert said in await desk.says(manager, "/console/profilo")
    assert said in await desk.says(manager, "/console/operatori")
    assert "15/01/2021 9.00" in await desk.says(manager, "/console/registro?action=entered")
