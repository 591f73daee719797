"""A change that is taken back before anybody hears of it: nothing of it goes out, or is said not to have arrived."""

from datetime import time, timedelta
from typing import Any

import pytest

from db.change_notices import notices_at
from db.not_arrived import not_arrived
from db.reports import signs_of
from office.moving import confirm, plan, plan_undo, redo, undo
from office.newcomers import Newcomer, Unheard
from office.on_behalf import register
from office.outgoing import put_away
from tests.office.people import SPORT, comes, desk, mail
from tests.support.rehearsal import Rehearsal

IDA = Newcomer(None, "Ida Prova", "Coro Le Rondini", 2, SPORT)


async def changes(rehearsal: Rehearsal, **values: Any) -> None:
    async with rehearsal.database.begin() as tx:
        seen = await plan(tx, desk(rehearsal), SPORT, values)
        await confirm(tx, desk(rehearsal), SPORT, values, seen=seen.version, digest=seen.digest)


async def later(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    """The states of the notices, and what they are of, when all that was due has gone."""
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(minutes=10))
    await rehearsal.works()
    query = "SELECT state, detail FROM outbox WHERE kind = 'notice' ORDER BY id"
    return [(row[0], row[1].rpartition(",")[2]) for row in await rehearsal.rows(query)]


async def alerts(rehearsal: Rehearsal) -> int:
    return len(await rehearsal.rows("SELECT id FROM outbox WHERE key LIKE 'office:not_delivered:%'"))


async def ida_hears_by_voice_alone(rehearsal: Rehearsal) -> None:
    """She is registered, and the notice of an hour does not reach her."""
    async with rehearsal.database.begin() as tx:
        await register(tx, desk(rehearsal), IDA, unheard=Unheard.TOLD_BY_VOICE)
    await changes(rehearsal, hour=time(18))
    await later(rehearsal)


@pytest.mark.parametrize("why", [Unheard.TOLD_BY_VOICE, Unheard.OWN_MISTAKE])
async def test_of_who_has_no_address_nobody_is_alerted(rehearsal: Rehearsal, why: Unheard) -> None:
    async with rehearsal.database.begin() as tx:
        await register(tx, desk(rehearsal), IDA, unheard=why)
    await changes(rehearsal, hour=time(18))
    async with rehearsal.database.begin() as tx:
        seen = (await plan_undo(tx, desk(rehearsal), SPORT)).plan
        assert (seen.notices, seen.attending, seen.unreached) == (0, 0, ())
        change = await undo(tx, desk(rehearsal), SPORT, digest=seen.digest)
        assert (change.people, change.knew) == (0, 0)
    assert {state for state, _ in await later(rehearsal)} == {"void"}
    assert await alerts(rehearsal) == 0


async def test_what_the_office_has_been_told_before_is_not_told_it_again(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("rosa"))
    await rehearsal.does("UPDATE addresses SET reachable = false")
    await changes(rehearsal, hour=time(18))
    assert await later(rehearsal) == [("failed", "hour")]
    assert await alerts(rehearsal) == 1
    await changes(rehearsal, duration=60)
    async with rehearsal.database.begin() as tx:
        assert (await undo(tx, desk(rehearsal), SPORT)).people == 0
    assert [state for state, _ in await later(rehearsal)] == ["failed", "void"]
    assert await alerts(rehearsal) == 1


async def test_the_change_before_that_stands_is_still_told(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("rosa"))
    await rehearsal.does("UPDATE addresses SET reachable = false")
    await changes(rehearsal, hour=time(18))
    await changes(rehearsal, duration=60)
    async with rehearsal.database.begin() as tx:
        assert (await undo(tx, desk(rehearsal), SPORT)).people == 1
    assert await later(rehearsal) == [("void", "hour"), ("void", "hour"), ("failed", "hour")]
    assert await alerts(rehearsal) == 1


