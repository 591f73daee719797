"""Every measurement that the documents name, at a small size: it runs, says a figure, and ends."""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.fuzz.targets import fuzz_lines, fuzz_mail, fuzz_page, fuzz_words
from benchmarks.understanding.__main__ import SETS
from conversation.understanding.classifier import IntentClassifier
from tests.conftest import skip_or_fail
from tests.support.servers import postgres_bin, why_no_mail_servers

#: The commands read what was learnt before: they have no patience for the learning.
pytestmark = pytest.mark.usefixtures("classifier")
ROOT = Path(__file__).parents[1]
SMALL = {
    "ROUNDS": "1",
    "REST": "2",
    "SETTLING": "1",  # it is still loading: there is something to measure
    "TURNS": "5",
    "LONE": "2",
    "SENDINGS": "10",
    "MAILS": "20",
    "ROWS": "50",
    "SIZES": "300",
    "TEXTS": "2",
}
#: Seconds for what takes ten or twenty on an idle machine.
PATIENCE = 300


def run(*arguments: str) -> str:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CACHE_HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=kept | SMALL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.endurance
@pytest.mark.parametrize(
    ("part", "figure"),
    [
        ("start", "cpu"),
        ("rest", "rest"),
        ("turns", "turns"),
        ("reminders", "reminders"),
        ("mailbox", "mail_ratio"),
        ("claims", "claims_ratio"),
        ("growth", "forecast"),
    ],
)
def test_each_measurement_of_speed_ends(part: str, figure: str) -> None:
    missing = why_no_mail_servers() if part == "mailbox" else None
    if part in {"claims", "growth"} and postgres_bin() is None:
        missing = "PostgreSQL is not installed"
    if missing:
        skip_or_fail(missing)
    said = run("benchmarks.load", part)
    measured = json.loads(said.splitlines()[-1])[figure]
    # At rest a bot may use less than the clock of the kernel can show (a hundredth of a second).
    assert measured >= 0 if part == "rest" else measured > 0


@pytest.mark.endurance
def test_the_pages_of_the_console_are_measured() -> None:
    said = run("benchmarks.console")
    assert "| the plan of a moved meeting |" in said
    assert min(json.loads(said.splitlines()[-1]).values()) > 0


@pytest.fixture
def labelled(tmp_path: Path) -> str:
    rows = [
        {"text": "che cos'è il patto per l'apprendimento permanente?", "gold": ["patto.cosa"]},
        {"text": "come si paga la tassa sui rifiuti?"},
        {"text": "vorrei iscrivermi all'incontro", "intent": "register"},
        {"text": "giovedì", "now": "2021-01-15", "expected": ["sport"]},
        {
            "text": "siamo il Circolo Il Noce, veniamo in tre giovedì",
            "meeting": "2021-01-21",
            "organisation": "Circolo Il Noce",
            "participants": 3,
        },
        {"text": "what is the pact?", "language": "en"},
    ]
    file = tmp_path / "labelled.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8-sig")
    return str(file)


@pytest.mark.endurance
@pytest.mark.usefixtures("classifier_by_words")
def test_the_understanding_is_scored(labelled: str) -> None:
    found = json.loads(run("bot", "evaluate", "--json", labelled))
    assert {"domande", "fuori fonti", "intenti", "incontri", "iscrizioni intere", "lingua"} <= found["counts"].keys()
    assert set(found["methods"]) >= {"questo bot", "BM25, Snowball", "SQLite FTS5, Snowball"}


@pytest.mark.endurance
@pytest.mark.usefixtures("classifier_by_words")
def test_the_constants_are_fitted(tmp_path: Path) -> None:
    rows = (SETS / "questions-1.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "questions-1.jsonl").write_text("".join(rows[::8]), encoding="utf-8")
    assert "CALIBRATION = (" in run("benchmarks.understanding", str(tmp_path))


@pytest.mark.endurance
def test_the_cost_of_understanding_is_measured() -> None:
    said = run("benchmarks.understanding.cost")
    assert "| letters of 2,000 | 2000 |" in said
    assert min(json.loads(said.splitlines()[-1]).values()) > 0


def test_whole_turns_of_strangers_are_scored(tmp_path: Path) -> None:
    letter = {
        "id": "x1",
        "channel": "mail",
        "date": "2021-01-15T10:12:00+01:00",
        "from": "Lia Berti <info@trefonti.example>",
        "subject": "Iscrizione",
        "text": "Buongiorno,\nsiamo il Tennis Tre Fonti, veniamo giovedì 21 in due.\nLia Berti",
        "ask": [],
        "expect": [
            {
                "act": "register",
                "meetings": ["2021-01-21"],
                "organisation": "Tennis Tre Fonti",
                "writer": "Lia Berti",
                "participants": 2,
            }
        ],
    }
    question = {"id": "q", "channel": "chat", "answerable": True, "kind": "fact", "must": [["2016"]], "before": ""}
    rows = [letter, question | {"text": "quando è entrata Torino nella rete?"}]
    file = tmp_path / "strangers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    said = run("bot", "evaluate", str(file))
    assert "lettere intere            1: giusto 1" in said
    assert "domande                   1: giusto 1" in said


@pytest.mark.endurance
def test_what_there_is_to_read_is_counted() -> None:
    assert re.search(r"HEAD +program +\d+ files +\d+ lines", run("benchmarks.sizes"))


@pytest.mark.endurance
def test_what_is_fuzzed_takes_any_bytes(classifier: IntentClassifier) -> None:
    chance = random.Random(28)
    for _ in range(40):
        data = chance.randbytes(chance.randrange(200))
        fuzz_mail(b"From: a@b.example\r\nSubject: x\r\n" + data)
        fuzz_words(classifier, data)
        fuzz_page(data)
        fuzz_lines(data)
