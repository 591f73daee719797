"""Scores the understanding on labelled rows, with and without the encoder, beside simple methods.

A row says by its fields what it tests:

- ``contains``: regular expressions that the right answer contains (or ``gold``: ids of the facts that answer);
- ``intent``: what is wanted;
- ``expected`` (sectors, with ``now``): which meetings are meant;
- ``meeting``, ``organisation``, ``participants``: a registration in one sentence;
- ``language``: the language it is written in;
- none of these: a question that the sources cannot answer.
"""

import json
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as hour
from pathlib import Path
from typing import Any

from benchmarks.understanding.baselines import Finder, baselines
from conversation.dialogue import Dialogue
from conversation.meeting import Meeting
from conversation.times import to_utc
from conversation.understanding import Understanding, understand
from conversation.understanding.cache import user_cache
from conversation.understanding.classifier import IntentClassifier, open_classifier
from conversation.understanding.encoder import open_encoder
from conversation.understanding.programme import sample_meetings
from handlers.ask import Band, judge
from handlers.intents import contract_name
from handlers.wishes import choose_intent
from knowledge.library import Library, load_library

_SECTORS = {"genere": "politiche_genere", "musei": "musei_cultura", "firmatari": "patti_cittadinanza"}
Row = dict[str, Any]
#: When the rows are written, unless they say: a morning on which the sample programme is upcoming.
START = to_utc(date(2021, 1, 15), hour(9))


