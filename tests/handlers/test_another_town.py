"""Another town is a folder.

Its own meetings, facts, zone and name, and nothing of the town that the program brings along.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.settings import read_settings
from conversation.times import ROME, local_zone, use_zone
from conversation.understanding.classifier import open_classifier
from knowledge.library import load_library
from tests.support.another_town import write_town
from tests.support.rehearsal import OFFICE, Rehearsal, calendars_of, html_of, open_rehearsal, text_of, write_template


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield write_town(tmp_path / "borgo")
    use_zone(ROME.key)


@pytest.fixture
async def borgo(folder: Path, tmp_path: Path) -> AsyncIterator[Rehearsal]:
    """The bot of the other town, in process."""
    town = read_settings(_env_file=None, knowledge_dir=str(folder)).town
    start = town.sandbox.start.replace(tzinfo=local_zone())
    template = await write_template(tmp_path / "template.db", programme=folder / "programme.toml", start=start)
    classifier = open_classifier(load_library(folder), with_encoder=False)
    async with open_rehearsal(template, tmp_path, classifier, start=start) as opened:
        yield opened


async def test_somebody_registers_in_another_town(borgo: Rehearsal) -> None:
    bea = borgo.citizen("Bea")
    hello = await bea.says("/start")
    assert "Comune di Borgo Prova" in hello.text
    assert "Borgo che impara" in hello.text
    asked = await bea.says("Vorrei iscrivermi all'incontro degli orti, siamo in due, per il Circolo Gli Ortolani")
    assert "Comune di Borgo Prova" in asked.text
    done = await bea.presses("yes")
    assert "Mercoledì 10 marzo, ore 17.30" in done.text
    (entry,) = done.files
    assert "DTSTART:20210310T183000Z" in entry  # the Azores are an hour behind Greenwich
    assert "Borgo che impara" in entry
    said = " ".join(m.plain for m in bea.messages).replace(OFFICE, "")
    assert "lucc" not in said.lower()
    assert "Zoom" not in said
    assert [tuple(r) for r in await borgo.rows("SELECT participants, status FROM registrations")] == [(2, "confirmed")]


async def test_its_letters_carry_its_name(borgo: Rehearsal) -> None:
    club = borgo.association("orti@posta.example", "Gli Ortolani")
    mailed = await club.writes("Siamo il Circolo Gli Ortolani, veniamo in tre all'incontro degli orti.")
    assert "Borgo che impara" in str(mailed.last["From"])
    assert "Comune di Borgo Prova" in html_of(mailed.last)
    whole = f"{mailed.last['From']} {mailed.last['Subject']} {text_of(mailed.last)} {calendars_of(mailed.last)}"
    assert "Jitsi" in whole
    assert "Zoom" not in whole


async def test_it_answers_from_its_own_facts(borgo: Rehearsal) -> None:
    bea = borgo.citizen("Bea")
    told = (await bea.says("Che cos'è l'orto comune?")).text
    assert "terreno che il Borgo affida" in told
    assert "Fonte: Delibera dell'orto comune (1 febbraio 2021)" in told


def test_its_office_keeps_its_own_holidays(folder: Path) -> None:
    office = read_settings(_env_file=None, knowledge_dir=str(folder)).office
    assert office.mailbox == "incontri@comune.borgo.example"
    assert office.closed_until(datetime(2021, 6, 10, 9, tzinfo=UTC)) == date(2021, 6, 11)  # Dia de Portugal
    assert office.closed_until(datetime(2021, 6, 2, 9, tzinfo=UTC)) is None  # a feast in Italy alone
