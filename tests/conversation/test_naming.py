"""What is an address in a name, and what only looks a little like one."""

import pytest

from conversation.naming import holds_address
from conversation.understanding.proper_names import NameFinder
from knowledge.library import load_library


@pytest.mark.parametrize(
    "name",
    [
        "http://evil.example/a",
        "HTTPS://EVIL.EXAMPLE",
        "hxxp://evil.example",
        "Polisportiva www.evil.example",
        "Polisportiva evil.com",
        "Polisportiva (evil.com)",
        "evil。com",
        "evil．com",
        "evil.zz/a",
        "//evil/a",
        "t.me/evil",
        "bit.ly/abc",
        "anna@evil.example",
        "anna＠evil.example",
        "mailto:anna",
        "ev\u00adil.com",
        "perché.it",
    ],
)
def test_an_address_is_seen(name: str) -> None:
    assert holds_address(name)


@pytest.mark.parametrize(
    "name",
    [
        "A.S.D. Polisportiva Le Querce",
        "S.S. Lucchese 1905 S.r.l.",
        "Ass.Culturale Il Noce",
        "Soc.Coop. Sociale S.Anna",
        "Dott.ssa Maria D'Angelo",
        "Prof.ssa Rossi",
        "A.N.P.I. sez. di Lucca",
        "Circolo ARCI 2/3 Novembre",
        "Coro Ponte a Moriano e/o amici",
        "U.I.S.P.",
        "C.I.F. & A.C.L.I.",
        "Gruppo No.It.A.",
        "Associazione «Il Sorriso»: sez. giovani",
        "Club 41",
        "",
    ],
)
def test_an_abbreviation_is_none(name: str) -> None:
    assert not holds_address(name)


def test_a_quoted_name_begins_behind_its_quotation_marks() -> None:
    text = 'Abbiamo una piccola associazione, "Pietra Dolce", di scultura'
    (name,) = [n for n in NameFinder(load_library()).find(text) if "Pietra" in n.text]
    assert text[name.start : name.end] == name.text == "Pietra Dolce"
