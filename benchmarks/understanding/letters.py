"""Writes docs/letters/README.md anew: what is made of the letters beside it. To be run after each learning.

``python -m benchmarks.understanding.letters``
"""

import json
import re
import subprocess
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "docs" / "letters"
#: Each letter's title, by its file.
TITLES = {
    "01-semplice": "A plain letter with a date that is background",
    "02-due-associazioni": "Two associations in one letter",
    "03-due-numeri": "A number for each meeting",
    "04-escluso": "A day that is excluded",
    "05-spostamento": "A move",
    "06-inoltrata": "A request above forwarded news",
    "07-settore-nella-firma": "The sector only in the signature",
    "08-iscrizione-e-adesione": "A registration and an adhesion",
    "09-due-domande": "Two questions",
    "10-protocollo": "A protocol office, companions told by office and name",
}
_HEAD = """# Ten letters, and what is made of them

`python -m bot explain --jsonl docs/letters/*.eml` (invented people; the clock stands on 15 January 2021). Each
request as it is understood; certainty is that of the act. What was read where stands in `found`, here left out but for
the words of the letter. Written by `python -m benchmarks.understanding.letters`.
"""
_COLUMNS = ("act", "meetings", "association", "writer", "people", "answer", "certainty")
#: Lines of an answer that every answer has: greetings, links, notices.
_USUAL = re.compile(
    r"^(?:Buongiorno|Link Zoom|Per disdire|Per avere|Informativa|Le vostre|Le Sue|Le tue|Questa è una risposta)"
)
_LONGEST = 420


def _cells(request: dict[str, Any]) -> tuple[str, ...]:
    association = request["organisation"]
    return (
        request["act"],
        ", ".join(request["meetings"]) or "–",
        "not said" if association is None else association or "none",
        request["writer"] or "–",
        str(request["participants"] or "–"),
        request["answer"] or "–",
        f"{request['certainty']:.2f}",
    )


def _section(letter: Path, read: dict[str, Any]) -> str:
    message = message_from_bytes(letter.read_bytes(), policy=default)
    written = message.get_body(("plain",))
    text = written.get_content().strip() if written is not None else ""
    rows = [_COLUMNS, ("---",) * len(_COLUMNS), *map(_cells, read["requests"])]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    said = read["reply"]["text"] if read["reply"] else ""
    told = " / ".join(line for line in said.splitlines() if line.strip() and not _USUAL.match(line))
    found = [e for e in read["evidence"] if e.startswith(("giorno", "settore", "incontri letti"))]
    head = f"From: {message['From']}\nSubject: {message['Subject']}"
    parts = [f"## {TITLES[letter.stem]}", f"```\n{head}\n\n{text}\n```", table, f"Answered: {told[:_LONGEST]}"]
    return "\n\n".join([*parts, *([f"Found: {'; '.join(found)}."] if found else [])])


def main() -> None:
    """Explain the letters and write the page."""
    letters = sorted(FOLDER.glob("*.eml"))
    command = [sys.executable, "-m", "bot", "explain", "--jsonl", *map(str, letters)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    sections = [_section(one, json.loads(line)) for one, line in zip(letters, said.splitlines(), strict=True)]
    (FOLDER / "README.md").write_text("\n".join([_HEAD, "\n\n".join(sections), ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
