"""What understanding costs.

Nothing is looked at twice in a turn, and a longer letter costs no more than it is longer.
"""

import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from conversation.dialogue import Dialogue
from conversation.understanding import understand
from conversation.understanding.classifier import IntentClassifier, Match
from conversation.understanding.encoder import Encoder
from conversation.understanding.programme import sample_meetings
from conversation.words import fold

NOW = datetime(2021, 1, 15, 9, tzinfo=UTC)
LETTER = """Buongiorno,
sono Lia Neri, segretaria della Polisportiva Argini Verdi di Sant'Anna. Vorremmo iscriverci all'incontro di giovedì 21
gennaio riservato alle associazioni sportive: saremo in tre, io, il presidente Ugo Tei e una consigliera.
La nostra società esiste dal 1974 e segue centoventi ragazzi, per lo più del quartiere.
Potreste anche dirci quando è nata la rete delle città che apprendono? E quante sono le città italiane?
Venerdì non possiamo perché abbiamo un torneo, ma il Circolo Lume verrà di certo con due soci.
Restiamo in attesa del link e porgiamo cordiali saluti.
"""

#: Characters that are encoded to know whose letter it is: two pieces of 200 of the letter, and of what it does.
_READ_OF_A_LETTER = 800


class Counting:
    """An encoder that keeps what it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.encoder, self.texts = encoder.name, encoder, list[str]()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        return self.encoder.encode(texts)


@pytest.mark.parametrize("text", [LETTER, "quando è nata la rete? e chi ne fa parte? e chi ha firmato il patto?"])
def test_no_words_are_looked_at_twice_in_a_turn(
    classifier: IntentClassifier, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    if classifier.encoder is None:
        pytest.skip("without the encoder there is nothing to count")
    counting = Counting(classifier.encoder)
    monkeypatch.setattr(classifier, "encoder", counting)
    understand(text, Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert counting.texts
    assert len(counting.texts) == len(set(counting.texts))


def test_a_question_alone_is_ranked_as_the_message_that_it_is(
    classifier: IntentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked: list[str] = []
    rank = classifier.rank

    def noted(text: str, *args: Any, **kwargs: Any) -> list[Match]:
        ranked.append(text)
        return rank(text, *args, **kwargs)

    monkeypatch.setattr(classifier, "rank", noted)
    understand("da quando esiste la rete?", Dialogue(), classifier, NOW, meetings=sample_meetings())
    assert ranked == ["da quando esiste la rete?"]


def test_a_letter_twice_as_long_costs_little_more_than_twice(classifier: IntentClassifier) -> None:
    def cost(text: str) -> float:
        began = time.process_time()
        understand(text, Dialogue(), classifier, NOW, meetings=sample_meetings())
        return time.process_time() - began

    once, twice = LETTER, LETTER + LETTER.replace("Lia", "Ada").replace("Ugo", "Ivo")
    cost(twice)
    pairs = [(cost(once), cost(twice)) for _ in range(7)]
    assert statistics.median(two for _, two in pairs) < 2.5 * statistics.median(one for one, _ in pairs)


def test_whose_letter_it_is_costs_no_more_for_a_longer_one(
    classifier: IntentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its length the same few pieces of it are encoded, each once."""
    if classifier.encoder is None:
        pytest.skip("without the encoder there is nothing to count")
    course = "Vorrei iscrivermi al corso di ginnastica del centro civico, venerdì 22 gennaio: siamo in due. "
    counts = []
    for letter in (LETTER, LETTER * 100, course * 4, course * 1000, "x" * 100_000, "x " * 50_000):
        counting = Counting(classifier.encoder)
        monkeypatch.setattr(classifier.scope, "_encoder", counting)
        understand(letter, Dialogue(), classifier, NOW, meetings=sample_meetings(), is_letter=True)
        assert sum(map(len, counting.texts)) <= _READ_OF_A_LETTER
        counts.append(len(counting.texts))
    assert min(counts[:4]) > 0


def test_folding_a_pile_of_marks_costs_no_more_than_its_length() -> None:
    def cost(text: str) -> float:
        began = time.process_time()
        for _ in range(5):
            fold(text)
        return time.process_time() - began

    pile = "a" + "\u0301\u0323" * 5_000
    assert statistics.median(cost(pile * 2) for _ in range(5)) < 4 * statistics.median(cost(pile) for _ in range(5))
    assert fold(pile) == "a"
