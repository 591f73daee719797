"""A meeting's page says who had its update, also when something was taken back since."""

from datetime import timedelta

import httpx
from sqlalchemy import update

from db.meetings import get_meeting
from db.models import outbox, registrations
from tests.support.desk import Desk
from tests.support.desk import hidden as in_form
from tests.support.people import register
from tests.web.console.test_meetings import MOVED, confirmed

PAGE = "/console/incontri/2"


async def leave(desk: Desk) -> None:
    """What waits arrives."""
    async with desk.database.begin() as tx:
        meeting = await get_meeting(tx, 2)
        assert meeting is not None
        await tx.execute(update(registrations).values(told=meeting.as_told()))
        await tx.execute(update(outbox).where(outbox.c.state == "pending").values(state="sent"))
    desk.now += timedelta(minutes=3)


async def test_what_was_heard_stands_again_when_what_nobody_heard_is_taken_back(
    desk: Desk, patient: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 2)
    await confirmed(desk, patient, **MOVED)
    await leave(desk)
    await confirmed(desk, patient, **(MOVED | {"hour": "19:00"}))
    assert "Hanno avuto l'aggiornamento: 0 su 2" in await desk.says(patient, PAGE)
    back = await desk.presses(patient, PAGE, "ritira")
    assert "Non c&#39;è nessuno da avvisare." in back
    assert "Hanno avuto l'aggiornamento: 2 su 2" in back


async def test_who_had_what_was_taken_back_is_named_beside_the_correction(
    desk: Desk, patient: httpx.AsyncClient
) -> None:
    await register(desk.database, 2, 2)
    await confirmed(desk, patient, **MOVED)
    await leave(desk)
    asked = await desk.says(patient, f"{PAGE}/ritira")
    back = await desk.posts(patient, f"{PAGE}/ritira", **in_form(asked, "ritira"))
    assert "Hanno avuto la correzione: 0 su 2" in back
    had = back[back.index("Prima del ritiro avevano avuto l'aggiornamento in 2: ") :].partition("</p>")[0]
    assert '<a href="/console/persone/1">Prova 1</a>, <a href="/console/persone/2">Prova 2</a>.' in had
    await desk.posts(patient, f"{PAGE}/correzione", **in_form(back, "correzione"))
    again = await desk.says(patient, PAGE)
    assert "Hanno avuto l'aggiornamento: 2 su 2" in again
    assert "Prima del ritiro" not in again


async def test_of_a_second_change_there_is_no_word_of_who_had_the_first(desk: Desk, patient: httpx.AsyncClient) -> None:
    await register(desk.database, 2, 2)
    await confirmed(desk, patient, **MOVED)
    await leave(desk)
    await confirmed(desk, patient, **(MOVED | {"hour": "19:00"}))
    await leave(desk)
    page = await desk.says(patient, PAGE)
    assert "Hanno avuto l'aggiornamento: 2 su 2" in page
    assert "Prima del ritiro" not in page
