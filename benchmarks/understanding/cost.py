"""What understanding a message costs, beside simple ways to find the fact that it asks for.

``python -m benchmarks.understanding.cost [FOLDER]``: ``TEXTS`` of each kind, from the sets in FOLDER (else in
``tests/understanding/sets``), the best of ``ROUNDS`` times for each. Milliseconds of CPU; machines wander, the ratios
of texts taken in turn say more. The first way alone is the least that a bot with this encoder does for a question.
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.understanding.__main__ import SETS
from benchmarks.understanding.baselines import baselines
from benchmarks.understanding.people import Row
from benchmarks.understanding.scoring import START
from conversation.dialogue import Dialogue
from conversation.understanding import understand
from conversation.understanding.cache import user_cache
from conversation.understanding.classifier import IntentClassifier, open_classifier
from conversation.understanding.encoder import open_encoder
from conversation.understanding.programme import sample_meetings
from knowledge.library import load_library

TEXTS = int(os.environ.get("TEXTS", "60"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
#: Characters of a long letter: several mails, one after the other.
_LONG = 2_000
#: In the order in which they are compared: the first that there is.
_PEERS = ("solo encoder", "BM25, Snowball")


def texts_in(folder: Path) -> dict[str, list[str]]:
    """Some of each kind, the same each time."""
    letters, questions = (_rows(folder.glob(f"{name}-*.jsonl")) for name in ("letters", "questions"))
    mails = [row["text"] for row in letters if row["channel"] == "mail"]
    kinds = {
        "chats": [row["text"] for row in letters if row["channel"] == "chat"],
        "chats that ask": [row["text"] for row in questions if row["channel"] == "chat"],
        "mails": mails,
    }
    chance, joined = random.Random(28), "\n".join(mails)
    found = {name: chance.sample(texts, min(TEXTS, len(texts))) for name, texts in kinds.items()}
    starts = range(0, len(joined) - _LONG, _LONG)
    found["letters of 2,000"] = [joined[at : at + _LONG] for at in chance.sample(starts, min(TEXTS, len(starts)))]
    return {name: texts for name, texts in found.items() if texts}


def _rows(files: Iterable[Path]) -> list[Row]:
    return [json.loads(line) for file in sorted(files) for line in file.read_text(encoding="utf-8").splitlines()]


def spent(texts: list[str], ways: list[Callable[[str], object]]) -> list[list[float]]:
    """For each way the milliseconds of each text; the ways take turns."""
    best = [[float("inf")] * len(texts) for _ in ways]
    for _ in range(ROUNDS):
        for number, text in enumerate(texts):
            for way, found in zip(ways, best, strict=True):
                begun = time.process_time()
                way(text)
                found[number] = min(found[number], (time.process_time() - begun) * 1000)
    return best


def _understanding(classifier: IntentClassifier) -> Callable[[str], object]:
    meetings = sample_meetings()
    return lambda text: understand(text, Dialogue(), classifier, START, meetings=meetings)


def main() -> None:
    """Print the table."""
    library = load_library()
    simple = baselines(library, open_encoder(user_cache()))
    peer = next(name for name in _PEERS if name in simple)
    ways = [_understanding(open_classifier(library)), simple[peer]]
    print(f"| text | characters | median | 95 % | {peer} | ratio |\n|---|---|---|---|---|---|")
    figures = {}
    for name, texts in texts_in(Path(sys.argv[1]) if len(sys.argv) > 1 else SETS).items():
        ours, theirs = spent(texts, ways)
        median, length = statistics.median(ours), statistics.median(map(len, texts))
        late, least = sorted(ours)[int(len(ours) * 0.95)], statistics.median(theirs)
        figures[name] = round(median, 1)
        row = f"{length:.0f} | {median:.1f} | {late:.1f} | {least:.1f} | {median / least:.1f}"
        print(f"| {name} | {row} |", flush=True)
    print("\n" + json.dumps(figures))


if __name__ == "__main__":
    main()
