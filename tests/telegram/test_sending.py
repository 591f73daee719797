"""What Telegram is asked to send."""

from types import SimpleNamespace
from typing import Any

import pytest
from telegram import Bot
from telegram.error import BadRequest

from bot.telegram.sending import TelegramTransport
from conversation.channel import Channel
from conversation.message import Address, File, Outcome, Outgoing, Reply, Thread

GROUP = Address(Channel.TELEGRAM, "-1009")
FILE = File("incontro.ics", lambda: "BEGIN:VCALENDAR", "PUBLISH")


class Calls:
    """A client that keeps what it is asked. ``refusals``: what it says first."""

    def __init__(self, *refusals: str) -> None:
        self.refusals = list(refusals)
        self.made: list[dict[str, Any]] = []

    async def send_message(self, chat: int, text: str, **values: Any) -> Any:
        self.made.append({"chat": chat, "text": text} | values)
        if self.refusals:
            raise BadRequest(self.refusals.pop(0))
        return SimpleNamespace(message_id=len(self.made))

    async def send_document(self, chat: int, _document: Any, **values: Any) -> Any:
        return await self.send_message(chat, "", **values)


def transport(calls: Calls, *, plain: bool = False) -> TelegramTransport:
    bot: Bot = calls  # type: ignore[assignment]
    return TelegramTransport(bot, plain=plain)


@pytest.mark.parametrize("files", [(), (FILE,)])
async def test_an_answer_goes_to_the_topic_of_its_question(files: tuple[File, ...]) -> None:
    calls = Calls()
    for thread in (Thread(message_id="42"), None, Thread("Re: ciao", "<a@b>")):
        await transport(calls).send(Outgoing("k", GROUP, Reply("ciao", files=files), thread=thread))
    assert [c["message_thread_id"] for c in calls.made] == [42, None, None]


@pytest.mark.parametrize(
    "said", ["Bad Request: message thread not found", "Bad Request: TOPIC_CLOSED", "TOPIC_DELETED"]
)
async def test_a_topic_that_is_gone_does_not_lose_the_answer(said: str) -> None:
    calls = Calls(said)
    sent = await transport(calls).send(Outgoing("k", GROUP, Reply("ciao"), thread=Thread(message_id="42")))
    assert sent.outcome is Outcome.SENT
    assert [c["message_thread_id"] for c in calls.made] == [42, None]
    refused = Calls(said, said)
    assert (await transport(refused).send(Outgoing("k", GROUP, Reply("ciao")))).outcome is Outcome.REFUSED
    assert len(refused.made) == 1


async def test_plain_names_no_preview() -> None:
    calls = Calls()
    await transport(calls, plain=True).send(Outgoing("k", GROUP, Reply("ciao")))
    await transport(calls).send(Outgoing("k", GROUP, Reply("ciao")))
    assert ["link_preview_options" in c for c in calls.made] == [False, True]
    assert not any("api_kwargs" in c for c in calls.made)
