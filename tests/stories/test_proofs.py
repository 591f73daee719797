"""Who may change what by mail: an answer to our mail proves its sender, a link does, a bare From proves nothing."""

import asyncio
import json
import re
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from mail.threads import MessageIds
from tests.conftest import OpenTown
from tests.support.calendars import answer_to
from tests.support.rehearsal import text_of
from tests.support.town import OFFICE, Correspondent, Town, until

REGISTERS = "Siamo la Polisportiva Le Querce, veniamo in due giovedì 21"


def link_in(mail: EmailMessage, purpose: str) -> str:
    found = re.search(rf"http://\S+/{purpose}/\S+", text_of(mail).replace("=\n", ""))
    assert found, text_of(mail)
    return found[0]


async def status(town: Town) -> list[tuple[str, int]]:
    return [tuple(row) for row in await town.rows("SELECT status, participants FROM registrations ORDER BY id")]


async def registered(town: Town) -> tuple[Correspondent, EmailMessage]:
    club = town.association()
    await club.writes(REGISTERS)
    return club, await club.gets("Iscrizione confermata")


async def test_the_link_confirms_and_looking_does_not(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url, mode="webhook") as town:
        club, _ = await registered(town)
        await club.writes("Vogliamo disdire l'iscrizione", subject="disdetta")
        link = link_in(await club.gets("Annullo l'iscrizione"), "c")
        async with httpx.AsyncClient() as browser:
            page = await browser.get(link)
            assert "Sì, confermo" in page.text
            assert page.headers["Cache-Control"] == "no-store"
            await town.quiet()
            assert await status(town) == [("confirmed", 2)]
            assert (await browser.post(link.replace("/c/", "/m/"))).status_code == 404  # good for one purpose only
            assert (await browser.post(link)).status_code == 200
            assert (await browser.post(link)).status_code == 200
        await club.gets("ho annullato")
        await town.quiet()
        assert await status(town) == [("withdrawn", 2)]
        assert len([m for m in await club.mailbox() if "ho annullato" in text_of(m)]) == 1


async def test_ones_own_page(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url, mode="webhook") as town:
        club, confirmed = await registered(town)
        link = link_in(confirmed, "m")
        async with httpx.AsyncClient() as browser:
            page = await browser.get(link)
            assert "2 persone" in page.text
            assert "Disdire questa iscrizione" in page.text
            assert (await browser.post(link, data={"press": "withdraw:999"})).status_code == 409
            found = re.search(r'value="(withdraw:\d+)"', page.text)
            assert found is not None
            held = found[1]
            assert (await browser.post(link, data={"press": held})).status_code == 200
            await club.gets("ho annullato")
            assert "non risultano iscrizioni" in (await browser.get(link)).text
            await browser.post(link, data={"press": "go:export"})
            copy = await club.gets("dati.json")
            words, whole = copy.iter_attachments()
            assert (words.get_filename(), words.get_content_type()) == ("dati.txt", "text/plain")
            assert f"Indirizzo: {club.address}" in words.get_content().splitlines()
            data = json.loads(whole.get_content())
            assert data["addresses"][0]["address"] == club.address
            assert {"registered", "withdrawn"} <= {entry["action"] for entry in data["log"]}
            await browser.post(link, data={"press": "revoke"})
            assert (await browser.get(link)).status_code == 404


async def test_erased_by_mail_in_the_mailbox_too(mail_town: Town) -> None:
    town = mail_town
    club, _ = await registered(town)
    await club.writes("cancellate tutti i nostri dati", subject="privacy")
    asked = await club.gets("Non si può annullare")
    assert await status(town)
    await town.quiet()
    other = town.association("anna@posta.example", "Anna")
    await other.writes("quante città fanno parte della rete?", subject="domanda")
    await other.gets("Fonte")
    await club.writes("sì", answers=asked)
    await club.gets("ho cancellato tutti i dati")
    assert not await status(town)

    async def forgotten() -> bool:
        senders = [str(m["From"]) for folder in ("INBOX", "Trattate") for m in await town.office.mailbox(folder)]
        return senders == ["Anna <anna@posta.example>"] and not await town.rows("SELECT value FROM purges")

    await until(forgotten, "the club's letters gone from our folders")


