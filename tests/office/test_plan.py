"""What staff are shown before they confirm is what then happens, whatever they change.

What happens meanwhile is seen.
"""

from collections import Counter
from datetime import date, time, timedelta
from typing import Any

import pytest

from conversation.channel import Channel, channel_named
from conversation.message import Address
from db.addresses import set_reachable
from db.meetings import get_meeting, lock_meeting
from db.registrations import confirmed_at
from db.requests import Actor
from delivery.reminders import count_anew, queue_reminders, reminders_due
from office.errors import RefusedError
from office.moving import Plan, PlanChangedError, confirm, open_change, plan, plan_undo, undo
from tests.office.people import MUSEUMS, SPORT, comes, desk, mail
from tests.support.rehearsal import Rehearsal

LATER = date(2021, 1, 28)
PAOLA = Actor(None, "Paola Prova")


async def many(rehearsal: Rehearsal) -> None:
    """Two by mail, of whom one for two associations; one by chat; one whom nothing reaches.

    Two who wait, one to leave another meeting.
    """
    await comes(rehearsal, mail("ada"))
    await comes(rehearsal, mail("bice"), association="Coro Le Rondini")
    await comes(rehearsal, mail("bice"), association="Circolo dei Cipressi")
    await comes(rehearsal, Address(Channel.TELEGRAM, "7"))
    await comes(rehearsal, mail("muta"))
    await comes(rehearsal, mail("dora"), waits=True)
    left = await comes(rehearsal, mail("enea"), MUSEUMS)
    await comes(rehearsal, mail("enea"), waits=True, instead_of=left)
    await comes(rehearsal, mail("fiore"), MUSEUMS, waits=True)
    async with rehearsal.database.begin() as tx:
        await set_reachable(tx, mail("muta"), reachable=False, reason="nowhere", now=rehearsal.clock())


async def planned(rehearsal: Rehearsal, **values: Any) -> Plan:
    async with rehearsal.database.look() as tx:
        return await plan(tx, desk(rehearsal, PAOLA), SPORT, values)


async def counted(rehearsal: Rehearsal, what: str) -> int:
    return int((await rehearsal.rows(f"SELECT count(*) FROM outbox WHERE state = 'pending' AND {what}"))[0][0])


#: A reminder that leaves: the others are planned too, lest somebody can be reached again by then.
_REMINDS = "kind = 'reminder' AND person_id IN (SELECT person_id FROM addresses WHERE reachable)"
KINDS: dict[str, dict[str, Any]] = {
    "day": {"day": LATER},
    "hour": {"hour": time(18)},
    "link": {"link": "https://zoom.example/j/nuovo"},
    "duration": {"duration": 60},
    "passcode": {"passcode": "123"},
    "cancelled": {"cancelled": True},
    "title": {"title": "Un altro titolo"},
    "seats": {"capacity": 100},
    "seats for some": {"capacity": 11},
    "fewer seats": {"capacity": 1},
    "no limit": {"capacity": None},
    "seats and link": {"capacity": 100, "link": "https://zoom.example/j/nuovo"},
    "seats and day": {"capacity": 12, "day": LATER},
    "seats and cancelled": {"capacity": 100, "cancelled": True},
    "all": {"day": LATER, "hour": time(17, 30), "link": "https://zoom.example/j/n", "duration": 30, "passcode": "1"},
}


