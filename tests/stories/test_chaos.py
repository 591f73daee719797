"""Workers killed at random while a crowd is reminded and messages come in: nothing lost, nothing handled twice.

The Bot API and the mail servers are witnesses that are never killed. Small by default; ``make chaos`` sets
``CHAOS_DUE``, ``CHAOS_KILLS``, ``CHAOS_STOPS`` and ``CHAOS_ARRIVALS`` to the sizes in docs/measurements.md.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import sys
from collections import Counter
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope
from sqlalchemy import func, select

from bot.settings import Settings
from db.cursors import adopt
from db.models import inbox, outbox
from tests.support.crowd import IN_FLIGHT, Crowd, prepare
from tests.support.servers import PASSWORD, MailServers, free_port
from tests.support.town import OFFICE, until

WHOLE = "CHAOS_DUE" in os.environ
DUE = int(os.environ.get("CHAOS_DUE", "300"))
KILLS = int(os.environ.get("CHAOS_KILLS", "2"))
STOPS = int(os.environ.get("CHAOS_STOPS", "2"))
ARRIVALS = int(os.environ.get("CHAOS_ARRIVALS", "30"))
#: Messages a second, of all workers together: slow enough that every blow falls into the work.
RATE = os.environ.get("CHAOS_RATE", "60")
QUESTION = "quante città fanno parte della rete?"

pytestmark = pytest.mark.endurance


def report(**values: object) -> None:
    sys.stdout.write("\n" + json.dumps(values) + "\n")


@pytest.mark.parametrize(("blow", "times"), [(signal.SIGKILL, KILLS), (signal.SIGTERM, STOPS)])
async def test_a_crowd_is_reminded_though_workers_fall(
    database_url: str, tmp_path: Path, blow: signal.Signals, times: int
) -> None:
    on_postgres = "postgres" in database_url
    if not WHOLE and not (on_postgres and blow is signal.SIGKILL):
        pytest.skip("in short: kills on PostgreSQL; make chaos runs all")
    chance = random.Random(20210121)
    async with Crowd(database_url, tmp_path, 4 if on_postgres else 1, rate=RATE) as crowd:
        for i in range(1, DUE + 1):
            crowd.telegram.person(i, "P").started = True
        await prepare(crowd.database, 1, DUE)
        await crowd.hire()
        struck = 0
        while struck < times and await crowd.left() > DUE // 20:
            await asyncio.sleep(chance.uniform(0.5, 2.5))
            await crowd.strike(blow, chance)
            struck += 1

        async def finished() -> bool:
            return await crowd.left() == 0

        await until(finished, "every reminder settled", patience=DUE / 20 + 60)
        deaf = {i for i in range(1, DUE + 1) if not crowd.telegram.chats[i].messages}
        doubled = {i for i in range(1, DUE + 1) if len(crowd.telegram.chats[i].messages) > 1}
        listed, parked = await crowd.listed(), await crowd.parked()
        report(
            database=crowd.database.engine.dialect.name,
            due=DUE,
            blow=blow.name,
            struck=struck,
            lost=len(deaf - parked),
            parked=len(parked),
            parked_and_deaf=len(deaf),
            doubled=len(doubled),
            listed=len(listed),
        )
        assert struck
        assert deaf <= parked, "lost"
        assert parked <= listed
        assert doubled <= listed
        assert len(listed) <= struck * IN_FLIGHT
        if blow is signal.SIGTERM:
            assert not listed


async def handled_under_fire(crowd: Crowd, chance: random.Random) -> int:
    """Kill workers at random until nearly all is handled; then until all is, and answered. How many fell."""

    async def done() -> int:
        async with crowd.database.begin() as tx:
            query = select(func.count()).select_from(inbox).where(inbox.c.state == "done")
            return int((await tx.execute(query)).scalar_one())

    async def finished() -> bool:
        return await done() == ARRIVALS and await crowd.left() == 0

    struck = 0
    while struck < KILLS and await done() < ARRIVALS * 0.9:
        await asyncio.sleep(chance.uniform(1.5, 4))
        await crowd.strike(signal.SIGKILL, chance)
        struck += 1
    await until(finished, "everything handled", patience=ARRIVALS / 5 + 120)
    async with crowd.database.begin() as tx:
        answers = (await tx.execute(select(func.count()).select_from(outbox))).scalar_one()
        rows = (await tx.execute(select(func.count()).select_from(inbox))).scalar_one()
    assert rows == ARRIVALS
    assert answers == ARRIVALS
    return struck


async def test_updates_are_handled_once_though_workers_fall(database_url: str, tmp_path: Path) -> None:
    if not WHOLE and "sqlite" in database_url:
        pytest.skip("in short: on PostgreSQL; make chaos runs all")
    async with Crowd(database_url, tmp_path, 2 if "postgres" in database_url else 1, rate=RATE) as crowd:
        for i in range(1, ARRIVALS + 1):
            crowd.telegram.person(i, "P")
            await crowd.telegram.says(i, QUESTION)
        await crowd.hire()
        struck = await handled_under_fire(crowd, random.Random(20210122))
        said = [sum(m["from"]["is_bot"] for m in crowd.telegram.chats[i].messages) for i in range(1, ARRIVALS + 1)]
        parked = await crowd.parked()
        report(
            database=crowd.database.engine.dialect.name,
            updates=ARRIVALS,
            struck=struck,
            answered=sum(n > 0 for n in said),
            answered_again=sum(n > 1 for n in said),
            parked=len(parked),
        )
        # Each was handled once; an answer that was in doubt twice is listed for staff instead of sent a third time.
        assert {i for i, n in enumerate(said, 1) if n == 0} <= parked
        assert sum(said) - ARRIVALS <= struck * IN_FLIGHT


class Relay:
    """A relay that takes every mail and remembers to whom and with which Message-ID."""

    def __init__(self) -> None:
        self.taken: Counter[tuple[str, str]] = Counter()

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content or b""
        assert isinstance(content, bytes)
        message = message_from_bytes(content)
        self.taken[envelope.rcpt_tos[0], str(message["Message-ID"])] += 1
        return "250 OK"


async def test_letters_are_handled_once_though_workers_fall(
    database_url: str, tmp_path: Path, mail_servers: MailServers
) -> None:
    if not WHOLE and "sqlite" in database_url:
        pytest.skip("in short: on PostgreSQL; make chaos runs all")
    shutil.rmtree(mail_servers.folder / "mail", ignore_errors=True)
    new = mail_servers.maildir(OFFICE) / "new"
    for folder in (new, new.parent / "cur", new.parent / "tmp"):
        folder.mkdir(parents=True)
    for i in range(1, ARRIVALS + 1):
        (new / f"{1_600_000_000 + i}.{i}.lucca").write_text(
            f"From: P <p{i}@posta.example>\nTo: {OFFICE}\nSubject: domanda\nMessage-ID: "
            f"<{i}@posta.example>\n\n{QUESTION}\n"
        )
    os.utime(new)
    for path in (new, *new.iterdir(), *new.parents):
        if path == mail_servers.folder:
            break
        shutil.chown(path, "vmail", "vmail")
    for path in (new.parent / "cur", new.parent / "tmp"):
        shutil.chown(path, "vmail", "vmail")
    relay, port = Relay(), free_port()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(relay, hostname="relay", enable_SMTPUTF8=True), "127.0.0.1", port
    )
    user = OFFICE.replace("@", "%40")
    mail = {
        "IMAP_URL": f"imaps://{user}:{PASSWORD}@localhost:{mail_servers.imaps_port}/INBOX?ca={mail_servers.ca}",
        "SMTP_URL": f"smtp://127.0.0.1:{port}",
        "MAIL_ADDRESS": OFFICE,
        "MAIL_ANSWERS_PER_HOUR": "100000",
    }
    size = 2 if "postgres" in database_url else 1
    mailbox = Settings(_env_file=None, imap_url=mail["IMAP_URL"], smtp_url=mail["SMTP_URL"]).imap
    assert mailbox is not None
    async with server, Crowd(database_url, tmp_path, size, rate=RATE, **mail) as crowd:
        async with crowd.database.begin() as tx:  # what lies there is the office's until it says: read it
            await adopt(tx, mailbox.name, datetime(1970, 1, 1, tzinfo=UTC))
        await crowd.hire()
        struck = await handled_under_fire(crowd, random.Random(20210123))
        report(
            database=crowd.database.engine.dialect.name,
            letters=ARRIVALS,
            struck=struck,
            answered=len(relay.taken),
            answered_again=sum(n > 1 for n in relay.taken.values()),
        )
        # One answer to each, under one Message-ID: what a killed worker sent twice is one mail to whoever gets it.
        assert {to for to, _ in relay.taken} == {f"p{i}@posta.example" for i in range(1, ARRIVALS + 1)}
        assert len(relay.taken) == ARRIVALS
        assert sum(relay.taken.values()) - ARRIVALS <= struck * IN_FLIGHT
