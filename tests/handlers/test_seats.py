"""The last seats: nobody loses one by asking for another, nobody gets one at a meeting that is off."""

import json
from datetime import date

from sqlalchemy import update

from db.models import meetings
from tests.support.rehearsal import Citizen, Rehearsal


async def limit(rehearsal: Rehearsal, sector: str, capacity: int) -> None:
    async with rehearsal.database.begin() as tx:
        await tx.execute(update(meetings).where(meetings.c.sector == sector).values(capacity=capacity))


async def comes(citizen: Citizen, who: str, number: str, day: str = "giovedì 21") -> None:
    await citizen.says(f"Iscrivimi a {day}: {who}, siamo in {number}. Mi chiamo {citizen.name} Esempio.")
    await citizen.presses("yes")


async def places(rehearsal: Rehearsal) -> list[tuple[str, int, str]]:
    return [(sector, number, status) for sector, _, number, status in await rehearsal.registered()]


async def test_a_meeting_cancelled_while_the_question_was_open_registers_nobody(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("Iscrivimi a giovedì 21: Circolo Prova, siamo in tre. Mi chiamo Anna Esempio.")
    await rehearsal.changes("sport", cancelled=True)
    answer = await anna.presses("yes")
    assert "è stato annullato" in answer.text
    assert await rehearsal.registered() == []


async def test_a_meeting_moved_while_the_question_was_open_is_asked_about_again(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("Iscrivimi a giovedì 21: Circolo Prova, siamo in tre. Mi chiamo Anna Esempio.")
    await rehearsal.changes("sport", day=date(2021, 1, 28))
    answer = await anna.presses("yes")
    assert await rehearsal.registered() == []
    assert "giovedì 28 gennaio" in answer.text
    await anna.presses("yes")
    assert await places(rehearsal) == [("sport", 3, "confirmed")]


async def test_one_more_seat_at_a_full_meeting_costs_none(rehearsal: Rehearsal) -> None:
    await limit(rehearsal, "sport", 3)
    anna = rehearsal.citizen()
    await comes(anna, "Circolo Prova", "tre")
    asked = await anna.says("siamo in quattro")
    assert "i posti non bastano" in asked.text
    answer = await anna.presses("yes")
    assert "Resta l'iscrizione di prima" in answer.text
    assert await places(rehearsal) == [("sport", 3, "confirmed")]


async def test_one_more_seat_by_mail_costs_none(rehearsal: Rehearsal) -> None:
    await limit(rehearsal, "sport", 3)
    club = rehearsal.association()
    mail = (await club.writes("Siamo la Polisportiva Le Querce, veniamo in tre giovedì 21.")).last
    answer = await club.writes("Siamo la Polisportiva Le Querce, saremo in cinque giovedì 21.", answers=mail)
    assert "Resta l'iscrizione di prima" in answer.text
    assert await places(rehearsal) == [("sport", 3, "confirmed")]


async def test_fewer_seats_than_taken_take_nothing_from_who_changes_her_name(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await comes(anna, "Circolo Prova", "tre")
    await limit(rehearsal, "sport", 2)
    await anna.says("l'associazione si chiama Circolo Lume")
    await anna.presses("yes")
    assert [r[1:] for r in await rehearsal.registered()] == [("Circolo Lume", 3, "confirmed")]


async def test_the_old_place_is_kept_until_the_new_one_is_sure(rehearsal: Rehearsal) -> None:
    await limit(rehearsal, "musei_cultura", 2)
    bruno, anna = rehearsal.citizen("Bruno", 1), rehearsal.citizen("Anna", 2)
    await comes(bruno, "Circolo Tennis Esempio", "due", "venerdì 22")
    await comes(anna, "Circolo Prova", "due")
    asked = await anna.says("spostami a venerdì 22")
    assert "i posti sono esauriti" in asked.text
    assert asked.text.count("Confermi?") == 1
    await anna.presses("yes")
    assert (await places(rehearsal))[1:] == [("sport", 2, "confirmed"), ("musei_cultura", 2, "waitlisted")]
    before = len(anna.messages)
    await bruno.says("non posso più venire")
    await bruno.presses("yes")
    assert (await places(rehearsal))[1:] == [("sport", 2, "withdrawn"), ("musei_cultura", 2, "confirmed")]
    told = anna.messages[before:]
    assert any("il posto di prima è disdetto" in m.plain for m in told)
    assert sorted(f.method for m in told for f in m.files) == ["CANCEL", "PUBLISH"]


async def test_a_seat_given_up_by_moving_goes_to_who_waits(rehearsal: Rehearsal) -> None:
    await limit(rehearsal, "sport", 2)
    anna, bruno = rehearsal.citizen("Anna", 1), rehearsal.citizen("Bruno", 2)
    await comes(anna, "Circolo Prova", "due")
    await comes(bruno, "Circolo Tennis Esempio", "due")
    await anna.says("spostami a venerdì 22")
    done = await anna.presses("yes")
    assert "Il posto di prima è disdetto" in done.text
    assert "Anna Esempio" in done.text
    assert await places(rehearsal) == [
        ("sport", 2, "withdrawn"),
        ("sport", 2, "confirmed"),
        ("musei_cultura", 2, "confirmed"),
    ]


async def test_moving_to_a_meeting_cancelled_meanwhile_keeps_the_place(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await comes(anna, "Circolo Prova", "due")
    await anna.says("spostami a venerdì 22")
    await rehearsal.changes("musei_cultura", cancelled=True)
    answer = await anna.presses("yes")
    assert "non ho cambiato nulla" in answer.text
    assert await places(rehearsal) == [("sport", 2, "confirmed")]


async def test_three_wishes_in_one_letter_are_confirmed_once(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in tre giovedì 21.")
    asked = await club.writes(
        "Invece di giovedì 21 veniamo venerdì 22, e siamo in cinque. L'associazione si chiama Circolo Lume.",
        subject="Cambio",
    )
    assert asked.text.count("È giusto?") == 1
    assert (await places(rehearsal)) == [("sport", 3, "confirmed")]


async def test_the_answer_to_a_question_is_recorded_as_what_it_is_about(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await comes(anna, "Circolo Prova", "due")
    await anna.says("non posso più venire")
    await anna.says("sì")
    heard = [json.loads(r[0])["intent"] for r in await rehearsal.rows("SELECT evidence FROM inbox ORDER BY id")]
    assert heard == ["register", "register", "cancel", "cancel"]


async def test_a_button_stands_once_also_below_an_answer_that_offers_it(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says("vorrei iscrivermi a un incontro")
    answer = await anna.says("che incontri ci sono in programma?")
    assert answer.labels
    assert len(answer.labels) == len(set(answer.labels))
