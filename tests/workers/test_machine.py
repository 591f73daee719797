"""Registrations and the outbox under any order of events: a state machine that hypothesis drives.

Whatever happens (registering, withdrawing, moving a meeting, the clock, workers that die before or after the message
arrived): a message arrives at most once more than it was in doubt, never for somebody who withdrew before it was
written, and whoever is registered when the last reminder is due has heard one, and knows the meeting as it is.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import insert, select

from conversation import office
from conversation.channel import Channel
from conversation.message import Address, Outcome, Outgoing, Receipt
from conversation.times import to_utc
from db.engine import Database
from db.meetings import all_meetings
from db.migrate import migrate
from db.models import RegistrationStatus, meetings, outbox, registrations, sectors
from db.people import add_person
from db.registrations import save_registration, withdraw
from delivery.reminders import Schedule, read_offsets
from knowledge.library import load_library
from office.moving import change_meeting
from workers.outgoing import OutboxWorker

SCHEDULE = Schedule(read_offsets("1d,1h"), read_offsets("1d@9,0d@9"), None)
START = datetime(2021, 1, 15, 8, tzinfo=UTC)
DAYS = [date(2021, 1, 19), date(2021, 1, 21), date(2021, 1, 28)]
PEOPLE = st.integers(1, 3)
MEETINGS = st.integers(1, 2)


class Witness:
    """A transport that remembers what arrived, and answers as it is told."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.fates: list[str] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        fate = self.fates.pop(0) if self.fates else "sent"
        if fate == "lost":
            raise asyncio.CancelledError
        if fate == "later":
            return Receipt(Outcome.LATER, reason="busy", wait=0.0)
        self.arrived[outgoing.key] += 1
        if fate == "dies":
            raise asyncio.CancelledError
        return Receipt(Outcome.SENT, reference="1")


T = TypeVar("T")


