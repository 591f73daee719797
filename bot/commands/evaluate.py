"""``evaluate``: scores the understanding on labelled JSONL files.

What a row may say stands in ``benchmarks.understanding.scoring``; letters and questions of tests/understanding/sets go
through whole turns.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.errors import UsageError
from bot.settings import read_settings


async def evaluate_files(files: Sequence[Path], *, as_json: bool) -> int:
    """Score every file and print what was found."""
    try:
        from benchmarks.understanding.people import judge_rows, table
        from benchmarks.understanding.scoring import evaluate
        from conversation.understanding.classifier import open_classifier
        from knowledge.library import load_library
    except ModuleNotFoundError as error:
        msg = f"evaluate si usa nella cartella del progetto, dove c'è benchmarks ({error.name} manca)"
        raise UsageError(msg) from error
    rows = [row for file in files for row in _read(file)]
    people = [row for row in rows if _is_whole(row)]
    if people:
        sys.stdout.write(
            table(await judge_rows(people, open_classifier(load_library(read_settings().knowledge)))) + "\n"
        )
    if alone := [row for row in rows if not _is_whole(row)]:
        evaluate(alone, as_json=as_json)
    return 0


def _is_whole(row: dict[str, Any]) -> bool:
    """Whether a whole turn is to be judged, and not one sentence."""
    return "expect" in row or "answerable" in row


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        msg = f"{file}: non si può leggere come JSONL: {error}"
        raise UsageError(msg) from error