async def happens_as_planned(rehearsal: Rehearsal, values: dict[str, Any]) -> Plan:
    """Plan, confirm, and hold what was queued against the plan."""
    foreseen = await planned(rehearsal, **values)
    before = await counted(rehearsal, _REMINDS)
    async with rehearsal.database.begin() as tx:
        change = await confirm(tx, desk(rehearsal, PAOLA), SPORT, values, seen=foreseen.version, digest=foreseen.digest)
    news = "kind = 'notice' AND detail <> 'seat'"
    rows = await rehearsal.rows(
        f"SELECT DISTINCT person_id, channel, due_at FROM outbox WHERE state = 'pending' AND {news}"
    )
    assert await counted(rehearsal, news) == foreseen.notices == change.people
    assert len([channel for _, channel, _ in rows if channel]) <= foreseen.leaving == change.leaving
    assert Counter(channel_named(channel) for _, channel, _ in rows if channel) == foreseen.people
    assert {person for person, channel, _ in rows if not channel} == {person for person, _ in foreseen.unreached}
    minute = (
        {f"{foreseen.due:%Y-%m-%d %H:%M}"} if foreseen.due else set()
    )  # the clock went on between looking and doing
    assert {due[:16] for *_, due in rows} == minute
    seats = await rehearsal.rows("SELECT registration_id FROM outbox WHERE detail = 'seat' ORDER BY id")
    assert tuple(row[0] for row in seats) == foreseen.promoted
    confirmed = {row[0] for row in await rehearsal.rows("SELECT id FROM registrations WHERE status = 'confirmed'")}
    assert confirmed >= {*foreseen.promoted}
    left = await counted(rehearsal, _REMINDS)
    assert before - left == foreseen.reminders_void
    async with rehearsal.database.begin() as tx:
        while await queue_reminders(tx, rehearsal.schedule, rehearsal.clock()):
            pass
    assert await counted(rehearsal, _REMINDS) - left == foreseen.reminders_new
    return foreseen


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_planned_is_what_is_queued(rehearsal: Rehearsal, kind: str) -> None:
    await rehearsal.changes("sport", capacity=10)
    await rehearsal.changes("musei_cultura", capacity=2)
    await many(rehearsal)
    foreseen = await happens_as_planned(rehearsal, KINDS[kind])
    if kind == "day":
        assert foreseen.changed == ("day",)
        assert (foreseen.notices, foreseen.people) == (7, {Channel.EMAIL: 4, Channel.TELEGRAM: 1})
        assert foreseen.unreached == ((4, "Prova muta@posta.example"),)
        assert foreseen.leaving == 6
        assert foreseen.attending == 12  # two for each of the six whom a message tells
        assert len(foreseen.named) == 5
        assert len(foreseen.samples) == 5
        assert foreseen.reminders_void == foreseen.reminders_new == 8
    if kind == "link":
        assert foreseen.notices == 5  # who waits was told no link
    if kind == "seats":
        assert len(foreseen.promoted) == 3  # one of them at the meeting that is left for this one
        assert (foreseen.notices, foreseen.due, foreseen.reminders_void) == (0, None, 2)
    if kind == "seats and link":
        assert foreseen.notices == 7  # who gets a seat is told where it is
        assert all("https://zoom.example/j/nuovo" in sample.message.reply.plain for sample in foreseen.samples)
    if kind == "title":
        assert (foreseen.notices, foreseen.promoted, foreseen.reminders_void) == (0, (), 0)


async def test_reminders_are_counted_as_they_would_be_planned(rehearsal: Rehearsal) -> None:
    """Of who came long ago, of who came lately, and while one falls due that some have had."""

    async def counts() -> set[int]:
        schedule, now = desk(rehearsal).schedule, rehearsal.clock()
        async with rehearsal.database.begin() as tx:
            meeting = await lock_meeting(tx, SPORT)
            assert meeting
            each = await reminders_due(tx, await confirmed_at(tx, SPORT, now), {SPORT: meeting}, schedule, now)
            return {len(each), await count_anew(tx, meeting, schedule, now)}

    assert await counts() == {0}
    await comes(rehearsal, mail("ada"))
    await comes(rehearsal, mail("dora"), waits=True)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(minutes=5))
    await comes(rehearsal, mail("bice"))
    assert await counts() == {4}
    async with rehearsal.database.look() as tx:
        meeting = await get_meeting(tx, SPORT)
    assert meeting
    (_, first), *_ = desk(rehearsal).schedule.due_times(meeting)
    rehearsal.clock.move_to(first)
    await rehearsal.works()
    rehearsal.clock.move_to(first + timedelta(minutes=1))
    await comes(rehearsal, mail("fiore"))
    assert await counts() == {3}  # each has had the first, or came after it
    rehearsal.clock.move_to(first + timedelta(days=9))
    assert await counts() == {0}


async def test_a_cancelled_meeting_is_revived(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    await happens_as_planned(rehearsal, {"cancelled": True})
    with pytest.raises(RefusedError, match="è già così"):
        await planned(rehearsal, cancelled=True)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(hours=1))
    await rehearsal.works()
    foreseen = await happens_as_planned(rehearsal, {"cancelled": False})
    assert foreseen.notices == 6  # who could not be reached has not heard that it was cancelled
    assert "si fa" in foreseen.samples[0].message.reply.plain


