"""One message for a part of the people: counted, approved by another, taken back, paused and gone on with exactly."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversation.channel import Channel, channel_named
from conversation.message import Address
from db.addresses import set_reachable
from db.people import update_person
from db.personal_data import erase_person
from db.registrations import withdraw
from db.segments import Segment
from delivery.broadcasts import announce_meetings
from office.attendance import mark
from office.broadcasts import (
    BroadcastState,
    Progress,
    approve,
    chosen_of,
    get_broadcast,
    newcomers,
    pause,
    preview,
    progress_of,
    resume,
    save_draft,
    stop,
    submit,
    try_out,
    undo,
    written,
)
from office.errors import RefusedError
from tests.office.people import MUSEUMS, SPORT, comes, desk, mail, operator
from tests.support.rehearsal import Rehearsal, text_of

WORDS = ("Le slide sono pronte", "Chi le vuole le chieda all'ufficio.")
CHAT = Address(Channel.TELEGRAM, "7")


async def many(rehearsal: Rehearsal) -> None:
    """At sport Ada by mail and somebody by chat, at the museums Ada too, and Bice, whom nothing reaches.

    Ada was at sport.
    """
    ada = await comes(rehearsal, mail("ada"))
    await comes(rehearsal, CHAT)
    await comes(rehearsal, mail("ada"), MUSEUMS)
    await comes(rehearsal, mail("bice"), MUSEUMS)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(days=6))
    async with rehearsal.database.begin() as tx:
        await set_reachable(tx, mail("bice"), reachable=False, reason="nowhere", now=rehearsal.clock())
        await mark(tx, desk(rehearsal), ada, present=True)
        await update_person(tx, 2, updates=True)


async def draft(rehearsal: Rehearsal, segment: Segment | None = None, by: Any = None) -> tuple[int, int]:
    """Its number and version."""
    async with rehearsal.database.begin() as tx:
        said = await written(tx, *WORDS, segment=segment)
        return await save_draft(tx, desk(rehearsal, by) if by else desk(rehearsal), said), 1


async def sends(tx: Any, rehearsal: Rehearsal, number: int, *, by: Any = None, **given: Any) -> Any:
    """Submit what the preview shows now."""
    clerk = desk(rehearsal, by) if by else desk(rehearsal)
    return await submit(tx, clerk, number, digest=await looked_at(tx, rehearsal, number), **given)


async def looked_at(tx: Any, rehearsal: Rehearsal, number: int) -> str:
    """The digest of what the preview shows now."""
    held = await get_broadcast(tx, number)
    assert held
    return (await preview(tx, desk(rehearsal), held.said)).digest


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
        (Segment(registrations=("2", "3", "4")), {Channel.EMAIL: 1, Channel.TELEGRAM: 1}, 1),
    ],
)
async def test_what_is_counted_is_what_is_queued(
    rehearsal: Rehearsal, segment: Segment, people: dict[Channel, int], unreached: int
) -> None:
    await many(rehearsal)
    async with rehearsal.database.begin() as tx:
        segment = replace(segment, registrations=await chosen_of(tx, [int(n) for n in segment.registrations]))
    assert Segment.from_json(segment.to_json()) == segment
    number, seen = await draft(rehearsal, segment)
    async with rehearsal.database.begin() as tx:
        shown = await preview(tx, desk(rehearsal), await written(tx, *WORDS, segment=segment))
        assert (shown.people, len(shown.unreached)) == (people, unreached)
        assert {s.message.address.channel for s in shown.samples} == set(people)
        queued = await sends(tx, rehearsal, number, seen=seen)
    assert queued
    assert queued.people == sum(people.values())
    rows = await rehearsal.rows("SELECT channel FROM outbox WHERE kind = 'broadcast' AND state = 'pending'")
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
        assert await sends(tx, rehearsal, number, by=paola, seen=seen, approve_above=1) is None
        digest = await looked_at(tx, rehearsal, number)
        for nobody in (desk(rehearsal, paola), desk(rehearsal)):
            with pytest.raises(RefusedError, match="un'altra persona"):
                await approve(tx, nobody, number, seen=seen + 1, digest=digest)
        with pytest.raises(RefusedError, match="chi lo riceve"):
            await approve(tx, desk(rehearsal, renzo), number, seen=seen + 1, digest="another")
        queued = await approve(tx, desk(rehearsal, renzo), number, seen=seen + 1, digest=digest)
        assert queued.people == 2
        held = await get_broadcast(tx, number)
    assert held
    assert (held.state, held.author, held.approver) == ("queued", paola.staff_id, renzo.staff_id)
    log = await rehearsal.rows("SELECT action, staff_id FROM audit WHERE action LIKE 'broadcast%' ORDER BY id")
    assert log == [("broadcast_drafted", 1), ("broadcast_submitted", 1), ("broadcast", 2)]


async def test_to_few_one_person_is_enough(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    async with rehearsal.database.begin() as tx:
        assert await sends(tx, rehearsal, number, seen=seen, approve_above=2)


async def test_paused_it_goes_on_with_exactly_those_who_were_left(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    async with rehearsal.database.begin() as tx:
        queued = await sends(tx, rehearsal, number, seen=seen)
        assert queued
    await rehearsal.rows("UPDATE outbox SET due_at = '2021-01-21 20:00:00.000000' WHERE value = '7' RETURNING id")
    rehearsal.clock.move_to(queued.due + timedelta(minutes=1))
    await rehearsal.works()
    async with rehearsal.database.begin() as tx:
        assert await pause(tx, desk(rehearsal), number, seen=seen + 1) == 1
        planned = datetime(2021, 1, 21, 20, tzinfo=UTC)
        assert await progress_of(tx, [number]) == {number: Progress(sent=1, paused=1, planned=planned)}
    with pytest.raises(RefusedError, match="un messaggio è già partito: il resto"):
        async with rehearsal.database.begin() as tx:
            await undo(tx, desk(rehearsal), number, seen=seen + 2)
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
        assert await progress_of(tx, [number]) == {number: Progress(sent=2)}
        with pytest.raises(RefusedError, match="già partiti tutti"):
            await pause(tx, desk(rehearsal), number, seen=seen + 3)


async def test_in_the_grace_it_is_a_draft_again(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    async with rehearsal.database.begin() as tx:
        assert await sends(tx, rehearsal, number, seen=seen)
        await undo(tx, desk(rehearsal), number, seen=seen + 1)
        better = await written(tx, WORDS[0], "Meglio così.", segment=Segment(meetings=(SPORT,)))
        await save_draft(tx, desk(rehearsal), better, number=number, seen=seen + 2)
        with pytest.raises(RefusedError, match="nel frattempo qualcuno ha cambiato questo avviso: guardalo di nuovo"):
            await sends(tx, rehearsal, number, seen=seen)
        queued = await sends(tx, rehearsal, number, seen=seen + 3)
        assert queued
    rehearsal.clock.move_to(queued.due + timedelta(minutes=1))
    await rehearsal.works()
    assert "Meglio così." in rehearsal.to(CHAT)[-1].plain
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match="2 messaggi sono già partiti"):
            await undo(tx, desk(rehearsal), number, seen=seen + 4)
        again = await save_draft(tx, desk(rehearsal), better)
        with pytest.raises(RefusedError, match="già stato mandato"):
            await sends(tx, rehearsal, again, seen=1)
    log = await rehearsal.rows("SELECT action FROM audit WHERE subject = 'broadcast:1' ORDER BY id")
    assert [action for (action,) in log] == [
        "broadcast_drafted",
        "broadcast",
        "broadcast_undone",
        "broadcast_changed",
        "broadcast",
    ]


async def test_it_waits_for_its_time_and_is_stopped(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    at = rehearsal.clock() + timedelta(days=1)
    async with rehearsal.database.begin() as tx:
        queued = await sends(tx, rehearsal, number, seen=seen, send_at=at)
        assert queued
        assert queued.due == at
        await pause(tx, desk(rehearsal), number, seen=seen + 1)
        assert await stop(tx, desk(rehearsal), number) == 2
        stopped = await get_broadcast(tx, number)
        assert stopped
        assert (stopped.state, stopped.said.text) == (BroadcastState.STOPPED, WORDS[1])
        assert await stop(tx, desk(rehearsal), 99) is None
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    async with rehearsal.database.begin() as tx:  # nothing had left: it was never said
        assert await sends(tx, rehearsal, number, seen=seen)


async def test_the_number_of_a_draft_that_was_thrown_away_is_given_to_no_other(rehearsal: Rehearsal) -> None:
    number, _ = await draft(rehearsal, Segment(meetings=(SPORT,)))
    async with rehearsal.database.begin() as tx:
        assert await stop(tx, desk(rehearsal), number) == 0
        assert await get_broadcast(tx, number) is None
        assert await stop(tx, desk(rehearsal), number) is None
    assert await rehearsal.rows("SELECT title, text, segment FROM broadcasts") == [("", "", None)]
    assert (await rehearsal.rows("SELECT action FROM audit ORDER BY id DESC LIMIT 1")) == [("broadcast_thrown_away",)]
    assert await draft(rehearsal) != (number, 1)


async def test_what_was_looked_at_is_what_is_sent_or_nothing(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)))
    async with rehearsal.database.begin() as tx:
        before = await looked_at(tx, rehearsal, number)
    await comes(rehearsal, mail("carla"))
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match="è cambiato chi lo riceve"):
            await submit(tx, desk(rehearsal), number, seen=seen, digest=before)
        with pytest.raises(RefusedError, match="già passata"):
            await sends(tx, rehearsal, number, seen=seen, send_at=rehearsal.clock())
    async with rehearsal.database.begin() as tx:
        held = await get_broadcast(tx, number)
        assert held
        assert (held.state, held.version) == (BroadcastState.DRAFT, seen)
        assert (await sends(tx, rehearsal, number, seen=seen)).people == 3


async def test_a_trial_goes_to_who_asked_for_it_once_and_to_nobody_else(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    paola = await operator(rehearsal, "Paola")
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,)), paola)
    await rehearsal.works()
    heard, sent = rehearsal.to(CHAT), len(rehearsal.mails)
    for _ in range(2):
        async with rehearsal.database.begin() as tx:
            shown = await preview(tx, desk(rehearsal), await written(tx, *WORDS, segment=Segment(meetings=(SPORT,))))
            await try_out(tx, desk(rehearsal, paola), number, "paola@lucca.example", seen=seen, shown=shown)
    await rehearsal.works()
    (trial,) = rehearsal.mails[sent:]
    assert (trial["To"], trial["Subject"]) == ("paola@lucca.example", f"[Prova] {WORDS[0]}")
    assert "Questa è una prova" in text_of(trial)
    assert WORDS[1] in text_of(trial)
    assert "giovedì 21 gennaio" in text_of(trial)  # as those at the meeting read it
    assert rehearsal.to(CHAT) == heard
    async with rehearsal.database.begin() as tx:
        assert await sends(tx, rehearsal, number, seen=seen)  # it is a draft as before


async def test_at_night_too_it_is_shown_how_it_reads(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    rehearsal.clock.move_to(rehearsal.clock().replace(hour=21, minute=30))
    async with rehearsal.database.begin() as tx:
        shown = await preview(tx, desk(rehearsal), await written(tx, *WORDS, segment=Segment(meetings=(SPORT,))))
    assert len(shown.samples) == 2


async def test_who_is_not_meant_any_more_when_it_leaves_does_not_get_it(rehearsal: Rehearsal) -> None:
    """Ada withdraws from one of two, the chat from its only one, Carla is erased, Dina comes later."""
    await comes(rehearsal, mail("ada"))
    museums = await comes(rehearsal, mail("ada"), MUSEUMS)
    gone = await comes(rehearsal, CHAT)
    await comes(rehearsal, mail("carla"))
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT, MUSEUMS)))
    async with rehearsal.database.begin() as tx:
        queued = await sends(tx, rehearsal, number, seen=seen, send_at=rehearsal.clock() + timedelta(days=1))
        assert queued.people == 3
        for registration in (museums, gone):
            await withdraw(tx, registration, rehearsal.clock())
        await erase_person(tx, mail("carla"), rehearsal.clock())
    await comes(rehearsal, mail("dina"))
    async with rehearsal.database.begin() as tx:
        held = await get_broadcast(tx, number)
        assert held
        assert await newcomers(tx, held) == 1
    rehearsal.clock.move_to(queued.due + timedelta(minutes=1))
    await rehearsal.works()
    (only,) = [m for m in rehearsal.mails if "slide" in text_of(m)]
    assert only["To"] == "ada@posta.example"
    assert "sport" in text_of(only)  # the place that Ada still has
    assert not [m for m in rehearsal.to(CHAT) if "slide" in m.plain]
    async with rehearsal.database.begin() as tx:
        assert await progress_of(tx, [number]) == {number: Progress(sent=1, dropped=1)}


async def test_who_gets_the_number_of_a_chosen_one_who_was_erased_is_not_meant(rehearsal: Rehearsal) -> None:
    chosen = [await comes(rehearsal, mail("ada")), await comes(rehearsal, mail("bice"))]
    async with rehearsal.database.begin() as tx:
        segment = Segment(registrations=await chosen_of(tx, chosen))
        await erase_person(tx, mail("bice"), rehearsal.clock())
    assert await comes(rehearsal, mail("carla")) == chosen[1]  # SQLite gives it again
    async with rehearsal.database.begin() as tx:
        shown = await preview(tx, desk(rehearsal), await written(tx, *WORDS, segment=segment))
    assert [sample.message.address for sample in shown.samples] == [mail("ada")]


async def test_who_had_withdrawn_but_came_is_written_to(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    carla = await comes(rehearsal, mail("carla"))
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(days=1))
    async with rehearsal.database.begin() as tx:
        for number in (1, carla):
            await withdraw(tx, number, rehearsal.clock())
        chosen = Segment(registrations=await chosen_of(tx, [1, carla]))
    at_sport = Segment(meetings=(SPORT,))
    segments = replace(at_sport, present=True), chosen, replace(at_sport, channels=(Channel.EMAIL,))
    for said, segment in enumerate(segments, 1):
        number, seen = await draft(rehearsal, segment)
        async with rehearsal.database.begin() as tx:
            queued = await sends(tx, rehearsal, number, seen=seen)
        assert queued.people == 1
        rehearsal.clock.move_to(queued.due + timedelta(minutes=1))
        await rehearsal.works()
        sent = [(m["To"], " ".join(text_of(m).split())) for m in rehearsal.mails if "slide" in text_of(m)]
        assert [to for to, _ in sent] == ["ada@posta.example"] * said
        why = "va a chi c'era a questo incontro: " if segment.present else "o c'era: "
        assert f"{why}giovedì 21 gennaio" in sent[-1][1]


async def test_who_was_there_by_mistake_is_not_thanked(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    number, seen = await draft(rehearsal, Segment(meetings=(SPORT,), present=True))
    async with rehearsal.database.begin() as tx:
        queued = await sends(tx, rehearsal, number, seen=seen)
        await mark(tx, desk(rehearsal), 1, present=False)
    rehearsal.clock.move_to(queued.due + timedelta(minutes=1))
    await rehearsal.works()
    assert not [m for m in rehearsal.mails if "slide" in text_of(m)]


async def test_an_announcement_of_meetings_is_no_draft_of_anybodys(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    async with rehearsal.database.begin() as tx:
        told = await announce_meetings(tx, [4], rehearsal.schedule, rehearsal.clock())
        assert told
        with pytest.raises(RefusedError, match="si può fermare"):
            await undo(tx, desk(rehearsal), told.number, seen=1)
        with pytest.raises(RefusedError, match="nel frattempo"):
            await stop(tx, desk(rehearsal), told.number, seen=9)
        assert await stop(tx, desk(rehearsal), told.number, seen=1) == 1


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
