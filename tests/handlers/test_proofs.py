"""Who may do what by mail: what proves a sender, and what no letter can pretend."""

import re
from datetime import date, timedelta
from email.message import EmailMessage

import httpx
import pytest
from sqlalchemy import text

from db.addresses import revoke_links
from tests.support.rehearsal import BORDER, Correspondent, Rehearsal, text_of
from web.app import build_web
from web.links.pages import Reception

REGISTERS = "Siamo la Polisportiva Le Querce, veniamo in due giovedì 21."


async def registered(rehearsal: Rehearsal) -> tuple[Correspondent, EmailMessage]:
    club = rehearsal.association()
    return club, (await club.writes(REGISTERS)).last


async def statuses(rehearsal: Rehearsal) -> list[str]:
    return [r[3] for r in await rehearsal.registered()]


async def presses(rehearsal: Rehearsal, mail: EmailMessage, purpose: str, press: str = "") -> None:
    """Press a button of the page behind a link in a mail."""
    link = re.search(rf"https://bot\.lucca\.example(/{purpose}/\S+)", text_of(mail))
    assert link, text_of(mail)
    reception = Reception(
        rehearsal.database,
        rehearsal.inbox_worker._services().library,
        rehearsal.links,
        rehearsal.ids,
        rehearsal.office.mailbox,
        rehearsal.clock,
    )
    web = build_web(rehearsal.database, clock=rehearsal.clock, reception=reception)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="https://bot.lucca.example") as browser:
        await browser.post(link[1], data={"press": press})
    await rehearsal.works()


async def test_a_button_is_pressed_on_a_page_and_in_no_letter(rehearsal: Rehearsal) -> None:
    club, confirmed = await registered(rehearsal)
    for press in ("yes", "withdraw:1", "go:erase", "declined:1"):
        await club.writes("buongiorno", answers=confirmed, headers={"X-Luccabot-Press": press})
        assert await statuses(rehearsal) == ["confirmed"]
    letter = b'{"address": "segreteria@lequerce.example", "press": "withdraw:1", "answers": ""}'
    await rehearsal.receives(letter, sender=club.address)
    assert await statuses(rehearsal) == ["confirmed"]
    await presses(rehearsal, confirmed, "m", "withdraw:1")
    assert await statuses(rehearsal) == ["withdrawn"]


async def test_the_page_confirms_only_what_its_mail_asked(rehearsal: Rehearsal) -> None:
    club, _ = await registered(rehearsal)
    withdrawing = (await club.writes("Vogliamo disdire l'iscrizione", subject="disdetta")).last
    erasing = (await club.writes("cancellate tutti i nostri dati", subject="privacy")).last
    await presses(rehearsal, withdrawing, "c")
    assert await statuses(rehearsal) == ["confirmed"]
    assert "Non si può annullare" in text_of(club.mails[-1])
    await presses(rehearsal, erasing, "c")
    assert await statuses(rehearsal) == ["confirmed"]  # asked again since
    await presses(rehearsal, club.mails[-1], "c")
    assert await statuses(rehearsal) == []


async def test_a_yes_that_says_to_what_erases_in_a_reply_alone(rehearsal: Rehearsal) -> None:
    club, _ = await registered(rehearsal)
    await club.writes("cancellate tutti i nostri dati", subject="privacy")
    anew = (await club.writes("Sì, confermo la cancellazione", subject="cancellazione")).last
    assert "Non si può annullare" in text_of(anew)
    assert await statuses(rehearsal) == ["confirmed"]
    told = await club.writes("Sì, confermo la cancellazione", answers=anew)
    assert "ho cancellato tutti i dati" in text_of(told.last)
    assert await statuses(rehearsal) == []


