"""Starts the sandbox.

The embedded servers, the sample programme, the bot with real settings that point at them, the page.
"""

import asyncio
import socket
import sys
from contextlib import AsyncExitStack

from bot.app import Roles, open_system
from bot.ports import open_socket
from bot.sandbox.database import GUESTS, add_guests, sandbox_database
from bot.sandbox.fake_bot_api import BotApi
from bot.sandbox.fake_mail import Post
from bot.sandbox.pages import SandboxPages
from bot.serving import Server, make_server
from bot.settings import Settings
from bot.web import make_world, parts_of
from conversation.understanding.classifier import open_classifier
from knowledge.town import Box

_TOKEN = "100000:sandbox-token-for-this-machine-only"  # noqa: S105 - opens nothing outside this process
_PASSWORD = "sandbox"  # noqa: S105 - as above
_CITIZEN = 2001
_LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])


async def wait_started(server: Server) -> None:
    """Return when ``server`` listens; raises ``OSError`` when it could not."""
    while not server.started:
        if server.should_exit:
            msg = "the port is taken"
            raise OSError(msg)
        await asyncio.sleep(0.01)


async def run_sandbox(given: Settings) -> None:
    """Run until SIGINT or SIGTERM. ``given``: the settings of an unconfigured process (port, clock, database if any).

    Raises ``SettingsError`` for a database that no sandbox made, ``PortTakenError``.
    """
    async with AsyncExitStack() as stack:
        transport = stack.enter_context(open_socket(_LOOPBACK, given.port))
        database, clock = await stack.enter_async_context(sandbox_database(given))
        invented = given.town.sandbox
        telegram = BotApi(_TOKEN, name=given.town.service, username=invented.bot)
        telegram.person(_CITIZEN, invented.first_name, last_name=invented.last_name)
        staff = (Box(invented.staff, "Ufficio del Comune", ""), *(Box(email, name, "") for email, name, _ in GUESTS))
        addresses = [given.mailbox, *(box.address for box in (*invented.mailboxes, *staff))]
        post = Post(
            dict.fromkeys(addresses, _PASSWORD),
            imap_port=free_port(),
            smtp_port=free_port(),
        )
        await post.start()
        stack.push_async_callback(post.stop)
        api_transport = stack.enter_context(open_socket(_LOOPBACK, 0))
        await _serve(stack, make_server(telegram.app, _LOOPBACK, 0), api_transport)
        stack.push_async_callback(telegram.close)
        settings = _point_at(given, database.url, api_transport.getsockname()[1], post)
        opened = open_system(settings, clock, roles=Roles(web=False, worker=True))
        system = await stack.enter_async_context(opened)
        clock.listeners.append(system.workers.outbox.wake)
        _say("\n  Preparo la comprensione (la prima volta può volerci un minuto o due)…\n")
        await asyncio.to_thread(open_classifier, system.library)
        boxes = (*invented.mailboxes, *staff)
        guests, parts = await add_guests(system.database, clock()), parts_of(system.channels)
        world = make_world(system.basis, system.office, parts=parts, guests=guests)
        pages = SandboxPages(system, telegram, post, clock, mailboxes=boxes, chat_id=_CITIZEN, world=world)
        await _serve(stack, make_server(pages.app, _LOOPBACK, given.port), transport)
        port = transport.getsockname()[1]
        _say(
            f"\n  Prova del bot: aprire http://127.0.0.1:{port}/ nel browser.  Per "
            f"fermare: Ctrl+C\n"
            f"  La console dell'ufficio: http://127.0.0.1:{port}/console/\n"
            f"  I comandi dell'ufficio, in un altro terminale e con l'orologio della prova, per esempio:\n"
            f"  PORT={port} DATABASE_URL={database.url} {sys.executable} -m bot programme show\n\n"
        )
        await system.run()


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _point_at(given: Settings, database_url: str, api_port: int, post: Post) -> Settings:
    """Settings as an office would write them, whose servers are the embedded ones."""
    user = given.mailbox.replace("@", "%40")
    embedded = {
        "telegram_token": _TOKEN,
        "telegram_api_url": f"http://{_LOOPBACK}:{api_port}",
        "imap_url": f"imap://{user}:{_PASSWORD}@{_LOOPBACK}:{post.imap_port}/INBOX",
        "smtp_url": f"smtp://{_LOOPBACK}:{post.smtp_port}",
        "staff_email": given.town.sandbox.staff,
        "database_url": database_url,
    }
    soon = {"change_grace": 30}  # who tries wants to see both: what can be taken back, and what people are told
    return Settings(**soon | given.model_dump(exclude_unset=True, exclude={"clock"}) | embedded)


async def _serve(stack: AsyncExitStack, server: Server, transport: socket.socket) -> None:
    """Serve on an open socket until the stack unwinds."""
    task = asyncio.create_task(server.serve(sockets=[transport]))

    async def stop() -> None:
        server.should_exit = True
        await asyncio.wait({task}, timeout=3)

    stack.push_async_callback(stop)
    await wait_started(server)
