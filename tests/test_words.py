"""One word for one meaning: the glossary of docs/architecture.md, held against names and docstrings of the program."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
CODE = ("bot", "conversation", "db", "delivery", "handlers", "knowledge", "mail", "office", "web", "workers")


def never() -> set[str]:
    """The last column of the glossary."""
    glossary = (HOUSE / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Glossary")[2]
    rows = [line.strip("|").split("|") for line in glossary.splitlines() if line.startswith("| ")]
    return {word.strip() for row in rows[1:] for word in row[2].split(",")} - {""}


@lru_cache
def trees() -> dict[str, ast.Module]:
    files = [file for room in CODE for file in sorted((HOUSE / room).rglob("*.py"))]
    told = {str(file.relative_to(HOUSE)): file.read_text(encoding="utf-8") for file in files}
    return {name: ast.parse(text) for name, text in told.items() if "migrations/versions" not in name}


def said_in(tree: ast.AST) -> Iterator[str]:
    """Names that the code gives, and docstrings; a column's name (``table.c.name``) is the database's."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name):
                yield name
            case ast.Attribute(value=ast.Attribute(attr="c")):
                pass
            case ast.Attribute(attr=name):
                yield name
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
                yield ast.get_docstring(node, clean=False) or ""
            case ast.Module():
                yield ast.get_docstring(node, clean=False) or ""
            case _:
                pass


def test_the_words_that_were_given_up_are_not_said() -> None:
    given_up = never()
    assert "door" in given_up
    any_of_them = re.compile("|".join(given_up), re.IGNORECASE)
    found = {
        (file, word)
        for file, tree in trees().items()
        for said in said_in(tree)
        if any_of_them.search(said)
        # What stands in a docstring as code names a column, a command or a table.
        for word in re.findall(r"[A-Z]?[a-z]+", re.sub(r"``[^`]*``", " ", said))
        if word.lower() in given_up
    }
    assert not found


def test_a_class_has_its_name_to_itself() -> None:
    names = Counter(n.name for tree in trees().values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef))
    assert {name for name, times in names.items() if times > 1} == set()
