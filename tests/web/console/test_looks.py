"""The frame's own pages, as a browser and axe-core see them."""

import pytest

from db.operators import Role
from tests.support.desk import Desk
from tests.support.looking import Looking

pytestmark = pytest.mark.browser


async def test_pages_of_the_frame_are_fine(desk: Desk, looking: Looking) -> None:
    await desk.operator(Role.OPERATOR)
    await desk.operator(Role.READER)
    client = await desk.entered(Role.MANAGER)
    await looking.fine(
        client,
        "/console/",
        "/console/registro",
        "/console/registro?action=operator_added",
        "/console/operatori",
        "/console/profilo",
        "/console/profilo/codice",
        "/console/tasti",
    )
    await looking.fine(
        await desk.client(), "/console/entra", "/console/password-dimenticata", "/console/primo-accesso/x"
    )
