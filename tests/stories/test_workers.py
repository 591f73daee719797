"""Several workers on one PostgreSQL: one listens at a time, all send, and whoever falls is replaced within seconds."""

import asyncio
import os
import signal
from collections import Counter
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.app import Roles, open_system
from bot.sandbox.fake_bot_api import BotApi, Limits
from bot.settings import Settings
from bot.web import build_app
from db.election import Election
from db.engine import Database
from db.migrate import migrate
from db.models import inbox
from tests.support.crowd import Crowd, prepare, worker
from tests.support.servers import Postgres, free_port
from tests.support.town import TOKEN, serve, until
from web.app import WEBHOOK_PATH

DUE = 500


@pytest.fixture
def shared_url(postgres: Postgres) -> str:
    """An empty PostgreSQL database."""
    name = f"workers_{os.urandom(4).hex()}"
    postgres.sql(f"CREATE DATABASE {name}")
    return postgres.url(name)


class Ledger:
    """Who did the work, and whether two ever did it at once."""

    def __init__(self) -> None:
        self.now: set[str] = set()
        self.most = 0
        self.order: list[str] = []

    async def work(self, name: str) -> None:
        self.now.add(name)
        self.order.append(name)
        self.most = max(self.most, len(self.now))
        try:
            await asyncio.Event().wait()
        finally:
            self.now.discard(name)


async def test_one_leads_and_another_follows_when_its_session_ends(shared_url: str, postgres: Postgres) -> None:
    ledger, databases = Ledger(), [Database(shared_url) for _ in range(3)]
    elections = [Election(d, "mailbox", partial(ledger.work, str(i))) for i, d in enumerate(databases)]
    tasks = [asyncio.create_task(e.run()) for e in elections]
    await until(lambda: ledger.order, "a leader")
    await asyncio.sleep(2.5)
    assert len(ledger.order) == 1
    assert sum(e.leads for e in elections) == 1
    # The server ends every session, as a restart or a switch-over would.
    postgres.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%SELECT 1%' AND pid <> "
        "pg_backend_pid()"
    )
    await until(lambda: len(ledger.order) > 1, "a new leader")
    # The old one may notice a moment later than the new one begins: twice the work for that moment, which unique keys
    # bear.
    await until(lambda: len(ledger.now) == 1 and sum(e.leads for e in elections) == 1, "one leader again")
    assert ledger.most <= 2
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for database in databases:
        await database.close()


@pytest.mark.endurance
async def test_a_killed_and_a_frozen_poller_are_replaced(shared_url: str, tmp_path: Path) -> None:
    database = Database(shared_url)
    await migrate(database)
    await database.close()
    telegram = BotApi(TOKEN, limits=Limits(0, 0))
    api, api_task, port = await serve(telegram.app)
    workers = [await worker(shared_url, port, tmp_path) for _ in range(3)]
    telegram.person(5, "Anna")
    try:
        await asked(telegram, 5, "quante città ci sono nella rete?", 1)
        for number, blow in ((0, signal.SIGKILL), (1, signal.SIGSTOP)):
            workers[number].send_signal(blow)  # the poller or not: whoever is left must go on
            await asked(telegram, 5, "chi ha firmato il Patto?", number + 2)
        assert len(telegram.chats[5].messages) < 20
    finally:
        for process in workers:
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        await asyncio.gather(*(p.wait() for p in workers))
        await telegram.close()
        api.should_exit = True
        await asyncio.wait({api_task}, timeout=5)


async def asked(telegram: BotApi, chat: int, words: str, answers: int) -> None:
    await telegram.says(chat, words)

    def answered() -> bool:
        said = [m for m in telegram.chats[chat].messages if m.get("from", {}).get("is_bot")]
        return len(said) >= answers

    await until(answered, f"answer {answers}", patience=60)


@pytest.mark.endurance
async def test_four_workers_send_each_reminder_once(shared_url: str, tmp_path: Path) -> None:
    async with Crowd(shared_url, tmp_path, 4, rate="400") as crowd:
        for chat in range(1, DUE + 1):
            crowd.telegram.person(chat, "P").started = True
        await prepare(crowd.database, 1, DUE)
        await crowd.hire()

        def told() -> Counter[int]:
            return Counter({i: len(c.messages) for i, c in crowd.telegram.chats.items()})

        await until(lambda: len(+told()) == DUE, "every reminder", patience=60)
        await crowd.dismiss()
        assert set(told().values()) == {1}


async def test_webhook_replicas_store_each_update_once(shared_url: str) -> None:
    """Telegram repeats a call whose answer it missed, and a balancer may send it to the other replica."""
    settings = Settings(
        _env_file=None,
        database_url=shared_url,
        telegram_token=TOKEN,
        telegram_api_url="http://127.0.0.1:9",
        telegram_mode="webhook",
        telegram_webhook_secret="parola_segreta-1",
    )
    each = [settings.model_copy(update={"port": free_port()}) for _ in range(2)]
    stack = AsyncExitStack()
    opened = [open_system(one, roles=Roles(web=True, worker=False), migrate_first=True) for one in each]
    replicas = [await stack.enter_async_context(replica) for replica in opened]
    transports = [await serve(build_app(r.basis, r.channels)) for r in replicas]
    head = {"X-Telegram-Bot-Api-Secret-Token": "parola_segreta-1"}
    try:
        async with httpx.AsyncClient() as telegram:
            calls = [
                telegram.post(f"http://127.0.0.1:{port}{WEBHOOK_PATH}", headers=head, json={"update_id": number})
                for number in range(1, 41)
                for _, _, port in transports
            ]
            answers = await asyncio.gather(*calls)
        assert {answer.status_code for answer in answers} == {200}
        async with replicas[0].database.begin() as tx:
            keys = (await tx.execute(select(inbox.c.source_key))).scalars().all()
        assert sorted(keys) == sorted(f"telegram:{number}" for number in range(1, 41))
    finally:
        for server, task, _ in transports:
            server.should_exit = True
            await task
        await stack.aclose()
