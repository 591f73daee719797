"""Mail that comes back, machines that answer, receipts: counted, never answered, and people are told."""

from email.message import EmailMessage

import pytest
from sqlalchemy import text

from tests.conftest import OpenTown
from tests.mail.test_returns import report
from tests.support.rehearsal import text_of
from tests.support.town import OFFICE, Correspondent, Town, until


def bounce(of: EmailMessage, *, to: str, status: str = "5.1.1") -> bytes:
    raw = report("failed", status).replace("<out.77.abc@comune.lucca.example>", str(of["Message-ID"]))
    return f"Return-Path: <>\nTo: {OFFICE}\n{raw}".replace("Anna@posta.example", to).encode()


async def registered_by_both(town: Town, club: Correspondent) -> EmailMessage:
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    return await club.gets("Iscrizione confermata")


async def test_two_mails_that_come_back_stop_the_address_and_staff_are_told(each_town: Town) -> None:
    club = each_town.association()
    first = await registered_by_both(each_town, club)
    await club.sends(bounce(first, to=club.address))
    await club.sends(bounce(first, to=club.address))  # the same mail reported twice counts once
    await each_town.quiet()
    assert (await each_town.rows("SELECT reachable FROM addresses"))[0][0]
    await each_town.changes("sport", link="https://zoom.example/j/nuovo")
    second = await club.gets("È cambiato")
    await club.sends(bounce(second, to=club.address))
    told = await each_town.staff.gets("non riceve le nostre e-mail")
    assert club.address in text_of(told)
    assert "va raggiunta in altro modo" in text_of(told)
    assert not (await each_town.rows("SELECT reachable FROM addresses"))[0][0]
    assert await each_town.rows("SELECT value FROM addresses WHERE stopped_at IS NULL") == []
    before = len(await club.mailbox())
    each_town.goes_to("2021-01-20T09:00")
    await each_town.quiet()
    assert len(await club.mailbox()) == before  # no reminder goes there


async def test_the_other_channel_takes_over_when_mail_comes_back(town: Town) -> None:
    club = town.association()
    first = await registered_by_both(town, club)
    link = next(w for w in text_of(first).split() if "?start=l_" in w).partition("start=")[2]
    marta = town.citizen("Marta", 7)
    await marta.writes(f"/start {link}")
    await marta.hears("Unisco questa chat")
    await marta.presses("Sì")
    await marta.hears("da ora ti scrivo qui")
    await club.writes("Ci iscriviamo anche a venerdì 22, sempre in due")
    second = await club.gets("Venerdì 22 gennaio")
    for mail in (first, second):
        await club.sends(bounce(mail, to=club.address))
    await marta.hears("tornano indietro")
    assert "altro recapito" in text_of(await town.staff.gets("non riceve"))
    town.goes_to("2021-01-20T09:00")
    await marta.hears("Promemoria")


async def test_soft_bounces_and_receipts_stop_nothing(town: Town) -> None:
    club = town.association()
    first = await registered_by_both(town, club)
    for _ in range(3):
        await club.sends(bounce(first, to=club.address, status="4.2.2"))
    await club.sends(bounce(first, to=club.address, status="5.7.1"))
    assert "liste di blocco" in text_of(await town.staff.gets("rifiuta le nostre e-mail"))
    receipt = (
        f"From: posta-certificata@pec-prova.example\nTo: {OFFICE}\nX-Ricevuta: "
        f"avvenuta-consegna\nX-Riferimento-Message-ID: {first['Message-ID']}\n\nRicevuta"
    )
    await club.sends(receipt.encode())

    async def noted() -> bool:
        rows = await town.rows("SELECT fate FROM returns ORDER BY fate")
        return [r[0] for r in rows] == ["delivered", "soft"]

    await until(noted, "both reports")
    assert (await town.rows("SELECT reachable FROM addresses"))[0][0]
    assert len(await club.mailbox()) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Sono fuori ufficio fino al 30 gennaio, rientrerò il 1 febbraio.",
        "Gentile utente, la sua richiesta è stata presa in carico con il numero 4711.",
        "This is an automated message, please do not reply to this e-mail.",
    ],
)
async def test_machines_without_headers_get_no_answer(town: Town, words: str) -> None:
    robot = town.association("anna@posta.example", "Anna")
    await robot.writes(words)
    await town.quiet()
    rows = await until(lambda: town.rows("SELECT kind FROM inbox WHERE state = 'done'"), "handled")
    assert [r[0] for r in rows] == ["auto_reply"]
    assert await robot.mailbox() == []


async def test_a_robot_that_repeats_itself_is_answered_once(town: Town) -> None:
    robot = town.association("anna@posta.example", "Anna")
    first = await robot.writes("Abbiamo aperto il ticket per il vostro messaggio, un operatore vi richiama")
    answer = await robot.gets("Buongiorno")
    for _ in range(3):
        await robot.writes(str(first.get_content()).strip(), answers=answer)
    await town.quiet()
    assert len(await robot.mailbox()) == 1
    assert "risponditore automatico" in text_of(await town.staff.gets("la stessa e-mail di nuovo"))


async def test_ten_letters_a_day_and_then_a_person_looks(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url) as town:
        club = town.association()
        for number in range(12):
            await club.writes(
                f"quante città fanno parte della rete? Lo chiedo per la volta n. {number}", subject="domanda"
            )
        told = await town.staff.gets("rif. 1-")
        assert told
        await town.quiet()
        assert len(await club.mailbox()) == 10


async def test_beyond_the_brake_letters_wait_and_staff_hear_of_it_once(town_with: OpenTown, database_url: str) -> None:
    async with town_with(database_url, mail_answers_per_hour=2) as town:
        club, anna = town.association(), town.association("anna@posta.example", "Anna")
        for number in range(3):
            await club.writes(f"quante città fanno parte della rete? Domanda {number}", subject="domanda")
        await town.staff.gets("le risposte aspettano")
        await anna.writes("chi ha firmato il Patto?", subject="domanda")
        await until(lambda: waiting(town, 2), "both letters wait")
        assert len(await club.mailbox()) == 2
        assert not await anna.mailbox()
        assert len([m for m in await town.staff.mailbox() if "aspettano" in str(m["Subject"])]) == 1
        assert [row[0] for row in await town.rows("SELECT attempts FROM inbox WHERE state = 'new'")] == [0, 0]
        town.goes_to("2021-01-15T12:00")  # an hour later they go, little by little
        async with town.system.database.begin() as tx:
            await tx.execute(text("UPDATE inbox SET next_at = '2020-01-01 00:00:00.000000' WHERE state = 'new'"))
        town.system.workers.inbox.wake()
        await anna.gets("Fonte")


async def waiting(town: Town, number: int) -> bool:
    rows = await town.rows("SELECT count(*) FROM inbox WHERE state = 'new' AND attempts = 0 AND token = ''")
    return bool(rows[0][0] == number)
