"""The web server under people who hold it up: half-open connections, endless heads and bodies, a taken port."""

import asyncio
import json
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from bot import serving
from bot.app import Roles, open_system
from bot.errors import PortTakenError
from bot.ports import open_socket
from bot.serving import make_server
from bot.settings import Settings
from db.engine import Database
from tests.support.servers import free_port
from tests.support.statements import statements_of_the_writer
from web.app import WEBHOOK_PATH, build_web

SECRET = {"X-Telegram-Bot-Api-Secret-Token": "segreto"}


class Post:
    """What the webhook received."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []

    async def __call__(self, update: dict[str, Any]) -> None:
        self.updates.append(update)


@pytest.fixture
async def post() -> Post:
    return Post()


@asynccontextmanager
async def serving_on(app: Any) -> AsyncIterator[int]:
    transport = open_socket("127.0.0.1", 0)
    server = make_server(app, "127.0.0.1", 0)
    task = asyncio.create_task(server.serve(sockets=[transport]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield transport.getsockname()[1]
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def port(one_database: Database, post: Post) -> AsyncIterator[int]:
    app = build_web(one_database, clock=lambda: datetime.now(UTC), webhook_secret="segreto", receive=post)
    async with serving_on(app) as opened:
        yield opened


async def health(port: int) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{port}/health", timeout=10)


async def holds(port: int, words: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    return reader, writer


async def is_dropped(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(), 10) is not None
    except ConnectionError:
        return True


HALF = [
    b"",
    b"GET / HTTP/1.1\r\nHost: x\r\n",
    b"\r\n",
    b"POST " + WEBHOOK_PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: segreto\r\n"
    b"Content-Length: 100\r\n\r\n{",
    b"POST " + WEBHOOK_PATH.encode() + b" HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: segreto\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n",
]


@pytest.mark.parametrize("words", HALF)
async def test_a_request_that_does_not_come_whole_is_dropped(
    port: int, monkeypatch: pytest.MonkeyPatch, words: bytes
) -> None:
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 0.5)
    reader, writer = await holds(port, words)
    assert await is_dropped(reader)
    writer.close()


async def test_a_drip_does_not_win_time(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 0.5)
    reader, writer = await holds(port)
    gone = asyncio.create_task(is_dropped(reader))
    for _ in range(100):
        if gone.done():
            break
        writer.write(b"\r\n")
        await asyncio.sleep(0.1)
    assert gone.done()
    writer.close()


async def test_whoever_holds_connections_open_locks_nobody_out(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "most_connections", lambda: 20)
    held = [await holds(port, b"GET /health HTTP/1.1\r\nHost: x\r\n") for _ in range(100)]
    for _ in range(3):
        assert (await health(port)).status_code in {200, 503}
    dropped = await asyncio.gather(*(is_dropped(reader) for reader, _ in held[:80]))
    assert all(dropped)
    for _, writer in held:
        writer.close()


def test_the_web_leaves_most_files_to_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    for files, most in ((256, 64), (1024, 256), (2**20, 256), (2, 1)):
        monkeypatch.setattr(resource, "getrlimit", lambda _what, n=files: (n, n))
        assert serving.most_connections() == most


async def test_a_head_without_end_is_dropped(port: int) -> None:
    reader, writer = await holds(port, b"GET / HTTP/1.1\r\nX-Long: ")
    gone = asyncio.create_task(is_dropped(reader))
    for _ in range(1000):
        if gone.done():
            break
        writer.write(b"x" * 1024)
        await asyncio.sleep(0)
    assert await gone
    writer.close()


async def sent(port: int, content: Any, headers: dict[str, str] = SECRET) -> int:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://127.0.0.1:{port}{WEBHOOK_PATH}", content=content, headers=headers)
        return answer.status_code


async def test_a_body_too_long_is_refused_before_it_is_read(port: int, post: Post) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield b"x" * 65536

    async def chunked() -> AsyncIterator[bytes]:
        yield json.dumps({"update_id": 2}).encode()

    with suppress(httpx.TransportError):  # hung up on while it still sends
        assert await sent(port, endless()) == 413
    assert read < 200
    reader, writer = await holds(
        port,
        f"POST {WEBHOOK_PATH} HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: segreto\r\n"
        f"Content-Length: {10**12}\r\n\r\n".encode(),
    )
    assert b"413" in await asyncio.wait_for(reader.readline(), 10)  # nothing of it was sent
    writer.close()
    assert await sent(port, b"x" * 3_000_000, {}) == 403
    assert await sent(port, chunked()) == 200
    assert [u["update_id"] for u in post.updates] == [2]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b'{"update_id": true}', b'{"update_id": "1"}', b"[" * 200_000, b"\xff", b""]
)
async def test_a_body_that_is_no_update_is_refused(port: int, post: Post, body: bytes) -> None:
    assert await sent(port, body) == 400
    assert post.updates == []


async def test_every_answer_is_guarded_and_says_nothing_of_the_server(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for path in ("/health", "/metrics", "/nothing", WEBHOOK_PATH):
            answer = await client.get(path)
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert "max-age" in answer.headers["Strict-Transport-Security"], path
            assert "Server" not in answer.headers, path


def test_a_taken_port_is_said_in_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTakenError, match="PORT: sulla porta"):
            open_socket("127.0.0.1", other.getsockname()[1])


async def test_metrics_are_read_on_a_connection_for_which_nobody_waits(one_database: Database) -> None:
    app = build_web(one_database, clock=lambda: datetime.now(UTC))
    transport = httpx.ASGITransport(app)
    with statements_of_the_writer(one_database) as seen:
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            shown = await client.get("/metrics")
    assert "luccabot_hand_overs_open 0" in shown.text
    assert seen == []


async def test_the_port_is_open_before_anything_is_promised(one_database_url: str) -> None:
    """Whoever starts it hears at once of a port that is taken, and who calls while it loads waits for an answer."""
    port = free_port()
    settings = Settings(_env_file=None, database_url=one_database_url, port=port)
    web = Roles(web=True, worker=False)
    async with open_system(settings, roles=web):
        _, writer = await asyncio.open_connection("127.0.0.1", port)  # and nothing runs yet
        writer.close()
        with pytest.raises(PortTakenError):
            async with open_system(settings, roles=web):
                pass
