"""Pages and commands take from ``db`` what reads, and change through ``office``: contracts know no functions."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_CHANGES = {"insert", "update", "delete"}


def _imports(tree: ast.Module, package: str) -> list[tuple[str, str, str]]:
    """Module, name there and name here of each that is taken from the package."""
    return [
        (node.module, alias.name, alias.asname or alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == package
        for alias in node.names
    ]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def _is_statement(node: ast.AST) -> bool:
    """Whether it is SQL in words that changes something."""
    words = node.value.split() if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
    return bool(words) and words[0] in {"INSERT", "UPDATE", "DELETE"}


def _is_dialects_own(node: ast.AST) -> bool:
    """Whether it is an ``insert`` that no name stands for, as each database has its own."""
    return isinstance(node, ast.Attribute) and node.attr == "insert"


@cache
def changing() -> set[tuple[str, str]]:
    """Whatever of ``db`` changes something, itself or by what it uses: its module and name."""
    found: set[tuple[str, str]] = set()
    uses: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for path in (ROOT / "db").glob("*.py"):
        module, tree = f"db.{path.stem}", ast.parse(path.read_text(encoding="utf-8"))
        known = {here: (source, name) for source, name, here in _imports(tree, "db")}
        known |= {name: (module, name) for node in tree.body for name in _defined(node)}
        changes = {here for _, name, here in _imports(tree, "sqlalchemy") if name in _CHANGES}
        for node in tree.body:
            inside = [*ast.walk(node)]
            names = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
            for name in _defined(node):
                uses[module, name] = {known[n] for n in names if n in known}
                if names & changes or any(_is_statement(n) or _is_dialects_own(n) for n in inside):
                    found.add((module, name))
    while more := {one for one, used in uses.items() if one not in found and used & found}:
        found |= more
    return found


def test_what_changes_something_is_known() -> None:
    changes = changing()
    assert {("db.meetings", "add_meeting"), ("db.requests", "record"), ("db.seats", "free_seats")} <= changes
    assert {("db.listeners", "queue_notices"), ("db.recipients", "put_in_outbox"), ("db.outbox", "queue")} <= changes
    assert not {("db.meetings", "get_meeting"), ("db.lists", "read_rows"), ("db.registered", "know")} & changes


@pytest.mark.parametrize("folder", ["web/console", "bot/commands"])
def test_pages_and_commands_take_nothing_from_db_that_changes_something(folder: str) -> None:
    changes = changing()
    files = [*(ROOT / folder).glob("*.py")]
    assert files
    wrong = []
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        whole = [n for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names if a.name.startswith("db")]
        wrong += [
            f"{path.name}: {module}.{name}" for module, name, _ in _imports(tree, "db") if (module, name) in changes
        ]
        wrong += [f"{path.name}: a whole module of db" for _ in whole]
        wrong += [f"{path.name}: {name}, a whole module" for module, name, _ in _imports(tree, "db") if module == "db"]
    assert wrong == []
