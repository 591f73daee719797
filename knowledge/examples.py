"""The letters that the reading is learnt from: ``letters/*.txt``, marked by hand.

The marks are explained in docs/understanding.md.

A letter begins with ``# id | mail or chat | language | voice | from=…``; each line is one piece with its act; brackets
mark what a day, number or name is for; ``=`` lines say what a careful reader of the office understands.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.checking import KnowledgeError

#: Where the letters stand, and the frames from which more are composed.
LETTERS = Path(__file__).parent / "letters"
#: Letters that teach only what is for another office: beside them the reading of ordinary letters grew worse.
MAILBOX = LETTERS / "mailbox"
#: What a sentence does: subject, registers, withdraws, changes, asks, joins the pact, another wish, courtesy,
#: background, signature.
ACTS = "ORWCAHLGBF"
#: What a mention is for: wanted, excluded, had, left, self; total, extra; one who comes, own association, writer.
ROLES = "+-=<^#&*@!"
#: What a letter for another office wishes.
OTHER_OFFICE = "other_office"
_MARK = re.compile(r"\[([^\[\]\n]+?)([-+=<^#&*@!])\]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the letter and its role, one of ``ROLES``."""

    start: int
    end: int
    role: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of the letter and its act, one of ``ACTS``."""

    start: int
    end: int
    act: str


@dataclass(frozen=True, slots=True)
class LabelledRequest:
    """What a careful reader of the office understands.

    ``organisation``: ``None`` not said, ``""`` a private citizen. ``people``: ``None`` not said.
    """

    act: str
    days: tuple[str, ...] = ()
    organisation: str | None = None
    writer: str = ""
    people: int | None = None


@dataclass(frozen=True, slots=True)
class MarkedLetter:
    """``text`` (of a mail: subject, empty line, body) and ``signature`` as the mail channel gives them.

    Marks and pieces are places in both together, the signature two characters below the text.
    """

    id: str
    channel: str
    language: str
    sender: str
    day: str
    text: str
    signature: str
    marks: tuple[Mark, ...]
    pieces: tuple[Piece, ...]
    requests: tuple[LabelledRequest, ...]


@dataclass(slots=True)
class _Draft:
    head: list[str]
    lines: list[tuple[str, str]] = field(default_factory=list)
    requests: list[LabelledRequest] = field(default_factory=list)


def load_letters(folder: Path = LETTERS) -> tuple[MarkedLetter, ...]:
    """Every letter of the folder, by file and place in it. Raises ``KnowledgeError`` at the first fault."""
    return tuple(letter for path in sorted(folder.glob("*.txt")) for letter in read_letters(path))


def letters_digest(folder: Path = LETTERS) -> str:
    """What changes with any of the letters, without reading them."""
    found = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.glob("*.txt")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def read_letters(path: Path) -> list[MarkedLetter]:
    """The letters of one file."""
    return [_compose(draft) for draft in _drafts(path)]


def _drafts(path: Path) -> Iterator[_Draft]:
    draft: _Draft | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("# "):
            if draft is not None:
                yield draft
            draft = _Draft([part.strip() for part in line[2:].split("|")])
        elif line.startswith("=") and draft is not None:
            draft.requests.append(_request(line[1:], f"{path.name}:{number}"))
        elif line.strip() and draft is not None:
            if line[0].upper() not in ACTS or line[1:2] != " ":
                msg = f"{path.name}:{number}: la riga comincia con la lettera di ciò che fa ({ACTS}) e uno spazio"
                raise KnowledgeError(msg)
            draft.lines.append((line[0], line[2:].strip()))
    if draft is not None:
        yield draft


def _request(line: str, place: str) -> LabelledRequest:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) not in {1, 5}:
        msg = f"{place}: dopo «=» sta la richiesta, sola o con giorni, associazione, chi scrive, quanti, divisi da «|»"
        raise KnowledgeError(msg)
    act, days, organisation, writer, people = [*parts, "", "?", "?", "?"][:5]
    return LabelledRequest(
        act,
        tuple(d.strip() for d in days.split(",") if d.strip() not in {"", "?", "-"}),
        {"?": None, "-": ""}.get(organisation, organisation),
        "" if writer in {"?", "-"} else writer,
        int(people) if people.isdecimal() else None,
    )


def _compose(draft: _Draft) -> MarkedLetter:
    head = [*draft.head, "", "", ""][:4]
    extra = dict(part.split("=", 1) for part in draft.head[4:] if "=" in part)
    tail = len(draft.lines)
    while tail and draft.lines[tail - 1][0] == "F":
        tail -= 1
    mail = head[1] == "mail"
    if not mail or tail == 0:
        tail = len(draft.lines)
    text, marks, pieces = "", list[Mark](), list[Piece]()
    for number, (act, words) in enumerate(draft.lines):
        if number == tail:
            text += "\n\n"
        elif text:
            text += ("\n\n" if draft.lines[number - 1][0] == "O" else "\n") if act.isupper() else " "
        elif mail and act != "O":
            text = "\n\n"
        start = len(text)
        text += plain_piece(words, start, marks)
        pieces.append(Piece(start, len(text), act.upper()))
    cut = pieces[tail].start - 2 if tail < len(pieces) else len(text)
    body, signature = text[:cut], text[cut + 2 :]
    lead = len(body) - len(body.lstrip("\n"))
    marks = [Mark(m.start - lead, m.end - lead, m.role) for m in marks]
    pieces = [Piece(p.start - lead, p.end - lead, p.act) for p in pieces]
    return MarkedLetter(
        head[0], head[1], head[2], extra.get("from", ""), extra.get("now", "2021-01-15"),
        body[lead:], signature, tuple(marks), tuple(pieces), tuple(draft.requests),
    )  # fmt: skip


def plain_piece(words: str, start: int, marks: list[Mark]) -> str:
    """``words`` without their brackets; the marks are added to ``marks``."""
    plain, last = "", 0
    for match in _MARK.finditer(words):
        plain += words[last : match.start()]
        marks.append(Mark(start + len(plain), start + len(plain) + len(match[1]), match[2]))
        plain += match[1]
        last = match.end()
    return plain + words[last:]
