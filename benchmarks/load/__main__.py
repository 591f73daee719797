"""Measures the bot beside its peers and prints a table with ratios.

Figures on a shared machine wander; the ratio of two runs side by side says more. Each pair is run in turn, ``ROUNDS``
times, and the median is shown.
"""

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot.sandbox.fake_bot_api import BotApi, Limits
from conversation.understanding.classifier import open_classifier
from db.engine import Database
from db.migrate import migrate
from knowledge.library import load_library
from tests.support.crowd import prepare
from tests.support.servers import PASSWORD, start_mail_servers, why_no_mail_servers
from tests.support.town import OFFICE, TOKEN, serve, until

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("ROUNDS", "3"))
REST = int(os.environ.get("REST", "60"))
#: Seconds until a bot that has just started is at rest: what its handlers know is loaded.
SETTLING = int(os.environ.get("SETTLING", "30"))
TURNS = int(os.environ.get("TURNS", "600"))
LONE = int(os.environ.get("LONE", "20"))
SENDINGS = int(os.environ.get("SENDINGS", "500"))
MAILS = int(os.environ.get("MAILS", "2000"))
ROWS = int(os.environ.get("ROWS", "3000"))


#: What each figure should be, by its name: "Speed" in docs/measurements.md. Wall milliseconds are of a quiet machine.
GOALS = {
    "cpu_ratio": ("a turn in a flood, CPU ÷ honest peer", "≤", 2.2),
    "lone_cpu_ratio": ("a turn at one a second, CPU ÷ honest peer", "≤", 2.5),
    "p50_ratio": ("update → answer at one a second, median ÷ honest peer", "≤", 2.5),
    "p95_ratio": ("the same, 95 %", "≤", 3.5),
    "claims_ratio": ("outbox rows a second, PostgreSQL ÷ procrastinate", "≥", 4),
    "sqlite_ratio": ("outbox rows a second, SQLite ÷ PostgreSQL", "≥", 1.8),
    "rest": ("at rest, CPU seconds a minute", "≤", 0.1),
    "start_ratio": ("start to ready, CPU ÷ the bare PTB echo bot", "≤", 1.9),
    "mail_ratio": ("mailbox read durably ÷ bare loop", "≥", 0.7),
    "metrics": ("/metrics at the largest size, ms", "≤", 20),
    "forecast": ("the forecast's first page at the largest size, ms", "≤", 20),
    "rss": ("memory after all those turns, MB", "≤", 160),
}
#: The CPU seconds in a line that says "ready".
_CPU = re.compile(r'(?:ready|"cpu_seconds":) (\d+\.\d+)')


@dataclass
class Process:
    """A child and what it has used."""

    process: asyncio.subprocess.Process
    #: CPU seconds until it was ready, as it says itself: by the time that is read it may have gone on.
    until_ready: float

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    def private(self) -> float:
        """MB that are this process's alone: what is mapped from files and not written to is not counted."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text()
        return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_")) / 1024

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()


async def start(*command: str, ready: str, **environment: str) -> Process:
    env = {"PATH": os.environ["PATH"], **environment}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    while True:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        if not line:
            raise RuntimeError(f"{command} ended before it was ready")
        if ready in line.decode():
            return Process(process, float(_CPU.findall(line.decode())[0]))


async def peer(*arguments: str) -> tuple[float, float]:
    """Run a peer that measures itself to its end: its seconds and its second figure."""
    command = [sys.executable, "-m", "benchmarks.load.peers", *arguments]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    _, seconds, figure = out.split()[-3:]
    return float(seconds), float(figure)


def bot(folder: str, port: int, **more: str) -> Awaitable[Process]:
    given = {
        "DATABASE_URL": f"sqlite:///{folder}/bot.db",
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{port}",
        "QUIET_HOURS": "-",
        "PORT": "0",
    }
    return start("-m", "bot", "run", ready="ready", **(given | more))


def peer_bot(name: str, port: int, *more: str) -> Awaitable[Process]:
    return start("-m", "benchmarks.load.peers", name, TOKEN, f"http://127.0.0.1:{port}", *more, ready="ready")


def median(values: list[float]) -> float:
    return statistics.median(values)


def late(values: list[float]) -> float:
    """The 95th of a hundred."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def row(*cells: Any) -> None:
    print("| " + " | ".join(f"{c:.2f}" if isinstance(c, float) else str(c) for c in cells) + " |", flush=True)


