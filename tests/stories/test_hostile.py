"""What hostile people type is shown to others as harmless text.

In chat, mail, its HTML, the office's mail, tables, pages.
"""

import csv
import io
import re
from email.header import Header
from email.message import EmailMessage
from email.utils import formataddr
from functools import partial

import httpx

from office.registrations import export_registrations
from tests.conftest import OpenTown
from tests.support.rehearsal import text_of
from tests.support.town import OFFICE, Correspondent, Town, until

NAMES = {
    "html": "<script>alert(1)</script><img src=https://evil.example/x>",
    "sql": "Robert'); DROP TABLE people;--",
    "formula": '=HYPERLINK("https://evil.example";"apri")',
    "bidi": "Club \u202eolos\u202c \u2066x\u2069",
    "invisible": "Cl\u200bub\u2060 \ufeffVero",
    "control": "Club\x00 \x1b[31mrosso\x07",
    "template": "{{ 7*7 }} {% raw %} %s {0} {name}",
    "emoji": "👩‍👩‍👧 Famiglie 🎉",
    "header": "Club\r\nBcc: altri@evil.example\r\n\r\nciao",
    "zalgo": "C" + "\u0301\u0316" * 40 + "lub",
}
#: Turn the reading direction, hide, or move the cursor of a terminal.
UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)


async def test_hostile_names_in_chat(town: Town) -> None:
    for chat, name in enumerate(NAMES.values(), 3001):
        anna = town.citizen("Anna", chat)
        await anna.writes("mi iscrivo a sport")
        await anna.hears("art. 6.1.e")
        await anna.presses("yes")
        await anna.hears("associazione")
        await anna.writes(name)
        if "https://" in name:  # a name that holds an address is asked for again
            await anna.hears("senza indirizzi")
            await anna.writes(name.replace("https://evil.example", "evil"))
        await anna.hears("Quante persone")
        await anna.presses("people:2")
        await anna.hears("Confermi")
        await anna.presses("yes")
        confirmed = await anna.hears("Iscrizione confermata")
        said = confirmed.get("text") or confirmed["caption"]
        assert not UNSEEN.search(said), name
        links = [e.get("url") or "" for e in [*confirmed.get("entities", []), *confirmed.get("caption_entities", [])]]
        assert not [u for u in links if "evil" in u], name
        await anna.writes("che dati avete su di me?")
        await anna.hears("I tuoi dati")
    assert (await town.rows("SELECT count(*) FROM people"))[0][0] == len(NAMES)
    async with town.system.database.begin() as tx:
        exported = await export_registrations(tx)
    table = list(csv.reader(io.StringIO(exported.as_csv())))
    assert len(table) == len(NAMES) + 1
    for row in table[1:]:
        assert not row[3].startswith("=")
        assert not UNSEEN.search(row[3])
    assert exported.as_xlsx().startswith(b"PK")


async def test_hostile_names_by_mail(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url, mode="webhook") as town:
        for number, name in enumerate(NAMES.values()):
            club = town.association(("segreteria@lequerce.example", "anna@posta.example")[number % 2])
            before = len(await club.mailbox())
            await club.sends(hostile_letter(club, name))
            answer = (await until(partial(newer, club, before), f"an answer to {name}"))[-1]
            assert str(answer["To"]) == club.address
            assert await harmless(answer), name
            link = re.search(r"http://127\S+/m/\S+", text_of(answer))
            if link:
                async with httpx.AsyncClient() as browser:
                    page = (await browser.get(link[0])).text
                assert "<script" not in page
                assert "<img" not in page
        for mail in await town.staff.mailbox():
            assert await harmless(mail)


def hostile_letter(club: Correspondent, name: str) -> bytes:
    shown = formataddr((Header(name, "utf-8").encode(), club.address))
    head = f"From: {shown}\r\nTo: {OFFICE}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    subject = Header(f"Adesione {name}", "utf-8").encode().replace("\n", "\r\n")
    body = f"Siamo l'associazione {name}, veniamo in due giovedì 21. Quanto costa il parcheggio a {name}?"
    return f"{head}Subject: {subject}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}".encode()


async def newer(club: Correspondent, before: int) -> list[EmailMessage]:
    return (await club.mailbox())[before:]


async def harmless(mail: EmailMessage) -> bool:
    body = mail.get_body(("html",))
    assert body is not None
    html = body.get_content()
    return mail["Bcc"] is None and "\n" not in str(mail["Subject"]) and "<script" not in html and "<img" not in html


async def test_a_megabyte_of_text(town: Town) -> None:
    club = town.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.\n" + "parole e parole " * 65_000)
    await club.gets("Iscrizione confermata", patience=30)
    anna = town.citizen()
    await anna.writes("a" * 1_000_000)
    await until(lambda: anna.from_bot, "any answer", patience=30)


async def test_a_chat_that_writes_without_end_is_asked_once_to_wait(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url) as town:
        anna, bruno = town.citizen(), town.citizen("Bruno", 3001)
        for number in range(130):
            await anna.writes(f"/programma {number}")
        await bruno.writes("quante città fanno parte della rete?")
        await bruno.hears("Fonte", patience=60)
        await town.quiet(patience=60)
        minutes = len({m["date"] // 60 for m in anna.from_bot})
        assert len(anna.heard("Un momento: arrivano troppi messaggi")) <= minutes
        assert len(anna.heard("Un momento: arrivano troppi messaggi")) >= 1
