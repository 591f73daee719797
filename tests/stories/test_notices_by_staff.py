"""Staff write to many from the console.

What happens when the sender is killed, and when two of them work on one notice.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot.sandbox.fake_bot_api import BotApi, Limits
from db.broadcast_rows import Progress, progress_of
from db.engine import Database
from db.models import outbox
from db.operators import Role
from knowledge.library import HERE
from office.programme import load_programme
from tests.support.crowd import IN_FLIGHT, prepare, worker
from tests.support.desk import Desk, hidden, open_desk
from tests.support.people import NOW, register
from tests.support.rehearsal import SCHEDULE
from tests.support.town import TOKEN, serve, until

PEOPLE = range(1, 201)
WORDS = {"oggetto": "Le slide sono pronte", "testo": "Chi le vuole le chieda all'ufficio.", "a_chi": "iscritti"}
PAGE = "/console/avvisi/1"


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """A console on each kind of database, by night as by day."""
    database = Database(database_url)
    async with open_desk(database) as opened:
        opened.set(schedule=replace(SCHEDULE, quiet=None))
        yield opened
    await database.close()


@pytest.mark.endurance
async def test_killed_half_way_and_paused_it_reaches_each_person_once(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    """Whoever was in the killed sender's hands is listed as perhaps reached, and goes again by a person's word."""
    telegram = BotApi(TOKEN, limits=Limits(0, 0))
    server, task, port = await serve(telegram.app)
    for i in PEOPLE:
        telegram.person(i, "P").started = True
    await prepare(desk.database, PEOPLE.start, len(PEOPLE))
    async with desk.database.begin() as tx:
        await tx.execute(delete(outbox))  # of this crowd's reminders
    desk.now = datetime.now(UTC) - timedelta(minutes=11)  # the grace is over when the sender begins
    clerk = await desk.entered(Role.OPERATOR)
    await desk.posts(clerk, "/console/avvisi/nuovo", **WORDS, incontri="1")
    await desk.presses(clerk, PAGE, "manda")

    def got() -> Counter[int]:
        return Counter({i: len(telegram.chats[i].messages) for i in PEOPLE})

    async def done() -> Progress:
        async with desk.database.look() as tx:
            return (await progress_of(tx, [1]))[1]

    processes: list[asyncio.subprocess.Process] = []
    try:
        processes.append(first := await worker(database_url, port, tmp_path, rate="80"))
        await until(lambda: got().total() >= 60, f"sixty messages (see {tmp_path}/worker.log)", patience=60)
        first.kill()
        await first.wait()
        await desk.presses(clerk, PAGE, "pausa")
        at_pause = got()
        assert at_pause.total() < len(PEOPLE)
        processes.append(second := await worker(database_url, port, tmp_path, rate="80"))

        async def parked() -> bool:
            return (await done()).leaving == 0

        await until(parked, "what was in its hands is parked", patience=60)
        stopped = await done()
        assert got() == at_pause  # paused is paused, also for another sender
        assert stopped.paused
        assert stopped.unsure <= IN_FLIGHT
        await desk.presses(clerk, PAGE, "riprendi")

        async def all_gone() -> bool:
            return (await done()).sent == len(PEOPLE) - stopped.unsure

        await until(all_gone, "exactly the others", patience=60)
        assert max(got().values()) == 1
        async with desk.database.look() as tx:
            rows = await tx.execute(select(outbox.c.id, outbox.c.person_id).where(outbox.c.state == "unsure"))
            unsure = {person: number for number, person in rows.all()}
        deaf = {person for person, count in got().items() if not count}
        assert deaf <= set(unsure)
        assert "Forse arrivati" in await desk.says(clerk, PAGE) or not unsure
        for person in deaf:  # those whom staff ask by telephone
            await desk.posts(clerk, f"/console/uscita/{unsure[person]}/rimanda")
        await until(lambda: min(got().values()) == 1, "those too", patience=60)
        assert max(got().values()) == 1
        second.terminate()
        assert await asyncio.wait_for(second.wait(), 20) == 0
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
        await telegram.close()
        server.should_exit = True
        await task


async def test_two_at_one_notice_and_the_second_person_that_many_need(desk: Desk) -> None:
    async with desk.database.begin() as tx:
        await load_programme(tx, HERE / "programme.toml", SCHEDULE, NOW)
    await register(desk.database, 2, 3)
    desk.set(approve_above=2)
    paola = await desk.entered(Role.OPERATOR)
    renzo, rosa = [
        await desk.entered(Role.MANAGER, operator=await desk.operator(Role.MANAGER, name)) for name in ("renzo", "rosa")
    ]
    looked_at = await desk.posts(paola, "/console/avvisi/nuovo", **WORDS, incontri="2")
    changed = hidden(await desk.says(renzo, f"{PAGE}/cambia"), "avvisi/1")
    await desk.posts(renzo, PAGE, **changed, **WORDS | {"testo": "Altre parole."}, incontri="2")
    late = await paola.post(f"{PAGE}/manda", data=hidden(looked_at, "manda"))
    assert (late.status_code, "Altre parole." in late.text) == (409, True)
    await desk.presses(renzo, PAGE, "manda")
    own = await renzo.post(f"{PAGE}/approva", data=hidden(await desk.says(rosa, PAGE), "approva"))
    assert (own.status_code, "Approva un&#39;altra persona" in own.text) == (409, True)

    async def queued() -> int:
        async with desk.database.look() as tx:
            return len((await tx.execute(select(outbox.c.id).where(outbox.c.kind == "broadcast"))).all())

    assert await queued() == 0
    seen = hidden(await desk.says(rosa, PAGE), "approva")
    answers = await asyncio.gather(*(rosa.post(f"{PAGE}/approva", data=seen) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert await queued() == 3
