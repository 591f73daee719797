"""``evaluate``: scores the understanding on labelled JSONL files; what a row may say stands in ``benchmarks.understanding.scoring``."""

import json
from pathlib import Path
from typing import Any

from bot.faults import UsageError


async def evaluate_files(files: list[Path], *, as_json: bool) -> int:
    """Score every file and print what was found."""
    try:
        from benchmarks.understanding.scoring import evaluate
    except ModuleNotFoundError as error:
        msg = f"evaluate si usa nella cartella del progetto, dove c'è benchmarks ({error.name} manca)"
        raise UsageError(msg) from error
    evaluate([row for file in files for row in _read(file)], as_json=as_json)
    return 0


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        msg = f"{file}: non si può leggere come JSONL: {error}"
        raise UsageError(msg) from error