async def test_who_answers_before_the_sending_is_settled_has_proved_it(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    asked = (await club.writes("vorrei ricevere gli aggiornamenti", subject="novità")).last
    async with rehearsal.database.begin() as tx:  # as a sender leaves it that is slow, or died after the mail went
        unsettled = "state = 'sending', sent_at = NULL, reference = '', value = :to"
        await tx.execute(text(f"UPDATE outbox SET {unsettled} WHERE kind = 'reply'"), {"to": club.address})
    await rehearsal.association("altri@posta.example").writes("Sì", answers=asked)
    assert await rehearsal.rows("SELECT 1 FROM people") == []
    await club.writes("Sì", answers=asked)
    assert [bool(u) for (u,) in await rehearsal.rows("SELECT updates FROM people")] == [True]
    assert await rehearsal.rows("SELECT reference, spent FROM outbox WHERE state = 'sending'") == [
        (asked["Message-ID"], 1)
    ]


@pytest.mark.parametrize("wish", ["vorrei ricevere gli aggiornamenti", "tenetemi informato sui prossimi incontri"])
async def test_two_bare_letters_order_no_news(rehearsal: Rehearsal, wish: str) -> None:
    club = rehearsal.association()
    asked = await club.writes(wish, subject="novità")
    again = await club.writes("sì", subject="Re: novità")
    assert await rehearsal.rows("SELECT 1 FROM people") == []
    await club.writes("Sì", answers=asked.last)  # asked again since
    assert await rehearsal.rows("SELECT 1 FROM people") == []
    assert again.mails
    await club.writes("Sì", answers=club.mails[-1])
    assert [bool(u) for (u,) in await rehearsal.rows("SELECT updates FROM people")] == [True]


@pytest.mark.parametrize("wish", ["non voglio più ricevere niente da voi", "disiscrivetemi dalla newsletter"])
async def test_stopping_needs_a_yes_to_the_mail_that_asks(rehearsal: Rehearsal, wish: str) -> None:
    async def state() -> list[tuple[bool, bool]]:
        rows = await rehearsal.rows(
            "SELECT p.updates, a.reachable FROM people p JOIN addresses a ON a.person_id = p.id"
        )
        return [(bool(r[0]), bool(r[1])) for r in rows]

    club, confirmed = await registered(rehearsal)
    await club.writes("teneteci informati sui prossimi incontri", vouched=True)
    assert await state() == [(True, True)]
    await club.writes(wish, subject="basta")
    await club.writes("sì", subject="Re: basta")
    await club.writes("sì", answers=confirmed)
    assert await state() == [(True, True)]
    await club.writes("sì", answers=club.mails[-1])
    assert (await state())[0][0] is False


async def test_no_to_stopping_says_that_nothing_changes(rehearsal: Rehearsal) -> None:
    club, _ = await registered(rehearsal)
    asked = await club.writes("non voglio più ricevere niente da voi", subject="basta")
    kept = await club.writes("no", answers=asked.last)
    assert "non cambio nulla" in kept.text
    assert "registrato" not in kept.text


async def test_a_letter_that_its_domain_disowns_is_answered_by_nobody_but_a_person(rehearsal: Rehearsal) -> None:
    club, confirmed = await registered(rehearsal)
    fails = {"Authentication-Results": f"{BORDER}; dmarc=fail header.from=lequerce.example"}
    for words in ("Quante città fanno parte della rete?", "Grazie!", "non veniamo più giovedì 21", "ok"):
        for answers in (None, confirmed):
            assert (await club.writes(words, answers=answers, headers=fails)).mails == ()
    assert await statuses(rehearsal) == ["confirmed"]
    told = [text_of(m) for m in rehearsal.staff.mails]
    assert any("mittente non verificato" in text and "non veniamo" in text for text in told)


CLOSINGS = (
    "Polisportiva Le Querce ASD\nvia dello Sport 12, Lucca, tel. 0583 000000",
    "Restiamo in attesa di un vostro cortese riscontro.",
)


@pytest.mark.parametrize("closing", CLOSINGS)
async def test_a_closing_that_stands_under_every_letter_silences_nobody(rehearsal: Rehearsal, closing: str) -> None:
    club = rehearsal.association()
    asked = await club.writes(f"Buongiorno, vorremmo partecipare a un incontro.\n\n{closing}")
    done = await club.writes(f"Quello di giovedì 21, siamo in tre.\n\n{closing}", answers=asked.last)
    assert await statuses(rehearsal) == ["confirmed"]
    gone = await club.writes(
        f"Purtroppo giovedì 21 non possiamo più venire, cancellateci.\n\n{closing}", answers=done.last
    )
    assert gone.mails


async def test_the_same_letter_again_is_a_machines(rehearsal: Rehearsal) -> None:
    club = rehearsal.association()
    words = "Gentili, quante città fanno parte della rete delle città che apprendono?"
    first = await club.writes(words, answers=(await registered(rehearsal))[1])
    assert (await club.writes(words, answers=first.last)).mails == ()


GONE = "Purtroppo non possiamo più venire, cancellate la nostra iscrizione."


async def test_a_mail_of_ours_proves_its_reader_for_a_month(rehearsal: Rehearsal) -> None:
    await rehearsal.changes("sport", day=date(2021, 4, 1))
    club = rehearsal.association()
    confirmed = (await club.writes("Siamo la Polisportiva Le Querce, veniamo in due il 1 aprile.")).last
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(days=31))
    asked = await club.writes(GONE, answers=confirmed)
    assert "rispondere «sì»" in asked.text
    assert await statuses(rehearsal) == ["confirmed"]
    await club.writes("sì", answers=asked.last)
    assert await statuses(rehearsal) == ["withdrawn"]


