"""``evaluate``: scores the understanding on labelled JSONL files.

A row says by its fields what it tests: ``intent``, ``expected`` (sectors of the meetings meant, with ``now``), ``gold``
(ids of the facts that answer), or none of these: a question that the sources cannot answer.
"""

import json
import sys
import time
import tomllib
from collections import Counter
from datetime import date, datetime
from datetime import time as hour
from pathlib import Path
from typing import Any

from bot.faults import UsageError
from bot.sandbox.running import START
from conversation.dialogue import Dialogue
from conversation.meeting import Meeting
from conversation.times import to_utc
from conversation.understanding import ANSWER, understand, warm_up
from handlers.dispatch import choose_intent
from knowledge.library import HERE, load_library

_SECTORS = {"genere": "politiche_genere", "musei": "musei_cultura", "firmatari": "patti_cittadinanza"}


def sample_meetings() -> list[Meeting]:
    """The sample programme, without a database."""
    rows = tomllib.loads((HERE / "programme.toml").read_text(encoding="utf-8"))["meetings"]
    return [Meeting(i, r["sector"], "", r.get("day"), link=r.get("link", "")) for i, r in enumerate(rows, 1)]


def _judge(row: dict[str, Any], meetings: list[Meeting]) -> tuple[str, str]:
    """(what is tested, verdict) of one row."""
    now = _at(row)
    heard = understand(row["text"], Dialogue(), load_library(), now, meetings=meetings)
    if "intent" in row:
        return "intenti", "giusti" if choose_intent(heard) == row["intent"] else "sbagliati"
    if "expected" in row:
        wanted = {_SECTORS.get(s, s) for s in row["expected"]}
        chosen = {m.sector for m in meetings if m.id in heard.meeting.chosen}
        offered = {m.sector for m in meetings if m.id in heard.meeting.candidates}
        if chosen == wanted or (not chosen and len(wanted) != 1 and wanted <= offered | chosen):
            return "incontri", "giusti"
        return "incontri", "sbagliati" if chosen else "chiesti"
    best = heard.facts[0] if heard.facts else None
    answered = best is not None and best.score >= ANSWER and heard.hand_over is None
    if "gold" in row:
        right = answered and best is not None and best.label in row["gold"]
        return "domande", "giusti" if right else "sbagliati" if answered else "passate"
    return "fuori fonti", "sbagliati" if answered else "giusti"


def _at(row: dict[str, Any]) -> datetime:
    return to_utc(date.fromisoformat(row["now"]), hour(9)) if "now" in row else START


async def evaluate_files(files: list[Path], *, as_json: bool) -> int:
    """Score every file; prints counts per kind of row and the time per row."""
    meetings = sample_meetings()
    warm_up(load_library())
    counted: dict[str, Counter[str]] = {}
    spent: list[float] = []
    for file in files:
        try:
            rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        except (OSError, ValueError) as error:
            msg = f"{file}: non si può leggere come JSONL: {error}"
            raise UsageError(msg) from error
        for row in rows:
            start = time.process_time()
            tested, verdict = _judge(row, meetings)
            spent.append((time.process_time() - start) * 1000)
            counted.setdefault(tested, Counter())[verdict] += 1
    spent.sort()
    timing = {"p50": round(spent[len(spent) // 2], 2), "p95": round(spent[int(len(spent) * 0.95)], 2)} if spent else {}
    if as_json:
        sys.stdout.write(json.dumps({"counts": counted, "cpu_ms": timing}, ensure_ascii=False) + "\n")
        return 0
    for tested, verdicts in counted.items():
        total = sum(verdicts.values())
        parts = ", ".join(f"{name} {number} ({number / total:.0%})" for name, number in verdicts.most_common())
        sys.stdout.write(f"{tested:<12} {total:>4}: {parts}\n")
    sys.stdout.write(f"millisecondi di CPU per frase: {timing}\n")
    return 0
