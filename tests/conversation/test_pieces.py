"""Texts are cut into pieces as sentencepiece cuts them: the encoder has learnt from its numbers."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import sentencepiece

from conversation.understanding.cache import Cache, user_cache
from conversation.understanding.encoder import resources
from conversation.understanding.pieces import _MOST_KNOWN, Pieces
from knowledge.library import load_library

SETS = Path(__file__).parents[1] / "understanding" / "sets"
MODEL = resources() / "sp.model"
#: As far as the encoder reads.
MOST = 200
SCRIPTS = {
    "Latin": (0x20, 0x24F),
    "Greek": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF),
    "Hebrew": (0x5D0, 0x5EA),
    "Arabic": (0x620, 0x64A),
    "Devanagari": (0x904, 0x939),
    "Kana": (0x3040, 0x30FF),
    "Han": (0x4E00, 0x9FFF),
    "Hangul": (0xAC00, 0xD7A3),
    "spaces and signs": (0x2000, 0x206F),
    "emoji": (0x1F300, 0x1F64F),
}


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return Pieces(MODEL, user_cache())


@pytest.fixture(scope="module")
def reference() -> Any:
    return sentencepiece.SentencePieceProcessor(model_file=str(MODEL))


def differing(pieces: Pieces, reference: Any, texts: list[str]) -> list[str]:
    return [t for t in texts if pieces.encode(t) != reference.encode(t, out_type=int, add_bos=True, add_eos=True)]


def test_what_people_write_is_cut_as_sentencepiece_cuts_it(pieces: Pieces, reference: Any) -> None:
    rows = [json.loads(line) for file in sorted(SETS.glob("*.jsonl")) for line in file.read_text().splitlines()]
    texts = [row["text"][begin : begin + MOST] for row in rows for begin in range(0, len(row["text"]), MOST)]
    assert len(texts) > 2000
    assert differing(pieces, reference, texts) == []


def test_words_met_together_are_cut_as_one_by_one(pieces: Pieces, reference: Any) -> None:
    asked = [q for fact in load_library().facts.values() for group in fact.questions.values() for q in group][3::7]
    few = Pieces(MODEL, user_cache())
    for begin in range(0, len(asked), 256):
        few.meet(asked[begin : begin + 256])
        assert len(few._known) <= _MOST_KNOWN
        assert differing(few, reference, asked[begin : begin + 256]) == []


def test_what_the_library_asks_is_cut_as_sentencepiece_cuts_it(pieces: Pieces, reference: Any) -> None:
    asked = [q for fact in load_library().facts.values() for group in fact.questions.values() for q in group]
    assert differing(pieces, reference, asked[::7]) == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_any_script_is_cut_as_sentencepiece_cuts_it(script: str, pieces: Pieces, reference: Any) -> None:
    chance, (first, last) = random.Random(7), SCRIPTS[script]
    letters = [chr(code) for code in range(first, last + 1)] + [" "] * ((last - first) // 4)
    texts = ["".join(chance.choices(letters, k=chance.randint(1, 60))) for _ in range(300)]
    assert differing(pieces, reference, texts) == []


ODD = ["", " ", "\n\t ", "▁", "\u200b", "😀😀 😀", "ﬁne", "e\u0300", "<s> </s> <unk>", "a" * MOST]


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_cut_as_sentencepiece_cuts_them(text: str, pieces: Pieces, reference: Any) -> None:
    assert differing(pieces, reference, [text]) == []


def test_without_a_cache_they_are_read_from_the_model(pieces: Pieces) -> None:
    assert Pieces(MODEL, Cache(None)).encode("Quando ci vediamo?") == pieces.encode("Quando ci vediamo?")


def test_however_many_words_were_met_those_known_are_few_and_right(pieces: Pieces, reference: Any) -> None:
    texts = [f"parola{n} {n} ☃{n} e la stessa" for n in range(3_000)]
    assert differing(pieces, reference, texts) == []
    assert len(pieces._known) <= _MOST_KNOWN  # it must not grow with what strangers write
    assert differing(pieces, reference, texts[:50]) == []
