"""What somebody who registers asks besides: answered, or passed to the office; courtesies are neither."""

import pytest

from tests.support.rehearsal import Rehearsal, text_of

_PASSED = "l'ho passata alle persone dell'ufficio"
_WISH = "Siamo la Polisportiva Le Querce, veniamo in due giovedì 21"


async def _open_questions(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    rows = await rehearsal.rows("SELECT reason, question FROM hand_overs WHERE answered_at IS NULL ORDER BY id")
    return [(reason, question) for reason, question in rows]


@pytest.mark.parametrize(
    "asked",
    [
        ". A proposito: sapete se la piscina comunale riapre a gennaio?",
        ". Vorrei anche sapere se la palestra di via delle Tagliate ha il parquet nuovo.",
        ", ma secondo voi il ponte pedonale quando lo finiscono?",
        ". Do you know whether the skating rink opens on Sundays?",
    ],
)
async def test_a_question_about_something_else_is_passed_on_and_the_place_is_theirs(
    rehearsal: Rehearsal, asked: str
) -> None:
    club, letter = rehearsal.association(), f"{_WISH}{asked} Grazie"
    await club.writes(letter)
    assert text_of(await club.gets("Iscrizione confermata")).count(_PASSED) == 1
    assert await rehearsal.registered() == [("sport", "Polisportiva Le Querce", 2, "confirmed")]
    assert [(reason, letter in words) for reason, words in await _open_questions(rehearsal)] == [("question", True)]


@pytest.mark.parametrize(
    "courtesy",
    [
        "Va bene?",
        "Potete confermare?",
        "Mi mandate il link?",
        "A che ora è?",
        "Il collegamento quando arriva?",
        "Possiamo venire?",
    ],
)
async def test_what_the_confirmation_says_anyway_troubles_nobody(rehearsal: Rehearsal, courtesy: str) -> None:
    club = rehearsal.association()
    await club.writes(f"{_WISH}. {courtesy} Grazie mille")
    assert _PASSED not in text_of(await club.gets("Iscrizione confermata"))
    assert await _open_questions(rehearsal) == []


async def test_of_two_questions_one_is_answered_and_the_other_passed_on(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes(f"{_WISH}. Chi ha firmato il Patto? E la piscina comunale riapre a gennaio?")
    answer = text_of(await club.gets("Iscrizione confermata"))
    assert answer.index("Club Unesco") < answer.index(_PASSED)
    assert len(await _open_questions(rehearsal)) == 1


async def test_who_is_registered_already_and_asks_is_heard(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes(f"{_WISH}. Grazie")
    await club.gets("Iscrizione confermata")
    await club.writes("Confermiamo la nostra presenza giovedì 21. La piscina comunale riapre a gennaio?")
    await club.gets(_PASSED)
    assert len(await _open_questions(rehearsal)) == 1


async def test_in_chat_the_question_is_passed_on_above_what_is_still_asked(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen()
    await anna.writes(f"{_WISH}, mi chiamo Anna Prova. Sapete se la piscina comunale riapre a gennaio?")
    said = (await anna.hears("art. 6.1.e"))["text"]
    assert said.index(_PASSED) < said.index("art. 6.1.e")
    await anna.presses("Sì, iscrivimi")
    await anna.hears("Iscrizione confermata")
    assert len(await _open_questions(rehearsal)) == 1
