"""A month in a minute: what ``forecast`` lists on the first day is what is sent, when it says, and nothing else."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import insert

from bot.settings import Settings
from conversation.channel import Channel
from conversation.message import Outcome, Outgoing, Receipt
from conversation.times import ROME
from db.engine import Database
from db.models import addresses, meetings, people, registrations, sectors
from office.forecast import foresee
from tests.support.outbox_workers import in_flight, make_outbox_worker

#: Over the night of 28 March 2021, when Italy's clocks went forward.
BEGIN, END = datetime(2021, 3, 5, 9, tzinfo=ROME), datetime(2021, 4, 6, 9, tzinfo=ROME)
STEP = timedelta(hours=1)
#: Days and hours; some so early that quiet hours push several reminders together, two around the short night.
MEETINGS = [
    (date(2021, 3, 12), time(18)),
    (date(2021, 3, 19), None),
    (date(2021, 3, 24), time(7, 30)),
    (date(2021, 3, 26), time(8, 15)),
    (date(2021, 3, 28), time(3, 30)),
    (date(2021, 3, 29), time(10)),
    (date(2021, 4, 5), time(23, 30)),
]


@dataclass
class Watch:
    """A clock that is moved by hand, and two transports that note what leaves when."""

    now: datetime = BEGIN
    sent: list[tuple[datetime, str, str]] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)

    async def send(self, outgoing: Outgoing) -> Receipt:
        self.sent.append((self.now, outgoing.address.value, outgoing.key))
        return Receipt(Outcome.SENT)


async def settle_town(database: Database, chance: random.Random) -> None:
    """Twenty-five people with one or two channels, each registered for some of the meetings."""
    async with database.begin() as tx:
        await tx.execute(insert(sectors).values(key="sport", names={"it": "associazioni sportive"}))
        for number, (day, hour) in enumerate(MEETINGS, 1):
            row = {"id": number, "sector": "sport", "day": day, "hour": hour, "link": "https://zoom.example/j/x"}
            await tx.execute(insert(meetings).values(row | {"changed_at": BEGIN}))
        for person in range(1, 26):
            await tx.execute(insert(people).values(id=person, name="P", language="it", created_at=BEGIN))
            channels = chance.choice((["telegram"], ["email"], ["telegram", "email"]))
            for order, channel in enumerate(channels):
                value = str(person) if channel == "telegram" else f"p{person}@posta.example"
                used = BEGIN + timedelta(minutes=order)
                await tx.execute(insert(addresses).values(person_id=person, channel=channel, value=value, used_at=used))
            for meeting in chance.sample(range(1, len(MEETINGS) + 1), chance.randint(1, 4)):
                at = BEGIN - timedelta(hours=chance.randint(1, 50))
                row = {"person_id": person, "meeting_id": meeting, "status": "confirmed", "source": "telegram"}
                times = dict.fromkeys(("registered_at", "active_since", "changed_at"), at)
                await tx.execute(insert(registrations).values(row | times))


@pytest.mark.endurance
async def test_what_is_forecast_for_a_month_is_what_is_sent(one_database: Database) -> None:
    await settle_town(one_database, random.Random(28))
    settings, watch = Settings(_env_file=None), Watch()
    foreseen = await foresee(one_database, settings.schedule, watch())
    assert len(foreseen) > 80
    transports = {Channel.TELEGRAM: watch, Channel.EMAIL: watch}
    worker = make_outbox_worker(one_database, transports, schedule=settings.schedule, clock=watch)
    while watch.now < END:
        while await worker.cycle() or in_flight(worker):
            await asyncio.sleep(0)
        await worker.expire()
        watch.now += STEP
    promised = sorted((row["due_at"].astimezone(ROME), row["address"]) for row in foreseen)
    kept = sorted((at, address) for at, address, _ in watch.sent)
    assert len(kept) == len(promised)
    # Each within one step of this clock.
    late = [(due, at) for (due, _), (at, _) in zip(promised, kept, strict=True) if not due <= at < due + STEP]
    assert late == []
    assert sorted(a for _, a in kept) == sorted(a for _, a in promised)
    assert len({key for _, _, key in watch.sent}) == len(watch.sent)
    local = [at.timetz() for at, _ in promised]
    assert all(time(8) <= t.replace(tzinfo=None) < time(21) for t in local), "quiet hours"
