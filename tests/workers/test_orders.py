"""Orders of events in which somebody once heard something twice, too late, at night, or of a meeting that is over."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from conversation.channel import Channel
from conversation.message import Address, DeliveryReport, DeliveryStatus, Outcome, Outgoing, Receipt, Reply
from conversation.office import Office
from conversation.times import ROME, to_utc
from db import heartbeats, outbox
from db.addresses import addresses_of, touch_address
from db.engine import Database
from db.models import Lane, RegistrationStatus, registrations, sectors
from db.models import outbox as outbox_table
from db.people import add_person
from db.periods import Periods
from db.personal_data import join_people
from db.registrations import save_registration
from db.retention import forget
from delivery.reminders import Schedule, read_offsets
from handlers.bounces import take_back
from knowledge.library import load_library
from office.moving import change_meeting
from tests.support.outbox_workers import in_flight, make_outbox_worker
from workers.heartbeat import Witness, look_back

SCHEDULE = Schedule(read_offsets("7d,1d,1h"), read_offsets("1d@9,0d@9"), (time(21), time(8)))
PERIODS = Periods.of(months=12, days=90, audit_months=24, mail_days=7)
FIRST = to_utc(date(2027, 1, 10), time(10))


class Hall:
    """A town of one meeting, below the sockets: its clock, its database, a transport that remembers what went out."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, FIRST
        self.sent: list[Outgoing] = []
        self.meeting = 0
        self.before_sending: Callable[[Outgoing], Awaitable[Receipt]] | None = None

    async def send(self, outgoing: Outgoing) -> Receipt:
        if self.before_sending is not None:
            return await self.before_sending(outgoing)
        self.sent.append(outgoing)
        return Receipt(Outcome.SENT, reference="1")

    async def opens(self, **values: Any) -> None:
        from db.models import meetings

        row = {"sector": "sport", "day": date(2027, 1, 20), "hour": time(17, 30), "changed_at": self.now} | values
        async with self.database.begin() as tx:
            await tx.execute(insert(sectors).values(key="sport", names={"it": "sport"}))
            self.meeting = (await tx.execute(insert(meetings).values(row).returning(meetings.c.id))).scalar_one()

    async def person(self, name: str, *, at: Channel = Channel.TELEGRAM) -> int:
        async with self.database.begin() as tx:
            place = Address(at, name)
            return (await add_person(tx, place, name="P", language="it", notice_version=1, now=self.now)).id

    async def comes(self, person: int, number: int = 1, *, waits: bool = False) -> None:
        status = RegistrationStatus.WAITLISTED if waits else RegistrationStatus.CONFIRMED
        async with self.database.begin() as tx:
            await save_registration(
                tx, person_id=person, meeting_id=self.meeting, organisation_id=None, participants=number,
                status=status, source=Channel.TELEGRAM, notice_version=1, now=self.now,
            )  # fmt: skip

    async def changes(self, **values: Any) -> None:
        async with self.database.begin() as tx:
            await change_meeting(tx, self.meeting, SCHEDULE, self.now, **values)

    async def status(self, person: int) -> str:
        async with self.database.begin() as tx:
            query = select(registrations.c.status).where(registrations.c.person_id == person)
            return str((await tx.execute(query)).scalar())

    async def goes(self, day: date, hour: time) -> list[str]:
        """The clock moves there and the worker works; what was said, by its key."""
        self.now = to_utc(day, hour)
        return await self.works()

    async def works(self) -> list[str]:
        before = len(self.sent)
        transports = {Channel.TELEGRAM: self, Channel.EMAIL: self}
        worker = make_outbox_worker(self.database, transports, schedule=SCHEDULE, clock=lambda: self.now)
        for _ in range(4):
            await worker.cycle()
            while in_flight(worker) and len(worker._results) < in_flight(worker):
                await asyncio.sleep(0.01)
        await worker._settle_only()
        return [o.key for o in self.sent[before:]]