def test_only_the_one_it_was_sent_to_can_answer() -> None:
    ids = MessageIds("noi@lucca.example", "una chiave")
    sent = ids.of("in:1:0", "club@posta.example")
    assert sent == ids.of("in:1:0", "club@posta.example")
    assert ids.proof([sent], "Club@posta.example")
    assert ids.proof(["<altro@x.example>", sent.replace("lucca.example", "pec.example")], "club@posta.example")
    assert not ids.proof([sent], "altri@posta.example")
    assert not ids.proof(["<a@b>", "<.@>", "<>"], "club@posta.example")
    assert not MessageIds("noi@lucca.example", "un'altra").proof([sent], "club@posta.example")


@pytest.mark.parametrize("as_file", [False, True])
async def test_a_calendar_that_declines_is_asked(town_with: OpenTown, one_database_url: str, *, as_file: bool) -> None:
    async with town_with(one_database_url) as town:
        club, confirmed = await registered(town)
        await club.sends(answer_to(confirmed, "DECLINED", as_file=as_file))
        await club.gets("calendario ha risposto")
        assert await status(town) == [("confirmed", 2)]


async def test_a_yes_is_for_the_question_it_answers(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url, mode="webhook") as town:
        club, _ = await registered(town)
        await club.writes("Vogliamo disdire l'iscrizione", subject="disdetta")
        first = await club.gets("Annullo l'iscrizione")
        await club.writes("cancellate tutti i nostri dati", subject="privacy")  # forged, or a change of mind
        erasing = await club.gets("Non si può annullare")
        await club.writes("sì", answers=first)
        await club.gets("Non si può annullare", count=2)
        async with httpx.AsyncClient() as browser:
            await browser.post(link_in(first, "c"))
        await club.gets("Non si può annullare", count=3)
        assert await status(town) == [("confirmed", 2)]
        await club.writes("sì", answers=erasing)  # asked again since: only the newest question counts
        newest = await club.gets("Non si può annullare", count=4)
        await club.writes("sì", answers=newest)
        await club.gets("ho cancellato tutti i dati")


async def test_asking_for_the_head_of_a_page_changes_nothing(town_with: OpenTown, one_database_url: str) -> None:
    """Gateways and link checkers send HEAD (RFC 9110 §9.3.2)."""
    async with town_with(one_database_url, mode="webhook") as town:
        club, confirmed = await registered(town)
        await club.writes("Vogliamo disdire l'iscrizione", subject="disdetta")
        asked = await club.gets("Annullo l'iscrizione")
        async with httpx.AsyncClient() as browser:
            for link in (link_in(asked, "c"), link_in(confirmed, "m")):
                assert (await browser.head(link)).status_code == 200
        await town.quiet()
        assert await status(town) == [("confirmed", 2)]


async def test_an_erasure_gives_its_seat_away_and_revives_no_link(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url, mode="webhook") as town:
        await town.changes("sport", capacity=2)
        club, confirmed = await registered(town)
        anna = town.association("anna@posta.example", "Anna Esempio")
        await anna.writes("Mi iscrivo a giovedì 21, vengo da sola")
        await anna.gets("lista d'attesa")
        await club.writes("cancellate tutti i nostri dati", answers=confirmed)
        await club.writes("sì", answers=await club.gets("Non si può annullare"))
        await club.gets("ho cancellato tutti i dati")
        await anna.gets("Si è liberato un posto")
        await asyncio.sleep(3)  # links are dated by the second, and good from two before their address is known
        await club.writes(REGISTERS)
        await club.gets("lista d'attesa", patience=30)
        async with httpx.AsyncClient() as browser:
            assert (await browser.get(link_in(confirmed, "m"))).status_code == 404


async def test_what_only_sounds_like_a_withdrawal_withdraws_nothing(town_with: OpenTown, one_database_url: str) -> None:
    """Letters that answer our mail, and so surely are the club's."""
    async with town_with(one_database_url) as town:
        club, confirmed = await registered(town)
        for number, words in enumerate(
            (
                "L'incontro è stato annullato?",
                "Non mancheremo!",
                "Non voglio disdire.",
                "Come si disdice?",
                "Sì, confermo la nostra presenza",
                "Ho un impegno",
                "Confermo, a giovedì!",
            ),
            2,
        ):
            await club.writes(words, answers=confirmed)
            await until_mails(club, number)
            assert await status(town) == [("confirmed", 2)], words
        await club.gets("Il posto c'è già")
        await club.writes("Non veniamo più in 2 ma in 5.", answers=confirmed)
        await until_mails(club, 9)
        assert await status(town) == [("confirmed", 5)]
        changed = await club.gets("Iscrizione aggiornata")  # the proof of the first was spent by the change
        await club.writes("Purtroppo dobbiamo disdire l'iscrizione.", answers=changed)
        await club.gets("ho annullato")
        assert await status(town) == [("withdrawn", 5)]


