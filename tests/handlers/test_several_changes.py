"""One letter that changes several registrations: a person does it, for of two questions people answer one."""

import pytest

from tests.support.rehearsal import Correspondent, Rehearsal


async def _registered_for_two(rehearsal: Rehearsal) -> Correspondent:
    choir = rehearsal.association("coro@posta.example", "Coro Le Rondini")
    await choir.writes("Siamo il Coro Le Rondini, venerdì 22 veniamo in tre.", vouched=True)
    await choir.writes("Il Coro Le Rondini viene anche martedì 26, in due.", vouched=True)
    return choir


@pytest.mark.parametrize(
    "words",
    [
        "Buongiorno, non possiamo più venire venerdì 22; martedì 26 invece saremo in sei.\nCoro Le Rondini",
        "Buongiorno, venerdì non veniamo più, martedì saremo in sei. Grazie, Marta Prova",
        "venerdì 22 saremo in sette invece che in tre e al 26 non veniamo più. Grazie",
        "A quello dei musei siamo in due e non in tre. Ai patti del 26 gennaio dobbiamo rinunciare: c'è il concerto.",
    ],
)
async def test_it_goes_to_a_person_and_nothing_changes_by_half(words: str, rehearsal: Rehearsal) -> None:
    choir = await _registered_for_two(rehearsal)
    answer = await choir.writes(words, subject="cambiamenti", vouched=True)
    assert "parla di più iscrizioni insieme" in answer.text
    assert [(r[0], r[2], r[3]) for r in await rehearsal.registered()] == [
        ("musei_cultura", 3, "confirmed"),
        ("patti_cittadinanza", 2, "confirmed"),
    ]
    await rehearsal.staff.gets("cambia più iscrizioni insieme")


async def test_a_letter_for_each_is_done_at_once(rehearsal: Rehearsal) -> None:
    choir = await _registered_for_two(rehearsal)
    await choir.writes("Martedì 26 saremo in sei.", vouched=True)
    await choir.writes("Non possiamo più venire venerdì 22.", vouched=True)
    assert [(r[0], r[2], r[3]) for r in await rehearsal.registered()] == [
        ("musei_cultura", 3, "withdrawn"),
        ("patti_cittadinanza", 6, "confirmed"),
    ]


async def test_giving_up_both_is_one_wish(rehearsal: Rehearsal) -> None:
    choir = await _registered_for_two(rehearsal)
    answer = await choir.writes("Non possiamo più venire né venerdì 22 né martedì 26, scusate.", vouched=True)
    assert "parla di più iscrizioni insieme" not in answer.text


async def test_a_letter_that_is_asked_which_one_reads_which_there_are(rehearsal: Rehearsal) -> None:
    choir = await _registered_for_two(rehearsal)
    answer = await choir.writes("Vorremmo cambiare la nostra iscrizione: saremo in cinque.", vouched=True)
    assert "Quale iscrizione va cambiata?" in answer.text
    assert "• venerdì 22 gennaio: musei e associazioni culturali" in answer.text
    assert "• martedì 26 gennaio: firmatari dei patti di cittadinanza" in answer.text