async def test_the_samples_are_what_people_read(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    foreseen = await happens_as_planned(rehearsal, KINDS["day"])
    (sample,) = foreseen.samples
    assert foreseen.due
    rehearsal.clock.move_to(foreseen.due + timedelta(minutes=1))
    await rehearsal.works()
    (sent,) = rehearsal.transports[Channel.EMAIL].taken
    assert (sent.subject, sent.reply.text) == (sample.message.subject, sample.message.reply.text)
    assert "non più giovedì 21 gennaio" in sent.reply.text


async def test_looking_changes_nothing(rehearsal: Rehearsal) -> None:
    await many(rehearsal)
    everything = "SELECT * FROM meetings UNION ALL SELECT * FROM meetings"
    before = await rehearsal.rows(everything), await rehearsal.rows("SELECT * FROM outbox")
    async with rehearsal.database.begin() as tx:  # committed: what the plan tried was taken back by itself
        await plan(tx, desk(rehearsal, PAOLA), SPORT, {"day": LATER, "capacity": 1})
    assert (await rehearsal.rows(everything), await rehearsal.rows("SELECT * FROM outbox")) == before


async def test_who_comes_meanwhile_is_seen_before_it_is_confirmed(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    foreseen = await planned(rehearsal, day=LATER)
    await comes(rehearsal, mail("bice"))

    async def confirmed(seen: Plan) -> None:
        async with rehearsal.database.begin() as tx:
            await confirm(tx, desk(rehearsal, PAOLA), SPORT, {"day": LATER}, seen=seen.version, digest=seen.digest)

    with pytest.raises(PlanChangedError):
        await confirmed(foreseen)
    anew = await planned(rehearsal, day=LATER)
    assert (foreseen.notices, anew.notices) == (1, 2)
    await rehearsal.changes("sport", title="Nuovo titolo")
    with pytest.raises(PlanChangedError):
        await confirmed(anew)
    await confirmed(await planned(rehearsal, day=LATER))


async def test_it_is_taken_back_and_nobody_hears(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    await happens_as_planned(rehearsal, KINDS["day"])
    async with rehearsal.database.begin() as tx:
        undone = await undo(tx, desk(rehearsal, PAOLA), SPORT)
        assert (undone.changed, undone.people) == (("day",), 0)
        with pytest.raises(RefusedError, match="non c'è un cambiamento recente"):
            await undo(tx, desk(rehearsal, PAOLA), SPORT)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(hours=1))
    await rehearsal.works()
    assert not rehearsal.mails
    log = await rehearsal.rows("SELECT action, staff_name FROM audit WHERE subject = 'meeting:2' AND staff_name <> ''")
    assert log == [("meeting_changed", "Paola Prova"), ("meeting_change_undone", "Paola Prova")]


async def test_taken_back_late_only_those_hear_who_were_told(rehearsal: Rehearsal) -> None:
    told = ("ada", "carla", "dina")
    for who in (*told, "bice"):
        await comes(rehearsal, mail(who))
    await happens_as_planned(rehearsal, KINDS["day"])
    await rehearsal.rows(
        "UPDATE outbox SET due_at = '2021-01-15 12:00:00.000000' WHERE value LIKE 'bice%' RETURNING id"
    )
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(minutes=3))
    await rehearsal.works()
    for who in told:
        await rehearsal.association(mail(who).value).gets("non più giovedì 21 gennaio")
    async with rehearsal.database.begin() as tx:
        assert (await undo(tx, desk(rehearsal, PAOLA), SPORT)).people == 3
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(minutes=3))
    await rehearsal.works()
    for who in told:
        await rehearsal.association(mail(who).value).gets("non più giovedì 28 gennaio")
    assert not rehearsal.association(mail("bice").value).mails


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"day": date(2021, 1, 14)}, "già passato"),
        ({"day": None}, "manca il giorno"),
        ({"link": "zoom.example"}, "https://"),
        ({"capacity": 0}, "da 1 in su"),
        ({"duration": "90"}, "in minuti"),
        ({"revision": 9}, "non si può cambiare"),
        ({"hour": None}, "è già così"),
    ],
)
async def test_what_cannot_be_meant_is_said(rehearsal: Rehearsal, values: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        await planned(rehearsal, **values)


async def test_only_the_last_change_is_taken_back_and_then_the_one_before_it(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    first = {"hour": time(17, 30), "link": "https://zoom.example/j/nuovo"}
    await happens_as_planned(rehearsal, first)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(seconds=90))
    await happens_as_planned(rehearsal, KINDS["day"])
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(seconds=90))  # the first is put off with the second

    async def undone() -> tuple[tuple[str, ...], int, int]:
        async with rehearsal.database.begin() as tx:
            change = await undo(tx, desk(rehearsal, PAOLA), SPORT)
        return change.changed, change.people, change.knew

    assert await undone() == (("day",), 1, 0)
    now = await rehearsal.rows(f"SELECT day, hour, link FROM meetings WHERE id = {SPORT}")
    assert now == [("2021-01-21", "17:30:00.000000", "https://zoom.example/j/nuovo")]
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(seconds=90))
    assert await undone() == (("hour", "link"), 0, 0)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(hours=1))
    await rehearsal.works()
    assert not rehearsal.mails


