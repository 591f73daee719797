"""Registering as people do it.

Corrections, questions in the middle, what is missing asked back, what is meant put right.
"""

import pytest

from tests.support.rehearsal import STAFF, Citizen, Rehearsal, calendars_of, text_of
from tests.support.statements import statements_of


async def registered(citizen: Citizen, words: str) -> None:
    """A citizen's shortest way in."""
    await citizen.writes(words)
    await citizen.hears("art. 6.1.e")
    await citizen.presses("Sì, iscrivimi")
    await citizen.hears("Iscrizione confermata")


async def test_corrections_and_questions_in_the_middle_keep_the_thread(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.writes("vorrei iscrivermi")
    await anna.hears("A quale incontro")
    await anna.writes("quello dei musei")
    await anna.hears("art. 6.1.e")
    await anna.writes("che cos'è il Patto per l'apprendimento permanente?")
    answer = await anna.hears("Fonte: Comune di Lucca")
    assert "Riprendiamo" in answer["text"]
    await anna.presses("Sì, va bene")
    await anna.hears("quale associazione")
    await anna.writes("Museo del Fumetto")
    await anna.hears("Quante persone")
    await anna.presses("2")
    await anna.hears("Museo del Fumetto, 2 persone")
    await anna.writes("no, siamo in quattro")
    await anna.hears("Museo del Fumetto, 4 persone")
    await anna.writes("anzi non venerdì, giovedì")
    await anna.hears("giovedì 21 gennaio")
    await anna.presses("Confermo")
    await anna.hears("https://zoom.example/j/sport")
    rows = await rehearsal.rows("SELECT participants, status FROM registrations")
    assert [tuple(r) for r in rows] == [(4, "confirmed")]


async def test_registering_twice_updates_instead_of_doubling(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    confirmed = await club.gets("2 persone")
    await club.writes("Siamo la Polisportiva Le Querce, saremo in cinque giovedì 21", answers=confirmed)
    await club.gets("Iscrizione aggiornata")
    rows = await rehearsal.rows("SELECT participants FROM registrations")
    assert [r[0] for r in rows] == [5]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("veniamo giovedì 22", "non corrispondono"),
        ("ci iscriviamo all'incontro delle scuole", "si è già svolto"),
        ("vorremmo venire il 28 gennaio", "non ho incontri in programma"),
        ("ci iscriviamo per martedì", "più di un incontro"),
    ],
)
async def test_a_doubtful_day_is_asked_about_never_guessed(rehearsal: Rehearsal, words: str, answer: str) -> None:
    anna = rehearsal.citizen()
    await anna.writes(words)
    await anna.hears(answer)
    assert await rehearsal.rows("SELECT * FROM registrations") == []


