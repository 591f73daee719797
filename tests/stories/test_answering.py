"""Questions: answered with dated sources, offered when unsure, handed to the office, which answers by simply replying."""

from tests.conftest import OpenTown
from tests.support.town import Town, until

GROUP = -100500


async def test_the_office_answers_by_mail_and_the_citizen_reads_it_in_the_chat(each_town: Town) -> None:
    anna = each_town.citizen()
    await anna.writes("l'incontro viene registrato? vorrei rivederlo dopo")
    await anna.hears("Ho passato la tua domanda")
    question = await each_town.staff.gets("Domanda n. 1-")
    await each_town.staff.writes("No, l'incontro non viene registrato.\n\nUfficio Learning City", answers=question)
    answer = await anna.hears("non viene registrato")
    assert "L'ufficio risponde alla tua domanda" in answer["text"]
    await each_town.staff.gets("è partita")
    states = await each_town.rows("SELECT state FROM hand_overs")
    assert [tuple(r) for r in states] == [("answered",)]


async def test_the_office_answers_a_letter_on_its_own_thread(town: Town) -> None:
    club = town.association()
    asked = await club.writes("Buongiorno, rilasciate un attestato a chi partecipa?", subject="Attestato")
    await club.gets("domanda alle persone dell")
    question = await town.staff.gets("Domanda n. 1-")
    await town.staff.writes("Sì, su richiesta.", answers=question)
    answer = await club.gets("su richiesta")
    assert answer["In-Reply-To"] == asked["Message-ID"]


async def test_the_office_answers_in_its_telegram_group(town_with: OpenTown, database_url: str) -> None:
    async with town_with(database_url, staff_chat=str(GROUP)) as town:
        clerk = {"id": 77, "is_bot": False, "first_name": "Ufficio"}
        group = town.telegram.group(GROUP, clerk)
        anna = town.citizen()
        await anna.writes("quanti posti ci sono?")
        await anna.hears("Ho passato la tua domanda")
        told = await until(
            lambda: next((m for m in group.messages if "Domanda n. 1-" in m.get("text", "")), None), "the group"
        )
        await town.telegram.says(GROUP, "I posti sono cento.", reply_to_message=told)
        await anna.hears("I posti sono cento.")
        await until(lambda: any("è partita" in m.get("text", "") for m in group.messages), "the group is told")
