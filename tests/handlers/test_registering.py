"""Registering in a chat and by mail, told in process."""

from tests.support.rehearsal import STAFF, Rehearsal, text_of

SPORT = "Iscrivimi all'incontro di sport: siamo in tre, Polisportiva Le Querce. Mi chiamo Anna Esempio."


async def test_one_sentence_and_a_consent_register(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    asked = await anna.says(SPORT)
    assert await rehearsal.registered() == []
    assert "privacy" in asked.text.lower() or "dati" in asked.text.lower()
    done = await anna.presses("yes")
    assert await rehearsal.registered() == [("sport", "Polisportiva Le Querce", 3, "confirmed")]
    assert "21 gennaio" in done.text
    assert "BEGIN:VCALENDAR" in done.files[0]


async def test_a_letter_registers_and_is_answered_under_its_subject(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    words = "Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.\n\nMara Esempio"
    answered = await club.writes(words, vouched=True)
    assert await rehearsal.registered() == [("sport", "Polisportiva Le Querce", 2, "confirmed")]
    assert answered.last["Subject"] == "Re: Partecipazione incontro"
    assert "METHOD:REQUEST" in answered.calendars[0]


async def test_a_forged_sender_withdraws_nothing(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")
    asked = await club.writes("Vogliamo disdire l'iscrizione", subject="disdetta")
    assert "rispondere «sì»" in asked.text
    again = await club.writes("sì", subject="Re: disdetta")
    assert [r[3] for r in await rehearsal.registered()] == ["confirmed"]
    await club.writes("Sì, confermo.", answers=again.last)
    assert [r[3] for r in await rehearsal.registered()] == ["withdrawn"]


async def test_the_reminder_goes_out_in_its_hour(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.says(SPORT)
    await anna.presses("yes")
    before = len(anna.messages)
    await rehearsal.goes_to("2021-01-20T12:00")
    assert any("https://zoom.example/j/sport" in m.plain for m in anna.messages[before:])


async def test_what_the_bot_cannot_answer_reaches_the_office(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Vorremmo sapere chi paga il rinfresco della festa di maggio al circolo.", subject="rinfresco")
    assert any("rinfresco" in text_of(m) for m in rehearsal.staff.mails)
    assert rehearsal.staff.address == STAFF


async def test_each_of_several_meetings_has_its_own_number(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    answered = await club.writes("Siamo la Polisportiva Le Querce: veniamo in 2 giovedì e in 4 venerdì.")
    assert [(r[0], r[2]) for r in await rehearsal.registered()] == [("sport", 2), ("musei_cultura", 4)]
    assert "2 persone" in answered.text
    assert "4 persone" in answered.text


async def test_a_chat_shows_each_number_before_the_yes_and_one_number_corrects_both(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    asked = await anna.says("Sono Anna Esempio del Circolo Prova, veniamo 2 giovedì e 4 venerdì")
    assert "(2 persone)" in asked.text
    assert "(4 persone)" in asked.text
    await anna.says("anzi siamo in tre")
    await anna.presses("yes")
    assert [(r[0], r[2]) for r in await rehearsal.registered()] == [("sport", 3), ("musei_cultura", 3)]
