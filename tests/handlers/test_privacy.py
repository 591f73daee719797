"""The privacy notice: whole (GDPR art. 13), and told again, once, to those who saw an older one."""

from sqlalchemy import update

from db.models import people
from handlers.turn import NOTICE_VERSION
from knowledge.library import load_library
from tests.handlers.test_registering import SPORT
from tests.support.rehearsal import Rehearsal

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


async def test_what_staff_note_on_a_person_stands_in_the_notice(rehearsal: Rehearsal) -> None:
    told = (await rehearsal.citizen().says("/privacy")).text
    for part in ("chi c'era agli incontri", "chi ha firmato il Patto", "una breve nota dell'ufficio"):
        assert part in told


def test_every_version_of_the_notice_says_what_it_changed() -> None:
    for texts in load_library().texts.values():
        there = {name for name in texts if name.startswith("privacy.renewed_")}
        assert there == {f"privacy.renewed_{n}" for n in range(2, NOTICE_VERSION + 1)}


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
