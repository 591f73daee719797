"""A name that holds an address is asked about, and the town repeats nobody's."""

import pytest

from tests.support.rehearsal import Rehearsal

EVIL = "evil.example"


@pytest.mark.parametrize(
    "words",
    [
        "Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.",
        f"Siamo la Polisportiva https://{EVIL}/b, veniamo in due giovedì 21.",
        f"Associazione: http://{EVIL}/a\nPartecipanti: 2\nIncontro: giovedì 21",
        f"Siamo il Coro {EVIL}/x, veniamo in due giovedì 21\n\n{EVIL}",
    ],
)
@pytest.mark.parametrize("name", ["Mara", f"http://{EVIL}/a", f"Mara www.{EVIL}"])
async def test_a_forged_letter_makes_the_town_send_no_address(rehearsal: Rehearsal, name: str, words: str) -> None:
    club = rehearsal.association(name=name)
    answered = await club.writes(words, subject="Iscrizione")
    read = "".join(str(part.get_content()) for part in answered.last.walk() if part.get_content_maintype() == "text")
    assert read
    assert EVIL not in read
    assert EVIL not in str(answered.last["Subject"])


@pytest.mark.parametrize("name", ["www.evil.example", "evil.com", "coro@evil.example"])
async def test_in_chat_it_is_asked_about(rehearsal: Rehearsal, name: str) -> None:
    anna = rehearsal.citizen()
    await anna.says("Vorrei iscrivermi all'incontro di sport")
    await anna.presses("yes")
    asked = await anna.says(name)
    assert "senza indirizzi" in asked.text
    assert await rehearsal.registered() == []
    asked = await anna.says("Coro Le Rondini")
    assert "senza indirizzi" not in asked.text