async def test_what_remains_is_told_when_the_last_change_was_taken_back(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    await happens_as_planned(rehearsal, KINDS["hour"])
    await happens_as_planned(rehearsal, KINDS["day"])
    async with rehearsal.database.begin() as tx:
        await undo(tx, desk(rehearsal, PAOLA), SPORT)
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(hours=1))
    await rehearsal.works()
    (sent,) = rehearsal.transports[Channel.EMAIL].taken
    assert "18" in sent.reply.plain
    assert "28 gennaio" not in sent.reply.plain


async def test_who_knew_what_is_taken_back_is_counted_however_they_learnt_it(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    await happens_as_planned(rehearsal, KINDS["hour"])
    rehearsal.clock.move_to(rehearsal.clock() + timedelta(minutes=3))
    await rehearsal.works()  # ada has her notice
    await comes(rehearsal, mail("bice"))  # and bice reads the hour in the confirmation
    async with rehearsal.database.look() as tx:
        foreseen = (await plan_undo(tx, desk(rehearsal, PAOLA), SPORT)).plan
    async with rehearsal.database.begin() as tx:
        change = await undo(tx, desk(rehearsal, PAOLA), SPORT, digest=foreseen.digest)
    assert (change.people, change.knew, foreseen.notices) == (2, 2, 2)


async def test_who_has_not_heard_yet_does_not_count_among_those_who_knew(rehearsal: Rehearsal) -> None:
    await comes(rehearsal, mail("ada"))
    await happens_as_planned(rehearsal, KINDS["day"])
    await happens_as_planned(rehearsal, {"day": date(2021, 1, 29)})
    await comes(rehearsal, mail("bice"))
    async with rehearsal.database.begin() as tx:
        with pytest.raises(PlanChangedError):
            await undo(tx, desk(rehearsal, PAOLA), SPORT, digest="")
    async with rehearsal.database.begin() as tx:
        change = await undo(tx, desk(rehearsal, PAOLA), SPORT)
    assert (change.people, change.knew) == (2, 1)


async def test_two_who_take_back_the_same_change_take_back_one(rehearsal: Rehearsal) -> None:
    await happens_as_planned(rehearsal, KINDS["hour"])
    await happens_as_planned(rehearsal, KINDS["day"])
    async with rehearsal.database.begin() as tx:
        seen = await open_change(tx, rehearsal.clock(), SPORT)
        assert seen is not None
        await undo(tx, desk(rehearsal, PAOLA), SPORT, seen=seen.number)
        with pytest.raises(RefusedError, match="nel frattempo"):
            await undo(tx, desk(rehearsal, PAOLA), SPORT, seen=seen.number)


async def test_what_was_told_at_once_since_is_not_taken_back_with_an_older_change(rehearsal: Rehearsal) -> None:
    await happens_as_planned(rehearsal, KINDS["day"])
    await rehearsal.changes("sport", day=date(2021, 1, 29))  # no grace
    async with rehearsal.database.begin() as tx:
        with pytest.raises(RefusedError, match="non c'è un cambiamento recente"):
            await undo(tx, desk(rehearsal, PAOLA), SPORT)