class Office(RuleBasedStateMachine):
    """The machine."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'bot.db'}")
        self.now = START
        self.witness = Witness()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        async def work() -> None:
            await migrate(self.database)
            async with self.database.begin() as tx:
                await tx.execute(insert(sectors).values(key="sport", names={"it": "sport"}))
                for day in DAYS[:2]:
                    await tx.execute(insert(meetings).values(sector="sport", day=day, changed_at=START))
                for i in (1, 2, 3):
                    place = Address(Channel.TELEGRAM, str(i))
                    await add_person(tx, place, name="P", language="it", notice_version=1, now=START)

        self.do(work())
        self.hire()

    def hire(self) -> None:
        """A new outbox worker, as after a restart."""
        self.outbox_worker = OutboxWorker(
            self.database, {Channel.TELEGRAM: self.witness}, library=load_library(), schedule=SCHEDULE,
            office=office.Office("x@y.example"), clock=lambda: self.now, lease=timedelta(seconds=5),
        )  # fmt: skip

    @rule(person=PEOPLE, meeting=MEETINGS)
    def register(self, person: int, meeting: int) -> None:
        async def work() -> None:
            async with self.database.begin() as tx:
                await save_registration(
                    tx, person_id=person, meeting_id=meeting, organisation_id=None, participants=1,
                    status=RegistrationStatus.CONFIRMED, source=Channel.TELEGRAM, notice_version=1, now=self.now,
                )  # fmt: skip

        self.do(work())

    @rule(person=PEOPLE, meeting=MEETINGS)
    def gives_up(self, person: int, meeting: int) -> None:
        async def work() -> None:
            async with self.database.begin() as tx:
                query = select(registrations.c.id).where(
                    registrations.c.person_id == person, registrations.c.meeting_id == meeting
                )
                found = (await tx.execute(query)).scalar()
                if found is not None:
                    await withdraw(tx, found, self.now)

        self.do(work())

    @rule(meeting=MEETINGS, day=st.sampled_from(DAYS))
    def move(self, meeting: int, day: date) -> None:
        async def work() -> None:
            async with self.database.begin() as tx:
                await change_meeting(tx, meeting, SCHEDULE, self.now, day=day)

        self.do(work())

    @rule(hours=st.sampled_from([1, 5, 23, 30]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(fates=st.lists(st.sampled_from(["sent", "later", "lost", "dies"]), max_size=4))
    def work_goes_on(self, fates: list[str]) -> None:
        self.witness.fates = list(fates)
        self.cycle()
        if any(f in {"lost", "dies"} for f in fates):
            self.hire()
            self.recover()

    def cycle(self) -> None:
        async def work() -> None:
            for _ in range(4):
                await self.outbox_worker.cycle()
                if self.outbox_worker._tasks:
                    await asyncio.wait(set(self.outbox_worker._tasks), timeout=2)
            await self.outbox_worker._settle_only()

        self.do(work())

    def recover(self) -> None:
        """The lease of a dead worker has run out."""

        async def work() -> None:
            from sqlalchemy import update

            async with self.database.begin() as tx:
                past = datetime.now(UTC) - timedelta(seconds=1)
                await tx.execute(update(outbox).where(outbox.c.state == "sending").values(lease_until=past))
            await self.outbox_worker.recover()

        self.do(work())

    def rows(self, query: Any) -> list[Any]:
        async def work() -> list[Any]:
            async with self.database.begin() as tx:
                return list((await tx.execute(query)).all())

        return self.do(work())

    @invariant()
    def nothing_arrives_more_often_than_it_was_in_doubt(self) -> None:
        for key, doubts in self.rows(select(outbox.c.key, outbox.c.doubts)):
            assert self.witness.arrived[key] <= 1 + doubts, key

    def teardown(self) -> None:
        try:
            if hasattr(self, "outbox_worker"):
                self.the_end()
        finally:
            self.do(self.database.close())
            self.runner.close()
            self.folder.cleanup()

    def the_end(self) -> None:
        """From now on all goes well: hour by hour to the end, and everybody who is registered hears a reminder."""
        self.witness.fates = []
        self.hire()
        self.recover()
        registered = self.rows(
            select(registrations.c.id, registrations.c.active_since, meetings.c.day)
            .select_from(registrations.join(meetings, registrations.c.meeting_id == meetings.c.id))
            .where(registrations.c.status == "confirmed")
        )
        began = self.now
        last = max((to_utc(day, datetime.min.time()) for _, _, day in registered), default=self.now)
        self.cycle()
        self.everybody_knows()
        for due in sorted({d for m in DAYS for _, d in SCHEDULE.due_times(_meeting(m))}):
            if began < due <= last + timedelta(days=1):
                self.now = due
                self.cycle()
        assert self.rows(select(outbox.c.id).where(outbox.c.state == "sending")) == []
        heard = {int(k.split(":")[1].split(".")[0]) for k in self.witness.arrived if k.startswith("reminder:")}
        for registration, since, day in registered:
            dues = [due for _, due in SCHEDULE.due_times(_meeting(day)) if due > max(since, began)]
            if dues:
                assert registration in heard, (registration, since, day)

    def everybody_knows(self) -> None:
        """What each registered person was told last is how the meeting is; unless a notice is parked or has to wait."""

        async def work() -> list[int]:
            async with self.database.begin() as tx:
                waiting = select(outbox.c.registration_id).where(
                    outbox.c.kind == "notice", outbox.c.state.in_(["pending", "sending", "unsure"])
                )
                held = await tx.execute(
                    select(registrations.c.id, registrations.c.meeting_id, registrations.c.told).where(
                        registrations.c.status == "confirmed", registrations.c.id.not_in(waiting)
                    )
                )
                by_id = {m.id: m for m in await all_meetings(tx) if not m.is_over(self.now)}
                return [r.id for r in held if r.meeting_id in by_id and by_id[r.meeting_id].differs_from(r.told)]

        assert self.do(work()) == []


def _meeting(day: date) -> Any:
    from conversation.meeting import Meeting

    return Meeting(1, "sport", "", day)


TestOffice = Office.TestCase
TestOffice.settings = settings(
    max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
