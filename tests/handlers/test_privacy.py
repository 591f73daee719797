"""The privacy notice: whole (GDPR art. 13), and told again, once, to those who saw an older one."""

import json

from sqlalchemy import update

from conversation.channel import Channel
from conversation.message import Address
from db.models import people
from db.people import add_person
from handlers.turn import PRIVACY_NOTICE_VERSION
from knowledge.library import load_library
from tests.handlers.test_registering import SPORT
from tests.support.rehearsal import Rehearsal

NOTICE = "due righe sulla privacy"
CHANGED = "L'informativa sulla privacy è cambiata"


async def test_the_notice_says_what_the_law_asks_for(rehearsal: Rehearsal) -> None:
    told = (await rehearsal.citizen().says("/privacy")).text
    for part in (
        "Titolare dei dati: Comune di Lucca",
        "responsabile della protezione dei dati",
        "art. 6.1.e",
        "12 mesi",
        "90 giorni",
        "Telegram, una società fuori dall'Unione europea",
        "correggerli, cancellarli, limitarne l'uso, opporsi",
        "Garante per la protezione dei dati personali",
        "meno di 14 anni",
    ):
        assert part in told


async def saw_version(rehearsal: Rehearsal, version: int) -> None:
    async with rehearsal.database.begin() as tx:
        await tx.execute(update(people).values(notice_version=version))


async def test_who_saw_an_older_notice_is_told_once_what_changed(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says(SPORT)
    assert CHANGED not in (await anna.presses("yes")).text
    await saw_version(rehearsal, 1)
    assert CHANGED in (await anna.says("/programma")).messages[0].text
    assert CHANGED not in (await anna.says("/programma")).text


async def test_only_what_one_has_not_seen_is_told(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says(SPORT)
    await anna.presses("yes")
    for seen, told in {1: (True, True), 2: (False, True), 3: (False, False)}.items():
        await saw_version(rehearsal, seen)
        said = (await anna.says("/programma")).messages[0].text
        assert ("le ultime righe di una conversazione" in said, "breve nota" in said) == told


async def test_whom_the_office_registered_is_shown_the_notice_in_chat_and_accepts_it_by_their_yes(
    rehearsal: Rehearsal,
) -> None:
    anna = rehearsal.citizen()
    async with rehearsal.database.begin() as tx:
        address = Address(Channel.TELEGRAM, str(anna.id))
        await add_person(tx, address, name="Anna", language="it", notice_version=0, now=rehearsal.clock())
    accepted = "SELECT notice_version, notice_at IS NOT NULL FROM people"
    assert NOTICE in (await anna.says(SPORT)).text
    assert [tuple(row) for row in await rehearsal.rows(accepted)] == [(0, 0)]
    await anna.presses("yes")
    assert len(await rehearsal.registered()) == 1
    assert [tuple(row) for row in await rehearsal.rows(accepted)] == [(PRIVACY_NOTICE_VERSION, 1)]
    noted = await rehearsal.rows("SELECT person_id FROM audit WHERE action = 'notice_accepted'")
    assert len(noted) == 1
    assert NOTICE not in (await anna.says("siamo la Polisportiva Le Querce, in due anche venerdì 22")).text


async def test_whom_the_office_registered_accepts_the_notice_by_the_letter_that_carries_it(
    rehearsal: Rehearsal,
) -> None:
    ada = rehearsal.association("ada@posta.example", "Ada Prova")
    async with rehearsal.database.begin() as tx:
        address = Address(Channel.EMAIL, "ada@posta.example")
        await add_person(tx, address, name="Ada Prova", language="it", notice_version=0, now=rehearsal.clock())
    await ada.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    await ada.gets("Iscrizione confermata")
    assert await rehearsal.rows("SELECT notice_version FROM people") == [(PRIVACY_NOTICE_VERSION,)]


async def test_what_staff_note_on_a_person_stands_in_the_notice(rehearsal: Rehearsal) -> None:
    told = (await rehearsal.citizen().says("/privacy")).text
    for part in ("chi c'era agli incontri", "chi ha firmato il Patto", "una breve nota dell'ufficio"):
        assert part in told


def test_every_version_of_the_notice_says_what_it_changed() -> None:
    for texts in load_library().texts.values():
        there = {name for name in texts if name.startswith("privacy.renewed_")}
        assert there == {f"privacy.renewed_{n}" for n in range(2, PRIVACY_NOTICE_VERSION + 1)}


async def test_by_mail_the_change_stands_in_the_answer(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    await saw_version(rehearsal, 1)
    answered = await club.writes("Quali incontri ci sono?", subject="programma")
    assert len(answered.mails) == 1
    assert answered.text.count(CHANGED) == 1


async def test_who_was_entered_by_the_office_is_told_nothing_of_a_change(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says(SPORT)
    await anna.presses("yes")
    await saw_version(rehearsal, 0)
    assert CHANGED not in (await anna.says("/programma")).text


async def test_a_copy_of_ones_data_comes_to_read_and_for_other_programs(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen(language="en")
    await anna.says("We are the Circolo Il Noce, two of us are coming on Thursday 21")
    await anna.presses("yes")
    copy = await anna.says("what data do you have about me")
    assert [f.name for m in copy.messages for f in m.files] == ["dati.txt", "dati.json"]
    words, whole = copy.files
    assert json.loads(whole)["registrations"][0]["day"] == "2021-01-21"
    assert "\nDay: Thursday 21 January 2021\n" in words
    assert "\nState: confirmed\n" in words
