"""Starts the sandbox: the embedded servers, the sample programme, the bot with real settings that point at them, the page."""

import asyncio
import socket
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from bot.app import Roles, System
from bot.programme import load_programme
from bot.sandbox.clock import SandboxClock
from bot.sandbox.mailbox import Post
from bot.sandbox.pages import Playground
from bot.sandbox.telegram import BotApi
from bot.serving import Server, make_server
from bot.settings import Settings
from conversation.times import ROME
from conversation.understanding.mind import open_mind
from knowledge.library import HERE

START = datetime(2021, 1, 15, 9, 0, tzinfo=ROME)
_TOKEN = "100000:sandbox-token-for-this-machine-only"  # noqa: S105 - opens nothing outside this process
_PASSWORD = "sandbox"  # noqa: S105 - as above
_CITIZEN = 2001
_BOXES = {"segreteria@lequerce.example": "Polisportiva Le Querce", "anna@posta.example": "Anna Esempio"}
_STAFF = "ufficio@lucca.example"


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def wait_started(server: Server) -> None:
    """Return when ``server`` listens; raises ``OSError`` when it could not."""
    while not server.started:
        if server.should_exit:
            msg = "the port is taken"
            raise OSError(msg)
        await asyncio.sleep(0.01)


async def run_sandbox(given: Settings) -> None:
    """Run until SIGINT or SIGTERM. ``given``: the settings of an unconfigured process (port, clock, database if any)."""
    clock = SandboxClock(given.starting_clock() or START)
    telegram = BotApi(_TOKEN)
    telegram.person(_CITIZEN, "Anna", last_name="Esempio")
    imap_port, smtp_port, api_port = free_port(), free_port(), free_port()
    users = dict.fromkeys([given.mail_address, _STAFF, *_BOXES], _PASSWORD)
    post = Post(users, imap_port=imap_port, smtp_port=smtp_port)
    await post.start()
    api = make_server(telegram.app, "127.0.0.1", api_port)
    api_task = asyncio.create_task(api.serve())
    await wait_started(api)
    with tempfile.TemporaryDirectory(prefix="luccabot-") as folder:
        user = given.mail_address.replace("@", "%40")
        settings = Settings(
            **given.model_dump(exclude_unset=True, exclude={"clock"})
            | {
                "telegram_token": _TOKEN,
                "telegram_api_url": f"http://127.0.0.1:{api_port}",
                "imap_url": f"imap://{user}:{_PASSWORD}@127.0.0.1:{imap_port}/INBOX",
                "smtp_url": f"smtp://127.0.0.1:{smtp_port}",
                "staff_email": _STAFF,
                "database_url": given.database_url
                if "database_url" in given.model_fields_set
                else f"sqlite:///{Path(folder) / 'sandbox.db'}",
            }
        )
        system = System(settings, clock=clock, roles=Roles(web=False, worker=True))
        await system.open(migrate_first=True)
        async with system.database.begin() as tx:
            await load_programme(tx, HERE / "programme.toml", settings.schedule, clock())
        if system.sender is not None:
            clock.listeners.append(system.sender.wake)
        sys.stdout.write("\n  Preparo la comprensione (la prima volta può volerci mezzo minuto)…\n")
        sys.stdout.flush()
        await asyncio.to_thread(open_mind, system.library)
        boxes = {**_BOXES, _STAFF: "Ufficio del Comune"}
        playground = Playground(system, telegram, post, clock, mailboxes=boxes, chat_id=_CITIZEN)
        page = make_server(playground.app, "127.0.0.1", given.port)
        page_task = asyncio.create_task(page.serve())
        await wait_started(page)
        port = page.servers[0].sockets[0].getsockname()[1]
        sys.stdout.write(f"\n  Prova del bot: aprire http://127.0.0.1:{port}/ nel browser.  Per fermare: Ctrl+C\n\n")
        sys.stdout.flush()
        try:
            await system.run()
        finally:
            await system.close()
            await telegram.close()
            for server, task in ((page, page_task), (api, api_task)):
                server.should_exit = True
                await asyncio.wait({task}, timeout=3)
            await post.stop()
