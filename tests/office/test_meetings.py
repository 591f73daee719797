"""A new meeting made at the desk."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from conversation.channel import Channel
from conversation.message import Address
from db.people import update_person
from office.errors import RefusedError
from office.meetings import create_meeting
from office.moving import plan
from tests.office.people import comes, desk
from tests.support.rehearsal import Rehearsal

DAY = date(2021, 2, 4)


async def test_it_is_announced_to_who_wants_news_or_not(rehearsal: Rehearsal) -> None:
    chat = Address(Channel.TELEGRAM, "7")
    await comes(rehearsal, chat)
    async with rehearsal.database.begin() as tx:
        await update_person(tx, 1, updates=True)
        _, nobody = await create_meeting(tx, desk(rehearsal), "scuole", {"day": DAY}, announce=False)
        assert nobody is None
        values = {"day": DAY, "hour": time(18), "link": "https://zoom.example/j/t", "capacity": 30}
        number, queued = await create_meeting(tx, desk(rehearsal), "teatro_musica", values, announce=True)
    assert queued
    assert queued.people == 1
    rehearsal.clock.move_to(queued.due + timedelta(minutes=1))
    await rehearsal.works()
    assert "giovedì 4 febbraio" in rehearsal.to(chat)[-1].plain
    async with rehearsal.database.look() as tx:
        moved = await plan(tx, desk(rehearsal), number, {"day": DAY + timedelta(days=1)})
        roomier = await plan(tx, desk(rehearsal), number, {"capacity": 40})
        silent = await plan(tx, desk(rehearsal), number - 1, {"day": DAY + timedelta(days=1)})
    # Who is not registered has the old day, and hears nothing of the new one: staff are told so.
    assert (moved.notices, moved.announced, roomier.announced, silent.announced) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("sector", "values", "said"),
    [
        ("caccia", {"day": DAY}, "non c'è un settore"),
        ("sport", {}, "manca il giorno"),
        ("sport", {"day": date(2021, 1, 21)}, "c'è già un incontro"),
        ("sport", {"day": date(2020, 1, 1)}, "già passato"),
    ],
)
async def test_what_cannot_be_meant_is_said(
    rehearsal: Rehearsal, sector: str, values: dict[str, Any], said: str
) -> None:
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match=said):
            await create_meeting(tx, desk(rehearsal), sector, values, announce=False)