async def until_mails(club: Correspondent, number: int) -> None:
    async def look() -> bool:
        return len(await club.mailbox()) >= number

    await until(look, f"{number} mails")


async def test_a_yes_to_somebody_else_says_nothing_to_us(town_with: OpenTown, one_database_url: str) -> None:
    """The domain vouches for the sender of a letter, not for the question that it answers."""
    async with town_with(one_database_url, mail_authserv_id="mx.lucca.example") as town:
        club, _ = await registered(town)
        await club.writes("cancellate tutti i nostri dati", subject="privacy")  # forged
        await club.gets("Non si può annullare")
        border = {"Authentication-Results": "mx.lucca.example; dmarc=pass header.from=lequerce.example"}
        await club.writes("Sì", subject="Re: riunione del consiglio", headers=border)
        await town.quiet()
        assert await status(town) == [("confirmed", 2)]


async def test_a_form_that_does_not_end_holds_nobody_up(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url, mode="webhook") as town:
        _, confirmed = await registered(town)
        link = urlsplit(link_in(confirmed, "m"))
        _, writer = await asyncio.open_connection(link.hostname, link.port)
        head = (
            f"POST {link.path} HTTP/1.1\r\nHost: x\r\nContent-Type: "
            f"application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\np"
        )
        writer.write(head.encode())
        await writer.drain()
        async with httpx.AsyncClient(timeout=4) as browser:
            assert (await browser.get(f"http://{link.netloc}/health")).status_code == 200
            big = await browser.post(link.geturl(), content=b"x" * 5000)
            assert big.status_code == 400
            assert (await browser.get(link.geturl() + "/")).status_code == 404
        writer.close()


async def test_a_strangers_link_joins_nothing_without_a_yes_and_a_revoked_one_nothing_at_all(
    town_with: OpenTown, one_database_url: str
) -> None:
    async with town_with(one_database_url, mode="webhook") as town:
        _, confirmed = await registered(town)
        start = "/start " + text_of(confirmed).split("?start=")[1].split()[0]
        anna = town.citizen()
        await anna.writes(start)
        await anna.hears("Unisco questa chat")
        await anna.presses("No")
        await anna.hears("non ho unito nulla")
        assert await town.rows("SELECT channel FROM addresses") == [("email",)]
        async with httpx.AsyncClient() as browser:
            await browser.post(link_in(confirmed, "m"), data={"press": "revoke"})
        await anna.writes(start)
        await anna.hears("già stato usato o è scaduto")


async def test_a_bounce_that_names_only_the_recipient_stops_nobody(town_with: OpenTown, one_database_url: str) -> None:
    """Anybody can write such a report."""
    async with town_with(one_database_url) as town:
        club, _ = await registered(town)
        for number in range(3):
            await club.writes(f"quante città ci sono nella rete? {number}")
            await town.quiet()
            report = (
                f"From: MAILER-DAEMON@evil.example\r\nTo: {OFFICE}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
                f"Message-ID: <forged{number}@evil.example>\r\n"
                'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
                "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
                f"Final-Recipient: rfc822; {club.address}\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
            )
            await club.sends(report.encode())

        async def noted() -> bool:
            return len(await town.rows("SELECT id FROM returns WHERE fate = 'hard'")) == 3

        await until(noted, "three reports")
        assert (await town.rows("SELECT reachable FROM addresses"))[0][0]


async def test_who_only_asked_gets_and_erases_what_was_passed_on(town_with: OpenTown, one_database_url: str) -> None:
    async with town_with(one_database_url) as town:
        anna = town.citizen()
        await anna.writes("quanto si paga di TARI per una sede?")
        await anna.hears("Ho passato la tua domanda")
        await anna.writes("che dati avete su di me?")
        await anna.hears("Domande passate all'ufficio: 1")
        async with town.system.database.begin() as tx:
            await tx.execute(text("UPDATE hand_overs SET state = 'answered'"))
        await anna.writes("cancellate tutti i miei dati")
        await anna.hears("Non si può annullare")
        await anna.presses("Sì")
        await anna.hears("cancellato")
        assert await town.rows("SELECT id FROM hand_overs") == []
