"""Which pages the tests look at, read from what they say: every ``looking.fine(…)`` in ``tests/web/console``.

Processes share tests among them, so what was looked at is not counted while they run.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

_HERE = Path(__file__).parent
#: Stands for what is filled in: the number of a person, a token.
_SOME = "1"


def looked_at() -> set[str]:
    """Their addresses, without what follows a question mark; of an address that is not written out there, nothing."""
    return {address.partition("?")[0] for file in sorted(_HERE.glob("test_*.py")) for address in _addresses(file)}


def _addresses(file: Path) -> Iterator[str]:
    module = ast.parse(file.read_text(encoding="utf-8"))
    known = _named(module.body, {})
    for test in (node for node in module.body if isinstance(node, ast.AsyncFunctionDef)):
        here = _named(list(ast.walk(test)), known)
        for call in (node for node in ast.walk(test) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "fine":
                yield from filter(None, (_text(given, here) for given in call.args[1:]))


def _named(nodes: list[ast.stmt] | list[ast.AST], known: dict[str, str]) -> dict[str, str]:
    """What names stand for, where it is an address."""
    found = dict(known)
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                several = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if several and isinstance(node.value, ast.Tuple) else [node.value]
                for name, value in zip(names, values, strict=False):
                    if isinstance(name, ast.Name) and (text := _text(value, found)):
                        found[name.id] = text
    return found


def _text(node: ast.AST, known: dict[str, str]) -> str:
    """An address, as far as it is written out; empty for what is none."""
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) and node.value.startswith("/console") else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = [
        part.value if isinstance(part, ast.Constant) else _text(getattr(part, "value", part), known) or _SOME
        for part in node.values
    ]
    text = "".join(map(str, parts))
    return text if text.startswith("/console") else ""
