"""Compiled templates: made once, of the text that stands there, and no page fails for want of them."""

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from web.console.compiled import Compiled


def rendered(folder: Path, text: str = "Buongiorno {{ name }}") -> str:
    return Environment(
        loader=DictLoader({"page": text}), bytecode_cache=Compiled(folder), autoescape=True
    ).get_template("page").render(name="Anna")  # fmt: skip


def test_a_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rendered(tmp_path / "t") == "Buongiorno Anna"
    assert (tmp_path / "t").stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(Environment, "compile", None)
    assert rendered(tmp_path / "t") == "Buongiorno Anna"


def test_another_text_is_compiled_anew(tmp_path: Path) -> None:
    assert rendered(tmp_path) == "Buongiorno Anna"
    assert rendered(tmp_path, "Ciao {{ name }}") == "Ciao Anna"


@pytest.mark.parametrize("size", [0, 5, 30, 60])
def test_half_a_file_is_compiled_anew(tmp_path: Path, size: int) -> None:
    rendered(tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:size])
    assert rendered(tmp_path) == "Buongiorno Anna"


def test_where_nothing_can_be_kept_the_page_is_shown(tmp_path: Path) -> None:
    (file := tmp_path / "file").write_text("")
    assert rendered(file / "t") == "Buongiorno Anna"
    assert rendered(file) == "Buongiorno Anna"