async def test_who_was_told_by_the_office_hears_that_it_is_taken_back(rehearsal: Rehearsal) -> None:
    """Nor does it spoil the count when that is taken back again."""
    await comes(rehearsal, mail("rosa"))
    await ida_hears_by_voice_alone(rehearsal)
    ((number,),) = await rehearsal.rows("SELECT id FROM outbox WHERE kind = 'notice' AND state = 'failed'")
    async with rehearsal.database.begin() as tx:
        await put_away(tx, number, rehearsal.clock(), by=desk(rehearsal).by)
        was = await notices_at(tx, SPORT, 9)
        assert (was.notices, was.sent, was.seen_to) == (2, 1, 1)
    async with rehearsal.database.begin() as tx:
        noted, seen = await plan_undo(tx, desk(rehearsal), SPORT)
        assert (seen.notices, seen.leaving, [name for _, name in seen.unreached]) == (2, 1, ["Ida Prova"])
        change = await undo(tx, desk(rehearsal), SPORT, digest=seen.digest)
        assert (change.people, change.leaving, change.knew) == (2, 1, 2)
        notices = await notices_at(tx, SPORT, 9)
        assert (notices.corrections, [h.is_reached for h in notices.open]) == (2, [True, False])
        assert (await redo(tx, desk(rehearsal), SPORT, seen=noted.number)).people == 0
        assert await notices_at(tx, SPORT, 9) == was
        seen = (await plan_undo(tx, desk(rehearsal), SPORT)).plan
        await undo(tx, desk(rehearsal), SPORT, digest=seen.digest)
    assert ("failed", "hour") in await later(rehearsal)


async def test_who_was_told_of_what_has_changed_since_does_not_know_the_last(rehearsal: Rehearsal) -> None:
    await ida_hears_by_voice_alone(rehearsal)
    ((number,),) = await rehearsal.rows("SELECT id FROM outbox WHERE kind = 'notice' AND state = 'failed'")
    await changes(rehearsal, hour=time(19))
    async with rehearsal.database.begin() as tx:
        await put_away(tx, number, rehearsal.clock(), by=desk(rehearsal).by)
    assert await later(rehearsal) == [("void", "hour"), ("failed", "hour")]


async def lost(rehearsal: Rehearsal) -> list[str]:
    """Whom staff are to tell themselves, as In uscita names them and counts them."""
    async with rehearsal.database.begin() as tx:
        names = [str(one["name"]) for one in await not_arrived(tx, rehearsal.clock(), most=9)]
        assert (await signs_of(tx))["outgoing"].count == len(names)
    return names


async def test_whom_nothing_reached_is_to_be_told_once_however_often_it_is_taken_back(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("rosa"))
    await ida_hears_by_voice_alone(rehearsal)
    assert await lost(rehearsal) == ["Ida Prova"]
    async with rehearsal.database.begin() as tx:
        was = await notices_at(tx, SPORT, 9)
        assert (was.notices, was.sent, [h.name for h in was.open]) == (2, 1, ["Ida Prova"])
        noted, seen = await plan_undo(tx, desk(rehearsal), SPORT)
        await undo(tx, desk(rehearsal), SPORT, digest=seen.digest)
    assert await lost(rehearsal) == []  # the meeting is as she knows it
    async with rehearsal.database.begin() as tx:
        await redo(tx, desk(rehearsal), SPORT, seen=noted.number)
    await later(rehearsal)
    assert await lost(rehearsal) == ["Ida Prova"]
    async with rehearsal.database.begin() as tx:
        assert await notices_at(tx, SPORT, 9) == was  # who had had it still counts


@pytest.mark.parametrize("reached", [False, True])
async def test_a_newer_change_takes_the_place_of_one_that_did_not_arrive(
    rehearsal: Rehearsal, *, reached: bool
) -> None:
    await comes(rehearsal, mail("rosa"))
    await rehearsal.does("UPDATE addresses SET reachable = false")
    await changes(rehearsal, hour=time(18))
    await later(rehearsal)
    assert await lost(rehearsal) == ["Prova rosa@posta.example"]
    if reached:
        await rehearsal.does("UPDATE addresses SET reachable = true")
    await changes(rehearsal, duration=60)
    assert await lost(rehearsal) == ["Prova rosa@posta.example"]  # what is still to leave may be taken back
    await later(rehearsal)
    assert await lost(rehearsal) == ([] if reached else ["Prova rosa@posta.example"])
