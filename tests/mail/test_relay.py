"""A relay that babbles, drips or is left in the middle.

The mail goes later, memory stays bounded, no answer is taken for another.
"""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest

from conversation.channel import Channel
from conversation.message import Address, Outcome, Outgoing, Reply
from knowledge.library import load_library
from mail.server import read_server
from mail.smtp import sending
from mail.smtp.sending import MailTransport
from mail.threads import MessageIds

OURS = "noi@lucca.example"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def relay(talk: Talk) -> AsyncIterator[MailTransport]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = MailTransport(
        read_server(f"smtp://127.0.0.1:{port}", "SMTP_URL"),
        mailbox=OURS,
        town=load_library().town,
        ids=MessageIds(OURS, "k"),
        clock=lambda: datetime.now(UTC),
    )
    yield transport
    await transport.close()
    server.close()


def letter(key: str = "k") -> Outgoing:
    return Outgoing(key, Address(Channel.EMAIL, "anna@posta.example"), Reply("ciao"))


@pytest.mark.parametrize("babble", [b"220-hello\r\n" * 1000, b"x" * 10_000, b"220 ready\r\n" + b"250-more\r\n" * 1000])
async def test_a_reply_without_end_is_cut_off(babble: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_TIMEOUT", 2.0)

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(babble)
            await writer.drain()

    tracemalloc.start()
    async with relay(talk) as transport:
        receipt = await transport.send(letter())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert receipt.outcome is Outcome.LATER
    assert peak < 20_000_000


async def test_a_reply_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_TIMEOUT", 0.5)

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"2")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with relay(talk) as transport, asyncio.timeout(20):
        assert (await transport.send(letter())).outcome is Outcome.LATER


async def test_who_is_interrupted_leaves_no_half_conversation_behind() -> None:
    """The late 250 to a MAIL that was given up must not pass for the answer to what the next mail says."""
    talks: list[list[bytes]] = []
    held = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said: list[bytes] = []
        talks.append(said)
        writer.write(b"220 ready\r\n")
        in_data = False
        while line := await reader.readline():
            said.append(line)
            if in_data:
                if line != b".\r\n":
                    continue
                in_data = False
            elif line.startswith(b"MAIL") and len(talks) == 1:
                held.set()
                await asyncio.sleep(0.3)
            in_data = line.startswith(b"DATA")
            writer.write(b"354 go\r\n" if in_data else b"250 ok\r\n")
            await writer.drain()

    async with relay(talk) as transport:
        first = asyncio.create_task(transport.send(letter("first")))
        await held.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await transport.send(letter("second"))).outcome is Outcome.SENT
    assert len(talks) == 2
    assert sum(line.startswith(b"MAIL") for line in talks[1]) == 1


@pytest.mark.parametrize("knows", [True, False])
async def test_an_address_beyond_ascii_needs_a_relay_that_knows_it(*, knows: bool) -> None:
    said: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready\r\n")
        in_data = False
        while line := (await reader.readline()).decode():
            said.append(line.strip())
            in_data = line != ".\r\n" if in_data else line.startswith("DATA")
            if line.startswith("EHLO"):
                writer.write(b"250-relay\r\n250 SMTPUTF8\r\n" if knows else b"250 relay\r\n")
            elif line.startswith("DATA"):
                writer.write(b"354 go\r\n")
            elif not in_data:
                writer.write(b"250 ok\r\n")

    async with relay(talk) as transport:
        outgoing = Outgoing("k", Address(Channel.EMAIL, "josé@posta.example"), Reply("ciao"))
        receipt = await transport.send(outgoing)
        assert (await transport.send(letter())).outcome is Outcome.SENT
    assert receipt.outcome is (Outcome.SENT if knows else Outcome.REFUSED)
    assert ("RCPT TO:<josé@posta.example>" in said) is knows
    assert sum("SMTPUTF8" in line for line in said) == knows