async def cold_start() -> dict[str, Any]:
    """CPU seconds and memory from exec to "ready"."""
    stub = BotApi(TOKEN, limits=Limits(0, 0))
    server, task, port = await serve(stub.app)
    cpu: dict[str, list[float]] = {"luccabot": [], "aiogram": [], "ptb": []}
    rss: dict[str, list[float]] = {name: [] for name in cpu}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            await migrate(database := Database(f"sqlite:///{folder}/bot.db"))
            await database.close()
            for name, make in (
                ("luccabot", partial(bot, folder, port)),
                ("aiogram", partial(peer_bot, "aiogram_echo", port)),
                ("ptb", partial(peer_bot, "ptb_echo", port)),
            ):
                child = await make()
                cpu[name].append(child.until_ready)
                rss[name].append(child.rss())
                await child.stop()
    await stub.close()
    server.should_exit = True
    await task
    print("\n## Cold start to ready\n\n| bot | CPU s | best | RSS MB |\n|---|---|---|---|")
    for name in cpu:
        row(name, median(cpu[name]), min(cpu[name]), median(rss[name]))
    return {"cpu": median(cpu["luccabot"]), "start_ratio": median(cpu["luccabot"]) / median(cpu["ptb"])}


async def rest() -> dict[str, Any]:
    """CPU seconds a minute of a bot to which nobody writes."""
    stub = BotApi(TOKEN, limits=Limits(0, 0))
    server, task, port = await serve(stub.app)
    spent: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        await migrate(database := Database(f"sqlite:///{folder}/bot.db"))
        await database.close()
        for name in ("luccabot", "ptb, stored", "aiogram, echo", "ptb, echo"):
            child = await BOTS[name](folder, port)
            await asyncio.sleep(SETTLING)
            before = child.cpu()
            await asyncio.sleep(REST)
            spent[name] = (child.cpu() - before) * 60 / REST
            await child.stop()
    await stub.close()
    server.should_exit = True
    await task
    print(f"\n## At rest ({REST} s)\n\n| bot | CPU s a minute |\n|---|---|")
    for name, seconds in spent.items():
        row(name, seconds)
    return {"rest": spent["luccabot"]}


QUESTION = "che cos'è il patto per l'apprendimento permanente?"
#: Two that store what came in and what goes out, and two that only echo.
BOTS: dict[str, Callable[[str, int], Awaitable[Process]]] = {
    "luccabot": lambda folder, port: bot(folder, port, TELEGRAM_RATE="100000", TELEGRAM_CHAT_SECONDS="0"),
    "ptb, stored": lambda folder, port: peer_bot("ptb_stored", port, f"{folder}/peer.db"),
    "ptb, echo": lambda _folder, port: peer_bot("ptb_echo", port),
    "aiogram, echo": lambda _folder, port: peer_bot("aiogram_echo", port),
}


@asynccontextmanager
async def running(name: str) -> AsyncIterator[tuple[Process, BotApi]]:
    """One of the bots on a server and a database of its own, at rest."""
    stub = BotApi(TOKEN, limits=Limits(0, 0))
    server, task, port = await serve(stub.app)
    with tempfile.TemporaryDirectory() as folder:
        child = await BOTS[name](folder, port)
        stub.person(1, "P")
        try:
            await ask(stub, 1)  # what it answers with is loaded
            yield child, stub
        finally:
            await child.stop()
    await stub.close()
    server.should_exit = True
    await task


async def ask(stub: BotApi, chat: int) -> float:
    """Seconds until the answer."""
    begun = time.perf_counter()
    await stub.says(chat, QUESTION)
    await answered(stub, [chat])
    return time.perf_counter() - begun


async def answered(stub: BotApi, chats: Sequence[int]) -> None:
    async with asyncio.timeout(120):
        while not all(len(stub.chats[c].messages) > 1 for c in chats):
            await asyncio.sleep(0.001)


async def turns() -> dict[str, Any]:
    """What an answer through the Bot API costs when all ask at once, and when one asks every second."""
    rates: dict[str, list[float]] = {name: [] for name in BOTS}
    flood: dict[str, list[float]] = {name: [] for name in BOTS}
    lone: dict[str, list[float]] = {name: [] for name in BOTS}
    waited: dict[str, list[float]] = {name: [] for name in BOTS}
    rss: dict[str, list[float]] = {name: [] for name in BOTS}
    private: dict[str, list[float]] = {name: [] for name in BOTS}
    for _ in range(ROUNDS):
        for name in BOTS:
            async with running(name) as (child, stub):
                chats = range(1000, 1000 + TURNS)
                for chat in [*chats, *range(10, 10 + LONE)]:
                    stub.person(chat, "P")
                before, begun = child.cpu(), time.perf_counter()
                for chat in chats:
                    await stub.says(chat, QUESTION)
                await answered(stub, chats)
                rates[name].append(TURNS / (time.perf_counter() - begun))
                flood[name].append((child.cpu() - before) * 1000 / TURNS)
                await asyncio.sleep(1)
                before = child.cpu()
                for chat in range(10, 10 + LONE):
                    waited[name].append(await ask(stub, chat) * 1000)
                    await asyncio.sleep(1)
                lone[name].append((child.cpu() - before) * 1000 / LONE)
                rss[name].append(child.rss())
                private[name].append(child.private())
    print(
        f"\n## Turns through the Bot API ({TURNS} at once, {LONE} one a second)\n\n"
        "| bot | answers/s | CPU ms each | CPU ms each, one a second | ms until the answer | p95 | RSS MB | private |"
        "\n|---|---|---|---|---|---|---|---|"
    )
    for name in BOTS:
        costs = (median(found[name]) for found in (rates, flood, lone, waited))
        row(name, *costs, late(waited[name]), median(rss[name]), median(private[name]))
    ours, theirs = waited["luccabot"], waited["ptb, stored"]
    return {
        "turns": median(rates["luccabot"]),
        "cpu_ratio": median(flood["luccabot"]) / median(flood["ptb, stored"]),
        "lone_cpu_ratio": median(lone["luccabot"]) / median(lone["ptb, stored"]),
        "p50_ratio": median(ours) / median(theirs),
        "p95_ratio": late(ours) / late(theirs),
        "rss": median(rss["luccabot"]),
    }


