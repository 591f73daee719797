"""The first day of a new member of staff, in a browser: from the first link to a slip that nobody hears of."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pyotp import TOTP

from db.operators import Role
from tests.support.desk import PASSWORD, Desk
from tests.support.looking import open_looking
from tests.support.people import register
from tests.web.console.test_entering import invited, rows
from tests.web.console.test_meetings import waiting

pytestmark = pytest.mark.browser


async def comes_in(page: Any, desk: Desk) -> None:
    """Chooses a password and sets up the code, which is asked for before anything else."""
    await page.get_by_label("Nome e cognome").fill("Anna Verdi")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("La stessa password, di nuovo").fill(PASSWORD)
    await page.get_by_role("button", name="Salva ed entra").click()
    secret = (await page.locator("main li strong").inner_text()).replace(" ", "")
    await page.get_by_label("Codice di sei cifre").fill(TOTP(secret).at(desk.real))
    await page.get_by_role("button", name="Attiva il codice").click()
    assert await page.locator(".codes li").count() == 10


async def test_a_new_member_of_staff_moves_a_meeting_by_mistake_and_nobody_hears(desk: Desk, browser: Any) -> None:
    desk.set(
        schedule=replace(desk.world.schedule, grace=timedelta(minutes=2)),
        entering=replace(desk.world.entering, totp=True),
    )
    await register(desk.database, 2, 3)
    link = await invited(desk, role=Role.OPERATOR)
    async with open_looking(desk, browser) as looking:
        page = await looking.page(await desk.client())
        await page.goto(looking.address + link)
        await comes_in(page, desk)
        await page.goto(f"{looking.address}/console/incontri/2/sposta")
        await page.get_by_label("Giorno nuovo").fill("2021-01-28")
        await page.get_by_role("button", name="Vedi chi lo saprà").click()
        assert await waiting(desk.database) == []
        await page.get_by_role("button", name="Conferma e manda 3 aggiornamenti").click()
        assert "3 aggiornamenti partono alle 9.02" in await page.locator("main").inner_text()
        assert len(await waiting(desk.database)) == 3
        desk.now += timedelta(minutes=1)
        await page.get_by_role("button", name="Ritira: giorno giovedì 28 gennaio").click()
        assert "Non c'è nessuno da avvisare." in await page.locator("main").inner_text()
        await page.context.close()
    assert await rows(desk, "SELECT DISTINCT kind, state FROM outbox") == [("notice", "void")]
    done = await rows(desk, "SELECT action FROM audit WHERE staff_name = 'Anna Verdi' ORDER BY id")
    assert done == [("totp_on",), ("meeting_changed",), ("meeting_change_undone",)]
