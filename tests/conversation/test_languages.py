"""Every language has all that a module of ``conversation/languages`` must have; handlers have no words of their own."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, time
from pathlib import Path

import pytest

from conversation import languages
from conversation.languages import ALL, ONLY_UNDERSTOOD, SPOKEN, Cues, Spoken, Understood
from conversation.words import fold
from knowledge.library import LANGUAGES

ROOT = Path(__file__).parents[2]
#: What a language may lack: letters that Italian has not, words that mean something else in Italian ("da"), refusals of
#: one sort.
MAY_BE_EMPTY = {"letters", "denials", "no_refusals"}
WITHOUT = {("ro", "yes")}


def members(protocol: type) -> set[str]:
    return {name for name in dir(protocol) if not name.startswith("_")}


def test_the_spoken_languages_are_those_of_the_texts() -> None:
    assert tuple(SPOKEN) == LANGUAGES
    assert [language.code for language in SPOKEN.values()] == list(SPOKEN)


def test_every_module_is_a_language() -> None:
    folder = Path(languages.__file__).parent
    modules = {file.stem for file in folder.glob("*.py")} - {"__init__", "protocol"}
    assert modules == {language.code for language in ALL}


@pytest.mark.parametrize("language", ALL, ids=lambda language: language.code)
def test_every_language_has_what_it_takes_to_understand_it(language: Understood) -> None:
    for name in members(Understood):
        value = getattr(language, name)
        if name not in MAY_BE_EMPTY and (language.code, name) not in WITHOUT:
            assert value, name
        for word in value:
            assert word == fold(word).strip() or name == "letters", f"{name}: {word!r} is never met: texts are folded"
    assert set(language.weekday_names.values()) <= set(range(7))
    assert set(language.month_names.values()) <= set(range(1, 13))
    assert language.denials <= language.no


@pytest.mark.parametrize("language", SPOKEN.values(), ids=lambda language: language.code)
def test_every_spoken_language_has_what_it_takes_to_answer_in_it(language: Spoken) -> None:
    for name in members(Spoken):
        assert getattr(language, name) or name in MAY_BE_EMPTY, name
    assert len(language.weekdays) == len(set(language.weekdays)) == 7
    assert len(language.months) == len(set(language.months)) == 12
    for number, name in enumerate(language.weekdays):
        assert language.weekday_names[fold(name)] == number
    known = {fold(name): number for number, name in enumerate(language.months, 1)}
    assert known.items() <= language.month_names.items() | {("may", 5)}  # English: a verb, more often
    for field in fields(Cues):
        cue = getattr(language.cues, field.name)
        assert cue, field.name
        re.compile(rf"\b(?:{cue})")
    assert language.weekdays[3] in language.speak_day(date(2021, 1, 21))
    assert "30" in language.speak_hour(time(17, 30))


def test_a_language_that_is_only_understood_is_no_spoken_one() -> None:
    assert not {language.code for language in ONLY_UNDERSTOOD} & SPOKEN.keys()
    for language in ONLY_UNDERSTOOD:
        extra = {name for name in members(Spoken) - members(Understood) if hasattr(language, name)}
        assert extra == set(), f"{language.code} has what a spoken language has: say so in SPOKEN"


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_handlers_match_no_words_themselves() -> None:
    for file in (ROOT / "handlers").rglob("*.py"):
        assert "re" not in set(imported(ast.parse(file.read_text(encoding="utf-8")))), file
