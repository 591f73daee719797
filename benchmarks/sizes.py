"""Counts what there is to read: ``python -m benchmarks.sizes COMMIT…``; without one, of the newest commit.

Python alone, migrations apart: files, lines, functions over 40 lines, the longest of them.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator

_LONG = 40
_PARTS = {"tests": "tests", "benchmarks": "benchmarks"}


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


def _functions(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1, node.name


def count(commit: str) -> dict[str, tuple[int, int, int, tuple[int, str]]]:
    """For each part: files, lines, long functions, the longest."""
    sources: dict[str, list[str]] = {}
    for path in _git("ls-tree", "-r", "--name-only", commit).splitlines():
        if path.endswith(".py") and not path.startswith("db/migrations/versions/"):
            part = _PARTS.get(path.split("/")[0], "program")
            sources.setdefault(part, []).append(_git("show", f"{commit}:{path}"))
    found = {}
    for part, files in sorted(sources.items()):
        functions = [one for source in files for one in _functions(source)]
        long = sum(lines > _LONG for lines, _ in functions)
        found[part] = len(files), sum(source.count("\n") for source in files), long, max(functions, default=(0, ""))
    return found


if __name__ == "__main__":
    for commit in sys.argv[1:] or ["HEAD"]:
        for part, (files, lines, long, (most, name)) in count(commit).items():
            print(f"{commit:<10} {part:<10} {files:>4} files {lines:>6} lines {long:>3} long {most:>3} {name}")
