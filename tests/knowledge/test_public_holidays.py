"""What is kept of the library's calendars, and what becomes of a half or a refused answer."""

from datetime import date
from pathlib import Path

import pytest

from knowledge import public_holidays as module
from knowledge.public_holidays import public_holidays


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing asked before counts."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    module._of_years.cache_clear()
    return tmp_path / "lucca-learning-city-bot"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What the library was asked for."""
    found: list[list[str]] = []
    ask = module._ask

    def note(words: list[str]) -> str:
        found.append(words)
        return ask(words)

    monkeypatch.setattr(module, "_ask", note)
    return found


def test_ten_years_are_asked_for_once_and_kept(folder: Path, asked: list[list[str]]) -> None:
    assert public_holidays("IT", "LU", 2026)[date(2026, 7, 12)].startswith("San Paolino")
    module._of_years.cache_clear()
    assert date(2021, 1, 6) in public_holidays("IT", "LU", 2029)
    assert asked == [["IT", "LU", "2020", "10"]]
    assert date(2030, 1, 6) in public_holidays("IT", "LU", 2030)
    assert [words[2] for words in asked] == ["2020", "2030"]
    assert len([*folder.iterdir()]) == 2


def test_half_of_an_answer_is_asked_for_again(folder: Path, asked: list[list[str]]) -> None:
    before = public_holidays("IT", "", 2026)
    (kept,) = folder.iterdir()
    kept.write_text(kept.read_text()[:40])
    module._of_years.cache_clear()
    assert public_holidays("IT", "", 2026) == before
    assert len(asked) == 2


def test_where_nothing_can_be_kept_it_is_known_all_the_same(folder: Path) -> None:
    folder.write_text("a file")
    assert date(2026, 1, 6) in public_holidays("IT", "", 2026)


@pytest.mark.parametrize("where", [("XX", ""), ("IT", "nowhere"), ("IT", "-c")])
def test_what_the_library_does_not_know_is_refused_each_time(folder: Path, where: tuple[str, str]) -> None:
    for _ in range(2):
        with pytest.raises(LookupError):
            public_holidays(*where, 2026)
