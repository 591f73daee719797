"""What will go out, row by row: all of it, or what is asked for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.commands.forecast import show_forecast
from bot.settings import Settings
from conversation.channel import Channel
from db.engine import Database
from db.forecast import ForecastFilter
from db.models import Kind
from db.outbox import next_due
from delivery.reminders import queue_reminders
from office import forecast
from office.forecast import foresee, foresee_each
from tests.support.rehearsal import Rehearsal
from tests.support.statements import statements_of_the_writer


async def test_what_is_not_planned_yet_is_foreseen_as_it_will_be_planned(rehearsal: Rehearsal) -> None:
    club, choir = rehearsal.association(), rehearsal.association("coro@posta.example", "Coro Le Rondini")
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    await choir.writes("Siamo il Coro Le Rondini, veniamo in tre venerdì 22")
    part = ForecastFilter(limit=2, offset=1)

    async def foreseen(wanted: ForecastFilter | None = None) -> list[dict[str, Any]]:
        rows = await foresee(rehearsal.database, rehearsal.schedule, rehearsal.clock(), wanted)
        return [{name: value for name, value in row.items() if name != "id"} for row in rows]

    planned, some = await foreseen(), await foreseen(part)
    await rehearsal.rows("DELETE FROM outbox WHERE kind = 'reminder' RETURNING id")
    await rehearsal.rows("UPDATE registrations SET planned = false RETURNING id")
    assert await foreseen() == planned
    assert await foreseen(part) == some
    assert await foreseen(ForecastFilter(kind=Kind.NOTICE)) == []
    assert len(await foreseen(ForecastFilter(meeting=2))) == 2
    assert len(await foreseen(ForecastFilter(channel=Channel.EMAIL, person=1))) == 2
    assert await foreseen(ForecastFilter(before=rehearsal.clock())) == []
    assert await rehearsal.rows("SELECT id FROM outbox WHERE kind = 'reminder'") == []


@pytest.mark.parametrize("at_once", [1, 3])
async def test_all_is_foreseen_in_parts_each_message_once(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    for n, day in enumerate(("giovedì 21", "venerdì 22", "giovedì 21"), 1):
        await rehearsal.association(f"n{n}@posta.example", f"Circolo {n}").writes(f"Siamo il Circolo {n}, in due {day}")
    whole = await foresee(rehearsal.database, rehearsal.schedule, rehearsal.clock(), ForecastFilter(limit=50))
    assert len(whole) == 6
    monkeypatch.setattr(forecast, "_AT_ONCE", at_once)
    assert await foresee(rehearsal.database, rehearsal.schedule, rehearsal.clock()) == whole
    await rehearsal.does("DELETE FROM outbox WHERE kind = 'reminder' AND registration_id = 2")
    await rehearsal.does("UPDATE registrations SET planned = false WHERE id = 2")
    again, keys = foresee_each(rehearsal.database, rehearsal.schedule, rehearsal.clock()), list[str]()
    async for row in again:
        keys.append(row["key"])
        if len(keys) == 1:
            async with rehearsal.database.begin() as tx:  # meanwhile
                await queue_reminders(tx, rehearsal.schedule, rehearsal.clock())
    assert sorted(keys) == sorted(row["key"] for row in whole)


async def test_a_part_of_what_will_go_out(rehearsal: Rehearsal) -> None:
    club, choir = rehearsal.association(), rehearsal.association("coro@posta.example", "Coro Le Rondini")
    await club.writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    await choir.writes("Siamo il Coro Le Rondini, veniamo in tre venerdì 22")
    meetings = {row[0] for row in await rehearsal.rows("SELECT meeting_id FROM registrations")}

    async def count(wanted: ForecastFilter | None = None) -> int:
        return len(await foresee(rehearsal.database, rehearsal.schedule, rehearsal.clock(), wanted))

    everything = await count()
    assert everything == 4  # the day before and that morning, for each
    assert len(meetings) == 2
    assert [await count(ForecastFilter(meeting=m)) for m in meetings] == [2, 2]
    assert await count(ForecastFilter(kind=Kind.REMINDER, channel=Channel.EMAIL)) == everything
    assert await count(ForecastFilter(channel=Channel.TELEGRAM)) == 0
    assert await count(ForecastFilter(before=rehearsal.clock() + timedelta(days=5, hours=1))) == 1
    assert await count(ForecastFilter(person=1)) == 2
    assert await count(ForecastFilter(limit=3)) == 3
    first, *_ = await foresee(rehearsal.database, rehearsal.schedule, rehearsal.clock(), ForecastFilter(limit=1))
    assert first["address"] == club.address


async def test_what_reaches_nobody_is_not_foreseen(rehearsal: Rehearsal) -> None:
    await rehearsal.association().writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")

    async def foreseen() -> int:
        async with rehearsal.database.begin() as tx:
            following = await next_due(tx, rehearsal.clock())
        planned = len(await foresee(rehearsal.database, rehearsal.schedule, rehearsal.clock()))
        first = await foresee(rehearsal.database, rehearsal.schedule, rehearsal.clock(), ForecastFilter(limit=1))
        assert bool(planned) == bool(first) == bool(following)
        return planned

    assert await foreseen() == 2
    await rehearsal.does("UPDATE addresses SET reachable = false")
    assert await foreseen() == 0
    await rehearsal.does("DELETE FROM outbox WHERE kind = 'reminder'")
    await rehearsal.does("UPDATE registrations SET planned = false")
    assert await foresee(rehearsal.database, rehearsal.schedule, rehearsal.clock()) == []
    await rehearsal.does("UPDATE addresses SET reachable = true")
    assert len(await foresee(rehearsal.database, rehearsal.schedule, rehearsal.clock())) == 2


async def test_the_forecast_is_read_on_a_connection_for_which_nobody_waits(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the page shows, and the terminal's command."""
    await rehearsal.association().writes("Siamo la Polisportiva Le Querce, veniamo in due giovedì 21")
    now, wanted = rehearsal.clock(), ForecastFilter(limit=10)
    with statements_of_the_writer(rehearsal.database) as seen:
        assert len(await foresee(rehearsal.database, rehearsal.schedule, now, wanted)) == 2
        assert len(await foresee(rehearsal.database, rehearsal.schedule, now)) == 2

        @asynccontextmanager
        async def connected() -> AsyncIterator[tuple[Database, Settings]]:
            yield rehearsal.database, Settings(_env_file=None)

        monkeypatch.setattr("bot.commands.forecast.connected", connected)
        assert await show_forecast(as_json=False) == 0
    assert "in programma" in capsys.readouterr().out
    assert seen == []
