"""When two spellings are one association, and which of several a sentence names."""

import pytest

from conversation.understanding.organisations import named_among, same_organisation


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Polisportiva Le Querce", "ASD Polisportiva Le Querce", True),
        ("Polisportiva Le Querce", "A.S.D. Le Querce", True),
        ("Coro Le Rondini", "coro le Rondinni", True),
        ("Associazione Amici del Fiume", "Amici del Fiume", True),
        ("", "", True),
        ("Coro Le Rondini", "Banda Le Rondini", False),
        ("Coro Le Rondini", "Banda Il Tasso", False),
        ("Circolo Lume", "Circolo Lume Sud", False),
        ("Coro Le Rondini", "", False),
    ],
)
def test_spellings(one: str, other: str, *, same: bool) -> None:
    assert same_organisation(one, other) is same
    assert same_organisation(other, one) is same


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("la Banda Il Tasso non può", ["Banda Il Tasso"]),
        ("il coro", ["Coro Le Rondini"]),
        ("il tasso", ["Banda Il Tasso"]),
        ("tutti e due", []),
        ("il Coro Le Rondini e la Banda Il Tasso", ["Coro Le Rondini", "Banda Il Tasso"]),
    ],
)
def test_naming_one_of_several(words: str, found: list[str]) -> None:
    assert named_among(words, ["Coro Le Rondini", "Banda Il Tasso"]) == found
