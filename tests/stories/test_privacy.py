"""Nothing of a person in the logs; nothing anywhere after they were erased."""

import logging
import re
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from bot.logs import set_up_logs
from conversation.channel import Channel
from conversation.message import Address
from db.models import metadata
from db.operators import Role
from db.people import find_person
from office.desk import TERMINAL
from office.people import set_note, set_phone
from tests.conftest import OpenTown
from tests.stories.test_returns import bounce
from tests.support.desk import open_desk
from tests.support.rehearsal import text_of
from tests.support.town import Town, until

#: What must not be found: an address, names, an association, a number, words of a message.
TRACES = ("lequerce", "Marta", "Esempio", "Querce", "7007007007", "333 1234567", "3331234567", "zanzibar")


async def a_life(town: Town) -> None:
    """Somebody registers by mail and chat, asks, complains, changes, gets a bounce and a reminder."""
    club = town.association(name="Marta Esempio")
    first = await club.writes(
        "Siamo la Polisportiva Le Querce, veniamo in due giovedì 21. Tel. 333 1234567. La parola è zanzibar."
    )
    confirmed = await club.gets("Iscrizione confermata")
    await club.sends(bounce(confirmed, to=club.address))
    link = next(w for w in text_of(confirmed).split() if "?start=l_" in w).partition("start=")[2]
    marta = town.citizen("Marta", 7007007007)
    await marta.writes(f"/start {link}")
    await marta.hears("Unisco questa chat")
    await marta.presses("Sì")
    await marta.hears("da ora ti scrivo qui")
    await marta.writes("quanto costa zanzibar?")
    await marta.writes("che dati avete su di me?")
    await marta.hears("Querce")
    broken = f"From: broken\r\nContent-Type: multipart/mixed\r\n\r\nzanzibar {first['Message-ID']} {club.address}"
    await club.sends(broken.encode())

    async def set_aside() -> bool:
        return bool(await town.rows("SELECT 1 FROM inbox WHERE error = 'no readable sender'"))

    await until(set_aside, "the broken letter read")  # what comes after an erasure is not what it is about
    async with town.system.database.begin() as tx:
        known = await find_person(tx, Address(Channel.TELEGRAM, "7007007007"))
        assert known
        await set_note(tx, known.id, "Marta preferisce zanzibar.", town.clock(), seen=0, by=TERMINAL)
        await set_phone(tx, known.id, "333 1234567", town.clock(), by=TERMINAL)
    town.goes_to("2021-01-20T09:00")
    await marta.hears("Promemoria")
    await town.quiet()


async def test_the_logs_speak_of_nobody(
    town_with: OpenTown, database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    handlers, level = logging.root.handlers[:], logging.root.level
    set_up_logs(json=True)
    try:
        async with town_with(database_url) as town:
            await a_life(town)
    finally:
        logging.root.handlers[:], logging.root.level = handlers, level
        structlog.reset_defaults()
    written = capfd.readouterr()
    said = written.out + written.err
    assert "ready" in said
    for trace in TRACES:
        assert trace not in said, [line for line in said.splitlines() if trace in line][:3]


async def nothing_is_left(town: Town) -> None:
    """Every table, once the letters have left the mailbox too."""
    town.mailbox.note_handled()

    async def purged() -> bool:
        return not await town.rows("SELECT * FROM purges")

    await until(purged, "the letters gone from the mailbox")
    async with town.system.database.begin() as tx:
        for table in metadata.sorted_tables:
            for row in (await tx.execute(text(f"SELECT * FROM {table.name}"))).all():
                held = str(tuple(row))
                assert not [t for t in TRACES if t in held], (table.name, held)


def no_byte_is_left(database_url: str) -> None:
    """Of a closed SQLite file."""
    if database_url.startswith("sqlite"):
        path = re.sub(r"^sqlite:///", "", database_url)
        content = Path(path).read_bytes()
        assert not [t for t in TRACES if t.encode() in content]


async def test_nothing_is_left_of_who_was_erased(town_with: OpenTown, database_url: str) -> None:
    async with town_with(database_url) as town:
        await a_life(town)
        marta = town.citizen("Marta", 7007007007)
        await marta.writes("cancellate i miei dati")
        await marta.hears("Non si può annullare")
        await marta.presses("Sì")
        await marta.hears("ho cancellato tutti i tuoi dati")
        await town.quiet()
        await nothing_is_left(town)
    no_byte_is_left(database_url)


async def test_who_is_erased_from_the_page_is_nowhere_and_hears_nothing_more(
    town_with: OpenTown, database_url: str
) -> None:
    async with town_with(database_url) as town, open_desk(town.system.database) as desk:
        await a_life(town)
        marta, club, anna = (
            town.citizen("Marta", 7007007007),
            town.association(),
            town.association("anna@posta.example", "Anna Rossi"),
        )
        await anna.writes("Siamo il Coro Le Rondini, veniamo in due giovedì 21")
        await anna.gets("Iscrizione confermata")
        desk.now = town.clock()
        manager = await desk.entered(Role.MANAGER)
        sent = {"indirizzo": club.address, "ripeti": "7007007007"}
        erased = await manager.post("/console/privacy/cancella", data=sent)
        assert "non è rimasto nulla" in erased.text
        heard = (len(marta.from_bot), len(await club.mailbox()))
        await nothing_is_left(town)
        town.goes_to("2021-01-21T09:00")
        await anna.gets("Promemoria")
        await town.quiet()
        assert (len(marta.from_bot), len(await club.mailbox())) == heard
    no_byte_is_left(database_url)