@pytest.fixture
def hall(database: Database) -> Hall:
    return Hall(database)


async def test_to_the_waiting_list_and_back_each_reminder_goes_once(hall: Hall) -> None:
    await hall.opens(capacity=10)
    ada = await hall.person("1")
    await hall.comes(ada, 2)
    await hall.works()
    await hall.comes(ada, 12, waits=True)
    await hall.comes(ada, 3)
    said = [await hall.goes(date(2027, 1, d), time(h, 31)) for d, h in ((13, 17), (19, 17), (20, 16))]
    assert [len(keys) for keys in said] == [1, 1, 1]


async def test_nobody_gets_a_seat_at_a_meeting_that_is_over(hall: Hall) -> None:
    await hall.opens(capacity=1)
    bruno, ada = await hall.person("1"), await hall.person("2")
    await hall.comes(bruno)
    await hall.comes(ada, waits=True)
    await hall.works()
    hall.now = to_utc(date(2028, 2, 1), time(3, 30))
    async with hall.database.begin() as tx:
        await touch_address(tx, Address(Channel.TELEGRAM, "2"), hall.now)
    assert await forget(hall.database, hall.now, PERIODS) == 1
    assert await hall.works() == []


async def test_nobody_gets_a_seat_at_a_cancelled_meeting(hall: Hall) -> None:
    await hall.opens(capacity=1, cancelled=True)
    ada = await hall.person("2")
    await hall.comes(ada, waits=True)
    await hall.changes(capacity=5, cancelled=True)
    assert await hall.works() == []
    assert await hall.status(ada) == "waitlisted"


async def test_a_meeting_put_off_at_the_last_moment_is_told_before_it_would_have_begun(hall: Hall) -> None:
    await hall.opens(hour=time(21, 30))
    await hall.comes(await hall.person("1"))
    await hall.works()
    hall.now = to_utc(date(2027, 1, 20), time(21, 1))
    await hall.changes(day=date(2027, 1, 27))
    assert len(await hall.works()) == 1


async def test_two_addresses_become_one_person_and_the_seat_is_given_away(hall: Hall) -> None:
    await hall.opens(capacity=2)
    first, second, third = await hall.person("1"), await hall.person("2"), await hall.person("3")
    await hall.comes(first)
    await hall.comes(second)
    await hall.comes(third, waits=True)
    async with hall.database.begin() as tx:
        await join_people(tx, first, second, hall.now)
    assert await hall.status(third) == "confirmed"


async def test_a_change_is_not_told_after_the_meeting(hall: Hall) -> None:
    await hall.opens(hour=time(9))
    await hall.comes(await hall.person("1"))
    hall.now = to_utc(date(2027, 1, 18), time(23))
    await hall.changes(link="https://zoom.example/new")
    assert await hall.goes(date(2027, 1, 22), time(9)) == []


async def test_a_worker_that_comes_back_at_night_waits_for_the_morning(hall: Hall) -> None:
    await hall.opens()
    await hall.comes(await hall.person("1"))
    await hall.works()
    assert await hall.goes(date(2027, 1, 14), time(3)) == []
    assert len(await hall.goes(date(2027, 1, 14), time(8, 1))) == 1


async def test_a_reminder_at_the_transport_when_the_meeting_moves_is_not_tried_again(hall: Hall) -> None:
    await hall.opens()
    await hall.comes(await hall.person("1"))
    await hall.works()

    async def refuse(_outgoing: Outgoing) -> Receipt:
        hall.before_sending = None
        await hall.changes(day=date(2027, 1, 27))
        return Receipt(Outcome.LATER, reason="busy", wait=0.0)

    hall.before_sending = refuse
    await hall.goes(date(2027, 1, 20), time(16, 31))
    await hall.works()
    assert [o.key.partition(":")[0] for o in hall.sent] == ["notice"]


