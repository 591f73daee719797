"""Updates on their way into the inbox: whatever comes, the next one is asked for."""

import asyncio
import json
from typing import Any, cast

import pytest
from telegram import Bot
from telegram.error import NetworkError

from bot.telegram.polling import ALLOWED, MOST_BYTES, as_arrival, poll
from bot.telegram.reading import read_stored
from db.inbox import Arrival

CHAT = {"id": 5, "type": "private", "first_name": "Anna"}
ANNA = {"id": 5, "is_bot": False, "first_name": "Anna"}


def update(number: int = 1, **message: Any) -> dict[str, Any]:
    return {"update_id": number, "message": {"message_id": 1, "date": 1, "chat": CHAT, "from": ANNA} | message}


STRANGE = {
    "no chat": {"update_id": 1, "message": {"message_id": 1, "date": 1, "from": ANNA, "text": "ciao"}},
    "a chat without number": update(chat={"type": "private"}, text="ciao"),
    "a chat that is a word": update(chat={"id": "x", "type": "private"}),
    "a number beyond all chats": update(chat={"id": 10**30, "type": "private"}, text="ciao"),
    "nothing": {"update_id": 1},
    "a message that is none": {"update_id": 1, "message": None},
    "a message that is a word": {"update_id": 1, "message": "ciao"},
    "words that are a list": update(text=["ciao"]),
    "a day that never comes": update(date=1e30, text="ciao"),
    "a day in words": update(date="domani", text="ciao"),
    "half a character": update(text="ciao \ud83d"),
    "half a character in the name": update(1, text="ciao", **{"from": ANNA | {"first_name": "\udc00"}}),
    "a button of nobody": {"update_id": 1, "callback_query": {"id": "1", "data": "yes"}},
    "a member of nowhere": {"update_id": 1, "my_chat_member": {}},
    "a kind of the future": {"update_id": 1, "telepathy": {"chat": CHAT}},
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_any_update_can_be_stored_and_read(strange: dict[str, Any]) -> None:
    arrival = as_arrival(strange)
    arrival.payload.decode("utf-8")
    reading = read_stored(arrival.payload, "prova_bot")
    if reading.incoming is not None:
        reading.incoming.text.encode()
        reading.incoming.name.encode()


def test_words_that_cannot_be_read_are_shown_to_a_person() -> None:
    assert read_stored(as_arrival(update(date="domani", text="ciao")).payload, "").needs_person
    assert not read_stored(as_arrival({"update_id": 1, "my_chat_member": {}}).payload, "").needs_person


def test_of_an_update_without_measure_only_the_number_is_kept() -> None:
    nested: Any = "x"
    for _ in range(100_000):
        nested = [nested]
    for huge in (update(text="x" * (MOST_BYTES + 1)), update(photo=nested)):
        arrival = as_arrival(huge)
        assert len(arrival.payload) < 100
        assert arrival.sender == "5"
        assert read_stored(arrival.payload, "").kind == "unknown"


class Server:
    """``answers``: what getUpdates gives, one after another; after them nothing, at once.

    ``free``: whether a webhook is gone.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.offsets: list[int] = []
        self.free = 0

    async def delete_webhook(self) -> None:
        self.free += 1

    async def do_api_request(self, name: str, *, api_kwargs: dict[str, Any], **_timeout: float) -> Any:
        assert (name, api_kwargs["allowed_updates"]) == ("getUpdates", ALLOWED)
        self.offsets.append(api_kwargs["offset"])
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer


async def polled(server: Server, until: int, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Arrival], list[float]]:
    """What was stored and how long was paused, when ``server`` was asked ``until`` times."""
    stored: list[Arrival] = []
    pauses: list[float] = []
    enough = asyncio.Event()

    async def store(arrivals: Any) -> int:
        new = [a for a in arrivals if a.key not in {s.key for s in stored}]
        stored.extend(new)
        return len(new)

    sleep = asyncio.sleep

    async def nap(seconds: float) -> None:
        pauses.append(seconds)
        if len(server.offsets) >= until:
            enough.set()
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", nap)
    task = asyncio.create_task(poll(cast("Bot", server), store))
    await asyncio.wait_for(enough.wait(), 10)
    task.cancel()
    await asyncio.wait({task})
    return stored, pauses


async def test_polling_goes_on_whatever_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = [strange | {"update_id": 10 + n} for n, strange in enumerate(STRANGE.values())]
    server = Server([*batch, "no update", {"message": {}}, {"update_id": True}], [update(90, text="ciao")])
    stored, _ = await polled(server, 4, monkeypatch)
    assert [a.key for a in stored] == [*(f"telegram:{u['update_id']}" for u in batch), "telegram:90"]
    assert server.offsets[:3] == [0, 10 + len(batch), 91]
    assert all(json.loads(a.payload) for a in stored)


@pytest.mark.parametrize("answer", [[], {}, None, [update(1, text="the same again")]])
async def test_a_server_that_does_not_wait_is_not_asked_without_pause(
    monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    server = Server(*[answer] * 30)
    _, pauses = await polled(server, 20, monkeypatch)
    assert len([p for p in pauses if p > 0.9]) >= 18


async def test_a_telegram_out_of_reach_at_the_start_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(NetworkError("no route"), NetworkError("no route"), [update(1, text="ciao")])
    stored, pauses = await polled(server, 4, monkeypatch)
    assert [a.key for a in stored] == ["telegram:1"]
    assert pauses[:2] == [1.0, 2.0]
