"""Who answers our mail from another address, and where our answers go."""

from email.message import EmailMessage

import pytest

from tests.support.rehearsal import BORDER, Rehearsal

PASSES = {"Authentication-Results": f"{BORDER}; dmarc=pass header.from=lequerce.example"}
THREE = [("musei_cultura", "Polisportiva Le Querce", 3, "confirmed")]


async def registered(rehearsal: Rehearsal) -> EmailMessage:
    club = rehearsal.association("info@posta.example")
    done = await club.writes("Siamo la Polisportiva Le Querce, veniamo in tre venerdì 22.", subject="Iscrizione")
    assert await rehearsal.registered() == THREE
    return done.last


@pytest.mark.parametrize(
    "words",
    [
        "Purtroppo dobbiamo annullare l'iscrizione a venerdì 22.",
        "Saremo in cinque e non in tre.",
        "A quali incontri siamo iscritti?",
        "Mi rimandate il link?",
        "Iscriviamo cinque persone venerdì 22, Polisportiva Le Querce.",
    ],
)
async def test_another_address_in_our_thread_changes_and_sees_nothing(rehearsal: Rehearsal, words: str) -> None:
    confirmed = await registered(rehearsal)
    anna = rehearsal.association("anna@posta.example", "Anna")
    answer = await anna.writes(words, answers=confirmed)
    assert "dall'indirizzo con cui è stata fatta" in answer.text
    assert "22" not in answer.text
    assert await rehearsal.registered() == THREE
    assert any(
        words in str(m.get_body(("plain",))) or words in m.as_string() or "indirizzo diverso" in m.as_string()
        for m in rehearsal.staff.mails
    )


async def test_another_association_may_register_in_a_thread_that_was_passed_on(rehearsal: Rehearsal) -> None:
    confirmed = await registered(rehearsal)
    anna = rehearsal.association("anna@posta.example", "Anna")
    await anna.writes("Anche noi del Circolo Il Noce veniamo in due venerdì 22.", answers=confirmed)
    assert ("musei_cultura", "Circolo Il Noce", 2, "confirmed") in await rehearsal.registered()
    assert "rete" in (await anna.writes("Quante città fanno parte della rete?", answers=confirmed)).text


async def test_the_subject_of_who_is_not_vouched_for_is_not_sent_on(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    asked = "Quante città fanno parte della rete?"
    bare = (await club.writes(asked, subject="VINCI SUBITO, chiama 899")).last
    assert "VINCI" not in bare.as_string()
    assert bare["In-Reply-To"]
    assert bare["Subject"] == "Risposta di Lucca Learning City"
    listed = await club.writes("Quali incontri ci sono in programma?", subject="VINCI SUBITO")
    assert listed.last["Subject"] == "Gli incontri in programma"
    assert (await club.writes(asked, subject="Domanda", vouched=True)).last["Subject"] == "Re: Domanda"
    done = (await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21.")).last
    assert (await club.writes(asked, answers=done)).last["Subject"] == f"Re: {done['Subject']}"


@pytest.mark.parametrize(
    ("reply_to", "headers", "goes_to"),
    [
        ("info@lequerce.example", PASSES, "info@lequerce.example"),
        ("info@posta.lequerce.example", PASSES, "info@posta.lequerce.example"),
        ("info@lequerce.example", {}, "segreteria@lequerce.example"),
        ("info@altra.example", PASSES, "segreteria@lequerce.example"),
        ("info@notlequerce.example", PASSES, "segreteria@lequerce.example"),
    ],
)
async def test_an_answer_goes_where_the_same_domain_asks(
    rehearsal: Rehearsal, reply_to: str, headers: dict[str, str], goes_to: str
) -> None:
    club = rehearsal.association()
    await club.writes("Veniamo in due giovedì 21", headers={"Reply-To": reply_to, **headers})
    assert [m["To"] for m in rehearsal.mails] == [goes_to]
    rows = await rehearsal.rows("SELECT value FROM addresses")
    assert [r[0] for r in rows] == ["segreteria@lequerce.example"]