async def test_a_mail_of_ours_proves_one_change_only(rehearsal: Rehearsal) -> None:
    club, confirmed = await registered(rehearsal)
    await club.writes("In realtà siamo in quattro.", answers=confirmed)
    assert [r[2] for r in await rehearsal.registered()] == [4]
    asked = await club.writes(GONE, answers=confirmed)
    assert "rispondere «sì»" in asked.text
    assert await statuses(rehearsal) == ["confirmed"]
    await club.writes("sì", answers=asked.last)
    assert await statuses(rehearsal) == ["withdrawn"]


async def test_a_question_uses_up_no_proof(rehearsal: Rehearsal) -> None:
    club, confirmed = await registered(rehearsal)
    await club.writes("Quante città fanno parte della rete?", answers=confirmed)
    await club.writes(GONE, answers=confirmed)
    assert await statuses(rehearsal) == ["withdrawn"]


async def test_revoking_ends_what_was_sent_until_then(rehearsal: Rehearsal) -> None:
    club, confirmed = await registered(rehearsal)
    asked = await club.writes("Vogliamo disdire l'iscrizione", subject="disdetta")
    async with rehearsal.database.begin() as tx:
        await revoke_links(tx, club.address)
    await club.writes("sì", answers=asked.last)
    await club.writes(GONE, answers=confirmed)
    await presses(rehearsal, asked.last, "c")
    assert await statuses(rehearsal) == ["confirmed"]
    await club.writes("sì", answers=club.mails[-1])
    assert await statuses(rehearsal) == ["withdrawn"]


async def handed_over(rehearsal: Rehearsal) -> EmailMessage:
    await rehearsal.citizen().says("vorrei parlare con una persona dell'ufficio")
    return rehearsal.staff.mails[-1]


@pytest.mark.parametrize("vouched", [False, True])
async def test_a_reference_alone_passes_nothing_on(rehearsal: Rehearsal, *, vouched: bool) -> None:
    asked = await handed_over(rehearsal)
    before = len(rehearsal.citizen().messages)
    answered = await rehearsal.staff.writes(
        "Paghi qui: evil.example", subject=f"Re: {asked['Subject']}", vouched=vouched
    )
    assert len(rehearsal.citizen().messages) == before + vouched
    assert ("non è partita" in answered.text) is not vouched


async def test_an_answer_to_the_mail_with_the_question_is_passed_on(rehearsal: Rehearsal) -> None:
    asked = await handed_over(rehearsal)
    for words in ("Buongiorno, la chiamiamo domani.", "Anzi, oggi."):
        await rehearsal.staff.writes(words, answers=asked)
        assert words in rehearsal.citizen().messages[-1].plain