async def test_pieces_of_one_answer_stay_in_order_with_two_workers(hall: Hall) -> None:
    async with hall.database.begin() as tx:
        for number in range(2):
            await outbox.queue_reply(tx, f"k{number}", Address(Channel.TELEGRAM, "1"), Reply("x"), now=hall.now)
    claim = partial(outbox.claim, lane=Lane.REPLY, now=hall.now, lease=timedelta(minutes=1), limit=9)
    async with hall.database.begin() as tx:
        assert [row.key for row in await claim(tx, real_now=datetime.now(UTC))] == ["k0"]
    async with hall.database.begin() as tx:  # another worker, while the first piece is on its way
        assert await claim(tx, real_now=datetime.now(UTC)) == []


async def test_what_was_held_for_long_is_not_given_up_at_once(hall: Hall) -> None:
    async with hall.database.begin() as tx:
        due = hall.now - timedelta(days=6)
        await outbox.queue_reply(tx, "k", Address(Channel.TELEGRAM, "1"), Reply("x"), now=due)

    async def refuse(_outgoing: Outgoing) -> Receipt:
        hall.before_sending = None
        return Receipt(Outcome.LATER, reason="a moment", wait=0.0)

    hall.before_sending = refuse
    await hall.works()
    assert [o.key for o in hall.sent] == ["k"]


async def test_a_second_long_stop_is_held_like_the_first(hall: Hall, tmp_path: Path) -> None:
    """Also a copy that was made while something was held."""
    now = datetime.now(UTC)
    async with hall.database.begin() as tx:
        await heartbeats.beat(tx, {heartbeats.WORKER: now - timedelta(days=30)})
        await heartbeats.hold(tx, now - timedelta(days=30), "stopped")
        due = now - timedelta(days=2)
        await outbox.queue_reply(tx, "answered long ago", Address(Channel.TELEGRAM, "1"), Reply("x"), now=due)
    witness = Witness("sqlite:///x", tmp_path)
    witness.write(now)
    longest = timedelta(hours=12)
    await look_back(hall.database, witness, now=now, longest_stop=longest, library=load_library(), office=Office(""))
    async with hall.database.begin() as tx:
        held = await heartbeats.held_before(tx)
    assert held
    assert held[0] > due


async def test_an_address_that_died_worked_and_dies_again_is_stopped_again(hall: Hall) -> None:
    place = Address(Channel.EMAIL, "club@x.example")
    person = await hall.person(place.value, at=Channel.EMAIL)
    async with hall.database.begin() as tx:
        for number in range(4):
            row = {"key": f"k{number}", "lane": "bulk", "kind": "reminder", "person_id": person, "channel": "email"}
            row |= {"value": place.value, "due_at": hall.now, "state": "sent", "reference": f"<m{number}@o.example>"}
            await tx.execute(insert(outbox_table).values(row))

    async def bounces(number: int) -> bool:
        report = DeliveryReport(DeliveryStatus.HARD, (f"<m{number}@o.example>",), (), "5.1.1")
        office = Office("bot@o.example", "staff@o.example")
        hall.now += timedelta(days=1)
        async with hall.database.begin() as tx:
            await take_back(tx, report, library=load_library(), office=office, now=hall.now)
            return not await addresses_of(tx, person)

    assert [await bounces(0), await bounces(1)] == [False, True]
    async with hall.database.begin() as tx:
        await touch_address(tx, place, hall.now + timedelta(hours=1))
    assert [await bounces(2), await bounces(3)] == [False, True]


def test_the_quiet_hours_of_rome() -> None:
    night = datetime(2027, 1, 14, 3, tzinfo=ROME)
    assert SCHEDULE.disturbs_from(night, None) == datetime(2027, 1, 14, 8, tzinfo=ROME)
    assert SCHEDULE.disturbs_from(night, datetime(2027, 1, 14, 9, tzinfo=ROME)) == night
