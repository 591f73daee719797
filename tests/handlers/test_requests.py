"""Letters that ask for more than one thing, or among other things: each request is acted upon by itself."""

import pytest

from tests.support.rehearsal import Rehearsal

_TWO = (
    "Buongiorno,\nvi scrivo per due associazioni. Il Circolo Bocce Borgo Alto sarà presente giovedì 21 con "
    "quattro persone. "
    "La Polisportiva Argini Puliti viene invece martedì 26, in due.\nSauro Giannotti"
)


async def test_two_associations_in_one_letter_are_two_registrations(rehearsal: Rehearsal) -> None:
    sauro = rehearsal.association("sauro@posta.example", "Sauro Giannotti")
    answer = await sauro.writes(_TWO, subject="Due iscrizioni", vouched=True)
    assert await rehearsal.registered() == [
        ("sport", "Circolo Bocce Borgo Alto", 4, "confirmed"),
        ("patti_cittadinanza", "Polisportiva Argini Puliti", 2, "confirmed"),
    ]
    assert len(answer.mails) == 1
    assert len(answer.calendars) == 2


async def test_in_a_chat_the_second_association_is_asked_about_after_the_first(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen("Anna Esempio")
    await anna.writes(
        "il Circolo Bocce Borgo Alto viene giovedì 21 in quattro, la Polisportiva Argini Puliti martedì 26 in due"
    )
    await anna.presses("yes")
    assert len(await rehearsal.registered()) == 1
    await anna.hears("Polisportiva Argini Puliti")
    await anna.presses("yes")
    assert [r[1:3] for r in await rehearsal.registered()] == [
        ("Circolo Bocce Borgo Alto", 4),
        ("Polisportiva Argini Puliti", 2),
    ]


@pytest.mark.parametrize(
    ("words", "people"),
    [
        ("martedì 19 veniamo in quattro, giovedì 21 in due.", [4, 2]),
        ("partecipiamo martedì 19 con una persona e giovedì 21 con tre persone.", [1, 3]),
        ("verremo in quattro martedì 19 e in due giovedì 21.", [4, 2]),
    ],
)
async def test_each_meeting_has_its_own_number(words: str, people: list[int], rehearsal: Rehearsal) -> None:
    club = rehearsal.association("info@trefonti.example", "Centro Donne Tre Fonti")
    await club.writes(f"Siamo il Centro Donne Tre Fonti: {words}", vouched=True)
    assert [(r[0], r[2]) for r in await rehearsal.registered()] == list(
        zip(["politiche_genere", "sport"], people, strict=True)
    )


@pytest.mark.parametrize(
    ("words", "sectors"),
    [
        (
            ("Veniamo a tutti gli incontri tranne quello di venerdì 22, siamo la Pro Loco Tre Fonti, in due."),
            {"politiche_genere", "sport", "patti_cittadinanza"},
        ),
        ("Giovedì 21 non possiamo, iscriveteci a venerdì 22. Museo della Lanterna, due persone.", {"musei_cultura"}),
        (
            ("Iscrivo il Museo della Lanterna all'incontro di venerdì 22. Grazie della mail del 12 gennaio."),
            {"musei_cultura"},
        ),
        ("Iscrivo il Tennis Tre Fonti all'incontro di giovedì. Ci alleniamo il martedì e il venerdì.", {"sport"}),
        (
            ("Iscrivo la Pro Loco Tre Fonti all'incontro di venerdì 22, in due. La nostra festa sarà il 3 maggio."),
            {"musei_cultura"},
        ),
    ],
)
async def test_what_is_excluded_or_only_told_of_is_not_registered(
    words: str, sectors: set[str], rehearsal: Rehearsal
) -> None:
    await rehearsal.association().writes(words, vouched=True)
    registered = {r[0] for r in await rehearsal.registered()}
    assert registered in (sectors, set())  # to ask is no harm, to register for what was only told of is


async def test_a_request_above_forwarded_news_is_read(rehearsal: Rehearsal) -> None:
    club = rehearsal.association("gambeleste@posta.example", "Piero Landucci")
    await club.writes(
        "La Podistica Gambe Leste partecipa a quello di giovedì 21, in due.\nPiero Landucci\n\n---------- "
        "Messaggio inoltrato ----------\n"
        "Da: Comitato <circolari@comitato.example>\nOggetto: circolare\n\nCare società,\nil corso del 19 "
        "gennaio è rinviato; "
        "il bonus arriva entro il 26 gennaio.",
        subject="I: circolare",
        vouched=True,
    )
    assert [r[:3] for r in await rehearsal.registered()] == [("sport", "Podistica Gambe Leste", 2)]


async def test_the_sector_may_stand_in_the_signature_only(rehearsal: Rehearsal) -> None:
    museum = rehearsal.association("museo@lanterna.example", "Lia Neri")
    await museum.writes(
        (
            "Buongiorno,\nvorremmo partecipare in due all'incontro che ci riguarda.\nCordiali saluti\n\nLia "
            "Neri\nMuseo della Lanterna"
        ),
        vouched=True,
    )
    assert [r[0] for r in await rehearsal.registered()] in ([], ["musei_cultura"])
    body = museum.mails[-1].get_body(("plain",))
    assert body is not None
    assert "musei" in body.get_content()


async def test_registration_and_adhesion_in_one_letter_are_both_met(rehearsal: Rehearsal) -> None:
    club = rehearsal.association("info@borgoalto.example", "Circolo Bocce Borgo Alto")
    answer = await club.writes(
        (
            "Il Circolo Bocce Borgo Alto sarà presente giovedì 21 con quattro persone. Inoltre vorremmo aderire "
            "al Patto per l'apprendimento permanente."
        ),
        vouched=True,
    )
    assert [r[:3] for r in await rehearsal.registered()] == [("sport", "Circolo Bocce Borgo Alto", 4)]
    assert len(await rehearsal.rows("SELECT 1 FROM adhesions")) == 1
    assert "Patto" in answer.text


async def test_two_questions_in_one_message_get_two_answers(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    said = await anna.writes("Quando è entrata Torino nella rete? E chi è l'assessora di Lucca?")
    assert "2016" in said.text
    assert "Vietina" in said.text


async def test_a_question_in_the_middle_of_registering_is_answered_and_nothing_is_lost(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen("Anna Esempio")
    await anna.writes("vorrei venire giovedì, siamo in due")
    said = await anna.writes("quando è entrata Torino nella rete?")
    assert "2016" in said.text
    await anna.presses("yes")
    await anna.writes("Polisportiva Le Querce")
    await anna.presses("yes")
    assert [r[:3] for r in await rehearsal.registered()] == [("sport", "Polisportiva Le Querce", 2)]


async def test_who_was_never_registered_and_moves_is_not_put_down_for_what_is_given_up(rehearsal: Rehearsal) -> None:
    club = rehearsal.association("rita@posta.example", "Rita Vanni")
    await club.writes(
        "Buongiorno, ci eravamo iscritti per giovedì 21 ma non possiamo più: ci sposta a venerdì 22 per favore?\n"
        "Rita Vanni, Gruppo Corale Fiordiluna",
        vouched=True,
    )
    assert [r[0] for r in await rehearsal.registered()] == ["musei_cultura"]
    assert await club.gets("Venerdì 22 gennaio")


@pytest.mark.parametrize(
    "words",
    [
        (
            "vorrei iscrivere La Treccia all'incontro del 22, saremo in tre. Preciso che NON ci interessa quello "
            "sportivo del 21."
        ),
        "associazione culturale La Treccia, per il 22 siamo in due, non vogliamo il 26",
    ],
)
async def test_a_meeting_behind_a_not_is_never_taken(words: str, rehearsal: Rehearsal) -> None:
    await rehearsal.association("info@treccia.example", "Lia Neri").writes(words, vouched=True)
    assert {r[0] for r in await rehearsal.registered()} <= {"musei_cultura"}
