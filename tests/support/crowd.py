"""Real worker processes that can be killed, and what they left behind."""

import asyncio
import os
import random
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import delete, func, insert, select

from bot.sandbox.fake_bot_api import BotApi, Limits
from db.engine import Database, Transaction
from db.migrate import migrate
from db.models import Kind, Lane, addresses, meetings, outbox, people, registrations, sectors
from db.outbox import uncertain_rows
from delivery.reminders import reminder_key
from tests.support.town import TOKEN, serve

#: More than can be with the Bot API at one time: the sender's own limit.
IN_FLIGHT = 24
ROOT = Path(__file__).parents[2]


async def prepare(database: Database, start: int, due: int, *, chats: int | None = None) -> None:
    """``due`` registrations, numbered from ``start``, with a reminder due now.

    Each of another person; or of so many ``chats``, some of whom come to a second meeting.
    """
    now, persons = datetime.now(UTC), range(start, start + (chats or due))
    async with database.begin() as tx:
        for table in (outbox, registrations, addresses, people):
            await tx.execute(delete(table))
        attended = await _meetings(tx, -(-due // len(persons)), now)
        named = {"name": "P", "language": "it", "created_at": now}
        await tx.execute(insert(people), [named | {"id": i} for i in persons])
        reached = {"channel": "telegram", "used_at": now}
        await tx.execute(insert(addresses), [reached | {"person_id": i, "value": str(i)} for i in persons])
        each = [(start + n, persons[n % len(persons)], attended[n // len(persons)]) for n in range(due)]
        state = {"status": "confirmed", "source": "telegram", "planned": True}
        state |= {"registered_at": now, "active_since": now, "changed_at": now}
        await tx.execute(
            insert(registrations), [state | {"id": i, "person_id": who, "meeting_id": at} for i, who, at in each]
        )
        reminder = {"lane": Lane.BULK.value, "kind": Kind.REMINDER.value, "channel": "telegram", "due_at": now}
        rows = [
            reminder | {"key": reminder_key(i, 1, 1, "test"), "person_id": who, "registration_id": i, "value": str(who)}
            for i, who, _ in each
        ]
        await tx.execute(insert(outbox), rows)


async def _meetings(tx: Transaction, count: int, now: datetime) -> list[int]:
    """The numbers of so many."""
    if (await tx.execute(select(sectors))).first() is None:
        await tx.execute(insert(sectors).values(key="sport", names={"it": "associazioni sportive"}))
        one = {"sector": "sport", "day": (now + timedelta(days=2)).date(), "link": "https://zoom.example/j/sport"}
        # Changed long ago: a reminder waits while a change of its meeting may still be taken back.
        one |= {"changed_at": now - timedelta(hours=1)}
        await tx.execute(insert(meetings), [one] * count)
    return list((await tx.execute(select(meetings.c.id).order_by(meetings.c.id))).scalars())


async def worker(
    database_url: str, api_port: int, folder: Path, *, rate: str = "400", **settings: str
) -> asyncio.subprocess.Process:
    """One ``python -m bot worker``; ``settings`` are more of its environment."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{api_port}",
        "TELEGRAM_RATE": rate,
        "TELEGRAM_CHAT_SECONDS": "0",
        "QUIET_HOURS": "-",
        "OUTBOX_LEASE_SECONDS": "5",
        "XDG_STATE_HOME": str(folder),
    } | settings
    with (folder / "worker.log").open("ab") as log:
        command = [sys.executable, "-m", "bot", "worker"]
        return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=log, stderr=log)


class Crowd:
    """Workers on one database, with the Bot API that they send to."""

    def __init__(self, database_url: str, folder: Path, size: int, *, rate: str, **settings: str) -> None:
        self.url, self.folder, self.size, self.rate, self.settings = database_url, folder, size, rate, settings
        self.telegram = BotApi(TOKEN, limits=Limits(0, 0))
        self.database = Database(database_url)
        self.workers: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Self:
        self.server, self.task, self.port = await serve(self.telegram.app)
        await migrate(self.database)
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self.workers:
            if process.returncode is None:
                process.kill()
                await process.wait()
        await self.database.close()
        await self.telegram.close()
        self.server.should_exit = True
        await self.task

    async def hire(self) -> None:
        while len(self.workers) < self.size:
            self.workers.append(await worker(self.url, self.port, self.folder, rate=self.rate, **self.settings))

    async def strike(self, blow: signal.Signals, chance: random.Random) -> None:
        """Let one of the workers fall, and another take its place."""
        victim = self.workers.pop(chance.randrange(len(self.workers)))
        victim.send_signal(blow)
        await asyncio.wait_for(victim.wait(), 60)
        await self.hire()

    async def dismiss(self) -> None:
        """Stop all politely."""
        for process in self.workers:
            process.terminate()
        await asyncio.gather(*(p.wait() for p in self.workers))
        self.workers.clear()

    async def left(self) -> int:
        """How many are neither sent nor parked for staff."""
        async with self.database.begin() as tx:
            query = select(func.count()).select_from(outbox).where(outbox.c.state.in_(["pending", "sending"]))
            return int((await tx.execute(query)).scalar_one())

    async def parked(self) -> set[int]:
        """The chats whose message was in doubt twice: listed, and not sent a third time."""
        async with self.database.begin() as tx:
            rows = (await tx.execute(select(outbox.c.value).where(outbox.c.state == "unsure"))).all()
            return {int(row[0]) for row in rows}

    async def listed(self) -> set[int]:
        async with self.database.begin() as tx:
            return {int(row["key"].split(":")[1].split(".")[0]) for row in await uncertain_rows(tx)}