async def test_several_meetings_at_once(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce: veniamo in due giovedì 21 e venerdì 22 gennaio")
    answer = await club.gets("Iscrizione confermata")
    assert "zoom.example/j/sport" in text_of(answer)
    assert "zoom.example/j/musei_cultura" in text_of(answer)
    assert len(calendars_of(answer)) == 2


async def test_an_answer_about_several_registrations_is_kept_as_one_about_each(rehearsal: Rehearsal) -> None:
    """And costs a statement more, which one about a single registration does not."""
    noted = "SELECT o.key, t.registration_id FROM tells_of t JOIN outbox o ON o.id = t.outbox_id ORDER BY o.id, 2"
    club = rehearsal.association()
    with statements_of(rehearsal.database) as seen:
        await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    assert not [one for one in seen if "tells_of" in one]
    assert await rehearsal.rows("SELECT registration_id FROM outbox WHERE detail = 'confirmation'") == [(1,)]
    other = rehearsal.association("info@noce.example", "Ada Prova")
    with statements_of(rehearsal.database) as seen:
        await other.writes("Siamo il Circolo Il Noce: veniamo in due giovedì 21 e venerdì 22 gennaio")
    assert len([one for one in seen if "tells_of" in one]) == 1
    assert [number for _, number in await rehearsal.rows(noted)] == [2, 3]
    anna = rehearsal.citizen()
    await anna.says("siamo il Coro Le Rondini, in due giovedì 21 e venerdì 22 gennaio")
    await anna.presses("yes")  # in a chat each file is a message of its own
    keys = {key for key, number in await rehearsal.rows(noted) if number in {4, 5}}
    assert len(keys) == 3


async def test_withdrawing_by_mail_takes_the_entry_out_of_the_calendar(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    confirmed = await club.gets("Iscrizione confermata")
    await club.writes("Purtroppo non possiamo più venire, grazie", answers=confirmed)
    answer = await club.gets("ho annullato")
    assert "METHOD:CANCEL" in calendars_of(answer)[0]
    await rehearsal.goes_to("2021-01-21T10:00")
    assert len(club.mails) == 2


async def test_changing_the_number_and_asking_for_the_link(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in due giovedì")
    await anna.writes("in realtà siamo in quattro")
    await anna.hears("da 2 persone a 4 persone")
    await anna.presses("Confermo")
    await anna.hears("Iscrizione aggiornata")
    await anna.writes("ho perso il link")
    await anna.hears("https://zoom.example/j/sport")
    await anna.writes("/iscrizioni")
    await anna.hears("4 persone")


async def test_what_is_not_known_goes_to_staff(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.writes("quanto si paga di TARI per una sede?")
    await anna.hears("Ho passato la tua domanda")
    told = await rehearsal.staff.gets("Domanda n. 1")
    assert "quanto si paga di TARI" in text_of(told)
    assert told["To"] == STAFF


async def test_an_answer_names_its_source_and_date(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.writes("chi ha creato la rete delle learning city?")
    answer = await anna.hears("Institute for Lifelong Learning")
    assert "INVALSIopen" in answer["text"]
    assert "autunno 2023" in answer["text"]


async def test_english_is_answered_in_english(rehearsal: Rehearsal) -> None:
    club = rehearsal.association("anna@posta.example", "Ann Example")
    await club.writes(
        "Hello, we are the Lucca Book Club and we would like to join the meeting on Friday 22. There are two of us.",
        subject="Meeting on Friday",
    )
    answer = await club.gets("zoom.example/j/musei_cultura")
    assert "Friday 22 January" in text_of(answer)
    assert "2 people" in text_of(answer)


async def test_interest_in_the_pact_is_noted_and_never_called_a_signature(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.writes("la nostra associazione vorrebbe aderire al patto")
    await anna.hears("prendere nota")
    await anna.presses("Sì")
    await anna.hears("Per quale associazione")
    await anna.writes("Circolo Prova")
    answer = await anna.hears("preso nota")
    assert "solo dopo la firma" in answer["text"]
    assert "Circolo Prova" in text_of(await rehearsal.staff.gets("interessato ad aderire"))


async def test_giving_up_is_no_answer_and_a_number_is_people(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.writes("vorrei venire giovedì")
    await anna.hears("art. 6.1.e")
    await anna.writes("grazie")
    await anna.hears("Riprendiamo")
    await anna.presses("Sì, va bene")
    await anna.hears("quale associazione")
    await anna.writes("no grazie lasciamo perdere")
    await anna.hears("non ho fatto nessuna iscrizione")
    await anna.writes("siamo il Circolo Prova, veniamo in due giovedì")
    await anna.hears("2 persone")
    await anna.writes("4")
    answer = await anna.hears("4 persone")
    assert "giovedì 21 gennaio" in answer["text"]


async def test_the_meeting_just_talked_about_is_the_one_that_is_meant(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.writes("quand'è il prossimo incontro?")
    await anna.hears("martedì 19 gennaio")
    await anna.writes("iscrivimi")
    await anna.hears("per «martedì 19 gennaio")


async def test_what_was_registered_can_be_put_right_in_ones_own_words(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen("Anna Esempio")
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in due giovedì")
    await anna.writes("al posto mio viene Ugo Tei")
    await anna.hears("da Anna Esempio a Ugo Tei")
    await anna.presses("Confermo")
    await anna.hears("Iscrizione aggiornata")
    await anna.writes("l'associazione si chiama Lume")
    await anna.hears("a nome di «Lume»")
    await anna.writes("sì")
    await anna.hears("Lume, 2 persone")
    await anna.writes("uno di noi non viene più")
    await anna.hears("da 2 persone a 1 persona")
    await anna.presses("Confermo")
    await anna.hears("Lume, 1 persona")
    await anna.writes("siamo in uno")
    await anna.writes("sposta l'iscrizione a martedì")
    await anna.hears("più di un incontro")
    await anna.writes("quello del 26")
    await anna.hears("a «martedì 26 gennaio")
    await anna.presses("Confermo")
    await anna.hears("zoom.example/j/patti_cittadinanza")
    rows = await rehearsal.rows("SELECT status, participants FROM registrations ORDER BY meeting_id")
    assert [tuple(r) for r in rows] == [("withdrawn", 1), ("confirmed", 1)]


async def test_withdrawing_in_the_middle_of_a_second_registration_asks_about_the_first(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in due giovedì")
    await anna.writes("vorrei iscrivermi anche a venerdì")
    await anna.hears("Quante persone")
    await anna.writes("disdico")
    answer = await anna.hears("confermi?")
    assert "non ho fatto nessuna iscrizione" in answer["text"]
    assert "giovedì 21 gennaio" in answer["text"]


async def test_a_question_beside_the_registration_is_answered_in_the_same_letter(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21. Chi ha firmato il Patto?")
    answer = text_of(await club.gets("Iscrizione confermata"))
    assert "Club Unesco" in answer
    assert "Fonte: Comune di Lucca" in answer
    assert answer.index("Iscrizione confermata") < answer.index("Club Unesco")
    assert answer.count("Iscrizione confermata") == 1


async def test_a_question_nobody_can_answer_beside_the_registration_goes_to_the_office(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21. Quanto si paga di TARI quest'anno?")
    assert "l'ho passata alle persone dell'ufficio" in text_of(await club.gets("Iscrizione confermata"))
    await rehearsal.staff.gets("TARI")


async def test_two_associations_in_one_sentence_are_both_registered(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes(
        "Vorrei iscrivere a giovedì 21 la Polisportiva Le Querce con due persone e il Circolo Lume con tre persone."
    )
    assert await rehearsal.registered() == [
        ("sport", "Polisportiva Le Querce", 2, "confirmed"),
        ("sport", "Circolo Lume", 3, "confirmed"),
    ]


async def test_a_complaint_goes_to_a_person_as_it_is(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.writes("è una settimana che aspetto una risposta, voglio fare un reclamo")
    await anna.hears("Mi dispiace")
    await rehearsal.staff.gets("voglio fare un reclamo")


async def test_two_corrections_before_the_yes_are_both_made(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in tre giovedì")
    await anna.writes("veniamo in quattro")
    await anna.hears("da 3 persone a 4 persone")
    await anna.writes("in realtà l'associazione è ASD Prova")
    answer = await anna.hears("a nome di «ASD Prova»")
    assert "4 persone" in answer["text"]
    await anna.writes("sì")
    await anna.hears("ASD Prova, 4 persone")


async def test_giving_up_while_a_change_waits_asks_to_withdraw(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await registered(anna, "siamo la Polisportiva Le Querce, veniamo in tre giovedì")
    await anna.writes("spostatemi a venerdì")
    await anna.hears("a «venerdì 22 gennaio")
    await anna.writes("non possiamo più venire")
    await anna.hears("Annullo l'iscrizione per «giovedì 21 gennaio")
