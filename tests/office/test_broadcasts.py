"""One message for a part of the people: counted, approved by another, taken back, paused and gone on with exactly."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from conversation.channel import Channel, channel_named
from conversation.message import Address
from db.addresses import set_reachable
from db.broadcasts import lock_broadcast
from db.people import update_person
from db.segments import Segment
from office.attendance import mark
from office.broadcasts import approve, pause, preview, progress, resume, save_draft, stop, submit, undo, written
from office.errors import RefusedError
from tests.office.people import MUSEUMS, SPORT, comes, desk, mail, operator
from tests.support.rehearsal import Rehearsal, text_of

WORDS = ("Le slide sono pronte", "Chi le vuole le chieda all'ufficio.")
CHAT = Address(Channel.TELEGRAM, "7")


async def many(rehearsal: Rehearsal) -> None:
    """At sport Ada by mail and somebody by chat, at the museums Ada too, and Bice, whom nothing reaches; Ada was at sport."""
    ada = await comes(rehearsal, mail("ada"))
    await comes(rehearsal, CHAT)
    await comes(rehearsal, mail("ada"), MUSEUMS)
    await comes(rehearsal, mail("bice"), MUSEUMS)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(days=6))
    async with rehearsal.database.begin() as tx:
        await set_reachable(tx, mail("bice"), reachable=False, reason="nowhere")
        await mark(tx, desk(rehearsal), ada, present=True)
        await update_person(tx, 2, updates=True)


async def draft(rehearsal: Rehearsal, segment: Segment | None = None, by: Any = None) -> tuple[int, int]:
    """Its number and version."""
    async with rehearsal.database.begin() as tx:
        said = await written(tx, *WORDS, segment=segment)
        return await save_draft(tx, desk(rehearsal, by) if by else desk(rehearsal), said), 1


@pytest.mark.parametrize(
    ("segment", "people", "unreached"),
    [
        (Segment(), {Channel.TELEGRAM: 1}, 0),
        (Segment(meetings=(SPORT,)), {Channel.EMAIL: 1, Channel.TELEGRAM: 1}, 0),
        (Segment(sectors=("musei_cultura", "sport")), {Channel.EMAIL: 1, Channel.TELEGRAM: 1}, 1),
        (Segment(sectors=("musei_cultura",)), {Channel.EMAIL: 1}, 1),
        (Segment(meetings=(SPORT,), channels=(Channel.TELEGRAM,)), {Channel.TELEGRAM: 1}, 0),
        (Segment(meetings=(SPORT,), present=True), {Channel.EMAIL: 1}, 0),
        (Segment(meetings=(SPORT,), present=False), {Channel.TELEGRAM: 1}, 0),
    ],
)
async def test_what_is_counted_is_what_is_queued(
    rehearsal: Rehearsal, segment: Segment, people: dict[Channel, int], unreached: int
) -> None:
    await many(rehearsal)
    assert Segment.from_json(segment.to_json()) == segment
    number, seen = await draft(rehearsal, segment)
    async with rehearsal.database.begin() as tx:
        shown = await preview(tx, desk(rehearsal), await written(tx, *WORDS, segment=segment))
        assert (shown.people, len(shown.unreached)) == (people, unreached)
        assert {s.message.address.channel for s in shown.samples} == set(people)
        queued = await submit(tx, desk(rehearsal), number, seen=seen)
    assert queued
    assert queued.people == sum(people.values())
    rows = await rehearsal.rows("SELECT channel FROM outbox WHERE kind = 'broadcast'")
    assert Counter(channel_named(row[0]) for row in rows) == people
    rehearsal.clock.move_to(queued.due + timedelta(minutes=1))
    await rehearsal.works()
    sent = [o for t in rehearsal.transports.values() for o in t.taken if "slide" in o.subject]
    samples = {s.message.reply.text for s in shown.samples}
    assert {o.reply.text for o in sent} == samples


async def test_somebody_else_approves_what_goes_to_many(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    paola, renzo = await operator(rehearsal, "Paola"), await operator(rehearsal, "Renzo")
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)), paola)
    async with rehearsal.database.begin() as tx:
        assert await submit(tx, desk(rehearsal, paola), number, seen=seen, approve_above=1) is None
        for nobody in (desk(rehearsal, paola), desk(rehearsal)):
            with pytest.raises(RefusedError, match="un'altra persona"):
                await approve(tx, nobody, number, seen=seen + 1)
        queued = await approve(tx, desk(rehearsal, renzo), number, seen=seen + 1)
        assert queued.people == 2
        held = await lock_broadcast(tx, number)
    assert held
    assert (held.state, held.author, held.approver) == ("queued", paola.staff_id, renzo.staff_id)
    log = await rehearsal.rows("SELECT action, staff_id FROM audit WHERE action LIKE 'broadcast%' ORDER BY id")
    assert log == [("broadcast_drafted", 1), ("broadcast_submitted", 1), ("broadcast", 2)]


async def test_to_few_one_person_is_enough(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    async with rehearsal.database.begin() as tx:
        assert await submit(tx, desk(rehearsal), number, seen=seen, approve_above=2)


async def test_paused_it_goes_on_with_exactly_those_who_were_left(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    async with rehearsal.database.begin() as tx:
        queued = await submit(tx, desk(rehearsal), number, seen=seen)
        assert queued
    await rehearsal.rows("UPDATE outbox SET due_at = '2021-01-21 20:00:00.000000' WHERE value = '7' RETURNING id")
    rehearsal.clock.move_to(queued.due + timedelta(minutes=1))
    await rehearsal.works()
    async with rehearsal.database.begin() as tx:
        assert await pause(tx, desk(rehearsal), number, seen=seen + 1) == 1
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(days=1))
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(days=1))
    await rehearsal.works()
    assert not rehearsal.to(CHAT)
    await comes(rehearsal, mail("carla"), 4)  # who comes since then is not meant
    async with rehearsal.database.begin() as tx:
        assert await resume(tx, desk(rehearsal), number, seen=seen + 2) == 1
    await rehearsal.works()
    assert [m for m in rehearsal.to(CHAT) if "slide" in m.plain]
    assert len([m for m in rehearsal.mails if "slide" in text_of(m)]) == 1
    async with rehearsal.database.begin() as tx:
        assert await progress(tx, number) == {"sent": 2}
        with pytest.raises(RefusedError, match="già partiti tutti"):
            await pause(tx, desk(rehearsal), number, seen=seen + 3)


async def test_in_the_grace_it_is_a_draft_again(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    async with rehearsal.database.begin() as tx:
        assert await submit(tx, desk(rehearsal), number, seen=seen)
        await undo(tx, desk(rehearsal), number, seen=seen + 1)
        better = await written(tx, WORDS[0], "Meglio così.", segment=Segment(meetings=(SPORT,)))
        await save_draft(tx, desk(rehearsal), better, number=number, seen=seen + 2)
        with pytest.raises(RefusedError, match="nel frattempo"):
            await submit(tx, desk(rehearsal), number, seen=seen)
        queued = await submit(tx, desk(rehearsal), number, seen=seen + 3)
        assert queued
    rehearsal.clock.move_to(queued.due + timedelta(minutes=1))
    await rehearsal.works()
    assert "Meglio così." in rehearsal.to(CHAT)[-1].plain
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match="2 messaggi sono già partiti"):
            await undo(tx, desk(rehearsal), number, seen=seen + 4)
        again = await save_draft(tx, desk(rehearsal), better)
        with pytest.raises(RefusedError, match="già stato mandato"):
            await submit(tx, desk(rehearsal), again, seen=1)


async def test_it_waits_for_its_time_and_is_stopped(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    at = rehearsal.clock() + timedelta(days=1)
    async with rehearsal.database.begin() as tx:
        queued = await submit(tx, desk(rehearsal), number, seen=seen, send_at=at)
        assert queued
        assert queued.due == at
        await pause(tx, desk(rehearsal), number, seen=seen + 1)
        assert await stop(tx, desk(rehearsal), number) == 2
        assert await lock_broadcast(tx, number) is None  # nothing had left: it was never said
        assert await stop(tx, desk(rehearsal), 99) is None


@pytest.mark.parametrize(
    ("title", "words", "segment", "said"),
    [
        ("", "x", None, "manca qualcosa"),
        ("x" * 151, "x", None, "150 caratteri"),
        ("x", "x", Segment(meetings=(99,)), "non c'è un incontro"),
        ("x", "x", Segment(sectors=("caccia",)), "non c'è un settore"),
        ("x", "x", Segment(present=True), "a quale incontro"),
    ],
)
async def test_what_cannot_be_sent_is_said(
    rehearsal: Rehearsal, title: str, words: str, segment: Segment | None, said: str
) -> None:
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match=said):
            await written(tx, title, words, segment=segment)


@pytest.mark.parametrize("data", [{"people": 1}, {"present": "yes"}, {"channels": ["smoke"]}, {"meetings": ["x"]}])
def test_no_other_segment_is_read(data: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Segment.from_json(data)
