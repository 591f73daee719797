"""Messaggi fermi: seen before they go; never more than were seen, never by who may not."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from db.engine import Transaction
from db.heartbeats import held_before, hold
from db.models import Kind, Lane, outbox
from db.operators import Role
from db.outbox import queue
from delivery.reminders import reminder_key
from tests.support.desk import Desk
from tests.support.looking import Looking
from tests.support.people import register

PAGE = "/console/rilascia"


async def queue_reminders(tx: Transaction, desk: Desk, registrations: list[int], *, offset: str = "1d") -> None:
    due = desk.now - timedelta(hours=1)
    common = {"lane": Lane.BULK.value, "kind": Kind.REMINDER.value, "detail": offset, "due_at": due}
    rows = [
        {**common, "key": reminder_key(r, 1, 1, offset), "registration_id": r, "person_id": n}
        for n, r in enumerate(registrations, 1)
    ]
    await queue(tx, rows)


async def held_up(desk: Desk, count: int, reason: str = "restored") -> list[int]:
    registrations = await register(desk.database, 1, count)
    async with desk.database.begin() as tx:
        await queue_reminders(tx, desk, registrations)
        await hold(tx, desk.now, reason)
    return registrations


async def seen(desk: Desk, client: httpx.AsyncClient) -> dict[str, str]:
    """The hidden fields of the page."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', await desk.says(client, PAGE)))


async def is_held(desk: Desk) -> bool:
    async with desk.database.look() as tx:
        return await held_before(tx) is not None


async def test_it_says_how_many_why_and_what_they_say(desk: Desk) -> None:
    await held_up(desk, 7)
    client = await desk.entered(Role.MANAGER)
    said = await desk.says(client, PAGE)
    assert "<strong>7</strong> messaggi erano da mandare" in said
    assert "quando il bot è ripartito, alle 9.00: 7 promemoria. Quelli" in said
    assert "una copia più vecchia" in said
    assert said.count('class="letter"') == 5
    assert await is_held(desk)
    assert "Messaggi che partono: 7." in await desk.posts(client, PAGE, **await seen(desk, client))
    assert not await is_held(desk)


async def test_at_night_it_says_what_they_will_read_in_the_morning(desk: Desk) -> None:
    desk.now += timedelta(hours=14)  # 23.00
    await held_up(desk, 2)
    assert (await desk.says(await desk.entered(Role.MANAGER), PAGE)).count('class="letter"') == 2


async def test_what_is_too_late_is_not_counted(desk: Desk) -> None:
    registrations = await held_up(desk, 3)
    async with desk.database.begin() as tx:
        late = outbox.c.registration_id == registrations[0]
        await tx.execute(update(outbox).where(late).values(expires_at=desk.now - timedelta(minutes=1)))
    client = await desk.entered(Role.MANAGER)
    assert "2 messaggi aspettano" in await desk.says(client, "/console/")
    assert "<strong>2</strong> messaggi erano da mandare" in await desk.says(client, PAGE)


async def test_nothing_goes_that_was_not_seen(desk: Desk) -> None:
    """Neither without looking, nor what came after, nor another hold than that one."""
    registrations = await held_up(desk, 2, "stopped")
    client = await desk.entered(Role.MANAGER)
    answer = await client.post(PAGE)
    assert (answer.status_code, "Guarda prima quali sono" in answer.text) == (409, True)
    before = await seen(desk, client)
    async with desk.database.begin() as tx:
        await queue_reminders(tx, desk, registrations, offset="1h")
    answer = await client.post(PAGE, data=before)
    assert (answer.status_code, "nel frattempo" in answer.text.lower()) == (409, True)
    assert "<strong>4</strong> messaggi erano da mandare" in answer.text
    before = await seen(desk, client)
    async with desk.database.begin() as tx:
        await hold(tx, desk.now + timedelta(minutes=1), "restored")
    assert (await client.post(PAGE, data=before)).status_code == 409
    assert await is_held(desk)


async def test_two_at_once_let_go_once(desk: Desk) -> None:
    await held_up(desk, 2)
    first, second = await desk.entered(Role.MANAGER), await desk.entered(Role.MANAGER)
    fields = await seen(desk, second)
    assert "Messaggi che partono: 2." in await desk.posts(first, PAGE, **fields)
    assert "niente di fermo" in await desk.posts(second, PAGE, **fields)


async def test_the_way_there_is_a_managers(desk: Desk) -> None:
    await held_up(desk, 1)
    assert PAGE in await desk.says(await desk.entered(Role.MANAGER), "/console/")
    operator = await desk.says(await desk.entered(Role.OPERATOR), "/console/")
    assert "1 messaggio aspetta che qualcuno lo guardi." in operator
    assert PAGE not in operator
    assert "/console/uscita" not in await desk.says(await desk.entered(Role.READER), "/console/")


@pytest.mark.browser
async def test_the_page_is_fine(desk: Desk, looking: Looking) -> None:
    await held_up(desk, 6)
    await looking.fine(await desk.entered(Role.MANAGER), "/console/", PAGE)
