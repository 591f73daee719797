"""The house style in whole conversations: what a chat, an association and a private person read."""

import re

import pytest

from tests.knowledge.test_style import LEI, TU, VOI, faults, small_beginnings, without_quotes
from tests.support.rehearsal import Rehearsal, text_of

CLUB = [
    ("Vorremmo iscriverci", "iscrizione"),
    ("Siamo il Circolo Il Noce, veniamo in tre giovedì 21.", "iscrizione"),
    ("Siamo il Circolo Il Noce, veniamo in due giovedì 21 e martedì 26.", "iscrizione"),
    ("A che incontri siamo iscritti?", "domanda"),
    ("Ci rimandate il link di giovedì?", "link"),
    ("Siamo diventati quattro giovedì 21.", "cambio"),
    ("Vorremmo disdire l'iscrizione di giovedì 21", "disdetta"),
    ("Chi paga il rinfresco della festa di maggio al circolo?", "rinfresco"),
    ("Vorremmo aderire al Patto", "patto"),
    ("Vorremmo parlare con una persona", "aiuto"),
]
ALONE = [
    ("Sono una privata cittadina, vengo da sola giovedì 21.\n\nAnna Esempio", "iscrizione"),
    ("A che incontri sono iscritta?", "domanda"),
    ("Vorrei avere avvisi sui nuovi incontri", "avvisi"),
    ("Vorrei la copia dei miei dati", "dati"),
    ("Vorrei passare a martedì 26", "cambio"),
    ("Cancellate i miei dati", "dati"),
]
CHAT = [
    "ciao",
    "/programma",
    "Iscrivimi giovedì",
    "sì",
    "Circolo Il Noce",
    "3",
    "sì",
    "/iscrizioni",
    "siamo in due",
    "sì",
    "non vengo più",
    "no",
    "Chi paga il rinfresco della festa di maggio?",
    "voglio parlare con una persona",
    "vorrei aderire al patto",
    "sì",
    "mandatemi gli avvisi",
    "/privacy",
    "/aiuto",
    "che dati avete su di me?",
    "blabla qwerty",
    "cancella i miei dati",
    "sì",
]


def check(text: str, forbidden: tuple[re.Pattern[str], ...]) -> None:
    said = re.sub(r"https?://\S+", "…", without_quotes(text))
    assert faults(re.sub(r"\n +", "\n", said)) == [], text
    assert small_beginnings(said) == [], text
    assert [m.group() for pattern in forbidden for m in pattern.finditer(said)] == [], text


@pytest.mark.parametrize(
    ("letters", "name", "forbidden"),
    [(CLUB, "Circolo Il Noce", (TU, LEI)), (ALONE, "Anna Esempio", (TU, VOI))],
    ids=["association", "private"],
)
async def test_letters_speak_with_one_voice(
    rehearsal: Rehearsal, letters: list[tuple[str, str]], name: str, forbidden: tuple[re.Pattern[str], ...]
) -> None:
    writer = rehearsal.association("qualcuno@posta.example", name)
    for words, subject in letters:
        answered = await writer.writes(words, subject=subject, vouched=True)
        assert answered.mails, words
        for mail in answered.mails:
            text = text_of(mail)
            check(text, forbidden)
            assert text.count("Buongiorno") == 1, text


async def test_a_chat_speaks_with_one_voice(rehearsal: Rehearsal) -> None:
    anna = rehearsal.citizen("Anna Esempio")
    for words in CHAT:
        said = await anna.says(words)
        for message in said.messages:
            check(message.plain, (VOI, LEI))


async def test_the_office_gets_no_robots_footer(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Chi paga il rinfresco della festa di maggio al circolo?", subject="rinfresco")
    question = rehearsal.staff.mails[-1]
    await rehearsal.staff.writes("Buongiorno,\nlo offre il Comune.", answers=question, vouched=True)
    told = text_of(rehearsal.staff.mails[-1])
    assert "è partita" in told
    assert "risposta automatica" not in told
    assert "lo offre il Comune" in text_of(club.mails[-1])
