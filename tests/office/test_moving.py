"""What staff change is told after a grace, to whom it is news, as the difference from what each person last heard."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from conversation.message import Outcome, Outgoing, Receipt
from db.sandboxes import ever_changed
from office.errors import RefusedError
from office.moving import newest_unheard, open_change, open_correction, plan_undo, redo, undo
from tests.office.people import desk
from tests.support.rehearsal import Citizen, Rehearsal

GRACE = timedelta(minutes=2)
THURSDAY, LATER = date(2021, 1, 21), date(2021, 1, 28)
SPORT = 2


async def comes(rehearsal: Rehearsal, name: str = "Anna", chat: int = 1) -> Citizen:
    citizen = rehearsal.citizen(name, chat)
    await citizen.says(f"Iscrivimi a giovedì 21: Circolo {name}, siamo in due. Mi chiamo {name} Esempio.")
    await citizen.presses("yes")
    return citizen


@pytest.fixture
async def town(rehearsal: Rehearsal) -> Rehearsal:
    """With the grace of the default settings, for what is written too."""
    rehearsal.outbox_worker._schedule = replace(rehearsal.schedule, grace=GRACE)
    return rehearsal


async def notices(town: Rehearsal) -> int:
    rows = await town.rows("SELECT COUNT(*) FROM outbox WHERE kind = 'notice' AND state IN ('pending', 'sent')")
    return int(rows[0][0])


async def test_a_meeting_moved_and_moved_back_tells_nobody(town: Rehearsal) -> None:
    anna = await comes(town)
    heard = len(anna.messages)
    await town.changes("sport", grace=GRACE, day=LATER)
    assert await notices(town) == 1
    await town.changes("sport", grace=GRACE, day=THURSDAY)
    assert await notices(town) == 0
    await town.goes_to("2021-01-15T12:00")
    assert len(anna.messages) == heard
    async with town.database.begin() as tx:
        assert await ever_changed(tx) == {"day"}  # the sandbox's step is done all the same


async def test_a_change_is_told_after_the_grace_with_what_it_was(town: Rehearsal) -> None:
    anna = await comes(town)
    heard = len(anna.messages)
    await town.changes("sport", grace=GRACE, day=LATER, hour=time(18))
    assert len(anna.messages) == heard
    await town.goes_to("2021-01-15T12:00")
    (told,) = anna.messages[heard:]
    assert "giovedì 28 gennaio, non più giovedì 21 gennaio" in told.plain
    assert "L'orario: ore 18.00" in told.plain
    assert "link" not in told.text.partition("Ora è")[0]


async def test_who_was_told_hears_that_it_is_back_and_who_came_since_hears_nothing(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.changes("sport", grace=GRACE, day=LATER)
    await town.goes_to("2021-01-15T12:00")
    bruno = town.citizen("Bruno", 2)
    await bruno.says("Iscrivimi a giovedì 28: Circolo Bruno, siamo in due. Mi chiamo Bruno Esempio.")
    await bruno.presses("yes")
    await town.changes("sport", grace=GRACE, link="https://zoom.example/j/nuovo")
    await town.changes("sport", grace=GRACE, day=THURSDAY)
    before = len(anna.messages), len(bruno.messages)
    await town.goes_to("2021-01-15T13:00")
    for citizen, number in zip((anna, bruno), before, strict=True):
        (told,) = citizen.messages[number:]
        assert "giovedì 21 gennaio, non più giovedì 28 gennaio" in told.plain
        assert "Il link di Zoom: è nuovo" in told.plain


async def test_a_notice_on_its_way_when_the_meeting_moves_back_is_followed_by_another(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.changes("sport", grace=GRACE, day=LATER)
    transport = town.transports[next(c for c in town.transports if c.value == "telegram")]
    send = transport.send

    async def slowly(outgoing: Outgoing) -> Receipt:
        transport.send = send  # type: ignore[method-assign]
        async with town.database.begin() as tx:
            from office.moving import change_meeting

            await change_meeting(tx, 2, replace(town.schedule, grace=GRACE), town.clock(), day=THURSDAY)
        return await send(outgoing)

    transport.send = slowly  # type: ignore[method-assign]
    await town.goes_to("2021-01-15T12:00")
    assert "giovedì 28 gennaio" in anna.messages[-1].plain
    await town.goes_to("2021-01-15T13:00")
    assert "giovedì 21 gennaio, non più giovedì 28 gennaio" in anna.messages[-1].plain


async def test_a_notice_that_perhaps_arrived_is_not_taken_for_unsaid(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.changes("sport", grace=GRACE, day=LATER)
    transport = town.transports[next(c for c in town.transports if c.value == "telegram")]
    transport.answers = [Receipt(Outcome.UNSURE, reason="silence")] * 2
    await town.goes_to("2021-01-15T12:00")
    await town.rows("UPDATE outbox SET next_at = NULL WHERE kind = 'notice' RETURNING id")
    await town.works()
    assert [r[0] for r in await town.rows("SELECT state FROM outbox WHERE kind = 'notice'")] == ["unsure"]
    await town.changes("sport", grace=GRACE, day=THURSDAY)
    heard = len(anna.messages)
    await town.goes_to("2021-01-15T13:00")
    assert "Il giorno: giovedì 21 gennaio" in anna.messages[heard].plain


async def test_a_notice_to_be_tried_again_because_it_perhaps_arrived_counts_as_heard(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.changes("sport", grace=GRACE, day=LATER)
    transport = town.transports[next(c for c in town.transports if c.value == "telegram")]
    transport.answers = [Receipt(Outcome.UNSURE, reason="silence"), Receipt(Outcome.LATER, wait=3600.0)]
    await town.goes_to("2021-01-15T12:00")
    await town.changes("sport", grace=GRACE, day=THURSDAY)
    transport.answers = []
    heard = len(anna.messages)
    await town.goes_to("2021-01-15T13:00")
    assert "Il giorno: giovedì 21 gennaio" in anna.messages[heard].plain
    assert len(anna.messages) == heard + 1


async def test_a_reminder_does_not_give_away_what_may_be_taken_back(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.goes_to("2021-01-20T08:59")
    await town.changes("sport", grace=GRACE, link="https://zoom.example/j/sbagliato")
    heard = len(anna.messages)
    await town.goes_to("2021-01-20T09:00")
    assert len(anna.messages) == heard
    await town.changes("sport", grace=GRACE, link="https://zoom.example/j/sport")
    await town.goes_to("2021-01-20T09:05")
    said = [m.plain for m in anna.messages[heard:]]
    assert len(said) == 1
    assert "Promemoria" in said[0]
    assert "sbagliato" not in said[0]


async def test_what_nobody_heard_yet_is_taken_back_one_change_at_a_time(town: Rehearsal) -> None:
    anna = await comes(town)
    heard = len(anna.messages)
    await town.changes("sport", grace=GRACE, day=LATER)
    await town.changes("sport", grace=GRACE, cancelled=True)
    await town.changes("musei_cultura", grace=GRACE, hour=time(18))
    undone = []
    async with town.database.begin() as tx:
        while (number := await newest_unheard(tx, town.clock())) is not None:
            undone.append(await undo(tx, desk(town), number))
    assert [(c.meeting, c.changed) for c in undone] == [(3, ("hour",)), (2, ("cancelled",)), (2, ("day",))]
    rows = await town.rows("SELECT day, cancelled, hour FROM meetings WHERE id IN (2, 3) ORDER BY id")
    assert [r[0] for r in rows] == ["2021-01-21", "2021-01-22"]
    assert not rows[0][1]
    assert rows[1][2] is None
    await town.goes_to("2021-01-15T12:00")
    assert len(anna.messages) == heard


async def test_a_correction_is_called_one_by_who_knew_and_a_change_by_who_did_not(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.changes("sport", grace=GRACE, day=LATER)
    await town.goes_to("2021-01-15T09:03")
    async with town.database.begin() as tx:
        await undo(tx, desk(town), SPORT)
    await town.goes_to("2021-01-15T09:10")
    told = anna.messages[-1]
    assert told.title == "Una correzione"
    assert "Quel che è stato comunicato per ultimo" in told.text
    assert "giovedì 21 gennaio, non più giovedì 28 gennaio" in told.text
    # a first change that nobody has heard of, and a second one that is taken back: no correction
    await town.changes("sport", grace=timedelta(hours=1), hour=time(18))
    await town.changes("sport", grace=timedelta(hours=1), day=LATER)
    async with town.database.begin() as tx:
        await undo(tx, desk(town), SPORT)
    await town.goes_to("2021-01-15T12:00")
    assert anna.messages[-1].title == "C'è l'orario"
    # a revival that was heard of, and taken back
    await town.changes("sport", cancelled=True)
    await town.changes("sport", grace=GRACE, cancelled=False)
    await town.goes_to("2021-01-15T12:03")
    async with town.database.begin() as tx:
        await undo(tx, desk(town), SPORT)
    await town.goes_to("2021-01-15T12:10")
    assert anna.messages[-1].title == "Correzione: resta annullato, associazioni sportive"


async def test_a_correction_is_taken_back_before_it_leaves(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.changes("sport", grace=GRACE, day=LATER)
    await town.goes_to("2021-01-15T09:03")
    heard = len(anna.messages)
    for later in ("09:06", "09:09"):  # what is so again can be taken back again
        async with town.database.begin() as tx:
            assert (await undo(tx, desk(town), SPORT)).knew == 1
            assert await open_change(tx, town.clock(), SPORT) is None
            correction = await open_correction(tx, town.clock(), SPORT)
            assert correction
            assert correction.again.day == LATER
            with pytest.raises(RefusedError, match="nel frattempo"):
                await redo(tx, desk(town), SPORT, seen=99)
            done = await redo(tx, desk(town), SPORT, seen=correction.noted.number)
            assert (done.changed, done.people) == (("day",), 0)
            assert await open_correction(tx, town.clock(), SPORT) is None
        await town.goes_to(f"2021-01-15T{later}")
    assert await town.rows("SELECT day FROM meetings WHERE id = 2") == [(LATER.isoformat(),)]
    assert len(anna.messages) == heard
    async with town.database.begin() as tx:
        await undo(tx, desk(town), SPORT)
    await town.goes_to("2021-01-15T09:15")
    assert anna.messages[-1].title == "Una correzione"
    async with town.database.begin() as tx:
        assert await open_correction(tx, town.clock(), SPORT) is None


async def test_who_did_not_know_of_what_is_so_again_hears_of_it(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.changes("sport", grace=GRACE, day=LATER)
    await town.goes_to("2021-01-15T09:03")
    async with town.database.begin() as tx:
        await undo(tx, desk(town), SPORT)
    bruno, heard = await comes(town, "Bruno", 2), len(anna.messages)
    async with town.database.begin() as tx:
        correction = await open_correction(tx, town.clock(), SPORT)
        assert correction
        assert (await redo(tx, desk(town), SPORT, seen=correction.noted.number)).people == 1
    await town.goes_to("2021-01-15T09:10")
    assert "giovedì 28 gennaio, non più giovedì 21 gennaio" in bruno.messages[-1].plain
    assert len(anna.messages) == heard


async def test_what_was_changed_since_is_not_changed_by_taking_a_correction_back(town: Rehearsal) -> None:
    await comes(town)
    await town.changes("sport", grace=GRACE, day=LATER)
    await town.goes_to("2021-01-15T09:03")
    async with town.database.begin() as tx:
        await undo(tx, desk(town), SPORT)
    await town.changes("sport", grace=GRACE, day=LATER + timedelta(days=7))
    async with town.database.begin() as tx:
        assert await open_correction(tx, town.clock(), SPORT) is None


async def test_shortly_before_it_begins_there_is_no_time_to_wait(town: Rehearsal) -> None:
    await town.changes("sport", hour=time(18))
    anna = await comes(town)
    await town.goes_to("2021-01-21T17:45")
    heard = len(anna.messages)
    await town.changes("sport", grace=GRACE, link="https://zoom.example/j/nuovo")
    assert "è nuovo" in anna.messages[heard].plain
    async with town.database.begin() as tx:
        assert await newest_unheard(tx, town.clock()) is None


async def test_who_only_waits_hears_nothing_of_a_link(town: Rehearsal) -> None:
    await town.rows("UPDATE meetings SET capacity = 2 WHERE sector = 'sport' RETURNING id")
    anna, bruno = await comes(town), await comes(town, "Bruno", 2)
    heard = len(anna.messages), len(bruno.messages)
    await town.changes("sport", link="https://zoom.example/j/nuovo")
    assert (len(anna.messages), len(bruno.messages)) == (heard[0] + 1, heard[1])
    await town.changes("sport", cancelled=True)
    assert "annullato" in bruno.messages[-1].plain


@pytest.mark.parametrize("question", ["Quando si tiene l'incontro sportivo?", "A che cosa sono iscritta?"])
async def test_who_asked_before_it_was_taken_back_is_told_so(town: Rehearsal, question: str) -> None:
    anna, bruno = await comes(town), await comes(town, "Bruno", 2)
    await town.changes("sport", grace=GRACE, day=LATER)
    await anna.says(question)
    assert "giovedì 28 gennaio" in anna.messages[-1].plain
    async with town.database.begin() as tx:
        seen = (await plan_undo(tx, desk(town), SPORT)).plan
        assert [name for name, _ in seen.named] == ["Anna Esempio"]
        assert (await undo(tx, desk(town), SPORT, digest=seen.digest)).knew == 1
    heard = len(anna.messages), len(bruno.messages)
    await town.goes_to("2021-01-15T12:00")
    (told,) = anna.messages[heard[0] :]
    assert told.title == "Una correzione"
    assert "giovedì 21 gennaio" in told.plain
    assert len(bruno.messages) == heard[1]


async def test_who_asked_hears_of_the_change_with_everybody_else(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.changes("sport", grace=GRACE, day=LATER)
    await anna.says("Quando si tiene l'incontro sportivo?")
    heard = len(anna.messages)
    await town.goes_to("2021-01-15T12:00")
    (told,) = anna.messages[heard:]
    assert "giovedì 28 gennaio" in told.plain


async def test_who_asked_for_the_programme_of_others_knows_nothing_that_was_taken_back(town: Rehearsal) -> None:
    """Nor does who is registered for a meeting that did not change."""
    await comes(town)
    carla = town.citizen("Carla", 3)
    await carla.says("Iscrivimi a venerdì 22: Circolo Carla, siamo in due. Mi chiamo Carla Esempio.")
    await carla.presses("yes")
    await town.changes("sport", grace=GRACE, day=LATER)
    await carla.says("Quando si tiene l'incontro sportivo?")
    async with town.database.begin() as tx:
        assert (await undo(tx, desk(town), SPORT)).knew == 0


async def test_who_asked_while_it_was_to_be_held_after_all_hears_what_becomes_of_it(town: Rehearsal) -> None:
    anna, bruno = await comes(town), await comes(town, "Bruno", 2)
    await town.changes("sport", cancelled=True)
    await town.changes("sport", grace=GRACE, cancelled=False)
    await anna.says("A che cosa sono iscritta?")
    assert "giovedì 21 gennaio" in anna.messages[-1].plain
    heard = len(anna.messages), len(bruno.messages)
    async with town.database.begin() as tx:
        noted, seen = await plan_undo(tx, desk(town), SPORT)
        assert (await undo(tx, desk(town), SPORT, digest=seen.digest)).knew == 1
        await redo(tx, desk(town), SPORT, seen=noted.number)
        again = (await plan_undo(tx, desk(town), SPORT)).plan
        await undo(tx, desk(town), SPORT, digest=again.digest)
    await town.goes_to("2021-01-15T12:00")
    (told,) = anna.messages[heard[0] :]
    assert told.title == "Correzione: resta annullato, associazioni sportive"
    assert len(bruno.messages) == heard[1]


async def test_who_asked_while_it_was_to_be_held_after_all_reads_when(town: Rehearsal) -> None:
    anna = await comes(town)
    await town.changes("sport", cancelled=True)
    await town.changes("sport", grace=GRACE, cancelled=False)
    await anna.says("A che cosa sono iscritta?")
    await town.goes_to("2021-01-15T12:00")
    assert anna.messages[-1].title == "È cambiato un incontro"
    assert "Il giorno: giovedì 21 gennaio" in anna.messages[-1].plain
