"""What keeps the tests apart from the machine they run on: its network, its settings."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from bot.settings import read_settings
from tests.support.terminal import python

FAR = ("192.0.2.1", 25)


@pytest.mark.parametrize(
    ("kind", "reach"),
    [
        (socket.SOCK_STREAM, lambda line: line.connect(FAR)),
        (socket.SOCK_STREAM, lambda line: line.connect_ex(FAR)),
        (socket.SOCK_STREAM, lambda line: line.connect(("posta.example", 25))),
        (socket.SOCK_DGRAM, lambda line: line.sendto(b"x", FAR)),
        (socket.SOCK_DGRAM, lambda line: line.sendto(b"x", 0, FAR)),
        (socket.SOCK_DGRAM, lambda line: line.sendmsg([b"x"], [], 0, FAR)),
    ],
)
def test_no_socket_reaches_beyond_this_machine(
    kind: socket.SocketKind, reach: Callable[[socket.socket], object]
) -> None:
    with socket.socket(type=kind) as line, pytest.raises(AssertionError, match="a test reaches for"):
        line.settimeout(1)
        reach(line)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_no_loop_reaches_beyond_this_machine(run: Callable[..., object]) -> None:
    async def reach() -> None:
        async with asyncio.timeout(1):
            await asyncio.open_connection(*FAR)

    async def send() -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=FAR)

    for far in (reach, send):
        with pytest.raises(AssertionError, match="a test reaches for"):
            run(far())


async def test_the_machines_settings_do_not_reach_the_tests() -> None:
    """However they are spelt: the settings are read from either."""
    program = (
        "import os; from tests.support import environment; from bot.settings import read_settings;"
        "print(sorted(environment.NAMES), read_settings().telegram_token, 'port' in os.environ)"
    )
    said = await python("-c", program, env={"telegram_token": "1:x", "PORT": "1"})
    assert said.strip() == "['PORT', 'telegram_token'] None False"


async def test_the_checkouts_settings_do_not_reach_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("STAFF_CHAT=-100123\n", encoding="utf-8")
    assert read_settings().staff_chat == ""
    said = await python("-c", "import os; print(os.path.exists('.env'), len(os.listdir()))")
    assert said.split() == ["False", "0"]
