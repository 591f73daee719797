"""Facts taught while the bot runs: known at once, by other words too, and nothing else is forgotten for them."""

from pathlib import Path

import numpy as np
import pytest

from conversation.dialogue import Dialogue
from conversation.understanding import understand
from conversation.understanding.cache import Cache, user_cache
from conversation.understanding.classifier import IntentClassifier
from conversation.understanding.taught import Learner
from handlers.ask import Band, judge
from knowledge.library import Document, Fact
from tests.conversation.test_classifier import NOW

BIKES = Fact(
    "ufficio_1.biciclette",
    {"it": "Biciclette alla sede"},
    {
        "it": (
            "C'è un posto per le biciclette alla sede?",
            "dove lego la bici quando vengo da voi",
            "avete una rastrelliera per le bici?",
            "posso venire in bicicletta e lasciarla lì?",
            "parcheggio bici in sede",
        )
    },
    {"it": "Davanti alla sede c'è una rastrelliera per venti biciclette."},
    (),
)
SIGNS = Fact(
    "ufficio_2.segni",
    {"it": "Interprete LIS"},
    {
        "it": (
            "c'è l'interprete della lingua dei segni?",
            "gli incontri hanno la LIS?",
            "un sordo come segue l'incontro?",
        )
    },
    {"it": "Agli incontri c'è un'interprete LIS se la chiedete una settimana prima."},
    (),
)
HELD_BACK = ("c'è una rastrelliera dove mettere la bicicletta?", "vengo in bici: dove la lascio?")


def taught(base: IntentClassifier, *facts: Fact, lessons: Cache | None = None) -> IntentClassifier:
    library = base.library.with_facts(facts, [Document("office", {"it": "Ufficio"}, {"it": "oggi"})])
    return Learner(base, user_cache(), lessons or Cache(None)).learn(facts, library)


@pytest.fixture(scope="module")
def knows_bikes(classifier: IntentClassifier) -> IntentClassifier:
    return taught(classifier, BIKES)


@pytest.mark.parametrize("words", [*BIKES.questions["it"], *HELD_BACK])
def test_a_taught_fact_answers_also_in_other_words(knows_bikes: IntentClassifier, words: str) -> None:
    verdict = judge(understand(words, Dialogue(), knows_bikes, NOW))
    assert (verdict.band, verdict.matches[0].label) == (Band.ANSWER, BIKES.id)


@pytest.mark.endurance
def test_without_the_encoder_words_alone_find_it(classifier_by_words: IntentClassifier) -> None:
    knows = taught(classifier_by_words, BIKES)
    assert [knows.rank(words)[0].label for words in HELD_BACK] == [BIKES.id] * 2


def test_what_the_library_teaches_stays(classifier: IntentClassifier, knows_bikes: IntentClassifier) -> None:
    asked = [p for label in classifier.library.facts.values() for p in label.questions["it"][::40]]
    asked += [p for phrases in classifier.library.intents.values() for p in phrases[::40]]
    moved = [p for p in asked if knows_bikes.rank(p)[0].label != classifier.rank(p)[0].label]
    assert len(asked) > 100
    assert moved == []


def test_the_one_it_was_learnt_beside_knows_nothing_of_it(classifier: IntentClassifier) -> None:
    before = classifier.rank(HELD_BACK[0])
    taught(classifier, BIKES)
    assert classifier.rank(HELD_BACK[0]) == before
    assert BIKES.id not in classifier.library.facts


def test_two_taught_facts_are_told_apart(classifier: IntentClassifier) -> None:
    both = taught(classifier, BIKES, SIGNS)
    assert both.rank("c'è un interprete LIS agli incontri?")[0].label == SIGNS.id
    assert both.rank(HELD_BACK[0])[0].label == BIKES.id


def test_what_was_a_topic_is_the_taught_fact_s_word_for_word(classifier: IntentClassifier) -> None:
    topic, phrase = next((t, p) for t, phrases in classifier.library.hand_over.items() for p in phrases if len(p) > 20)
    fact = Fact("ufficio_3.x", {"it": "Prova"}, {"it": (phrase,)}, {"it": "Risposta."}, ())
    assert classifier.rank(phrase)[0].label == f"?{topic}"
    assert taught(classifier, fact).rank(phrase)[0].label == fact.id


def test_a_lesson_is_kept_and_read_again(
    classifier: IntentClassifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = taught(classifier, BIKES, lessons=Cache(tmp_path))
    monkeypatch.setattr(Learner, "_fit", None)
    again = taught(classifier, BIKES, lessons=Cache(tmp_path))
    assert np.allclose(first.by_words.weights, again.by_words.weights)
    assert first.rank(HELD_BACK[1]) == again.rank(HELD_BACK[1])
