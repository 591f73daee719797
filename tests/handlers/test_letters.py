"""What becomes of letters whose words are few, or cannot be read."""

from tests.mail.test_reading import MAILS
from tests.support.rehearsal import STAFF, Rehearsal, text_of

QUOTE = (
    "\n\nIl giorno lun 18 gen 2021 alle ore 09:40 Ufficio <u@comune.example> ha scritto:\n> Vi aspettiamo giovedì 21\n"
)


async def test_thanks_for_our_mail_change_nothing(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in tre giovedì 21.")
    before = await rehearsal.registered()
    for subject in (
        "Re: Promemoria: giovedì 21 gennaio, associazioni sportive",
        "Re: Annullato: associazioni sportive",
    ):
        told = await club.writes(f"Grazie!{QUOTE}", subject=subject)
        assert "Prego" in told.text
    assert await rehearsal.registered() == before


async def test_a_request_right_above_the_quote_is_heard(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    told = await club.writes("Siamo la Polisportiva Le Querce, veniamo in tre giovedì 21.")
    told = await club.writes(f"Non possiamo più venire, cancellateci{QUOTE[1:]}", answers=told.last)
    assert "ho annullato l'iscrizione" in told.text


async def test_an_encrypted_letter_goes_to_the_office_and_its_sender_is_told(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    data = (MAILS / "pgp_mime.eml").read_bytes().replace(b"segreteria@lequerce.example", club.address.encode())
    told = await club.sends(data)
    assert "cifrata" in told.text
    assert any("cifrata" in text_of(m) for m in rehearsal.mails if m["To"] == STAFF)
    assert await rehearsal.registered() == []
