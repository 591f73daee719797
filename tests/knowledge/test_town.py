"""The town's own file: wrong or missing entries are refused in a sentence, and its names stand in its folder alone."""

import re
import shutil
from pathlib import Path

import pytest

from bot.settings import SettingsError, read_settings
from knowledge.checking import KnowledgeError
from knowledge.library import HERE, OWN_TOWN, load_library
from knowledge.town import read_town

ROOT = HERE.parent
CODE = ("bot", "conversation", "db", "delivery", "handlers", "mail", "office", "web", "workers")
#: The names of the program itself, which are no town's: its command, its folders, its mail headers.
PROGRAM = re.compile(r"lucca-learning-city-bot|luccabot", re.IGNORECASE)


@pytest.mark.parametrize(
    ("was", "now", "part"),
    [
        ('name = "Lucca"', "", "alla voce «name» serve un testo"),
        ('service = "Lucca Learning City"', "service = 3", "alla voce «service» serve un testo"),
        ('zone = "Europe/Rome"', 'zone = "Europe/Lucca"', "alla voce «zone» serve un fuso orario come Europe/Rome"),
        ('zone = "Europe/Rome"', 'zone = "../etc/passwd"', "alla voce «zone» serve un fuso orario"),
        ('languages = ["it", "en"]', 'languages = ["en"]', "alla voce «languages» serve un elenco"),
        ('mailbox = "luccalearningcity@comune.lucca.it"', 'mailbox = "lucca"', "«mailbox» serve un indirizzo e-mail"),
        ('en = "Pact for lifelong learning"', "", "alla voce «pact.en» serve un testo"),
        ('country = "IT"', 'country = "Italia"', "alla voce «holidays.country» serve un paese"),
        ('country = "IT"', 'country = "XX"', "«holidays» serve un paese, e una sua provincia"),
        ('subdivision = "LU"', 'subdivision = "../x"', "«holidays» serve un paese, e una sua provincia"),
        ("start = 2021-01-15T09:00:00", 'start = "domani"', "alla voce «sandbox.start» serve un'ora"),
        ('bot = "lucca_learning_city_bot"', 'bot = "il nostro"', "alla voce «sandbox.bot» serve un nome di bot"),
        ('address = "anna@posta.example"', "", "alla voce «sandbox.mailboxes.address» serve un testo"),
        ("[sandbox]", "[prova]", "la voce «prova» non esiste"),
        ("[sandbox]", "[sandbox", "town.toml: non si può leggere"),
    ],
)
def test_a_wrong_town_stops_the_start_with_a_sentence(tmp_path: Path, was: str, now: str, part: str) -> None:
    shutil.copytree(OWN_TOWN, tmp_path / "k")
    file = tmp_path / "k/town.toml"
    text = file.read_text(encoding="utf-8")
    assert was in text
    file.write_text(text.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match=re.escape(part)):
        read_town(tmp_path / "k")
    with pytest.raises(SettingsError, match=re.escape(part)):
        read_settings(_env_file=None, knowledge_dir=str(tmp_path / "k"))


def test_a_language_without_texts_is_refused(tmp_path: Path) -> None:
    shutil.copytree(OWN_TOWN, tmp_path / "k")
    file = tmp_path / "k/town.toml"
    text = file.read_text(encoding="utf-8").replace('["it", "en"]', '["it", "en", "de"]', 1)
    file.write_text(text.replace("[pact]", '[pact]\nde = "Pakt"', 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="i testi ci sono in it, en"):
        load_library(tmp_path / "k")


def test_a_folder_that_is_no_towns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"KNOWLEDGE_DIR: in .* non c'è town\.toml"):
        read_settings(_env_file=None, knowledge_dir=str(tmp_path))


def test_the_towns_names_stand_nowhere_outside_its_folder() -> None:
    """Code and templates, comments and docstrings apart; the texts of every town."""
    town = load_library().town
    abroad = ("Lucques", "Lukë", "Lukës")
    own = [town.name, town.service, town.office, town.sender, *abroad, *(word.strip("=") for word in town.no_names)]
    names = re.compile("|".join(map(re.escape, sorted(own, key=len, reverse=True))), re.IGNORECASE)
    files = [
        p for room in CODE for kind in ("*.py", "*.html", "*.js", "*.css", "*.txt") for p in (ROOT / room).rglob(kind)
    ]
    files += (HERE / "locales").glob("*.toml")
    found = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        said = _without_comments(text) if file.suffix == ".py" and names.search(text) else text
        found += [f"{file.relative_to(ROOT)}: {m.group()}" for m in names.finditer(PROGRAM.sub("", said))]
    assert found == []


def _without_comments(source: str) -> str:
    """The code without its comments and docstrings, which may give examples."""
    import ast

    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [n for n in node.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    return ast.unparse(tree)