async def fill_reminders(url: str, first: int, count: int) -> None:
    """``count`` reminders due now to nine tenths as many chats: one in ten gets two in a row."""
    database = Database(url)
    await migrate(database)
    await prepare(database, first, count, chats=count * 9 // 10)
    await database.close()


async def reminders() -> dict[str, Any]:
    """Reminders a second against a server that enforces 30/s and 1/s a chat, and how many refusals it took."""
    ours: list[tuple[float, int, int]] = []
    theirs: list[tuple[float, int, int]] = []
    for _ in range(max(1, ROUNDS - 1)):
        for result in (ours, theirs):
            stub = BotApi(TOKEN, limits=Limits(30, 1))
            server, task, port = await serve(stub.app)
            first = 1000
            for n in range(SENDINGS):
                stub.person(first + n, "P").started = True

            def got(s: BotApi = stub) -> int:
                return sum(len(c.messages) for c in s.chats.values())

            with tempfile.TemporaryDirectory() as folder:
                if result is ours:
                    await fill_reminders(f"sqlite:///{folder}/bot.db", first, SENDINGS)
                    child = await bot(folder, port)
                    await until(got, "the first", patience=30)
                    begun, already = time.perf_counter(), got()
                    await until(lambda: got() == SENDINGS, "all reminders", patience=240)
                    seconds = time.perf_counter() - begun
                    result.append(((SENDINGS - already) / seconds, stub.refusals, SENDINGS - got()))
                    await child.stop()
                else:
                    seconds, lost = await peer(
                        "ptb_broadcast", TOKEN, f"http://127.0.0.1:{port}", str(first), str(SENDINGS)
                    )
                    result.append(((SENDINGS - lost) / seconds, stub.refusals, int(lost)))
            await stub.close()
            server.should_exit = True
            await task
    print(
        f"\n## {SENDINGS} reminders, server enforcing 30/s overall and 1/s a chat\n\n| sender | messages/s | "
        f"429s | lost |\n|---|---|---|---|"
    )
    for name, found in (("luccabot", ours), ("PTB AIORateLimiter", theirs)):
        row(name, median([f[0] for f in found]), int(median([f[1] for f in found])), int(median([f[2] for f in found])))
    return {"reminders": median([f[0] for f in ours]), "429s": int(median([f[1] for f in ours]))}


def mail(n: int) -> bytes:
    body = (
        "Buongiorno,\nsiamo un'associazione e vorremmo sapere quando è il prossimo incontro dedicato ai "
        "musei.\nGrazie\nMarta Prova\n" * 4
    )
    head = (
        f"From: P{n} <p{n}@posta.example>\nTo: {OFFICE}\nSubject: Domanda {n}\nDate: Fri, 15 Jan 2021 "
        f"09:00:00 +0100\nMessage-ID: <{n}@posta.example>\n"
    )
    return (
        head + "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" + body
    ).encode()


async def mailbox() -> dict[str, Any]:
    """Mails a second from Dovecot into our inbox table, beside a bare fetch-and-parse loop."""
    reason = why_no_mail_servers()
    if reason:
        print(f"\n## Mailbox: skipped, {reason}")
        return {}
    from mail.imap.listening import Listener
    from mail.server import Folders, read_server

    rates: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory(prefix="lucca-bench-", dir="/tmp") as folder:
        servers = start_mail_servers(Path(folder))
        try:
            new = servers.maildir(OFFICE) / "new"
            new.mkdir(parents=True)
            for n in range(MAILS):
                (new / f"{1600000000 + n}.M{n}.host").write_bytes(mail(n))
            subprocess.run(["chown", "-R", "vmail:vmail", servers.folder / "mail"], check=True)
            for attempt in range(ROUNDS + 1):
                seconds, count = await peer("imap_loop", "127.0.0.1", str(servers.imap_port), OFFICE, PASSWORD)
                database = Database(f"sqlite:///{folder}/bench{attempt}.db")
                await migrate(database)
                ours = await read_all(
                    database,
                    read_server(
                        f"imap://{OFFICE.replace('@', '%40')}:{PASSWORD}@127.0.0.1:{servers.imap_port}/INBOX",
                        "IMAP_URL",
                    ),
                    Listener,
                    Folders,
                )
                await database.close()
                if attempt:  # the first round warms Dovecot's index
                    bare.append(count / seconds)
                    rates.append(ours)
        finally:
            servers.stop()
    print(f"\n## {MAILS} mails from Dovecot\n\n| reader | mails/s | ratio to the bare loop |\n|---|---|---|")
    row("bare IMAPClient fetch + parse", median(bare), 1.0)
    row("luccabot: fetch + parse the headers + store durably", median(rates), median(rates) / median(bare))
    return {"mail_ratio": median(rates) / median(bare)}


async def read_all(database: Database, server: Any, listener_class: Any, folders: Any) -> float:
    from bot.mail_store import LoopMailStore
    from conversation.office import Office

    loop, ever, all_stored = asyncio.get_running_loop(), timedelta(days=36500), asyncio.Event()

    class Counting(LoopMailStore):
        """Says when all are stored: who asks the database again and again takes the time that is measured."""

        missing = MAILS

        def store(self, *given: Any) -> int:
            added = super().store(*given)
            self.missing -= added
            if not self.missing:
                loop.call_soon_threadsafe(all_stored.set)
            return added

    mail_store = Counting(
        database, loop, clock=lambda: datetime.now(UTC), library=load_library(), office=Office(OFFICE, "", "")
    )
    began = datetime.now(UTC) - ever  # all that lies there is new
    listener = listener_class(server, mail_store, folders=folders(), max_age=ever, started=began, longest_stop=ever)
    begun = time.perf_counter()
    running = asyncio.create_task(asyncio.to_thread(listener.run))
    async with asyncio.timeout(120):
        await all_stored.wait()
    seconds = time.perf_counter() - begun
    listener.stop()
    await running
    listener.close()
    return MAILS / seconds


async def claims() -> dict[str, Any]:
    """Rows claimed, sent to a transport that accepts at once, and settled, a second."""
    from benchmarks.load import queue

    rates = await queue.claims(ROUNDS, ROWS)
    base = median(rates["procrastinate, PostgreSQL"])
    print(
        f"\n## {ROWS} rows claimed and settled, fsync on\n\n| queue | rows/s | ratio to procrastinate |\n|---|---|---|"
    )
    for name, found in rates.items():
        row(name, median(found), median(found) / base)
    ours = median(rates["luccabot, PostgreSQL"])
    return {"claims_ratio": ours / base, "sqlite_ratio": median(rates["luccabot, SQLite"]) / ours}


async def growth() -> dict[str, Any]:
    """What a claim of 24 rows, a turn, and the numbers cost with ever more registrations."""
    from benchmarks.load import queue

    print(
        "\n## Milliseconds as the database grows\n\n| database | registrations | claim and settle 24 | a turn | "
        "/metrics | … the first time | forecast |\n|---|---|---|---|---|---|---|"
    )
    found = await queue.growth()
    for one in found:
        row(one.database, f"{one.size:,}", one.claim, one.turn, one.metrics, one.first, one.forecast)
    largest = [one for one in found if one.size == max(queue.SIZES)]
    return {"metrics": max(one.metrics for one in largest), "forecast": max(one.forecast for one in largest)}


async def main() -> None:
    parts = {
        "start": cold_start,
        "rest": rest,
        "turns": turns,
        "reminders": reminders,
        "mailbox": mailbox,
        "claims": claims,
        "growth": growth,
    }
    chosen = sys.argv[1:] or list(parts)
    print(
        f"# {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, median of {ROUNDS}"
    )
    open_classifier(load_library())  # what it learns the first time is no part of what is measured
    found: dict[str, Any] = {}
    for name in chosen:
        found |= await parts[name]()
    show_goals(found)
    print("\n" + json.dumps({k: round(v, 3) for k, v in found.items()}))


def show_goals(found: Mapping[str, float]) -> None:
    """What was measured beside what it should be."""
    print("\n## Goals\n\n| what | measured | goal |\n|---|---|---|")
    for name, (what, sign, goal) in GOALS.items():
        if name in found:
            row(what, found[name], f"{sign} {goal}")


asyncio.run(main())
