"""What the library teaches: learnt once, kept without pickles, sure of what it was taught, and of little else."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np
import pytest

from conversation.dialogue import Dialogue
from conversation.office import Office
from conversation.understanding import understand
from conversation.understanding.cache import Cache, user_cache
from conversation.understanding.classifier import IntentClassifier
from conversation.understanding.encoder import Encoder, MappedRows, Vectors, open_encoder
from conversation.understanding.misspellings import misspell
from conversation.understanding.programme import load_lessons
from conversation.understanding.reader import cache_name
from conversation.understanding.softmax import fit
from conversation.understanding.vectors import kept_vectors
from handlers.ask import Band, judge
from knowledge.library import Library, load_library

NOW = datetime(2021, 1, 15, 8, tzinfo=UTC)


def test_most_of_what_was_taught_is_known(classifier: IntentClassifier) -> None:
    facts = load_library().facts.values()
    right = [classifier.rank(q)[0].label == fact.id for fact in facts for q in fact.questions["it"][::40]]
    assert len(right) > 200
    assert sum(right) / len(right) > 0.95


@pytest.mark.parametrize(
    ("words", "fact"),
    [
        ("qnd e nata la rete dele lerning city", "rete.nascita"),
        ("ki a firmato il pato x l aprendimento", "patto.partner"),
        ("Combien de villes font partie du réseau ?", "rete.numeri"),
        (
            "Buongiorno, sono una maestra.\nVorrei sapere quante persone vivono nelle città della rete.\nGrazie",
            "rete.popolazione",
        ),
    ],
)
def test_typing_errors_languages_and_courtesies_do_not_hide_the_question(
    classifier: IntentClassifier, words: str, fact: str
) -> None:
    assert next(m.label for m in classifier.rank(words) if m.is_fact) == fact


def test_what_the_sources_do_not_say_goes_to_a_person(classifier: IntentClassifier) -> None:
    for words in ("come si paga la TARI?", "rilasciate un attestato?", "quanto dura l'incontro?"):
        assert judge(understand(words, Dialogue(), classifier, NOW)).band is Band.PERSON, words


def test_a_short_follow_up_is_understood_from_what_was_talked_about(classifier: IntentClassifier) -> None:
    alone = understand("e a Torino?", Dialogue(), classifier, NOW)
    after = understand("e quando?", Dialogue(last_fact="torino.quando"), classifier, NOW)
    assert alone.facts[0].label.startswith("torino.")
    assert after.facts[0].label.startswith("torino.")


def test_an_answer_past_its_date_is_not_given(classifier: IntentClassifier) -> None:
    library = load_library()
    fact = library.facts["rete.nascita"]
    old = replace(library, facts={**library.facts, fact.id: replace(fact, valid_until=date(2021, 1, 14))})
    heard = understand(
        fact.questions["it"][0],
        Dialogue(),
        IntentClassifier(old, classifier.reader, open_encoder(user_cache()), user_cache()),
        datetime(2021, 1, 14, 23, 30, tzinfo=UTC),  # in Lucca it is the next day
    )
    assert fact.id not in {m.label for m in heard.facts}


def small(library: Library) -> Library:
    """A library that is learnt in a moment."""
    few = {key: library.facts[key] for key in ("rete.nascita", "patto.cosa")}
    return replace(
        library,
        facts=few,
        intents={"register": ("iscrivimi",), "thanks": ("grazie",)},
        hand_over={"tari": ("tassa rifiuti",)},
    )


def test_who_teaches_an_answer_does_not_wait_for_the_reading(classifier: IntentClassifier, tmp_path: Path) -> None:
    library, cache = small(load_library()), Cache(tmp_path)

    def name(taught: Library) -> str:
        return cache_name(replace(load_lessons(), library=taught))

    fact = library.facts["patto.cosa"]
    for more in (
        replace(fact, questions={**fact.questions, "it": (*fact.questions["it"], "e dunque?")}),
        replace(fact, near=(*fact.near, "e dunque?")),
    ):
        changed = replace(library, facts={**library.facts, fact.id: more})
        assert name(changed) == name(library)
        IntentClassifier(changed, classifier.reader, None, cache)
    IntentClassifier(library, classifier.reader, None, cache)
    assert len(list(tmp_path.glob("classifier-*"))) == 3
    wishes = replace(library, intents={**library.intents, "thanks": ("grazie", "gentilissimi")})
    assert name(wishes) != name(library)


def test_vectors_of_known_phrases_are_not_computed_again(tmp_path: Path) -> None:
    class Counting:
        name, seen = "counting", list[str]()

        def encode(self, texts: Sequence[str]) -> Vectors:
            self.seen += texts
            return np.array([[len(t), 1.0] for t in texts], dtype=np.float32)

    encoder, cache = Counting(), Cache(tmp_path)
    first = kept_vectors(encoder, ["uno", "quattro"], cache)
    again = kept_vectors(encoder, ["quattro", "nuova", "uno"], cache)
    assert encoder.seen == ["uno", "quattro", "nuova"]
    assert np.array_equal(again[[2, 0]], first)


def test_rows_of_a_mapped_array_are_read_as_they_are(tmp_path: Path) -> None:
    written = np.arange(60, dtype=np.uint8).reshape(12, 5)
    Cache(tmp_path).save("table", {"rows": written})
    kept = Cache(tmp_path).load("table")
    assert kept is not None
    numbers = np.array([11, 0, 3, 3])
    rows = kept["rows"]
    assert isinstance(rows, np.memmap)
    assert np.array_equal(MappedRows(rows)[numbers], written[numbers])


def test_it_works_without_the_encoder_and_is_kept_between_starts(tmp_path: Path, classifier: IntentClassifier) -> None:
    library, cache = small(load_library()), Cache(tmp_path / "cache")
    learnt = IntentClassifier(library, classifier.reader, None, cache)
    kept = list((tmp_path / "cache").glob("classifier-*/*.npy"))
    assert {f.stem for f in kept} >= {"rarity", "words", "words_bias", "answerable", "answerable_bias"}
    assert "meaning" not in {f.stem for f in kept}
    again = IntentClassifier(library, classifier.reader, None, cache)
    assert again.rank("da quando esiste la rete?") == learnt.rank("da quando esiste la rete?")
    assert again.rank("") == []


def test_a_spoilt_cache_is_made_again(tmp_path: Path, classifier: IntentClassifier) -> None:
    library, cache = small(load_library()), Cache(tmp_path)
    learnt = IntentClassifier(library, classifier.reader, None, cache)
    for file in tmp_path.glob("*/*.npy"):
        file.write_bytes(b"\x80\x04not numpy")
    assert IntentClassifier(library, classifier.reader, None, cache).rank("iscrivimi") == learnt.rank("iscrivimi")
    # Nothing half-written is left beside it.
    assert {p.name.partition("-")[0] for p in tmp_path.iterdir()} == {"classifier", "lock"}


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path: Path, classifier: IntentClassifier) -> None:
    place = tmp_path / "a file"
    place.write_text("in the way")
    assert (
        IntentClassifier(small(load_library()), classifier.reader, None, Cache(place)).rank("iscrivimi")[0].label
        == "register"
    )


def test_the_encoder_is_replaceable(classifier: IntentClassifier) -> None:
    class Letters:
        name = "letters"

        def encode(self, texts: Sequence[str]) -> Vectors:
            rows: Vectors = np.array([[t.count(c) + 0.01 for c in "abcdefgh"] for t in texts], dtype=np.float32)
            return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    letters: Encoder = Letters()
    assert (
        IntentClassifier(small(load_library()), classifier.reader, letters, Cache(None)).rank("iscrivimi")[0].label
        == "register"
    )


def test_softmax_learns_what_can_be_separated() -> None:
    rows = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], dtype=np.float32)
    model = fit(rows.__getitem__, np.array([0, 0, 1, 1]), np.ones(4, np.float32), rounds=200, rate=0.1, decay=0.0)
    found = np.exp(model.log_probabilities(rows))
    assert found.sum(axis=1) == pytest.approx([1, 1, 1, 1])
    assert found[:2, 0].min() > 0.9
    assert found[2:, 1].min() > 0.9


def test_misspelling_is_repeatable_and_keeps_most_letters() -> None:
    first, second = (misspell("apprendimento permanente per tutti", random.Random(4)) for _ in range(2))
    assert first == second
    assert abs(len(first) - len("apprendimento permanente per tutti")) <= 4


@pytest.mark.parametrize(
    ("when", "until"),
    [
        (datetime(2021, 1, 15, 9, tzinfo=UTC), None),
        (datetime(2021, 1, 16, 9, tzinfo=UTC), date(2021, 1, 18)),
        (datetime(2021, 7, 12, 9, tzinfo=UTC), date(2021, 7, 13)),  # San Paolino
        (datetime(2021, 12, 24, 22, tzinfo=UTC), date(2021, 12, 27)),
    ],
)
def test_when_the_office_reads(when: datetime, until: date | None) -> None:
    office = Office("a@b.example", hours=(time(9), time(17)), holidays=load_library().town.holidays)
    assert office.closed_until(when) == until
