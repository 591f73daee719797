"""The staff's files: complete, clear when wrong, and every fact standing in its source."""

import re
import shutil
import string
from pathlib import Path

import pytest

from db.meetings import as_day
from knowledge.checking import TOWN_NAMES, KnowledgeError
from knowledge.library import HERE, LANGUAGES, Form, load_library

SEEDS = Path(__file__).parents[3] / "shared/seeds"


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name} - TOWN_NAMES


def without_form(key: str) -> str:
    """A text that addresses people has a key for each form."""
    name, _, form = key.rpartition(".")
    return name if form in set(Form) else key


def test_every_locale_has_every_text_with_the_same_places() -> None:
    texts = load_library().texts
    assert set(texts) == set(LANGUAGES)
    italian = {without_form(key): places(text) for key, text in texts["it"].items()}
    for language in texts:
        assert {without_form(key) for key in texts[language]} == italian.keys()
        for key, text in texts[language].items():
            assert places(text) == italian[without_form(key)], f"{language}: {key}"


def test_every_text_that_the_code_says_exists_and_none_is_left_over() -> None:
    texts = {without_form(key) for key in load_library().texts["it"]}
    code = "\n".join(
        p.read_text(encoding="utf-8")
        for room in ("bot", "conversation", "db", "delivery", "handlers", "office", "web")
        for p in (HERE.parent / room).rglob("*.py")
    )
    said = set(re.findall(r"say\(\s*[\"']([a-z_.]+)[\"']", code))
    assert said <= texts
    named = set(re.findall(r"[\"']([a-z]+(?:\.[a-z_]+)?)[\"']", code))
    composed = (
        "commands.",
        "changed.",
        "alert.",
        "calendar.",
        "staff.colleague_",
        "staff.reason_",
        "staff.said_",
        "staff.earlier_",
        "staff.kind_",
        "staff.missing_",
        "privacy.status_",
        "privacy.renewed_",
        "copy.",
        "button.fix_",
        "ask.only_english_",
        "welcome.identity_",
    )
    assert {key for key in texts if key not in named and not key.startswith(composed)} == set()


def test_every_fact_has_variants_an_answer_in_each_language_and_a_source() -> None:
    library = load_library()
    for fact in library.facts.values():
        assert len(fact.questions["it"]) >= 4, fact.id
        assert fact.answer["en"], fact.id
        assert fact.sources, fact.id


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the source documents are not beside this checkout")
def test_what_a_fact_rests_on_stands_in_that_paragraph() -> None:
    for fact in load_library().facts.values():
        for source in fact.sources:
            text = (SEEDS / f"{source.document}.txt").read_text(encoding="utf-8")
            paragraphs = [p for p in text.split("\n") if p.strip()]
            for words in source.rests_on:
                assert words in paragraphs[source.paragraph - 1], (
                    f"{fact.id}: «{words}» is not in paragraph {source.paragraph}"
                )


def test_no_hour_is_ever_stated_by_a_fact() -> None:
    for fact in load_library().facts.values():
        assert not re.search(r"\b(?:alle|ore) \d", " ".join(fact.answer.values())), fact.id


@pytest.mark.parametrize(
    ("fact", "part"),
    [
        ('id = "x"', "manca"),
        (
            (
                'id = "a.x"\ntitle.it = "t"\nquestions.it = ["?"]\nanswer.it = "a"\nsources = [{document = "no", '
                'paragraph = 1, rests_on = ["x"]}]'
            ),
            "non è in sources.toml",
        ),
        ('id = "a.x"\ntitle.it = "t"\nquestions.it = []\nanswer.it = "a"\nsources = []', "almeno una domanda"),
    ],
)
def test_a_wrong_file_is_refused_with_the_entrys_name(tmp_path: Path, fact: str, part: str) -> None:
    shutil.copytree(HERE, tmp_path / "k", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (tmp_path / "k/towns/lucca/facts/wrong.toml").write_text(f"[[fact]]\n{fact}\n", encoding="utf-8")
    with pytest.raises(KnowledgeError, match=part):
        load_library(tmp_path / "k/towns/lucca", tmp_path / "k")


@pytest.mark.parametrize(
    ("file", "added", "part"),
    [
        ("organisations.toml", 'names = ["ASD"]', "organisations.toml: la voce «names» non esiste"),
        ("handover.toml", 'tax = "la TARI"', "handover.toml: la voce «tax» è un elenco"),
        ("sectors.toml", "moto = []", "sectors.toml: la voce «moto» è un elenco"),
        ("locales/it.toml", '[new]\nword = "ciao"', "locales/en.toml: manca il testo «new.word»"),
        ("locales/en.toml", '[new]\nword = "ciao"', "locales/it.toml: manca il testo «new.word»"),
        ("sources.toml", "[[[", "sources.toml: non si può leggere"),
    ],
)
def test_an_entry_that_nothing_can_use_is_refused(tmp_path: Path, file: str, added: str, part: str) -> None:
    shutil.copytree(HERE, tmp_path / "k", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    with next(p for p in (tmp_path / "k" / file, tmp_path / "k/towns/lucca" / file) if p.exists()).open(
        "a", encoding="utf-8"
    ) as opened:
        opened.write(f"\n{added}\n")
    with pytest.raises(KnowledgeError, match=re.escape(part)):
        load_library(tmp_path / "k/towns/lucca", tmp_path / "k")


def test_a_place_that_nothing_fills_is_refused(tmp_path: Path) -> None:
    shutil.copytree(HERE, tmp_path / "k", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = tmp_path / "k/locales/it.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text("\ufeff" + text.replace("{mailbox}", "{casella}", 1), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="i segnaposto non sono quelli italiani"):
        load_library(tmp_path / "k/towns/lucca", tmp_path / "k")
    file.write_text("\ufeff" + text, encoding="utf-8")  # as an editor of Windows writes it
    assert load_library(tmp_path / "k/towns/lucca", tmp_path / "k").texts["it"]


def test_the_sample_programme_gives_no_hour() -> None:
    import tomllib

    meetings = tomllib.loads((HERE / "programme.toml").read_text(encoding="utf-8"))["meetings"]
    assert not any("hour" in m for m in meetings)
    assert [str(as_day(m.get("day"))) for m in meetings if m.get("link")] == [
        "2021-01-19",
        "2021-01-21",
        "2021-01-22",
        "2021-01-26",
    ]


def test_every_fact_can_be_asked_in_ten_ways() -> None:
    for fact in load_library().facts.values():
        assert len(fact.questions["it"]) >= 10, fact.id
        assert len(fact.questions["en"]) >= 2, fact.id
        assert fact.answer.keys() == fact.title.keys() == {"it", "en"}, fact.id


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the source documents are not beside this checkout")
def test_no_sentence_of_the_sources_is_copied() -> None:
    """Ten words in a row may be a title or a list of names, never the sentence of a source."""
    sources = " ".join(p.read_text(encoding="utf-8") for p in SEEDS.glob("*.txt"))
    plain = " ".join(re.findall(r"\w+", sources.lower()))
    for fact in load_library().facts.values():
        without_titles = re.sub(r"«[^»]*»|“[^”]*”", " | ", fact.answer["it"])
        words = re.findall(r"\w+|\|", without_titles.lower())
        for i in range(len(words) - 9):
            run = " ".join(words[i : i + 10])
            assert run not in plain, f"{fact.id}: «{run}»"
