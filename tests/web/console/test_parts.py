"""What is silent is said in red, above all what was never heard of; no page says then that all is read."""

from datetime import time, timedelta

import httpx
from sqlalchemy import update

from db.heartbeats import beat
from db.models import meetings
from db.operators import Role
from tests.support.desk import Desk

TODAY, LETTERS = "/console/", "/console/posta"


async def heard(desk: Desk, expected: tuple[str, ...], **minutes: float) -> httpx.AsyncClient:
    desk.set(parts=expected)
    async with desk.database.begin() as tx:
        await tx.execute(update(meetings).values(hour=time(18), link="https://zoom.example/1"))  # no card is left
        await beat(tx, {name: desk.real - timedelta(minutes=ago) for name, ago in minutes.items()})
    return await desk.entered(Role.OPERATOR)


async def test_what_was_never_heard_of_is_said(desk: Desk) -> None:
    clerk = await heard(desk, ("worker", "telegram", "mailbox"), worker=0, telegram=1)
    page = await desk.says(clerk, TODAY)
    never = "Se il programma è appena partito, aspetta un minuto; se no avvisa chi segue il programma."
    assert f'<strong class="fault">La posta non è ancora stata letta.</strong> {never}' in page
    assert "Ultimo controllo: Telegram un minuto fa, programma ora." in page
    assert "Niente in elenco. Qualcosa però è fermo" in page
    letters = await desk.says(clerk, LETTERS)
    assert "La posta non è ancora stata letta.</strong> Qui può mancare qualcosa." in letters
    assert "ha letto tutto" not in letters


async def test_what_has_been_silent_for_long_is_said(desk: Desk) -> None:
    clerk = await heard(desk, ("worker", "telegram", "mailbox"), worker=0, telegram=180, mailbox=16)
    page = await desk.says(clerk, TODAY)
    assert '<strong class="fault">La posta non si legge da 16 minuti. Telegram non risponde da 3 ore.' in page
    assert "</strong> Avvisa chi segue il programma." in page
    assert "non si legge da 16 minuti" in await desk.says(clerk, LETTERS)


async def test_all_is_read_where_all_are_alive_and_nobody_misses_what_is_not_expected(desk: Desk) -> None:
    clerk = await heard(desk, ("worker", "mailbox"), worker=0, mailbox=4, telegram=9000)  # polled once, a webhook now
    page = await desk.says(clerk, TODAY)
    assert "Ultimo controllo: posta 4 minuti fa, programma ora." in page
    assert "Niente: il bot fa da solo." in page
    assert 'class="fault"' not in page
    letters = await desk.says(clerk, LETTERS)
    assert "Niente: il bot ha letto tutto." in letters
    assert 'class="fault"' not in letters
