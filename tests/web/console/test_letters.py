"""Posta da vedere: a letter that the bot did not read is answered by hand, once, or the page says why it cannot be."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import insert, select, update

from db.models import inbox, outbox
from tests.support.desk import Desk
from tests.support.looking import Looking
from tests.support.people import NOW

MAIL = (
    b"From: Lia <%s>\r\nTo: ufficio@altro.example\r\nCc: ufficio@comune.lucca.example\r\nSubject: Sala\r\n"
    b"Message-ID: <sala@querce.example>\r\nContent-Type: text/plain\r\n\r\nBuongiorno, la sala si puo avere?\r\n"
)
PAGE = "/console/posta"


async def left(desk: Desk, payload: bytes = MAIL % b"lia@querce.example", channel: str = "email") -> int:
    row = {"source_key": "x", "channel": channel, "sender": "lia@querce.example", "payload": payload}
    times = {"state": "set_aside", "error": "in copia", "received_at": NOW, "next_at": NOW}
    async with desk.database.begin() as tx:
        return int((await tx.execute(insert(inbox).values(row | times).returning(inbox.c.id))).scalar_one())


async def queued(desk: Desk) -> list[str]:
    async with desk.database.look() as tx:
        return list((await tx.execute(select(outbox.c.value).where(outbox.c.state == "pending"))).scalars())


async def test_a_letter_is_answered_once_and_the_answer_taken_back(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await left(desk)
    assert "Arriva a lia@querce.example" in await desk.says(clerk, f"{PAGE}/{number}")
    done = await desk.posts(clerk, f"{PAGE}/{number}", risposta="Sì, è libera.")
    assert "parte fra 2 minuti" in done
    assert f'data-accepted="posta-{number}"' in done
    assert await queued(desk) == ["lia@querce.example"]
    late = await clerk.post(f"{PAGE}/{number}", data={"risposta": "No, è occupata."})
    assert late.status_code == 409
    assert "No, è occupata." in late.text
    page = await desk.posts(clerk, f"{PAGE}/{number}/ritira")
    assert "Sì, è libera.</textarea>" in page
    assert await queued(desk) == []
    empty = await clerk.post(f"{PAGE}/{number}", data={"risposta": " "})
    assert empty.status_code == 422
    assert "La risposta è vuota" in empty.text


async def test_letters_that_were_automatic_are_counted_for_a_week(desk: Desk, clerk: httpx.AsyncClient) -> None:
    assert "nessuna lettera è stata riconosciuta" in await desk.says(clerk, PAGE)
    kinds = (("auto_reply", 1), ("robot", 6), ("list", 8), ("human", 1), ("bounce", 1), ("spam", 1))
    rows = [
        {
            "source_key": kind,
            "channel": "email",
            "kind": kind,
            "state": "done",
            "received_at": NOW,
            "next_at": NOW,
            "handled_at": NOW - timedelta(days=days),
        }
        for kind, days in kinds
    ]
    async with desk.database.begin() as tx:
        await tx.execute(insert(inbox), rows)
    page = await desk.says(clerk, PAGE)
    assert "2 lettere sono state riconosciute come automatiche e lasciate stare" in page
    assert "Un avviso di mancata consegna è arrivato, e il bot ne ha tenuto conto" in page
    async with desk.database.begin() as tx:
        await tx.execute(insert(inbox), [rows[4] | {"source_key": "another"}])
    assert "2 avvisi di mancata consegna sono arrivati" in await desk.says(clerk, PAGE)


async def test_an_answer_is_taken_back_from_its_letters_page_until_it_leaves(
    desk: Desk, clerk: httpx.AsyncClient
) -> None:
    number = await left(desk)
    done = await desk.posts(clerk, f"{PAGE}/{number}", risposta="Sì, Lea, è libera.")
    assert "Niente: il bot ha letto tutto" in done
    assert f'<a href="{PAGE}/{number}">lia@querce.example</a>' in done
    page = await desk.says(clerk, f"{PAGE}/{number}")
    assert "Sì, Lea, è libera." in page
    assert "La risposta parte alle 9.02" in page
    again = await desk.presses(clerk, f"{PAGE}/{number}", "ritira")
    assert "Sì, Lea, è libera.</textarea>" in again
    await desk.posts(clerk, f"{PAGE}/{number}", risposta="Sì, Lia, è libera.")
    assert "Ritira la risposta" in await desk.says(clerk, f"{PAGE}/{number}")  # the corrected one, too
    async with desk.database.begin() as tx:
        await tx.execute(update(outbox).values(state="sent"))
    assert (await clerk.get(f"{PAGE}/{number}")).status_code == 404
    assert "Risposte in partenza" not in await desk.says(clerk, PAGE)


async def test_a_robot_and_a_chat_are_not_answered_and_the_page_says_why(desk: Desk, clerk: httpx.AsyncClient) -> None:
    robot = await left(desk, MAIL % b"noreply@querce.example")
    assert "un programma" in await desk.says(clerk, f"{PAGE}/{robot}")
    sent = await clerk.post(f"{PAGE}/{robot}", data={"risposta": "Sì."})
    assert sent.status_code == 422
    assert "Sì." in sent.text
    assert await queued(desk) == []
    await desk.posts(clerk, f"{PAGE}/{robot}/togli", motivo="spam")
    async with desk.database.begin() as tx:
        await tx.execute(inbox.delete())
    chat = await left(desk, b'{"message": {"text": "ciao"}}', "telegram")
    assert "non è un'e-mail" in (await desk.says(clerk, f"{PAGE}/{chat}")).replace("&#39;", "'")


@pytest.mark.browser
async def test_the_page_is_fine(desk: Desk, clerk: httpx.AsyncClient, looking: Looking) -> None:
    number = await left(desk)
    await looking.fine(clerk, f"{PAGE}/{number}")
    await desk.posts(clerk, f"{PAGE}/{number}", risposta="Sì, è libera.")
    await looking.fine(clerk, PAGE, f"{PAGE}/{number}")


async def test_an_answer_that_is_stopped_leaves_the_letter_waiting(desk: Desk, clerk: httpx.AsyncClient) -> None:
    number = await left(desk)
    await desk.posts(clerk, f"{PAGE}/{number}", risposta="Sì, è libera.")
    async with desk.database.look() as tx:
        message = (await tx.execute(select(outbox.c.id).where(outbox.c.key == f"letter:{number}"))).scalar_one()
    assert "Posta da vedere" in await desk.says(clerk, f"/console/uscita/{message}/ferma")
    page = await desk.posts(clerk, f"/console/uscita/{message}/ferma")
    assert "aspetta di nuovo una risposta" in page
    assert await queued(desk) == []
    async with desk.database.look() as tx:
        assert (await tx.execute(select(inbox.c.state))).scalar_one() == "set_aside"
