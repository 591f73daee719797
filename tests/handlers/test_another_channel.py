"""One more channel: its traits, what reads it, what sends on it. Handlers, workers and delivery know nothing of it."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from conversation.channel import CHANNELS, Channel
from conversation.message import Address, Incoming, Reading, utf16_length
from db.inbox import Arrival
from db.personal_data import erase_person, export_person
from tests.conftest import OpenRehearsal
from tests.support.rehearsal import Rehearsal, text_of

ROOT = Path(__file__).parents[2]
SMS = Channel(
    "sms",
    "per SMS",
    "SMS",
    buttons=False,
    text_limit=480,
    caption_limit=0,
    files_per_message=1,
    patience=timedelta(hours=48),
)
ANNA = Address(SMS, "+39000000001")
SPORT = "Iscrivimi all'incontro di sport: siamo in tre, Polisportiva Le Querce. Mi chiamo Anna Esempio."


def read_sms(payload: bytes) -> Reading:
    said = json.loads(payload)
    return Reading(Incoming(Address(SMS, said["from"]), text=said["text"]), "human")


@pytest.fixture
async def town(rehearsal_with: OpenRehearsal, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rehearsal]:
    monkeypatch.setitem(CHANNELS, SMS.value, SMS)
    async with rehearsal_with(others={SMS: read_sms}) as rehearsal:
        yield rehearsal


async def text(town: Rehearsal, words: str) -> str:
    """Anna writes; what came back to her phone."""
    before = len(town.to(ANNA))
    payload = json.dumps({"from": ANNA.value, "text": words}).encode()
    await town.takes(Arrival(f"sms:{next(town.numbers)}", SMS, ANNA.value, payload, None))
    return "\n\n".join(reply.plain for reply in town.to(ANNA)[before:])


async def test_somebody_registers_over_it_and_is_reminded(town: Rehearsal) -> None:
    assert "• Sì, iscrivimi" in await text(town, SPORT)
    done = await text(town, "Sì, iscrivimi")
    assert await town.registered() == [("sport", "Polisportiva Le Querce", 3, "confirmed")]
    assert [row[0] for row in await town.rows("SELECT source FROM registrations")] == [SMS.value]
    assert "21 gennaio" in done
    told = town.to(ANNA)
    assert [file.name for reply in told for file in reply.files] == ["incontro.ics"]
    assert all(utf16_length(reply.plain) <= 480 and not reply.buttons for reply in told)
    await town.goes_to("2021-01-20T12:00")
    assert any("https://zoom.example/j/sport" in reply.plain for reply in town.to(ANNA)[len(told) :])


async def test_what_hangs_on_it_is_shown_to_the_office_given_out_and_forgotten(town: Rehearsal) -> None:
    await text(town, SPORT)
    await text(town, "sì")
    await text(town, "Vorrei parlare con una persona")
    assert any(ANNA.value in text_of(mail) for mail in town.staff.mails)
    async with town.database.begin() as tx:
        assert await export_person(tx, ANNA)
        assert await erase_person(tx, ANNA, town.clock())
    assert await town.registered() == []


def test_who_handles_sends_and_words_names_no_channel() -> None:
    """What differs is a trait.

    Elsewhere a channel is named where it is its own: its mailbox, its proofs, its settings.
    """
    rooms = ("handlers", "workers", "delivery")
    files = [file for room in rooms for file in (ROOT / room).rglob("*.py")]
    assert len(files) > 30
    named = [file.name for file in files if re.search(r"\bChannel\.[A-Z]", file.read_text("utf-8"))]
    assert named == []