@dataclass(slots=True)
class Score:
    """What is counted for each kind of row, and the milliseconds of CPU of each sentence."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    spent: list[float] = field(default_factory=list)

    def add(self, tested: str, verdict: str) -> None:
        """Count one row."""
        self.counts.setdefault(tested, Counter())[verdict] += 1

    def timing(self) -> dict[str, float]:
        """Milliseconds of CPU a sentence."""
        spent = sorted(self.spent)
        if not spent:
            return {}
        return {"p50": round(spent[len(spent) // 2], 2), "p95": round(spent[int(len(spent) * 0.95)], 2)}


def _at(row: Row) -> datetime:
    return to_utc(date.fromisoformat(row["now"]), hour(9)) if "now" in row else START


def answers(library: Library, label: str, row: Row) -> bool:
    """Whether the fact ``label`` is a right answer to ``row``."""
    fact = library.facts.get(label)
    if fact is None:
        return False
    if "gold" in row:
        return label in row["gold"]
    return any(all(re.search(part, text, re.IGNORECASE) for part in row["contains"]) for text in fact.answer.values())


def _judge_question(heard: Understanding, library: Library, row: Row) -> tuple[str, str]:
    asked = "contains" in row or "gold" in row
    tested = "domande" if asked else "fuori fonti"
    found = judge(heard) if choose_intent(heard) == "question" else None
    if found is None or found.band is Band.PERSON:
        return tested, "passate" if asked else "giusti"
    if found.band is Band.PERHAPS:
        offered = asked and any(answers(library, m.label, row) for m in found.matches)
        return tested, "tra le proposte" if offered else "proposte"
    if not asked:
        return tested, "risposti"
    return tested, "giuste" if answers(library, found.matches[0].label, row) else "sbagliate"


def _judge_meeting(heard: Understanding, meetings: Sequence[Meeting], row: Row) -> tuple[str, str]:
    wanted = {_SECTORS.get(s, s) for s in row["expected"]}
    chosen = {m.sector for m in meetings if m.id in heard.meeting.chosen}
    offered = {m.sector for m in meetings if m.id in heard.meeting.candidates}
    if chosen == wanted or (not chosen and len(wanted) != 1 and wanted <= offered | chosen):
        return "incontri", "giusti"
    return "incontri", "sbagliati" if chosen else "chiesti"


def _judge_registration(heard: Understanding, meetings: Sequence[Meeting], row: Row, score: Score) -> None:
    days = [str(m.day) for m in meetings if m.id in heard.meeting.chosen]
    details = heard.details
    name = details.organisation or ""
    right = {
        "incontro": days == [row["meeting"]],
        "associazione": name.casefold() == row["organisation"].casefold(),
        "persone": (details.participants or 1) == row["participants"],
    }
    for part, fits in right.items():
        score.add(f"iscrizioni: {part}", "giusti" if fits else "sbagliati" if part != "incontro" or days else "chiesti")
    whole = all(right.values()) and choose_intent(heard) == "register"
    score.add("iscrizioni intere", "giuste" if whole else "da completare")


def _score_row(row: Row, classifier: IntentClassifier, meetings: Sequence[Meeting], score: Score) -> None:
    begun = time.process_time()
    heard = understand(row["text"], Dialogue(), classifier, _at(row), meetings=meetings)
    score.spent.append((time.process_time() - begun) * 1000)
    if "language" in row:
        score.add("lingua", "giuste" if heard.language == row["language"] else "sbagliate")
    if "intent" in row:
        found = choose_intent(heard)
        same = row["intent"] in {found, contract_name(found)}
        score.add("intenti", "giusti" if same else "sbagliati")
    elif "expected" in row:
        score.add(*_judge_meeting(heard, meetings, row))
    elif "meeting" in row:
        _judge_registration(heard, meetings, row, score)
    else:
        score.add(*_judge_question(heard, classifier.library, row))


def score_rows(rows: list[Row], classifier: IntentClassifier) -> Score:
    """Every row with this classifier."""
    score, meetings = Score(), sample_meetings()
    for row in rows:
        _score_row(row, classifier, meetings, score)
    return score


def _compare(rows: list[Row], library: Library, finders: dict[str, Finder]) -> dict[str, dict[str, float]]:
    """For each method, the share whose nearest fact is right, and the share answered right while few strangers are.

    Few: one in twenty of the questions outside the sources, by the threshold that suits the method best on these rows.
    """
    asked = [r for r in rows if "contains" in r or "gold" in r]
    outside = [r for r in rows if r.keys() <= {"text", "id", "kind", "topic_in_bank", "now"}]
    table = {}
    for name, find in finders.items():
        found = [find(r["text"]) for r in asked]
        right = [answers(library, label, r) for (label, _), r in zip(found, asked, strict=True)]
        strangers = sorted((find(r["text"])[1] for r in outside), reverse=True)
        threshold = strangers[len(strangers) // 20] if strangers else 0.0
        sure = sum(fits and score > threshold for fits, (_, score) in zip(right, found, strict=True))
        table[name] = {"nearest": sum(right) / max(len(asked), 1), "answered": sure / max(len(asked), 1)}
    return table


def _finder_of(classifier: IntentClassifier) -> Finder:
    def find(text: str) -> tuple[str, float]:
        best = next((m for m in classifier.rank(text) if m.is_fact), None)
        return (best.label, best.score) if best else ("", 0.0)

    return find


def evaluate(rows: list[Row], *, as_json: bool) -> None:
    """Score every row; prints counts per kind of row, the time per sentence, the memory, and the comparison."""
    library = load_library()
    classifier = open_classifier(library)
    full = score_rows(rows, classifier)
    memory = round(_resident_mb(), 1)
    words_classifier = open_classifier(library, with_encoder=False)
    words = score_rows(rows, words_classifier)
    finders = {"questo bot": _finder_of(classifier), "questo bot, senza encoder": _finder_of(words_classifier)}
    finders |= baselines(library, open_encoder(user_cache()))
    table = _compare(rows, library, finders) if any("contains" in r or "gold" in r for r in rows) else {}
    if as_json:
        found = {
            "counts": full.counts,
            "cpu_ms": full.timing(),
            "rss_mb": memory,
            "without_encoder": {"counts": words.counts, "cpu_ms": words.timing()},
            "methods": table,
        }
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        return
    for title, score in (("con l'encoder", full), ("senza encoder", words)):
        sys.stdout.write(f"{title}\n")
        for tested, verdicts in score.counts.items():
            total = sum(verdicts.values())
            parts = ", ".join(f"{name} {number} ({number / total:.0%})" for name, number in verdicts.most_common())
            sys.stdout.write(f"  {tested:<26} {total:>4}: {parts}\n")
        sys.stdout.write(f"  millisecondi di CPU per frase: {score.timing()}\n")
    sys.stdout.write(f"memoria del processo con l'encoder: {memory} MB\n")
    for name, figures in table.items():
        sys.stdout.write(
            f"  {name:<28} voce più vicina giusta {figures['nearest']:.0%}; "
            f"risposte giuste con al più un estraneo su venti {figures['answered']:.0%}\n"
        )


def _resident_mb() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 1024 / 1024
