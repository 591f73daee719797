"""Letters composed from frames (``knowledge/letters/*.frames``).

The many ways in which one thing is said, among others.

People who write letters by hand find what is said; frames give its number and its mixtures: days that collide with the
programme where nothing is wanted, numbers that count something else, a wish at the end of a story.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.examples import ACTS, LETTERS, Mark, MarkedLetter, Piece, plain_piece

_SLOT = re.compile(r"\{(\w+?)([-+=<^#&*@!_])\}")
_DAYS = (
    "martedì 19",
    "giovedì 21",
    "venerdì 22",
    "martedì 26",
    "giovedì",
    "venerdì",
    "martedì",
    "21 gennaio",
    "22 gennaio",
    "26 gennaio",
    "19 gennaio",
    "martedì prossimo",
    "giovedì prossimo",
    "venerdì 22 gennaio",
    "giovedì 21 gennaio 2021",
    "giovedi",
    "venerdi 22",
    "martedi 26",
    "giovedì 22",
    "venerdì 21",
    "28 gennaio",
    "lunedì 25",
)
_NUMBERS = ("19", "21", "22", "26")
_IL = (
    *(f"il {n}" for n in _NUMBERS),
    "il 21 gennaio",
    "il 22/1",
    "il 26/01",
    "giovedì",
    "venerdì 22",
    "martedì 19",
    "quello di martedì",
    "quello del 26",
    "giovedì 21",
    "la settimana prossima",
    "domani",
)
_DEL = (
    *(f"del {n}" for n in _NUMBERS),
    "di giovedì",
    "di giovedì 21",
    "di venerdì 22",
    "di martedì 26",
    "del 21 gennaio",
    "del 22 c.m.",
    "del 26 p.v.",
    "del 19/01/2021",
    "di martedì",
)
_AL = (
    *(f"al {n}" for n in _NUMBERS),
    "a giovedì",
    "a venerdì 22",
    "a martedì 26",
    "all'incontro del 21",
    "a quello del 22",
    "a quello di martedì",
)
_OTHER = (
    "3 maggio",
    "14 gennaio",
    "12 gennaio",
    "11/01/2021",
    "7 febbraio",
    "4 dicembre 2020",
    "1987",
    "8 marzo",
    "25 novembre",
    "28 gennaio",
    "13 gennaio",
    "settembre",
    "2014",
    "15 ottobre 2020",
)
_AWAY = (
    "martedì",
    "giovedì",
    "venerdì",
    "lunedì",
    "sabato",
    "mercoledì",
    "domenica",
    "21",
    "26",
    "19",
    "martedì 19",
    "venerdì 22",
    "sabato 23",
)
_SECTORS = (
    "dello sport",
    "delle associazioni sportive",
    "per lo sport",
    "sullo sport",
    "dei musei",
    "per i musei",
    "sui musei e la cultura",
    "delle associazioni culturali",
    "sulle politiche di genere",
    "delle politiche di genere",
    "per le donne",
    "dei firmatari",
    "dei patti di cittadinanza",
    "per i firmatari dei patti",
)
_RANKS = (
    "il prossimo",
    "l'ultimo",
    "tutti e quattro",
    "entrambi",
    "tutti",
    "il primo",
    "il secondo",
    "tutti gli incontri",
    "il prossimo incontro",
)
_SELVES = (
    "museo",
    "società sportiva",
    "associazione di donne",
    "polisportiva",
    "circolo culturale",
    "gruppo di firmatari",
    "biblioteca",
    "squadra di pallavolo",
    "centro antiviolenza",
    "bocciofila",
    "associazione culturale",
)
_COUNTS = ("2", "3", "4", "5", "6", "due", "tre", "quattro", "cinque", "sei", "2", "due", "tre", "dieci", "8", "7")
_MANY = ("40", "26", "21", "120", "15", "19", "22", "sette", "trenta", "60", "12", "3", "due", "cinque", "200", "85")
_COMPANIONS = (
    "mia moglie",
    "mio marito",
    "il vice",
    "la presidente",
    "il presidente",
    "una collega",
    "un collega",
    "un amico",
    "mia figlia",
    "mio figlio",
    "la segretaria",
    "il tesoriere",
    "mia sorella",
    "l'allenatore",
    "una volontaria",
    "la direttrice",
    "il mio vicino",
    "la mia compagna",
    "un socio",
    "la curatrice",
)
_FIRST = (
    "Lia",
    "Ugo",
    "Marta",
    "Renzo",
    "Paola",
    "Dario",
    "Ilaria",
    "Sergio",
    "Anna",
    "Pietro",
    "Nadia",
    "Bruno",
    "Elena",
    "Tommaso",
    "Chiara",
    "Vasco",
    "Irene",
    "Mirko",
    "Fatima",
    "Samuel",
)
_LAST = (
    "Neri",
    "Galli",
    "Berti",
    "Fanucchi",
    "Del Carlo",
    "Lenzi",
    "Pardini",
    "Tei",
    "Mei",
    "Bianchi",
    "Lippi",
    "Barsanti",
    "Dini",
    "Orsi",
    "Giannotti",
    "Simi",
    "Matteoni",
    "Puccini",
)
_KINDS = (
    "Associazione",
    "Circolo",
    "ASD",
    "Gruppo",
    "Museo",
    "Polisportiva",
    "Comitato",
    "Pro Loco",
    "Coro",
    "Centro",
    "Fondazione",
    "Cooperativa",
    "Amici",
    "",
    "",
    "",
)
_CALLED = (
    "Le Querce",
    "del Castagno",
    "La Rondine",
    "Tre Fonti",
    "Il Telaio",
    "delle Mura Basse",
    "Canto e Danza",
    "Mani nella Terra",
    "Onda",
    "Borgo Alto",
    "Pagina 99",
    "La Lanterna",
    "dei Ciliegi",
    "Argini Puliti",
    "Nuova Aurora",
    "Sentieri e Parole",
    "Il Filo Rosso",
    "Insieme",
    "Vento di Mare",
    "Giardini Aperti",
)
_FILL: Mapping[str, tuple[str, ...]] = {
    "day": _DAYS, "il_day": _IL, "del_day": _DEL, "al_day": _AL, "date": _OTHER, "sector": _SECTORS, "rank": _RANKS,
    "self": _SELVES, "n": _COUNTS, "comp": _COMPANIONS, "io": ("io",),
}  # fmt: skip
#: What of a filler is the mention itself: its small words stand outside the mark.
_LEAD = re.compile(
    r"^(?:(?:il|del|di|al|a|quello|all'incontro|dello|delle|dei|per|lo|la|le|i|sullo|sui|sulle|gli)\s+)*(?:l')?(?=\S)"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """A sentence with slots, and its act."""

    act: str
    text: str


@cache
def load_frames(folder: Path = LETTERS) -> tuple[Frame, ...]:
    """Every frame of the folder's ``.frames`` files."""
    lines = [line for path in sorted(folder.glob("*.frames")) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple(Frame(line[0], line[2:].strip()) for line in lines if line[:1] in ACTS and line[1:2] == " ")


class _Composer:
    def __init__(self, frames: Sequence[Frame], chance: random.Random) -> None:
        self.chance = chance
        self.by_act = {act: [f for f in frames if f.act == act] for act in ACTS}
        self.org, self.person = "", ""

    def fill(self, frame: Frame) -> str:
        """The frame's words, marked."""

        def one(match: re.Match[str]) -> str:
            kind, role = match[1], match[2]
            text = self._filler(kind, role)
            if role == "_":
                return text
            lead = "" if kind in {"person", "org", "comp", "io", "n", "self", "rank"} else _LEAD.match(text)
            cut = len(lead[0]) if lead else 0
            return f"{text[:cut]}[{text[cut:]}{role}]"

        return _SLOT.sub(one, frame.text)

    def _filler(self, kind: str, role: str) -> str:
        pick = self.chance.choice
        if kind == "org":
            return self.org if role == "@" else self._organisation()
        if kind == "person":
            return self.person if role == "!" else self._person()
        if role == "_" and kind in {"day", "n"}:
            return pick(_AWAY if kind == "day" else _MANY)
        return pick(_FILL.get(kind, _DAYS))

    def _organisation(self) -> str:
        return f"{self.chance.choice(_KINDS)} {self.chance.choice(_CALLED)}".strip()

    def _person(self) -> str:
        whole = self.chance.random() < 0.7
        return f"{self.chance.choice(_FIRST)} {self.chance.choice(_LAST)}" if whole else self.chance.choice(_FIRST)

    def compose(self, number: int) -> MarkedLetter:
        """One letter or message."""
        chance, self.org, self.person = self.chance, self._organisation(), self._person()
        chat = chance.random() < 0.35
        acts = chance.choices(
            ["R", "RR", "W", "C", "A", "H", "L", "RA", "RH", "WR", ""], [60, 6, 9, 9, 5, 2, 4, 9, 2, 2, 5]
        )[0]
        body = [self._one(a) for a in acts]
        for _ in range(chance.choices([0, 1, 2, 3], [4, 4, 3, 1] if not chat else [6, 2, 1, 0])[0]):
            body.insert(chance.randrange(len(body) + 1), self._one("B"))
        if chance.random() < (0.4 if chat else 0.8):
            body.insert(0, self._one("G"))
        if chance.random() < (0.2 if chat else 0.5):
            body.append(self._one("G"))
        lines = [(a, t) for a, t in body if t]
        if chat and chance.random() < 0.5:
            lines = [(a, t.lower().rstrip(".")) for a, t in lines]
        signed: list[tuple[str, str]] = []
        if not chat:
            if chance.random() < 0.8:
                lines.insert(0, self._one("O"))
            signed = [("F", f"[{self.person}!]")] * (chance.random() < 0.85) + [("F", f"[{self.org}@]")] * (
                chance.random() < 0.5
            )
            chance.shuffle(signed)
        return self._join(f"frame{number}", "chat" if chat else "mail", [x for x in lines if x[1]], signed)

    def _one(self, act: str) -> tuple[str, str]:
        frames = self.by_act[act]
        return (act, self.fill(self.chance.choice(frames))) if frames else (act, "")

    def _join(
        self, name: str, channel: str, lines: Sequence[tuple[str, str]], signed: Sequence[tuple[str, str]]
    ) -> MarkedLetter:
        marks: list[Mark] = []
        pieces: list[Piece] = []
        text = ""
        for number, (act, words) in enumerate(lines):
            if text:
                text += "\n\n" if lines[number - 1][0] == "O" else self.chance.choice(["\n", " "])
            start = len(text)
            text += plain_piece(words, start, marks)
            pieces.append(Piece(start, len(text), act))
        cut = len(text)
        below = ""
        for act, words in signed:
            start = cut + 2 + len(below) + bool(below)
            below += ("\n" if below else "") + plain_piece(words, start, marks)
            pieces.append(Piece(start, cut + 2 + len(below), act))
        return MarkedLetter(name, channel, "it", "", "2021-01-15", text, below, tuple(marks), tuple(pieces), ())


def compose_letters(number: int, frames: Sequence[Frame] | None = None, seed: int = 11) -> list[MarkedLetter]:
    """``number`` letters from the frames; the same each time."""
    chosen = load_frames() if frames is None else frames
    composer = _Composer(chosen, random.Random(seed))  # noqa: S311 - the same frames make the same letters
    return [composer.compose(i) for i in range(number)] if chosen else []
